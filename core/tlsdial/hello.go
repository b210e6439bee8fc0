package tlsdial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"mutual/core/evidence"
)

// HelloAnswer is what a server said to a ClientHello.
type HelloAnswer struct {
	Failure     evidence.Failure // NoFailure: there was a ServerHello
	Version     uint16           // what the ServerHello chose; 0: there was none
	CipherSuite uint16
	Alert       *uint8
	FirstBytes  []byte // the first bytes of the answer, at most 64
	Err         error  // for the technical details; nil with a ServerHello
}

// errHelloSeen ends a hello at the ServerHello.
var errHelloSeen = errors.New("reading a ServerHello: it has come")

// Hello offers the TLS versions from oldest to newest and every cipher suite that crypto/tls knows, old ones too, and looks
// at the ServerHello or alert that comes back. It can never become a connection: it ends with the ServerHello, and no
// certificate would be accepted after it, for there are no trust anchors. Hello does not close socket.
func Hello(ctx context.Context, socket net.Conn, name string, alpn []string, oldest, newest uint16) HelloAnswer {
	w := newWire(socket)
	defer w.stopRecording()
	var suites []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		suites = append(suites, s.ID)
	}
	err := tls.Client(helloWire{w}, &tls.Config{
		RootCAs: x509.NewCertPool(), ServerName: strings.TrimSuffix(name, "."), NextProtos: alpn,
		MinVersion: oldest, MaxVersion: newest, CipherSuites: suites,
	}).HandshakeContext(ctx)

	f := readFlight(w.in)
	answer := HelloAnswer{Version: f.version, CipherSuite: f.cipherSuite, Err: err}
	failure, alert := FailureOf(err)
	switch {
	case f.version != 0:
		answer.Err = nil
	case ctx.Err() != nil:
		answer.Failure = failureOf(ctx.Err())
	case alert != nil:
		answer.Failure, answer.Alert = failure, alert
	case len(w.in) > 0 && !f.isTLS:
		answer.Failure, answer.FirstBytes = evidence.NotTLS, w.answer()
	default:
		answer.Failure = failure
	}
	if answer.FirstBytes == nil {
		answer.FirstBytes = w.in[:min(len(w.in), firstBytes)]
	}
	return answer
}

// helloWire is a wire that ends when a ServerHello has come.
type helloWire struct{ *wire }

func (w helloWire) Read(p []byte) (int, error) {
	if readFlight(w.in).version != 0 {
		return 0, errHelloSeen
	}
	n, err := w.wire.Read(p)
	if n > 0 && readFlight(w.in).version != 0 {
		return 0, errHelloSeen
	}
	return n, err
}
