package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"mutual/core/evidence"
	"mutual/core/tlsdial"
)

// TLS alerts that call for an experiment of their own (RFC 6066 §3, RFC 7301 §3.2).
const (
	alertUnrecognizedName      = 112
	alertNoApplicationProtocol = 120
)

// smallHello asks whether the server answers a ClientHello that fits into one packet: without the post-quantum key share,
// which makes the usual one larger than 1,400 bytes.
func smallHello(ctx context.Context, t target, p *evidence.Probe) {
	greet(ctx, t, p, &tls.Config{ServerName: t.name, NextProtos: t.alpn, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}})
	p.Detail = "A small ClientHello was not answered either."
	if p.Status == evidence.OK {
		p.Detail = "A small ClientHello, without the post-quantum key share, was answered."
	}
}

// noServerName asks what the server shows to a client that names no server.
func noServerName(ctx context.Context, t target, p *evidence.Probe) {
	host, _, _ := net.SplitHostPort(t.address)
	greet(ctx, t, p, &tls.Config{ServerName: host, NextProtos: t.alpn}) // an address is not sent (RFC 6066 §3)
	p.Detail = "The broker refuses a ClientHello without a server name too."
	if p.Status == evidence.OK {
		p.Detail = "The broker accepts a ClientHello without a server name."
		if len(p.Names) > 0 {
			p.Detail = "To a ClientHello without a server name the broker shows a certificate for " + strings.Join(p.Names, ", ") + "."
		}
	}
}

// withALPN asks whether the server accepts one application protocol; empty: none is offered.
func withALPN(protocol string) func(context.Context, target, *evidence.Probe) {
	return func(ctx context.Context, t target, p *evidence.Probe) {
		var offered []string
		what := "no application protocol"
		if protocol != "" {
			offered, what = []string{protocol}, "the application protocol "+protocol
		}
		greet(ctx, t, p, &tls.Config{ServerName: t.name, NextProtos: offered})
		p.Detail = "The broker refuses a ClientHello with " + what + "."
		if p.Status == evidence.OK {
			p.Detail = "The broker accepts a ClientHello with " + what + "."
		}
	}
}

// maxNames bounds how many names of a certificate are kept.
const maxNames = 10

// greet shakes hands as far as the server's certificate, which nobody trusts here: config has no trust anchor, so that the
// handshake can never become a connection. The probe is OK when the server got as far as that.
func greet(ctx context.Context, t target, p *evidence.Probe, config *tls.Config) {
	p.Status = evidence.Failed
	socket, err := t.dial(ctx)
	if err != nil {
		fail(p, err)
		return
	}
	defer socket.Close()
	config.RootCAs, config.MinVersion = x509.NewCertPool(), tls.VersionTLS12
	config.ServerName = strings.TrimSuffix(config.ServerName, ".")
	err = tls.Client(socket, config).HandshakeContext(ctx)
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		p.Status = evidence.OK
		if len(refused.UnverifiedCertificates) > 0 {
			p.Names = namesOf(refused.UnverifiedCertificates[0])
		}
		return
	}
	p.Failure, p.Alert = tlsdial.FailureOf(err)
}

func namesOf(x *x509.Certificate) []string {
	names := append([]string{}, x.DNSNames...)
	for _, ip := range x.IPAddresses {
		names = append(names, ip.String())
	}
	return names[:min(len(names), maxNames)]
}
