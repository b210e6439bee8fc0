package chain

func formScenarios() []scenario {
	h := newHierarchy()
	leaf := func(ext ...[]byte) *forged {
		return forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, ext: append([][]byte{san(host)}, ext...)})
	}
	ask := func(l *forged) Question { return question(chainOf(l, h.inter), h.root) }
	critical := leaf(rawExt("1.2.3.4.5", true, []byte{5, 0}))
	criticalInter := intermediate("O=Acme,CN=Acme Issuing CA C", h.root, rawExt("1.2.3.4.5", true, []byte{5, 0}))
	criticalInterLeaf := endEntity(criticalInter)
	criticalRoot := root("CN=Critical Root", rawExt("1.2.3.4.5", true, []byte{5, 0}))
	criticalRootLeaf := endEntity(criticalRoot)
	twice := leaf(san("again.test"))
	badBC := leaf(rawExt(oidBasicConstraints, true, []byte{4, 0}))
	emptyKU := leaf(rawExt(oidKeyUsage, true, []byte{3, 1, 0}))
	negative := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, serial: -5, ext: [][]byte{san(host)}})
	padded := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, padded: true, ext: [][]byte{san(host)}})
	idle := forge(spec{subject: dn("O=Acme,CN=Acme Issuing CA K"), by: h.root, auto: true,
		ext: [][]byte{ca(true, -1), rawExt(oidKeyUsage, false, []byte{3, 1, 0})}})
	idleLeaf := endEntity(idle)
	badInter := forge(spec{subject: dn("O=Acme,CN=Acme Issuing CA B"), by: h.root, auto: true,
		ext: [][]byte{ca(true, -1), ku(keyCertSign), skidExt([]byte("again"))}})
	badInterLeaf := endEntity(badInter)
	openssls := "openssl openssl-partial"
	return []scenario{
		{name: "critical extension", q: ask(critical), first: "critical-extension-unknown", at: critical},
		{name: "critical extension on the intermediate", q: question(chainOf(criticalInterLeaf, criticalInter), h.root),
			first: "critical-extension-unknown", at: criticalInter},
		{name: "critical extension on the root", q: question(chainOf(criticalRootLeaf), criticalRoot),
			first: "critical-extension-unknown", at: criticalRoot},
		{name: "extension twice", q: ask(twice), first: "certificate-malformed", at: twice},
		{name: "malformed basicConstraints", q: ask(badBC), first: "certificate-malformed", at: badBC},
		{name: "empty keyUsage", q: ask(emptyKU), first: "certificate-malformed", at: emptyKU, accepts: "go"},
		{name: "negative serial number", q: ask(negative), first: "certificate-malformed", at: negative, accepts: openssls},
		{name: "serial number with a needless octet", q: ask(padded), first: "certificate-malformed", at: padded},
		{name: "intermediate with an empty keyUsage", q: question(chainOf(idleLeaf, idle), h.root), first: "certificate-malformed", at: idle, accepts: "go"},
		{name: "intermediate with an extension twice", q: question(chainOf(badInterLeaf, badInter), h.root), first: "certificate-malformed", at: badInter},
	}
}

func doubleScenarios() []scenario {
	h := newHierarchy()
	old := noon.Add(-3 * year)
	expired := func(names ...string) *forged {
		return forge(spec{subject: dn("CN=x"), by: h.inter, auto: true, from: old, until: noon.Add(-day), ext: [][]byte{san(names...)}})
	}
	expiredLeaf, expiredOther := expired(host), expired("other.test")
	clientOther := forge(spec{subject: dn("CN=x"), by: h.inter, auto: true, ext: [][]byte{san("other.test"), eku(oidClientAuth)}})
	return []scenario{
		{name: "expired and unknown root", q: question(chainOf(expiredLeaf, h.inter), h.other), first: "root-unknown", at: h.inter,
			more: []string{"certificate-expired"}},
		{name: "expired and another name", q: question(chainOf(expiredOther, h.inter), h.root), first: "certificate-expired", at: expiredOther,
			more: []string{"name-mismatch"}},
		{name: "expired, and the intermediate missing", q: question(chainOf(expiredLeaf), h.root).known(h.inter), first: "intermediate-missing",
			at: expiredLeaf, more: []string{"certificate-expired"}},
		{name: "another name, for clients", q: question(chainOf(clientOther, h.inter), h.root), first: "name-mismatch", at: clientOther,
			more: []string{"extended-key-usage"}},
		{name: "another name, CA file is the intermediate", q: question(chainOf(h.leaf, h.inter), h.inter).known(h.root).named("other.test"),
			first: "name-mismatch", at: h.leaf, more: []string{"anchor-not-root"}},
		{name: "CA first and unknown root", q: question(chainOf(h.inter, h.leaf), h.other), first: "leaf-not-first", at: h.inter,
			more: []string{"root-unknown"}},
		{name: "expired, another name, unknown root", q: question(chainOf(expiredOther, h.inter), h.other), first: "root-unknown", at: h.inter,
			more: []string{"certificate-expired", "name-mismatch"}},
	}
}
