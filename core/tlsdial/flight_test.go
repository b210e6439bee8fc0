package tlsdial

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"
)

// recordFlight makes a handshake between a client and a server of this process and returns what the server sent, and the
// secret that opens it.
func recordFlight(t *testing.T, version uint16) (in, out, secret []byte) {
	ca := newAuthority("CA")
	near := must(net.Dial("tcp", server(t, func(c net.Conn) {
		tls.Server(c, &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, ClientAuth: tls.RequestClientCert}).HandshakeContext(context.Background())
	})))
	defer near.Close()
	w := newWire(near)
	near.SetDeadline(time.Now().Add(5 * time.Second))
	var h handshakeSecret
	tls.Client(w, &tls.Config{ServerName: "localhost", MinVersion: version, MaxVersion: version, KeyLogWriter: &h}).HandshakeContext(context.Background()) // refuses the server
	return w.in, w.out, h.server
}

func TestReadFlight(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			in, out, secret := recordFlight(t, version)
			f := readFlight(in)
			f.unseal(secret)
			if !f.isTLS || f.version != version || f.cipherSuite == 0 || len(f.certificates) != 1 || !f.requested {
				t.Errorf("read %+v", f)
			}
			if f.disproved(out) {
				t.Error("a sound server was disproved")
			}
			for n := range in { // however little has come, it must be read without complaint
				f := readFlight(in[:n])
				f.unseal(secret)
				if f.disproved(out[:min(n, len(out))]) {
					t.Fatalf("after %d bytes a sound server was disproved", n)
				}
			}
		})
	}
}

// FuzzReadFlight starts from recorded handshakes (TestRecord).
func FuzzReadFlight(f *testing.F) {
	f.Add(serverHello(0x0301), []byte{}, []byte{})
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"), []byte{}, []byte{})
	f.Add([]byte{21, 3, 3, 0, 2, 2, 70}, []byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, in, out, secret []byte) {
		r := readFlight(in)
		r.unseal(secret)
		r.disproved(out)
		total := 0
		for _, m := range r.messages {
			total += len(m.raw)
		}
		if total > len(in) {
			t.Errorf("%d bytes of messages from %d bytes", total, len(in))
		}
	})
}
