// Package chain builds certification paths over what was sent, what the user trusts and what is publicly known, lists
// every fault on them, and judges them as each client program would. It is pure: no network, no clock, no files, no
// program is run. It knows no case by name.
package chain

import (
	"crypto/sha256"
	"crypto/x509"

	"mutual/core/evidence"
)

// Certificate is one certificate and what Go made of it.
type Certificate struct {
	evidence.Certificate
	X      *x509.Certificate // nil when Go cannot parse it
	Error  string            // why not
	SHA256 [32]byte

	view *view // as OpenSSL reads it; nil: not parsed yet, or OpenSSL cannot read it either

	distrusts map[[32]byte]string // for a trusted root: what its program objects to below it, by SHA-256, and why
}

// Parse reads c. It does not fail: see Certificate.X.
func Parse(c evidence.Certificate) Certificate {
	parsed := Certificate{Certificate: c, SHA256: sha256.Sum256(c.DER)}
	x, err := x509.ParseCertificate(c.DER)
	if err != nil {
		parsed.Error = err.Error()
	} else {
		parsed.X = x
	}
	parsed.view = readCertificate(c.DER)
	return parsed
}

func (c Certificate) read() *view {
	if c.view == nil {
		return readCertificate(c.DER)
	}
	return c.view
}

// Legible reports whether c is a certificate at all, if not one that Go parses: its names, dates and key can be told.
func (c Certificate) Legible() bool { return c.read() != nil }

// Subject is the subject's name as RFC 4514 writes it, also for a certificate that Go cannot parse; empty when there
// is none to be read.
func (c Certificate) Subject() string {
	if v := c.read(); v != nil {
		return v.subject.String()
	}
	return ""
}

// Issuer is the issuer's name as RFC 4514 writes it.
func (c Certificate) Issuer() string {
	if v := c.read(); v != nil {
		return v.issuer.String()
	}
	return ""
}

// CommonName is the subject's last common name; empty when there is none.
func (c Certificate) CommonName() string {
	if v := c.read(); v != nil {
		return v.subject.commonName()
	}
	return ""
}

// SelfSigned reports whether c's own key made its signature.
func (c Certificate) SelfSigned() bool {
	v := c.read()
	return v != nil && v.selfIssued() && v.ownSignature() == signatureGood
}
