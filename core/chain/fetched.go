package chain

import (
	"bytes"
	"crypto/x509"

	"mutual/core/evidence"
	"mutual/core/revocation"
)

// WithFetched is q as it would be if the server sent what was fetched from where its certificates point to as well.
func WithFetched(q Question) Question {
	untrusted := append([]Certificate{}, q.Untrusted...)
	for _, c := range q.Candidates {
		if c.Source == evidence.Fetched {
			untrusted = append(untrusted, c)
		}
	}
	q.Untrusted = untrusted
	return q
}

// Links are the certificates of a's path with their issuers, as far as Go can read them. A trust anchor has none above
// it, and is not among them.
func (a Analysis) Links() []revocation.Link {
	var links []revocation.Link
	for i := 0; i+1 < len(a.Path); i++ {
		if c, issuer := a.Path[i].X, a.Path[i+1].X; c != nil && issuer != nil {
			links = append(links, revocation.Link{Certificate: c, Issuer: issuer})
		}
	}
	return links
}

// Unissued are the certificates of a's path, and above it of what was fetched, whose issuer's certificate is wanting: the
// last of those that were sent, what issued it, and so on. There are none where the path reaches a trust anchor, and none
// above a certificate that a trust anchor issued.
func (a Analysis) Unissued(q Question) []*x509.Certificate {
	if a.Anchored || len(a.Path) == 0 {
		return nil
	}
	var all []*x509.Certificate
	top := a.Path[len(a.Path)-1].X
	for top != nil && len(all) < maxBeyond && !bytes.Equal(top.RawSubject, top.RawIssuer) && issuerOf(top, q.Anchors) == nil {
		all = append(all, top)
		var fetched []Certificate
		for _, c := range q.Candidates {
			if c.Source == evidence.Fetched {
				fetched = append(fetched, c)
			}
		}
		top = issuerOf(top, fetched)
	}
	return all
}

// issuerOf is the one among cs that signed x; nil: none did.
func issuerOf(x *x509.Certificate, cs []Certificate) *x509.Certificate {
	for _, c := range cs {
		if c.X != nil && bytes.Equal(c.X.RawSubject, x.RawIssuer) && x.CheckSignatureFrom(c.X) == nil {
			return c.X
		}
	}
	return nil
}
