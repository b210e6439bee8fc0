package chain

import (
	"slices"

	"mutual/core/evidence"
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
// Without one it wants the certificate not to ask for it. One that says "revoked" counts when it is signed by, or for, an
// issuer that is trusted or was sent. One that proves nothing is taken for none by nobody.
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
		answer := []evidence.Answer{{Kind: evidence.StapleAnswer, About: leaf.SHA256[:], Body: c.w.q.Staple}}
		for _, m := range slices.Concat(sent[1:], c.w.anchors) {
			if m.X == nil || !m.v.subject.same(leaf.v.issuer) {
				continue
			}
			if revocation.Judge(revocation.Link{Certificate: leaf.X, Issuer: m.X}, answer, c.clock).State == revocation.Revoked {
				c.raise(gnutlsRevoked, "certificate-revoked", leaf)
				return
			}
		}
	}
}
