package chain

import "slices"

// objection is one thing wrong with one certificate of a path, before it is known who minds.
type objection struct {
	id     string
	at     *member
	issuer *member // see Fault.Issuer; nil: not known
	name   string  // see Fault.IssuerName
	keyID  []byte
	detail string
}

func (o objection) sameAs(p objection) bool { return o.id == p.id && o.at == p.at }

// rank orders repairs: without a key that both sides can use no certificate is ever sent; who is asked comes before whom to trust, trust before what is signed with it, and all of that
// before dates, names and uses, which any reissued certificate can set right at once.
var rank = []string{
	"server-key-unsupported", "certificate-malformed", "leaf-not-first",
	"self-signed-leaf", "intermediate-missing", "ca-rotated", "ca-name-encoding", "root-sent-untrusted", "root-unknown", "root-distrusted",
	"chain-too-complex", "signature-invalid", "signature-algorithm-unsupported", "signature-algorithm-weak",
	"certificate-version", "issuer-not-ca", "issuer-cannot-sign", "path-length-exceeded",
	"certificate-expired", "certificate-not-yet-valid",
	"name-mismatch", "name-only-in-common-name", "name-missing", "ip-address-not-in-certificate", "wildcard-mismatch",
	"extended-key-usage", "key-usage", "name-constraint", "policy-constraint", "critical-extension-unknown",
	"key-too-weak", "anchor-not-root", "anchor-not-self-consistent", "ca-file-holds-leaf",
	"strict-profile", "chain-order", "chain-extra", "root-included",
}

// inOrder sorts objections by rank and drops repeated ones.
func inOrder(all []objection) []objection {
	var once []objection
	for _, o := range all {
		if !slices.ContainsFunc(once, o.sameAs) {
			once = append(once, o)
		}
	}
	slices.SortStableFunc(once, func(a, b objection) int {
		return slices.Index(rank, a.id) - slices.Index(rank, b.id)
	})
	return once
}

// wrongAuthority says why v may not act as an issuer; empty when it may.
func wrongAuthority(v *view) string {
	switch {
	case v.version == 0 && !v.hasBasicConstraints:
		return "certificate-version"
	case !v.ca:
		return "issuer-not-ca"
	case v.forbids(keyCertSign):
		return "issuer-cannot-sign"
	}
	return ""
}

// leafNotFirst reports that what the server sent first is a certificate authority's certificate, while an
// end-entity certificate comes later: the position of that one.
func (w *world) leafNotFirst() (position int, wrong bool) {
	if w.q.Purpose == AnyPurpose || len(w.sent) < 2 || w.leaf.v == nil || !w.leaf.v.ca || w.namedBy(w.leaf) {
		return 0, false
	}
	found := -1
	for _, m := range w.sent[1:] {
		if m.v == nil || m.v.ca || m.v.version == 0 && m.v.selfIssued() {
			continue
		}
		if w.namedBy(m) {
			return m.position, true
		}
		if found < 0 {
			found = m.position
		}
	}
	return found, found >= 0
}

// namedBy reports whether m holds the reference identifier; with none, no certificate does.
func (w *world) namedBy(m *member) bool {
	return w.q.Name != "" && nameFault(m.v, w.q.Name) != "name-mismatch" && goMatches(m, w.q.Name)
}

// reordered is the question with the end-entity certificate first.
func (q Question) reordered(position int) Question {
	sent := []Certificate{q.Sent[position]}
	for i, c := range q.Sent {
		if i != position {
			sent = append(sent, c)
		}
	}
	q.Sent = sent
	return q
}
