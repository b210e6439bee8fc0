package tlsdial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/fetch"
	"mutual/core/pki"
)

// handshake shakes hands over w and fills a.TLS. It returns a connection only when the server's certificate was
// verified, or the profile says not to verify, and the server proved that it holds the certificate's key.
func handshake(ctx context.Context, w *wire, m pki.Material, a *evidence.Attempt, timeout time.Duration, check *inquiry) (*tls.Conn, error) {
	start := time.Now()
	s := &shake{material: m, attempt: a, record: &evidence.TLS{}, inquiry: check}
	a.TLS = s.record
	config := s.config()
	s.record.ServerName = serverNameSent(config.ServerName)
	outer := ctx
	if check != nil {
		check.ctx, timeout = ctx, timeout+fetch.Wait // others' slowness is not the server's
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	c := tls.Client(w, config)
	err := c.HandshakeContext(ctx)
	t := s.record
	if err == nil {
		w.stopRecording()
		t.Complete, t.Verified, t.Status = true, !a.Target.DoNotVerify, evidence.OK
		t.Duration = since(start)
		return c, nil
	}
	t.Status, t.Error = evidence.Failed, err.Error()
	s.explain(outer, w, err)
	t.Duration = since(start)
	return nil, fmt.Errorf("shaking hands with %s: %w", a.Target.Host, err)
}

// shake is one handshake. Its methods are called by crypto/tls on the goroutine that shakes hands.
type shake struct {
	material pki.Material
	attempt  *evidence.Attempt
	record   *evidence.TLS
	judged   bool  // verify was called: every certificate could be parsed
	refusal  error // what verify said
	secret   handshakeSecret
	inquiry  *inquiry // nil: nobody is asked about revocation
}

// config is the only place in the program where crypto/tls's own verification is switched off: verify, which is always
// set, does the same after it has written down what was sent.
func (s *shake) config() *tls.Config {
	oldest, newest := bounds(s.attempt.Target)
	config := &tls.Config{
		InsecureSkipVerify:   true, // verify below decides
		VerifyConnection:     s.verify,
		GetClientCertificate: s.clientCertificate,
		ServerName:           strings.TrimSuffix(s.attempt.Target.Name, "."),
		NextProtos:           s.attempt.Target.ALPN,
		MinVersion:           oldest,
		MaxVersion:           newest,
		KeyLogWriter:         &s.secret,
		// No ClientSessionCache: a resumed session would show no certificate.
	}
	if s.attempt.Target.SmallHello {
		config.CurvePreferences = smallGroups
	}
	return config
}

// serverNameSent is what crypto/tls puts into the hello: nothing for an IP address (RFC 6066 §3).
func serverNameSent(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	return name
}

// clientCertificate offers the certificate always. Config.Certificates would withhold it silently where the server's CA
// list does not name its issuer, and the server would then say "required" instead of what is wrong with it.
func (s *shake) clientCertificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	s.record.CertificateRequested = true
	s.record.AcceptableCAs = request.AcceptableCAs
	if c := s.material.Certificate; c != nil && len(c.Certificate) > 0 {
		s.record.CertificateSent = true
		return c, nil
	}
	return &tls.Certificate{}, nil
}

// verify writes down what the server sent and then decides.
func (s *shake) verify(state tls.ConnectionState) error {
	s.judged = true
	t := s.record
	t.Version, t.CipherSuite, t.ALPN = state.Version, state.CipherSuite, state.NegotiatedProtocol
	t.Sent = nil
	for i, c := range state.PeerCertificates {
		t.Sent = append(t.Sent, evidence.Certificate{Source: evidence.Sent, Position: i, DER: c.Raw})
	}
	t.StapleAsked, t.Staple = true, state.OCSPResponse // crypto/tls always asks for it
	if s.attempt.Target.DoNotVerify {
		return nil
	}
	var chains [][]*x509.Certificate
	chains, s.refusal = verifyServer(state.PeerCertificates, s.material.Pool(), s.attempt.Target.Name, time.Now())
	if s.refusal == nil && s.inquiry != nil {
		s.refusal = s.inquiry.check(chains, s.attempt)
	}
	return s.refusal
}

// verifyServer is what crypto/tls would do, with the trust anchors and the reference identifier always explicit: an
// empty name or a nil pool, which x509 takes for "any name" and "the system's roots", match nothing. It returns the paths
// that are valid, each from the server's certificate to a trust anchor.
func verifyServer(sent []*x509.Certificate, anchors *x509.CertPool, name string, now time.Time) ([][]*x509.Certificate, error) {
	if len(sent) == 0 {
		return nil, fmt.Errorf("verifying the server: it sent no certificate")
	}
	name, _, _ = strings.Cut(strings.TrimSuffix(name, "."), "%") // no zone in certificates
	if name == "" {
		return nil, fmt.Errorf("verifying the server: there is no name to verify")
	}
	if anchors == nil {
		anchors = x509.NewCertPool()
	}
	intermediates := x509.NewCertPool()
	for _, c := range sent[1:] {
		intermediates.AddCert(c)
	}
	return sent[0].Verify(x509.VerifyOptions{
		Roots: anchors, Intermediates: intermediates, DNSName: name, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

// explain sets the failure of a handshake that ended with err.
func (s *shake) explain(outer context.Context, w *wire, err error) {
	t := s.record
	flight := readFlight(w.in)
	flight.unseal(s.secret.server)
	oldest, newest := bounds(s.attempt.Target)
	if !t.CertificateRequested && flight.requested { // seen, but not answered any more
		t.CertificateRequested, t.AcceptableCAs = true, flight.acceptableCAs
	}
	if t.Version == 0 {
		t.Version = flight.version
	}
	if t.CipherSuite == 0 {
		t.CipherSuite = flight.cipherSuite
	}
	failure, alert := FailureOf(err)
	switch {
	case outer.Err() != nil:
		t.Failure = failureOf(outer.Err())
	case s.refusal != nil:
		t.Failure = evidence.Unverified
	case alert != nil:
		t.Failure, t.Alert = failure, alert
	case !flight.isTLS && len(w.in) > 0:
		t.Failure, t.FirstBytes = evidence.NotTLS, w.answer()
	case flight.version != 0 && (flight.version < oldest || flight.version > newest):
		t.Failure = evidence.VersionGap
	case failure != evidence.Other:
		t.Failure = failure
	default:
		t.Failure = s.explainLocal(w, flight)
	}
}
