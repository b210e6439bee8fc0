package chain

import (
	"bytes"
	"slices"
)

const (
	// javaMaxPathLength is PKIXBuilderParameters' default: how many authorities that are not self-issued the builder takes
	// from what was sent.
	javaMaxPathLength = 5
	// maxJavaSteps bounds the builder's search. Java's own has no bound.
	maxJavaSteps = 1_500
)

// build is doBuild: the PKIX builder looks for any path over what was sent, in whatever order. It tells no reasons, so
// those of what it turned down on its way stand for it.
func (v *javaValidator) build() []javaFault {
	leaf := v.leaf
	v.building, v.steps, v.dated = nil, 0, false
	if leaf.validAt(v.at) && !leaf.unhandled {
		if anchor, found := v.extend([]*javaCertificate{leaf}, 0); found {
			return anchor.fitAsAnchor()
		}
	} else {
		p := &javaPath{v: v}
		p.clock(leaf)
		if leaf.unhandled {
			p.fail("critical-extension-unknown", leaf, "")
		}
		v.building = p.faults
	}
	if len(v.building) == 0 {
		v.building = []javaFault{v.gap(v.top())}
	}
	for i := range v.building {
		v.building[i].class = "SunCertPathBuilderException"
		v.building[i].text = "unable to find valid certification path to requested target"
	}
	return v.building
}

// extend is depthFirstSearchForward for the issuers of path's last certificate. traversed are the authorities below that
// are not self-issued.
func (v *javaValidator) extend(path []*javaCertificate, traversed int) (anchor *javaCertificate, found bool) {
	child := path[len(path)-1]
	for _, c := range v.candidates(child, path, traversed) {
		if v.steps++; v.steps > maxJavaSteps {
			return nil, false
		}
		if slices.Contains(v.anchors, c) {
			faults := v.check(path, c, false)
			if len(faults) == 0 {
				return c, true
			}
			v.turnDown(faults...)
			continue
		}
		if c.unhandled || !c.ca || c.forbids(keyCertSign) {
			v.turnDownIssuer(child, c)
			continue
		}
		if child.selfIssued() && c.selfIssued() {
			return nil, false
		}
		up := traversed
		if !c.selfIssued() {
			up++
		}
		if anchor, found := v.extend(append(slices.Clone(path), c), up); found {
			return anchor, true
		}
	}
	return nil, false
}

// candidates is getMatchingCACerts: trust anchors, and of what was sent what is valid now and may have that many
// authorities below it. The first time it is asked the dates of trust anchors do not matter; later they do, because the
// selector is used again as it was left.
func (v *javaValidator) candidates(child *javaCertificate, path []*javaCertificate, traversed int) []*javaCertificate {
	var sent []*javaCertificate
	for _, c := range v.chain {
		if !c.mayIssue(child) || slices.Contains(sent, c) || traversed >= javaMaxPathLength {
			continue
		}
		if !c.validAt(v.at) || c.pathLimit() < traversed {
			v.turnDownIssuer(child, c)
			continue
		}
		sent = append(sent, c)
	}
	var all []*javaCertificate
	for _, c := range append(hashed(v.anchors, len(v.anchors)), hashed(sent, 16)...) {
		if !c.mayIssue(child) || slices.Contains(all, c) {
			continue
		}
		if v.dated && !c.validAt(v.at) {
			v.turnDownIssuer(child, c)
			continue
		}
		// A TreeSet whose comparison says "less" of two that are alike.
		at := slices.IndexFunc(all, func(d *javaCertificate) bool { return v.preference(child, c) <= v.preference(child, d) })
		if at < 0 {
			at = len(all)
		}
		all = slices.Insert(all, at, c)
	}
	v.dated = true
	return slices.DeleteFunc(all, func(c *javaCertificate) bool {
		return slices.ContainsFunc(path, func(p *javaCertificate) bool { return p.repeats(c) })
	})
}

// mayIssue is AdaptableX509CertSelector: the name; and without extensions to go by, the lifetime.
func (c *javaCertificate) mayIssue(child *javaCertificate) bool {
	return c.subject == child.issuer &&
		(c.v.version >= 2 || c.validAt(child.v.notBefore.time) && c.validAt(child.v.notAfter.time))
}

// hashed is the order in which a HashSet made for that many certificates lists them: which of two equally good trust
// anchors Java tries first is decided by that.
func hashed(certificates []*javaCertificate, capacity int) []*javaCertificate {
	size := 1
	for size < capacity {
		size *= 2
	}
	for n := 1; n <= len(certificates); n++ {
		if n > size*3/4 {
			size *= 2
		}
	}
	bucket := func(c *javaCertificate) int {
		hash := int32(1)
		for _, octet := range c.DER {
			hash = 31*hash + int32(int8(octet))
		}
		return int((uint32(hash) ^ uint32(hash)>>16) & uint32(size-1))
	}
	return slices.SortedStableFunc(slices.Values(certificates), func(a, b *javaCertificate) int { return bucket(a) - bucket(b) })
}

// preference is PKIXCertComparator: a matching key identifier first, then what a trust anchor issued.
func (v *javaValidator) preference(child, c *javaCertificate) int {
	switch {
	case child.authority.hasKeyID && c.hasSubjectKeyID && string(child.authority.keyID) == string(c.subjectKeyID):
		return 0
	case slices.ContainsFunc(v.anchors, func(a *javaCertificate) bool { return a.subject == c.issuer }):
		return 1
	}
	return 2
}

// repeats: the same subject, key and alternative names.
func (c *javaCertificate) repeats(d *javaCertificate) bool {
	return c == d || c.subject == d.subject && sameKey(c.v, d.v) && bytes.Equal(c.alternative(), d.alternative())
}

func (v *javaValidator) turnDown(faults ...javaFault) {
	for _, f := range faults {
		if !slices.ContainsFunc(v.building, func(g javaFault) bool { return g.id == f.id && g.at == f.at }) {
			v.building = append(v.building, f)
		}
	}
}

// turnDownIssuer notes why c, which signed child, was no issuer for it.
func (v *javaValidator) turnDownIssuer(child, c *javaCertificate) {
	if v.w.signature(child.member, c.member) == signatureBad {
		return
	}
	p := &javaPath{v: v}
	p.clock(c)
	switch {
	case !c.ca || c.forbids(keyCertSign):
		p.fail(c.authorityFault(), c, "")
	case c.unhandled:
		p.fail("critical-extension-unknown", c, "")
	case len(p.faults) == 0:
		p.fail("path-length-exceeded", c, "")
	}
	v.turnDown(p.faults...)
}
