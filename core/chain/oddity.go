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

// outOfOrder is the first certificate that stands where another one of the path belongs: each should certify the one
// before it (RFC 5246 §7.4.2; RFC 8446 §4.4.2 allows any order). Certificates that are not on the path are passed over:
// between them no order can be demanded.
func (w *world) outOfOrder(path []*member) *member {
	var wanted []*member
	for _, m := range path {
		if m.position >= 0 {
			wanted = append(wanted, m)
		}
	}
	stand := slices.SortedFunc(slices.Values(wanted), func(a, b *member) int { return a.position - b.position })
	for i, m := range stand {
		if m != wanted[i] {
			return m
		}
	}
	return nil
}

// sentPath follows the issuers among what was sent, from the end-entity certificate as far as they lead.
func (w *world) sentPath() []*member {
	path := []*member{w.leaf}
	for {
		child := path[len(path)-1]
		up := w.find(child, func(m *member) bool { return m.position >= 0 && !slices.Contains(path, m) })
		if up == nil {
			return path
		}
		path = append(path, up)
	}
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
