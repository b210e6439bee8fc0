package chain

import "slices"

// Limits on the work that one question may cause, whatever the certificates say. A unit is about what one RSA 2048
// verification costs (some 25 µs).
const (
	// maxSignatureWork is well over what a sound question needs (a path of four certificates costs under 100, one of a
	// hundred 2,000) and bounds what a hostile one costs each judge to about 200 ms.
	maxSignatureWork = 8_000
	// maxComparisons bounds the comparisons of names with name constraints. OpenSSL's own bound is 1<<20 for each
	// pair of certificates; this one is for the whole question.
	maxComparisons = 1 << 21
	// maxConstraintWork bounds the names and name constraints that Go's own check is given one pair of certificates
	// at a time. Verify is asked about all of them once, whatever their number, so this takes nothing from the verdict.
	maxConstraintWork = 200_000
)

// world is a question with its certificates sorted out, and the signatures checked so far.
type world struct {
	q              Question
	leaf           *member
	sent           []*member // in order, a repeated certificate once
	untrusted      []*member
	anchors        []*member
	members        []*member
	bySubject      map[string][]*member
	byHash         map[[32]byte]*member
	signatures     map[[2]*member]signatureResult
	work           int
	comparisons    int
	allowances     map[[2]*member]error
	constraintWork int
	capped         bool   // the search for paths was cut short
	chosen         *route // see best
	reordered      *world // see ordered
}

// member is one certificate of a question, once, however often and wherever it was met.
type member struct {
	Certificate             // as first met: sent, untrusted, anchor, candidate
	v           *view       // nil: OpenSSL cannot read it
	anchor      bool        // it is among the anchors
	trusted     Certificate // the anchor's own copy, with its source
	presented   bool        // sent, or in the untrusted file
	position    int         // in Sent; -1: not sent
}

func newWorld(q Question) *world {
	w := &world{
		q: q, bySubject: map[string][]*member{}, byHash: map[[32]byte]*member{},
		signatures: map[[2]*member]signatureResult{}, allowances: map[[2]*member]error{},
	}
	for i, c := range q.Sent {
		m, isNew := w.meet(c)
		if i == 0 {
			w.leaf = m
		}
		if isNew {
			m.position, m.presented = i, true
			w.sent = append(w.sent, m)
		}
	}
	for _, c := range q.Untrusted {
		if m, _ := w.meet(c); !m.presented {
			m.presented = true
			w.untrusted = append(w.untrusted, m)
		}
	}
	for _, c := range q.Anchors {
		m, _ := w.meet(c)
		if !m.anchor {
			w.anchors = append(w.anchors, m)
		}
		m.trust(c)
	}
	for _, c := range q.Candidates {
		w.meet(c)
	}
	return w
}

func (w *world) meet(c Certificate) (m *member, isNew bool) {
	if c.SHA256 == ([32]byte{}) { // made without Parse
		c = Parse(c.Certificate)
	}
	if m, known := w.byHash[c.SHA256]; known {
		return m, false
	}
	m = &member{Certificate: c, v: c.read(), position: -1}
	w.byHash[c.SHA256] = m
	w.members = append(w.members, m)
	if m.v != nil {
		w.bySubject[m.v.subject.canonical] = append(w.bySubject[m.v.subject.canonical], m)
	}
	return m, true
}

// signature says whether issuer's key signed child. Each pair is checked once.
func (w *world) signature(child, issuer *member) signatureResult {
	if child.v == nil || issuer.v == nil {
		return signatureBad
	}
	pair := [2]*member{child, issuer}
	if result, known := w.signatures[pair]; known {
		return result
	}
	result := signatureUnknown
	if cost := signatureCost(child.v, issuer.v.key); w.work+cost <= maxSignatureWork {
		w.work += cost
		result = w.q.ledger.signature(child, issuer)
	}
	w.signatures[pair] = result
	return result
}

// exhausted says that signatures were left unchecked because there were too many.
func (w *world) exhausted() bool { return w.work > maxSignatureWork-1_000 }

func signatureCost(child *view, k publicKey) int {
	if !algorithmFits(k, child.signatureAlgorithm) {
		return 0
	}
	hashing := len(child.tbs) / 16384
	switch k.kind {
	case rsaKey, rsaPSSKey:
		size := max(1, k.modulus.BitLen()/1024)
		return 1 + hashing + size*size*min(k.exponent.BitLen(), maxModulusBits)/64
	case ecKey:
		switch fast := fastCurve(k.curve); {
		case fast == nil:
			return 500
		case fast.Params().BitSize > 384:
			return 60 + hashing
		case fast.Params().BitSize > 256:
			return 30 + hashing
		}
		return 20 + hashing
	case ed448Key, dsaKey:
		return 800 + hashing
	}
	return 4 + hashing
}

// issuers returns the members whose subject is child's issuer as OpenSSL compares names, child itself among them
// when it is self-issued.
func (w *world) issuers(child *member) []*member {
	if child.v == nil {
		return nil
	}
	return w.bySubject[child.v.issuer.canonical]
}

// selfSigned reports whether m's own key made its signature.
func (w *world) selfSigned(m *member) bool {
	return m.v != nil && m.v.selfIssued() && w.signature(m, m) == signatureGood
}

// find returns the first of child's possible issuers that ok allows and whose key signed child.
func (w *world) find(child *member, ok func(*member) bool) *member {
	all := w.issuers(child)
	i := slices.IndexFunc(all, func(m *member) bool {
		return m != child && ok(m) && w.signature(child, m) == signatureGood
	})
	if i < 0 {
		return nil
	}
	return all[i]
}
