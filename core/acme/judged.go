package acme

import (
	"crypto/x509"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// Verdicts are what clients say that meet a broker with this chain by its name: with its own root as their CA file, or
// where none is known, with the public roots.
func (a Alternate) Verdicts(name string, root *x509.Certificate, at time.Time) []chain.Verdict {
	var anchors []*x509.Certificate
	if root != nil {
		anchors = []*x509.Certificate{root}
	}
	q := chain.Ask(a.Certificates, anchors, at)
	q.Name, q.Purpose = name, chain.ServerAuth
	if root == nil {
		for _, r := range pki.PublicRoots().Mozilla() {
			q.Anchors = append(q.Anchors, chain.Parse(evidence.Certificate{Source: evidence.Mozilla, DER: r.DER}))
		}
	}
	return chain.Verdicts(q)
}
