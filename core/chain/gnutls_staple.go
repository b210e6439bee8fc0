package chain

import (
	"slices"

	"mutual/core/revocation"
)

// Stapling is what a handshake showed of OCSP stapling (RFC 6066 §8).
type Stapling string

const (
	NoHandshake Stapling = ""     // a chain was judged by itself, or it is not known
	NotStapled  Stapling = "none" // the server was asked for a staple and sent none
	Stapled     Stapling = "sent"
)

// checkStaple is the part of _gnutls_x509_cert_verify_peers that looks at the staple of the server's own certificate.
// Without one it wants the certificate not to ask for it. One that is there has to be signed by, or for, an issuer that is
// trusted or was sent, and has to be of now, also where nobody asked for it; only one that says "revoked" may be old.
func (c *gnutlsContext) checkStaple(sent []*member) {
	leaf := sent[0]
	if leaf.X == nil {
		return
	}
	switch c.w.q.Stapling {
	case NotStapled:
		if revocation.MustStaple(leaf.X) {
			c.raise(gnutlsMissingStaple, "staple-missing", leaf)
		}
	case Stapled:
		c.weighStaple(leaf, slices.Concat(sent[1:], c.w.anchors))
	}
}

func (c *gnutlsContext) weighStaple(leaf *member, issuers []*member) {
	found := false
	for _, m := range issuers {
		if m.X == nil || !m.v.subject.same(leaf.v.issuer) {
			continue
		}
		found = true
		proves, revoked, stale := revocation.Staple(c.w.q.Staple, revocation.Link{Certificate: leaf.X, Issuer: m.X}, c.clock)
		switch {
		case !proves:
			continue
		case revoked:
			c.raise(gnutlsRevoked, "certificate-revoked", leaf)
		case stale:
			c.raise(gnutlsStaleStaple, "revocation-unknown", leaf)
		}
		return
	}
	if found { // else it is a missing issuer that is to be said
		c.raise(gnutlsInvalidStaple, "revocation-unknown", leaf)
	}
}
