package chain

import "slices"

// oddities are faults of what was sent that go, and most others, do not mind: wrong order, certificates that belong
// to nothing, the root, version 1.
func (w *world) oddities(path []*member, anchored bool) []objection {
	var all []objection
	_, wrongFirst := w.leafNotFirst()
	if wrongFirst {
		all = append(all, objection{id: "leaf-not-first", at: w.leaf})
	} else if m := w.outOfOrder(path); m != nil {
		all = append(all, objection{id: "chain-order", at: m})
	}
	for _, m := range w.superfluous(path, anchored) {
		all = append(all, objection{id: "chain-extra", at: m})
	}
	for _, m := range w.sent {
		if (m != w.leaf || wrongFirst) && w.selfSigned(m) && w.connected(m) {
			all = append(all, objection{id: "root-included", at: m})
			break
		}
	}
	if w.q.Purpose == ServerAuth && w.leaf.v != nil && w.leaf.v.version == 0 {
		all = append(all, objection{id: "certificate-version", at: w.leaf})
	}
	return all
}

// outOfOrder is the first certificate that does not certify the one sent before it although it does certify another
// one that was sent (RFC 5246 §7.4.2; RFC 8446 §4.4.2 allows any order).
func (w *world) outOfOrder(path []*member) *member {
	last := 0
	for _, m := range path {
		if m.position < 0 {
			continue
		}
		if m.position < last {
			return m
		}
		last = m.position
	}
	return nil
}

// superfluous are repeated certificates, and those that certify nothing that was sent: of a path that is not complete
// it cannot be said what belongs to it.
func (w *world) superfluous(path []*member, anchored bool) []*member {
	var extra []*member
	times := map[[32]byte]int{}
	for _, c := range w.q.Sent {
		times[c.SHA256]++
	}
	for _, m := range w.sent {
		if times[m.SHA256] > 1 || anchored && !slices.Contains(path, m) && m != w.leaf && !w.connected(m) {
			extra = append(extra, m)
		}
	}
	return extra
}

// connected reports whether m signed another certificate that was sent.
func (w *world) connected(m *member) bool {
	if m.v == nil {
		return true // nothing is known about it
	}
	return slices.ContainsFunc(w.sent, func(child *member) bool {
		return child != m && child.v != nil && child.v.issuer.same(m.v.subject) && w.signature(child, m) != signatureBad
	})
}
