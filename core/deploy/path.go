package deploy

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// complete puts the chain in order. The path is chain's; what the files hold beyond it is kept where it leads on from
// it, because a client with other trust anchors may need a cross-certificate that this path does without.
func (m *Material) complete(given []*x509.Certificate, at time.Time) {
	question := m.question(given, at)
	path := chain.Analyse(question).Path
	last := m.Certificate
	for i, c := range path {
		if c.X == nil || i == 0 {
			continue
		}
		last = c.X
		if selfSigned(c.X) {
			m.Root = c.X
			break
		}
		m.Chain = append(m.Chain, c.X)
	}
	if m.Root == nil && selfSigned(last) {
		m.Root = last
	}
	if m.Root == nil {
		m.Missing = last.Issuer.String()
	}
	m.RootGiven = m.Root != nil && holds(given, m.Root)
	for _, c := range m.Chain {
		if !holds(given, c) {
			m.Added = append(m.Added, c)
		}
	}
	m.keepForebears(given)
	var expected []*x509.Certificate
	for _, c := range m.merged() {
		if holds(given, c) {
			expected = append(expected, c)
		}
	}
	m.Reordered = !slices.EqualFunc(expected, m.ofChain(given), (*x509.Certificate).Equal)
}

// question asks for the path from the certificate to a self-signed one. Public certificates complete it.
func (m *Material) question(given []*x509.Certificate, at time.Time) chain.Question {
	q := chain.Question{At: at, Purpose: chain.AnyPurpose}
	q.Sent = append(q.Sent, parsed(m.Certificate, evidence.UntrustedFile))
	for _, c := range given {
		if selfSigned(c) {
			q.Anchors = append(q.Anchors, parsed(c, evidence.CAFile))
		} else if !c.Equal(m.Certificate) {
			q.Sent = append(q.Sent, parsed(c, evidence.UntrustedFile))
		}
	}
	for _, c := range m.ClientCAs { // of one's own, the clients' authority is often the server's as well
		if selfSigned(c) {
			q.Anchors = append(q.Anchors, parsed(c, evidence.CAFile))
		} else if !c.Equal(m.Certificate) {
			q.Untrusted = append(q.Untrusted, parsed(c, evidence.CAFile))
		}
	}
	var known []evidence.Certificate
	for _, c := range append([]*x509.Certificate{m.Certificate}, given...) {
		known = append(known, evidence.Certificate{DER: c.Raw})
	}
	var bridges []chain.Certificate
	for _, c := range m.roots.Candidates(known) {
		p := chain.Parse(c)
		switch {
		case p.X == nil:
		case !selfSigned(p.X):
			bridges = append(bridges, p)
		case c.Source == evidence.System || c.Source == evidence.Mozilla:
			q.Anchors = append(q.Anchors, p)
		}
	}
	q.Untrusted = append(q.Untrusted, latest(bridges)...)
	return q
}

// latest keeps of the certificates that one authority gave another for the same key the one that was made last: it
// stands in for those that were withdrawn.
func latest(all []chain.Certificate) []chain.Certificate {
	var out []chain.Certificate
	for _, c := range all {
		same := func(o chain.Certificate) bool {
			return bytes.Equal(o.X.RawSubject, c.X.RawSubject) && bytes.Equal(o.X.RawIssuer, c.X.RawIssuer) &&
				bytes.Equal(o.X.RawSubjectPublicKeyInfo, c.X.RawSubjectPublicKeyInfo)
		}
		if i := slices.IndexFunc(out, same); i < 0 {
			out = append(out, c)
		} else if out[i].X.NotBefore.Before(c.X.NotBefore) {
			out[i] = c
		}
	}
	return out
}

// keepForebears adds the given certificates that issued one of the chain, directly or not, and drops the rest.
func (m *Material) keepForebears(given []*x509.Certificate) {
	for found := true; found; {
		found = false
		for _, c := range given {
			if selfSigned(c) || holds(m.merged(), c) {
				continue
			}
			if slices.ContainsFunc(m.merged(), func(child *x509.Certificate) bool { return issued(c, child) }) {
				m.Chain = append(m.Chain, c)
				found = true
			}
		}
	}
	for _, c := range given {
		if !holds(m.merged(), c) && (m.Root == nil || !c.Equal(m.Root)) {
			m.Dropped = append(m.Dropped, c)
		}
	}
}

// merged is the certificate and its chain: what the server sends.
func (m *Material) merged() []*x509.Certificate {
	return append([]*x509.Certificate{m.Certificate}, m.Chain...)
}

// ofChain are those of all that are sent, in the order of all.
func (m *Material) ofChain(all []*x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range all {
		if holds(m.merged(), c) {
			out = append(out, c)
		}
	}
	return out
}

func holds(all []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(all, c.Equal)
}

// issued says whether issuer's key signed c. CheckSignatureFrom would also ask whether issuer may.
func issued(issuer, c *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, c.RawIssuer) && issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func selfSigned(c *x509.Certificate) bool { return issued(c, c) }

func parsed(c *x509.Certificate, source evidence.Source) chain.Certificate {
	return chain.Parse(evidence.Certificate{Source: source, DER: c.Raw})
}
