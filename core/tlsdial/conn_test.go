package tlsdial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// runsOfLateAlert is how often each case is tried: without the early read, about one in four is lost.
const runsOfLateAlert = 40

// TestLateAlert meets TLS 1.3 servers that refuse the client certificate, which they say only after the client thinks
// that the handshake is done: whether CONNECT is written at once or when the server has long closed, the alert must be
// seen every time.
func TestLateAlert(t *testing.T) {
	ca, other := newAuthority("CA"), newAuthority("Other")
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	wrong := other.issue(newKey(), nil)
	address, h := tlsServer(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	})
	for _, tt := range []struct {
		name   string
		client *tls.Certificate
		alert  uint8
	}{{"none", nil, 116}, {"of another authority", &wrong, 48}} {
		for _, delay := range []time.Duration{0, 50 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s, CONNECT after %s", tt.name, delay), func(t *testing.T) {
				t.Parallel()
				p, m := ca.trusting(t, address, tt.client)
				for range runsOfLateAlert {
					a := NewAttempt(p, m)
					c, err := Dial(t.Context(), p, m, a, Options{})
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(delay)
					// As paho writes: in several pieces, and without reading when one fails.
					for _, part := range []string{"\x10", "\x0c\x00\x04MQTT\x05", "\x02\x00\x3c\x00\x00\x00"} {
						if _, err = io.WriteString(c, part); err != nil {
							break
						}
					}
					if err == nil {
						_, err = c.Read(make([]byte, 4))
					}
					if f, alert := FailureOf(err); f != evidence.AlertSent || *alert != tt.alert {
						t.Errorf("the error is %v: %s", err, f)
					}
					c.Judge(a)
					c.Close()
					if r := a.TLS; r.Status != evidence.Failed || r.Failure != evidence.AlertSent || r.Alert == nil || *r.Alert != tt.alert || !r.Late || !r.Complete || !r.Verified {
						t.Errorf("recorded %+v", r)
					}
				}
			})
		}
	}
	t.Cleanup(func() {
		if told, _ := h.get(); told != "" {
			t.Errorf("a server that refused the client was told %q", told)
		}
	})
}

// TestLateEnd is about servers that end the connection after the handshake without saying why.
func TestLateEnd(t *testing.T) {
	ca := newAuthority("CA")
	certificate := ca.issue(newKey(), nil)
	for want, end := range map[evidence.Failure]func(net.Conn){
		evidence.Closed: func(net.Conn) {},
		evidence.Reset:  func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) },
	} {
		address := server(t, func(c net.Conn) {
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
			s.HandshakeContext(context.Background())
			s.Read(make([]byte, 1))
			end(c)
		})
		p, m := ca.trusting(t, address, nil)
		a := NewAttempt(p, m)
		c, err := Dial(t.Context(), p, m, a, Options{})
		if err != nil {
			t.Fatal(err)
		}
		c.Judge(a) // too early: nothing has come
		if a.TLS.Failure != "" {
			t.Errorf("before the end: %+v", a.TLS)
		}
		io.WriteString(c, "CONNECT")
		c.Read(make([]byte, 1))
		c.Judge(a)
		c.Close()
		if r := a.TLS; r.Failure != want || !r.Late || r.Status != evidence.OK || r.Alert != nil {
			t.Errorf("%s: recorded %+v", want, r)
		}
	}
}

// TestConnCarriesEverything sends through a Conn what is larger than its first read, and reads it in odd pieces.
func TestConnCarriesEverything(t *testing.T) {
	text := make([]byte, 100_000)
	for i := range text {
		text[i] = byte(i * 7)
	}
	p := profile.New("test")
	p.Server.Transport = profile.MQTT
	_, m := newAuthority("CA").trusting(t, "127.0.0.1:1", nil)
	address := must(net.ResolveTCPAddr("tcp", server(t, func(c net.Conn) { c.Write(text) })))
	p.Server.Host, p.Server.Port = address.IP.String(), address.Port
	a := NewAttempt(p, m)
	c, err := Dial(t.Context(), p, m, a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var got []byte
	piece := make([]byte, 777)
	for {
		n, err := c.Read(piece)
		got = append(got, piece[:n]...)
		if err != nil {
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
	}
	if string(got) != string(text) || a.TLS != nil {
		t.Errorf("got %d bytes of %d, TLS %v", len(got), len(text), a.TLS)
	}
}

// TestCloseIsBounded closes a connection whose network takes nothing any more.
func TestCloseIsBounded(t *testing.T) {
	ca := newAuthority("CA")
	certificate := ca.issue(newKey(), nil)
	release := make(chan struct{})
	address := server(t, func(c net.Conn) {
		tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}}).HandshakeContext(context.Background())
		<-release
	})
	defer close(release)
	p, m := ca.trusting(t, address, nil)
	c, err := Dial(t.Context(), p, m, NewAttempt(p, m), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	for err == nil {
		_, err = c.Write(make([]byte, 1<<20))
	}
	start := time.Now()
	c.Close()
	if took := time.Since(start); took > time.Second {
		t.Errorf("Close took %s", took)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading after Close: %v", err)
	}
}
