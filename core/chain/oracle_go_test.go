package chain

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// askGo meets the mutant as a client meets it: in a handshake of crypto/tls with a server that sends these certificates;
// and where they are a client's, with a client that does.
func askGo(t *testing.T, m mutant) error {
	pool := x509.NewCertPool()
	for _, a := range m.q.Anchors {
		if x, err := x509.ParseCertificate(a.DER); err == nil {
			pool.AddCert(x)
		}
	}
	sends := tls.Certificate{PrivateKey: m.keyOf(m.q.Sent[0])}
	for _, c := range m.q.Sent {
		sends.Certificate = append(sends.Certificate, c.DER)
	}
	clock := func() time.Time { return m.q.At }
	if m.q.Purpose == ServerAuth {
		client := &tls.Config{RootCAs: pool, ServerName: m.q.Name, Time: clock}
		server := &tls.Config{Certificates: []tls.Certificate{sends}, Time: clock}
		err, _ := shake(t, client, server) // the client
		return unwrapped(err)
	}
	// A server asks for the client's certificate and checks it with what it trusts. Which certificates it sends itself is
	// of no matter.
	own := forge(spec{subject: dn("CN=" + host), auto: true, ext: [][]byte{san(host)}})
	server := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: pool, Time: clock,
	}
	client := &tls.Config{
		RootCAs: pool, InsecureSkipVerify: true, Time: clock,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &sends, nil },
	}
	_, err := shake(t, client, server)
	return unwrapped(err)
}

// unwrapped is the verifier's own error.
func unwrapped(err error) error {
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		return refused.Err
	}
	return err
}

// shake runs a handshake over a connection of the machine with itself, and says how either side ended.
func shake(t *testing.T, client, server *tls.Config) (clientErr, serverErr error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	deadline := time.Now().Add(20 * time.Second)
	done := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			done <- err
			return
		}
		defer conn.Close()
		conn.SetDeadline(deadline)
		done <- tls.Server(conn, server).Handshake()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(deadline)
	c := tls.Client(conn, client)
	if clientErr = c.Handshake(); clientErr != nil {
		conn.Close()
	}
	return clientErr, <-done
}

// keyOf is the key of one of the mutant's own certificates.
func (m mutant) keyOf(c Certificate) crypto.PrivateKey {
	i := slices.IndexFunc(m.built, func(f *forged) bool { return bytes.Equal(f.der, c.DER) })
	return m.built[i].key
}
