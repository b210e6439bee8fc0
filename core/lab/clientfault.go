package lab

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"time"
)

// ownCertificateFaults are those of the client certificate and its file.
var ownCertificateFaults = []fault{
	{Fault: Fault{"client-certificate-not-yet-valid", ClientCertificate, "The client certificate is not valid yet",
		"That the broker's clock counts, not yours."},
		variants: []string{"tls-1.2"},
		specs:    func(s *specs, _ string) { s.client.notBefore = s.client.notBefore.Add(4 * day) },
		scene:    olderTLS},
	{Fault: Fault{"client-certificate-expires-soon", ClientCertificate, "The client certificate is about to expire",
		"How to notice that your own certificate will stop working soon."},
		specs: func(s *specs, _ string) {
			s.client.notBefore, s.client.notAfter = s.client.notBefore.Add(-80*day), s.client.notBefore.Add(13*day)
		}},
	{Fault: Fault{"client-certificate-usage", ClientCertificate, "The client certificate is not meant for clients",
		"Why a certificate for servers does not let a client in."},
		variants: []string{"authority", "tls-1.2"},
		specs: func(s *specs, variant string) {
			if variant != "authority" {
				s.client.usage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			}
		},
		scene: wrongUsage},
	{Fault: Fault{"client-chain-incomplete", ClientCertificate, "The client certificate file lacks the intermediate certificate",
		"That a client, too, has to send its intermediate certificates."},
		variants: []string{"ca-file", "absent", "tls-1.2"},
		scene:    chainIncomplete},
	{Fault: Fault{"client-chain-order", ClientCertificate, "The client's own certificate does not come first in its file",
		"Why your own certificate must come first in its file."},
		variants: []string{"authorities"},
		scene:    chainDisordered},
}

// verdictFaults are those of the broker's judgement of a client certificate.
var verdictFaults = []fault{
	{Fault: Fault{"client-certificate-revoked", ClientCertificate, "The client certificate has been revoked",
		"How a revoked certificate is refused though everything about it looks right."},
		variants: []string{"tls-1.2"},
		scene: func(c *scene, variant string) error {
			return c.checkRevocation(variant, c.now.Add(20*day), c.client)
		}},
	{Fault: Fault{"server-crl-expired", ClientCertificate, "The broker's list of revoked certificates has expired",
		"That a broker with an outdated revocation list refuses everybody."},
		variants: []string{"tls-1.2"},
		scene: func(c *scene, variant string) error {
			return c.checkRevocation(variant, c.now.Add(-6*day))
		}},
	{Fault: Fault{"client-certificate-rejected", ClientCertificate, "The broker does not let this client certificate in",
		"What remains when the broker refuses a certificate that is in order here."},
		variants: []string{"no-reason", "issuer", "tls-1.2"},
		scene:    rejected},
	{Fault: Fault{"connection-closed-after-handshake", ClientCertificate, "The broker ends the connection without a reason",
		"What a silent goodbye after the handshake can mean, and which log to ask."},
		variants: []string{"reset", "tls-1.2"},
		scene: func(c *scene, variant string) error {
			c.speak = func(conn net.Conn) { hangUpOnConnect(conn, variant == "reset") }
			return olderTLS(c, variant)
		}},
}

// wrongUsage gives the client the authority's own certificate in that variant. OpenSSL refuses it, and crypto/tls, which
// would not, refuses it here in the same way.
func wrongUsage(c *scene, variant string) error {
	if variant != "authority" {
		return olderTLS(c, variant)
	}
	root, err := forge(spec{subject: c.clientCA.Subject, ca: true, notBefore: c.clientCA.NotBefore, notAfter: c.clientCA.NotAfter,
		shape: func(t *x509.Certificate) { t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign }}, nil)
	if err != nil {
		return err
	}
	c.clientCA, c.client = root, root
	c.judge = func(chain []*x509.Certificate) uint8 {
		if chain[0].KeyUsage&x509.KeyUsageDigitalSignature == 0 {
			return alertUnsupportedCertificate
		}
		return 0
	}
	return nil
}

// belowIntermediate lets an authority below the one that the broker trusts issue the client certificate.
func (c *scene) belowIntermediate() (issuing *identity, err error) {
	name := c.clientCA.Subject
	issuing, err = forge(spec{subject: pkix.Name{Country: name.Country, Organization: name.Organization, CommonName: "Client Issuing CA " + random(2)},
		ca: true, notBefore: c.clientCA.NotBefore, notAfter: c.clientCA.NotAfter}, c.clientCA)
	if err != nil {
		return nil, err
	}
	c.client, err = forge(spec{subject: c.client.Subject, usage: c.client.ExtKeyUsage, notBefore: c.client.NotBefore, notAfter: c.client.NotAfter}, issuing)
	return issuing, err
}

// chainIncomplete leaves the intermediate beside the client certificate file, or puts it in the CA file, or nowhere.
func chainIncomplete(c *scene, variant string) error {
	issuing, err := c.belowIntermediate()
	if err != nil {
		return err
	}
	switch variant {
	case "ca-file":
		c.trusted = append(c.trusted, issuing)
	case "absent":
	default:
		c.files["client-issuing.pem"] = certificatesPEM(issuing)
	}
	return olderTLS(c, variant)
}

// chainDisordered puts the intermediate before the client's own certificate; in the variant only the authorities are out
// of order.
func chainDisordered(c *scene, variant string) error {
	issuing, err := c.belowIntermediate()
	if err != nil {
		return err
	}
	order := []*identity{issuing, c.client}
	if variant == "authorities" {
		order = []*identity{c.client, c.clientCA, issuing}
	}
	c.files["client-chain.pem"] = certificatesPEM(order...)
	c.profile.ClientCertificate.CertificateFile = "client-chain.pem"
	return nil
}

// checkRevocation gives the broker a list of revoked certificates that is good until next.
func (c *scene) checkRevocation(variant string, next time.Time, revoked ...*identity) error {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: c.now.Add(-40 * day), NextUpdate: next}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.SerialNumber, RevocationTime: c.now.Add(-50 * day)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, c.clientCA.Certificate, c.clientCA.key)
	if err != nil {
		return fmt.Errorf("making a revocation list: %w", err)
	}
	c.files["client-ca.crl"] = pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	c.judge = byList(der)
	return olderTLS(c, variant)
}

// byList judges as OpenSSL does with X509_V_FLAG_CRL_CHECK, and says what its table of alerts has for it
// (ssl/statem/statem_lib.c, x509table).
func byList(der []byte) verdict {
	return func(chain []*x509.Certificate) uint8 {
		list, err := x509.ParseRevocationList(der)
		switch {
		case err != nil || time.Now().After(list.NextUpdate):
			return alertCertificateExpired
		case slices.ContainsFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
			return e.SerialNumber.Cmp(chain[0].SerialNumber) == 0
		}):
			return alertCertificateRevoked
		}
		return 0
	}
}

// rejected is a broker with a list of those whom it knows, which this client is not on; in a variant it says no more than
// that it does not like the certificate. In the other, somebody who is no authority issued it.
func rejected(c *scene, variant string) error {
	if variant == "issuer" {
		gateway, err := forge(spec{subject: commonName("Gateway " + random(2)), usage: c.client.ExtKeyUsage,
			notBefore: c.client.NotBefore, notAfter: c.client.NotAfter}, c.clientCA)
		if err != nil {
			return err
		}
		own, err := forge(spec{subject: c.client.Subject, usage: c.client.ExtKeyUsage, notBefore: c.client.NotBefore, notAfter: c.client.NotAfter}, gateway)
		if err != nil {
			return err
		}
		c.client = own
		c.files["client-chain.pem"] = certificatesPEM(own, gateway)
		c.profile.ClientCertificate.CertificateFile = "client-chain.pem"
		return nil
	}
	alert := uint8(alertAccessDenied)
	if variant == "no-reason" {
		alert = alertCertificateUnknown
	}
	c.judge = func([]*x509.Certificate) uint8 { return alert }
	return olderTLS(c, variant)
}

// hangUpOnConnect reads what the client says first, and ends the connection: in order, or at once.
func hangUpOnConnect(conn net.Conn, reset bool) {
	one := make([]byte, 1)
	if _, err := io.ReadFull(conn, one); err != nil || !reset {
		return
	}
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	abort(conn)
}

// abort ends a connection with a reset.
func abort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
