package chain

import (
	"bytes"
	"slices"
)

// Limits on the search for paths. A chain that people use has one path or two; one that loops or is cross-signed on
// purpose has more than can be looked at.
const (
	maxPathLength = 102    // what OpenSSL builds at most: 100 intermediates between its two ends
	maxPaths      = 128    // paths that are compared with each other
	maxSteps      = 20_000 // possible issuers that are looked at
)

// route is a way from the end-entity certificate upwards over what was sent and what is trusted.
type route struct {
	members    []*member
	anchored   bool        // the last one is a trust anchor
	objections []objection // what go has against it, the first to be repaired first
}

// search finds routes, depth first.
type search struct {
	w      *world
	found  []route
	steps  int
	capped bool
}

// routes lists the ways up from the end-entity certificate. A link is a name that matches and a signature that
// verifies; where no signature does, one that was altered counts, as a fault. A route that cannot be continued and
// ends at no trust anchor is listed too.
func (w *world) routes() []route {
	if w.leaf == nil || w.leaf.v == nil {
		return nil
	}
	if w.leaf.anchor {
		// A trust anchor is trusted whatever its issuer (x509: Roots.contains).
		return []route{{members: []*member{w.leaf}, anchored: true}}
	}
	s := &search{w: w}
	s.extend([]*member{w.leaf})
	w.capped = s.capped || w.exhausted()
	return s.found
}

func (s *search) extend(path []*member) {
	top := path[len(path)-1]
	continued := false
	for _, issuer := range s.next(path) {
		if len(s.found) >= maxPaths || s.steps > maxSteps {
			s.capped = true
			return
		}
		continued = true
		longer := append(slices.Clone(path), issuer)
		if issuer.anchor {
			s.found = append(s.found, route{members: longer, anchored: true})
			if !issuer.presented || issuer.v.selfIssued() {
				continue
			}
		}
		s.extend(longer)
	}
	if !continued && !(top.anchor && len(path) > 1) {
		s.found = append(s.found, route{members: path})
	}
}

// next returns the possible issuers of path's last certificate, trust anchors first.
func (s *search) next(path []*member) []*member {
	if len(path) >= maxPathLength {
		s.capped = true
		return nil
	}
	child := path[len(path)-1]
	var good, broken []*member
	for _, m := range s.w.issuers(child) {
		if s.steps++; s.steps > maxSteps {
			s.capped = true
			break
		}
		if !m.anchor && !m.presented || again(m, path) {
			continue
		}
		switch s.w.signature(child, m) {
		case signatureGood, signatureUnknown:
			good = append(good, m)
		case signatureBad:
			if s.w.altered(child, m) {
				broken = append(broken, m)
			}
		}
	}
	if len(good) == 0 && !s.w.selfSigned(child) {
		good = broken
	}
	slices.SortStableFunc(good, func(a, b *member) int { return standing(a) - standing(b) })
	return good
}

func standing(m *member) int {
	if m.anchor {
		return 0
	}
	return 1
}

// again reports that path holds the same subject with the same key already, which is how Go recognises loops.
func again(m *member, path []*member) bool {
	return slices.ContainsFunc(path, func(p *member) bool {
		return p == m || sameKey(p.v, m.v) && p.v.subject.same(m.v.subject) && bytes.Equal(p.alternative(), m.alternative())
	})
}

func (m *member) alternative() []byte {
	value, _, _ := m.v.extension(oidAlternativeName)
	return value
}

// best is the route with the least to be repaired for go: with nothing, if go accepts.
func (w *world) best() route {
	if w.chosen != nil {
		return *w.chosen
	}
	var best route
	for i, r := range w.routes() {
		r.objections = w.goObjections(r)
		if i == 0 || better(r, best) {
			best = r
		}
	}
	w.chosen = &best
	return best
}

func better(a, b route) bool {
	if len(a.objections) != len(b.objections) {
		return len(a.objections) < len(b.objections)
	}
	if a.anchored != b.anchored {
		return a.anchored
	}
	return a.anchored && len(a.members) < len(b.members)
}
