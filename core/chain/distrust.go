package chain

import (
	"crypto/sha256"
	"crypto/x509"
	"errors"
)

// distrusting is c with what its root program objects to among the certificates that were sent, found by their SHA-256:
// positions change when a question is asked in another order.
func (c Certificate) distrusting(sent []Certificate) Certificate {
	for _, d := range c.Distrusts {
		if d.Position < 0 || d.Position >= len(sent) {
			continue
		}
		if c.distrusts == nil {
			c.distrusts = map[[32]byte]string{}
		}
		c.distrusts[sent[d.Position].SHA256] = d.Reason
	}
	return c
}

// trust makes m an anchor with c, its copy in one of the trusted sources. A source that trusts it without conditions
// does away with another's.
func (m *member) trust(c Certificate) {
	if !m.anchor {
		m.anchor, m.trusted, m.distrusts = true, c, c.distrusts
	} else if len(c.distrusts) == 0 {
		m.distrusts = nil
	}
}

// distrust says why a path below m, from the end-entity certificate on, is one that m's root program no longer accepts.
func (m *member) distrust(path []*member) (reason string, refused bool) {
	for _, below := range path {
		if reason, refused = m.distrusts[below.SHA256]; refused {
			return reason, true
		}
	}
	return "", false
}

// constraint is distrust as crypto/x509 wants it; nil where there is none.
func (m *member) constraint() func([]*x509.Certificate) error {
	if len(m.distrusts) == 0 {
		return nil
	}
	return func(path []*x509.Certificate) error {
		for _, x := range path {
			if reason, refused := m.distrusts[sha256.Sum256(x.Raw)]; refused {
				return errors.New(reason)
			}
		}
		return nil
	}
}
