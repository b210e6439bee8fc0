package chain

import (
	"time"

	"mutual/core/evidence"
)

// scenario is a chain with what is wrong with it. at is the certificate at fault; more are further faults, as
// "id" only. accepts names those of everybody that accept, separated by spaces; what further judges say of the
// scenarios is held against the real programs.
type scenario struct {
	name    string
	q       Question
	first   string // id; empty: no fault at all
	at      *forged
	more    []string
	accepts string
	issuer  *forged // the fault's Issuer, when that matters
}

const everybody = "go openssl openssl-partial"

// hierarchy is what most scenarios start from.
type hierarchy struct{ root, inter, leaf, other *forged }

func newHierarchy() hierarchy {
	h := hierarchy{root: root("O=Acme,CN=Acme Root CA"), other: root("O=Zebra,CN=Zebra Root CA")}
	h.inter = intermediate("O=Acme,CN=Acme Issuing CA 1", h.root)
	h.leaf = endEntity(h.inter)
	return h
}

func chainOf(f ...*forged) []*forged { return f }

func (q Question) named(name string) Question { q.Name = name; return q }
func (q Question) at(t time.Time) Question    { q.At = t; return q }
func (q Question) purpose(p Purpose) Question { q.Purpose = p; return q }
func (q Question) with(extra ...*forged) Question {
	for _, f := range extra {
		q.Untrusted = append(q.Untrusted, f.certificate(evidence.UntrustedFile, 0))
	}
	return q
}

func scenarios() []scenario {
	var all []scenario
	all = append(all, trustScenarios()...)
	all = append(all, rotationScenarios()...)
	all = append(all, orderScenarios()...)
	all = append(all, timeScenarios()...)
	all = append(all, nameScenarios()...)
	all = append(all, usageScenarios()...)
	all = append(all, constraintScenarios()...)
	all = append(all, algorithmScenarios()...)
	all = append(all, formScenarios()...)
	return append(all, doubleScenarios()...)
}

func trustScenarios() []scenario {
	h := newHierarchy()
	three := chainOf(h.leaf, h.inter)
	policy := intermediate("O=Acme,CN=Acme Policy CA", h.root)
	issuing := intermediate("O=Acme,CN=Acme Issuing CA 2", policy)
	deep := endEntity(issuing)
	newRoot := root("O=Acme,CN=Acme Root 2026")
	cross := forge(spec{subject: newRoot.subject, key: newRoot.key, skid: newRoot.skid, by: h.root, auto: true,
		ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	under := intermediate("O=Acme,CN=Acme Issuing CA 3", newRoot)
	underLeaf := endEntity(under)
	selfCA := forge(spec{subject: dn("CN=" + host), auto: true, ext: [][]byte{ca(true, -1), san(host)}})
	selfEE := forge(spec{subject: dn("CN=" + host), auto: true, ext: [][]byte{ca(false, -1), san(host)}})
	selfV1 := forge(spec{subject: dn("CN=" + host), version: 1})
	plainLeaf := endEntity(h.root)
	otherLeaf := endEntity(h.other)
	withAIA := forge(spec{subject: dn("CN=" + host), by: root("CN=Somebody"), auto: true, ext: [][]byte{san(host), aia("http://x.test/ca.cer")}})
	serialLeaf := forge(spec{subject: dn("CN=" + host), by: h.inter, ext: [][]byte{san(host), akidSerial(h.inter.issuer, h.inter.serial)}})
	return []scenario{
		{name: "sound", q: question(three, h.root), accepts: everybody},
		{name: "sound, no name", q: question(three, h.root).named(""), accepts: everybody},
		{name: "sound, three tiers", q: question(chainOf(deep, issuing, policy), h.root), accepts: everybody},
		{name: "sound, leaf under root", q: question(chainOf(plainLeaf), h.root), accepts: everybody},
		{name: "sound, client", q: question(three, h.root).named("").purpose(ClientAuth), accepts: everybody},
		{name: "sound, any purpose", q: question(three, h.root).named("").purpose(AnyPurpose), accepts: everybody},
		{name: "sound, untrusted file", q: question(chainOf(h.leaf), h.root).with(h.inter), accepts: everybody},
		{name: "sound, cross-certificate to trusted root", q: question(chainOf(underLeaf, under, cross), h.root), accepts: everybody},
		{name: "sound, both roots", q: question(chainOf(underLeaf, under, cross), h.root, newRoot), accepts: everybody},
		{name: "sound, intermediate trusted with root", q: question(chainOf(h.leaf), h.inter, h.root), accepts: everybody},
		{name: "new root trusted, cross-certificate sent", q: question(chainOf(underLeaf, under, cross), newRoot), accepts: everybody},
		{name: "CA file is the intermediate", q: question(three, h.inter).known(h.root), first: "anchor-not-root", at: h.inter,
			accepts: "go openssl-partial", issuer: h.root},
		{name: "CA file is the intermediate, leaf only", q: question(chainOf(h.leaf), h.inter), first: "anchor-not-root",
			at: h.inter, accepts: "go openssl-partial"},
		{name: "CA file is the cross-certificate", q: question(chainOf(underLeaf, under, cross), cross).known(h.root, newRoot),
			first: "anchor-not-root", at: cross, accepts: "go openssl-partial", issuer: h.root},
		{name: "CA file is the cross-certificate, root sent", q: question(chainOf(underLeaf, under, cross, h.root), cross),
			first: "anchor-not-root", at: cross, accepts: "go openssl-partial", more: []string{"root-included"}, issuer: h.root},
		{name: "leaf only", q: question(chainOf(h.leaf), h.root), first: "intermediate-missing", at: h.leaf},
		{name: "leaf only, intermediate known", q: question(chainOf(h.leaf), h.root).known(h.inter), first: "intermediate-missing",
			at: h.leaf, issuer: h.inter},
		{name: "leaf only, issuer's issuer named", q: question(chainOf(serialLeaf), h.root), first: "intermediate-missing", at: serialLeaf},
		{name: "leaf only, caIssuers", q: question(chainOf(withAIA), h.root), first: "intermediate-missing", at: withAIA},
		{name: "second tier missing", q: question(chainOf(deep, issuing), h.root), first: "intermediate-missing", at: issuing},
		{name: "second tier missing, known", q: question(chainOf(deep, issuing), h.root).known(policy), first: "intermediate-missing",
			at: issuing, issuer: policy},
		{name: "first tier missing", q: question(chainOf(deep, policy), h.root), first: "intermediate-missing", at: deep},
		{name: "cross-certificate not sent", q: question(chainOf(underLeaf, under), h.root).known(newRoot, cross),
			first: "intermediate-missing", at: under, issuer: cross},
		{name: "unknown root", q: question(three, h.other), first: "root-unknown", at: h.inter},
		{name: "unknown root, public", q: question(three, h.other).known(h.root), first: "root-unknown", at: h.inter, issuer: h.root},
		{name: "unknown root, leaf under it", q: question(chainOf(otherLeaf), h.root), first: "root-unknown", at: otherLeaf},
		{name: "no trust at all", q: question(three), first: "root-unknown", at: h.inter},
		{name: "new root unknown, not cross-signed", q: question(chainOf(underLeaf, under), h.other).known(newRoot, cross),
			first: "root-unknown", at: under, issuer: newRoot},
		{name: "root sent, not trusted", q: question(chainOf(h.leaf, h.inter, h.root), h.other), first: "root-sent-untrusted",
			at: h.root, more: []string{"root-included"}},
		{name: "self-signed leaf, CA", q: question(chainOf(selfCA), h.other), first: "self-signed-leaf", at: selfCA},
		{name: "self-signed leaf", q: question(chainOf(selfEE), h.other), first: "self-signed-leaf", at: selfEE},
		{name: "self-signed leaf trusted", q: question(chainOf(selfEE), selfEE), accepts: everybody},
		{name: "self-signed CA leaf trusted", q: question(chainOf(selfCA), selfCA), accepts: everybody},
		{name: "self-signed version 1 trusted, no name", q: question(chainOf(selfV1), selfV1).named(""), first: "certificate-version",
			at: selfV1, accepts: everybody},
		{name: "CA file is the leaf", q: question(three, h.leaf), first: "ca-file-holds-leaf", at: h.leaf, accepts: "go openssl-partial"},
		{name: "CA file is the leaf, and the root", q: question(three, h.leaf, h.root), accepts: everybody},
		{name: "CA file is the leaf, leaf only", q: question(chainOf(h.leaf), h.leaf), first: "ca-file-holds-leaf", at: h.leaf,
			accepts: "go openssl-partial"},
		{name: "two missing", q: question(chainOf(deep), h.root).known(issuing, policy), first: "intermediate-missing", at: deep, issuer: issuing},
		{name: "intermediate missing and its root unknown", q: question(chainOf(h.leaf), h.other).known(h.inter, h.root),
			first: "intermediate-missing", at: h.leaf, more: []string{"root-unknown"}},
	}
}

func rotationScenarios() []scenario {
	h := newHierarchy()
	three := chainOf(h.leaf, h.inter)
	rotated := root("O=Acme,CN=Acme Root CA")
	sameID := forge(spec{subject: h.root.subject, skid: h.root.skid, auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	bare := forge(spec{subject: dn("CN=Plain CA"), ext: [][]byte{ca(true, -1)}})
	bareAgain := forge(spec{subject: dn("CN=Plain CA"), ext: [][]byte{ca(true, -1)}})
	bareLeaf := forge(spec{subject: dn("CN=" + host), by: bare, ext: [][]byte{san(host)}})
	printable := forge(spec{subject: dn("CN=printable:Encoded CA"), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	encodedLeaf := forge(spec{subject: dn("CN=" + host), issuer: dn("CN=Encoded CA"), by: printable, auto: true, ext: [][]byte{san(host)}})
	spaced := forge(spec{subject: dn("CN=bmp:Spaced  CA "), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	spacedLeaf := forge(spec{subject: dn("CN=" + host), issuer: dn("CN=spaced ca"), by: spaced, auto: true, ext: [][]byte{san(host)}})
	oddRoot := forge(spec{subject: dn("CN=Odd Root"), skid: []byte("its own"), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	oddKeyed := forge(spec{subject: dn("CN=Odd Root"), key: oddRoot.key, ext: [][]byte{ca(true, -1), ku(keyCertSign), skidExt([]byte("its own")), akidExt([]byte("another"))}})
	oddKeyed.skid = []byte("its own")
	oddLeaf := endEntity(oddKeyed)
	oddSerial := forge(spec{subject: dn("CN=Odd Serial"), serial: 77, ext: [][]byte{ca(true, -1), akidSerial(dn("CN=Odd Serial"), 78)}})
	oddSerialLeaf := forge(spec{subject: dn("CN=" + host), by: oddSerial, ext: [][]byte{san(host)}})
	nameless := forge(spec{subject: dn(""), auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	namelessLeaf := endEntity(nameless)
	return []scenario{
		{name: "rotated root", q: question(three, rotated), first: "ca-rotated", at: rotated},
		{name: "rotated root, right one known", q: question(three, rotated).known(h.root), first: "ca-rotated", at: rotated, issuer: h.root},
		{name: "rotated root, same key identifier", q: question(three, sameID), first: "ca-rotated", at: sameID},
		{name: "rotated root, right one sent", q: question(chainOf(h.leaf, h.inter, h.root), rotated), first: "ca-rotated",
			at: rotated, more: []string{"root-included"}, issuer: h.root},
		{name: "rotated root beside the right one", q: question(three, rotated, h.root), accepts: everybody},
		{name: "same key identifier beside the right one", q: question(three, sameID, h.root), accepts: "go",
			first: "ca-rotated", at: sameID},
		{name: "rotated, no key identifiers", q: question(chainOf(bareLeaf), bareAgain), first: "ca-rotated", at: bareAgain},
		{name: "issuer and subject encoded differently", q: question(chainOf(encodedLeaf), printable), first: "ca-name-encoding",
			at: printable, accepts: "openssl openssl-partial"},
		{name: "issuer and subject differ in spaces and case", q: question(chainOf(spacedLeaf), spaced), first: "ca-name-encoding",
			at: spaced, accepts: "openssl openssl-partial"},
		{name: "root's AKI is not its SKI", q: question(chainOf(oddLeaf), oddKeyed).known(oddRoot), first: "anchor-not-self-consistent",
			at: oddKeyed, accepts: "go openssl-partial", issuer: oddRoot},
		{name: "root's AKI serial is not its own", q: question(chainOf(oddSerialLeaf), oddSerial), first: "anchor-not-self-consistent",
			at: oddSerial, accepts: "go openssl-partial"},
		{name: "root without a name", q: question(chainOf(namelessLeaf), nameless), accepts: everybody},
	}
}

func orderScenarios() []scenario {
	h := newHierarchy()
	policy := intermediate("O=Acme,CN=Acme Policy CA", h.root)
	issuing := intermediate("O=Acme,CN=Acme Issuing CA 2", policy)
	deep := endEntity(issuing)
	a := forge(spec{subject: dn("CN=Loop A"), auto: true, ext: [][]byte{ca(true, -1)}})
	b := forge(spec{subject: dn("CN=Loop B"), by: a, auto: true, ext: [][]byte{ca(true, -1)}})
	aByB := forge(spec{subject: a.subject, key: a.key, skid: a.skid, by: b, auto: true, ext: [][]byte{ca(true, -1)}})
	loopLeaf := endEntity(aByB)
	return []scenario{
		{name: "out of order", q: question(chainOf(deep, policy, issuing), h.root), first: "chain-order", at: policy, accepts: everybody},
		{name: "unrelated certificate", q: question(chainOf(h.leaf, h.inter, h.other), h.root), first: "chain-extra", at: h.other, accepts: everybody},
		{name: "repeated intermediate", q: question(chainOf(h.leaf, h.inter, h.inter), h.root), first: "chain-extra", at: h.inter, accepts: everybody},
		{name: "leaf repeated", q: question(chainOf(h.leaf, h.leaf, h.inter), h.root), first: "chain-extra", at: h.leaf, accepts: everybody},
		{name: "root included", q: question(chainOf(h.leaf, h.inter, h.root), h.root), first: "root-included", at: h.root, accepts: everybody},
		{name: "CA first", q: question(chainOf(h.inter, h.leaf), h.root), first: "leaf-not-first", at: h.inter},
		{name: "root first", q: question(chainOf(h.root, h.inter, h.leaf), h.root), first: "leaf-not-first", at: h.root,
			more: []string{"root-included"}},
		{name: "loop", q: question(chainOf(loopLeaf, aByB, b), h.root), first: "root-unknown", at: b},
		{name: "loop, root trusted", q: question(chainOf(loopLeaf, aByB, b), a), accepts: everybody},
	}
}

func timeScenarios() []scenario {
	h := newHierarchy()
	three := chainOf(h.leaf, h.inter)
	old := noon.Add(-3 * year)
	expiredLeaf := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, from: old, until: noon.Add(-day), ext: [][]byte{san(host)}})
	futureLeaf := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, from: noon.Add(day), ext: [][]byte{san(host)}})
	expiredInter := forge(spec{subject: h.inter.subject, key: h.inter.key, skid: h.inter.skid, by: h.root, auto: true, from: old,
		until: noon.Add(-day), ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	futureInter := forge(spec{subject: h.inter.subject, key: h.inter.key, skid: h.inter.skid, by: h.root, auto: true,
		from: noon.Add(day), ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	expiredRoot := forge(spec{subject: h.root.subject, key: h.root.key, skid: h.root.skid, auto: true, from: old,
		until: noon.Add(-day), ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	lastSecond := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, until: noon, ext: [][]byte{san(host)}})
	firstSecond := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, from: noon, ext: [][]byte{san(host)}})
	later := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, until: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC), ext: [][]byte{san(host)}})
	return []scenario{
		{name: "leaf expired", q: question(chainOf(expiredLeaf, h.inter), h.root), first: "certificate-expired", at: expiredLeaf},
		{name: "leaf not yet valid", q: question(chainOf(futureLeaf, h.inter), h.root), first: "certificate-not-yet-valid", at: futureLeaf},
		{name: "intermediate expired", q: question(chainOf(h.leaf, expiredInter), h.root), first: "certificate-expired", at: expiredInter},
		{name: "intermediate not yet valid", q: question(chainOf(h.leaf, futureInter), h.root), first: "certificate-not-yet-valid", at: futureInter},
		{name: "root expired", q: question(three, expiredRoot), first: "certificate-expired", at: expiredRoot},
		{name: "root expired, good one too", q: question(three, expiredRoot, h.root), accepts: everybody},
		{name: "intermediate expired, good one too", q: question(chainOf(h.leaf, expiredInter, h.inter), h.root), accepts: everybody},
		{name: "last second", q: question(chainOf(lastSecond, h.inter), h.root), first: "certificate-expired", at: lastSecond, accepts: "go"},
		{name: "first second", q: question(chainOf(firstSecond, h.inter), h.root), accepts: everybody},
		{name: "after 2050", q: question(chainOf(later, h.inter), h.root), accepts: everybody},
		{name: "clock in the past", q: question(three, h.root).at(noon.Add(-5 * year)), first: "certificate-not-yet-valid", at: h.leaf,
			more: []string{"certificate-not-yet-valid", "certificate-not-yet-valid"}},
	}
}

func nameScenarios() []scenario {
	h := newHierarchy()
	leaf := func(cn string, names ...string) *forged {
		s := spec{subject: dn("CN=" + cn), by: h.inter, auto: true}
		if len(names) > 0 {
			s.ext = [][]byte{san(names...)}
		}
		return forge(s)
	}
	ask := func(l *forged, name string) Question { return question(chainOf(l, h.inter), h.root).named(name) }
	other := leaf("x", "other.example.test")
	cnOnly := leaf(host)
	cnWild := leaf("*.example.test")
	noNames := leaf("Mosquitto Broker")
	empty := forge(spec{subject: dn(""), by: h.inter, auto: true})
	deep := leaf("x", "*.example.test")
	partial := leaf("x", "b*.example.test")
	end := leaf("x", "*r.example.test")
	twoDots := leaf("x", "*.test")
	ip := leaf("x", "192.0.2.7", "2001:db8::1")
	ipInDNS := leaf("x", "dns:192.0.2.7")
	ipInCN := leaf("192.0.2.7")
	cnOther := leaf("other.example.test")
	cnWithIP := leaf(host, "192.0.2.7")
	upper := leaf("x", "BROKER.Example.TEST")
	local := leaf("x", "localhost", "127.0.0.1")
	v1 := forge(spec{subject: dn("CN=" + host), by: h.inter, version: 1})
	bmp := forge(spec{subject: dn("CN=bmp:" + host), by: h.inter, auto: true})
	twoCN := forge(spec{subject: dn("CN=x,CN=" + host), by: h.inter, auto: true})
	idn := leaf("x", "xn--*.example.test")
	under := leaf("x", "*.my_host.test")
	trailing := leaf("x", host+".")
	openssls := "openssl openssl-partial"
	return []scenario{
		{name: "another name", q: ask(other, host), first: "name-mismatch", at: other},
		{name: "localhost only", q: ask(local, host), first: "name-mismatch", at: local},
		{name: "common name only", q: ask(cnOnly, host), first: "name-only-in-common-name", at: cnOnly, accepts: openssls},
		{name: "wildcard in common name", q: ask(cnWild, host), first: "name-only-in-common-name", at: cnWild, accepts: openssls},
		{name: "common name as BMPString", q: ask(bmp, host), first: "name-only-in-common-name", at: bmp, accepts: openssls},
		{name: "second common name", q: ask(twoCN, host), first: "name-only-in-common-name", at: twoCN, accepts: openssls},
		{name: "common name beside an address", q: ask(cnWithIP, host), first: "name-only-in-common-name", at: cnWithIP, accepts: openssls},
		{name: "another common name", q: ask(cnOther, host), first: "name-mismatch", at: cnOther},
		{name: "no names", q: ask(noNames, host), first: "name-missing", at: noNames},
		{name: "empty subject, no names", q: ask(empty, host), first: "name-missing", at: empty},
		{name: "version 1", q: ask(v1, host), first: "name-only-in-common-name", at: v1, accepts: openssls, more: []string{"certificate-version"}},
		{name: "wildcard", q: ask(deep, host), accepts: everybody},
		{name: "wildcard, too deep", q: ask(deep, "a.b.example.test"), first: "wildcard-mismatch", at: deep},
		{name: "wildcard, apex", q: ask(deep, "example.test"), first: "wildcard-mismatch", at: deep},
		{name: "wildcard, another domain", q: ask(deep, "broker.example.com"), first: "name-mismatch", at: deep},
		{name: "wildcard, part of a label", q: ask(partial, host), first: "wildcard-mismatch", at: partial, accepts: openssls},
		{name: "wildcard, end of a label", q: ask(end, host), first: "wildcard-mismatch", at: end, accepts: openssls},
		{name: "wildcard, part of a label, no match", q: ask(partial, "mqtt.example.test"), first: "wildcard-mismatch", at: partial},
		{name: "wildcard over a top-level domain", q: ask(twoDots, "example.test"), first: "wildcard-mismatch", at: twoDots, accepts: "go"},
		{name: "wildcard in an A-label", q: ask(idn, "xn--abc.example.test"), first: "wildcard-mismatch", at: idn},
		{name: "underscore", q: ask(under, "a.my_host.test"), first: "wildcard-mismatch", at: under, accepts: "go"},
		{name: "upper case", q: ask(upper, host), accepts: everybody},
		{name: "trailing dot asked", q: ask(h.leaf, host+"."), first: "", accepts: "go"},
		{name: "trailing dot held", q: ask(trailing, host), first: "", accepts: ""},
		{name: "address", q: ask(ip, "192.0.2.7"), accepts: everybody},
		{name: "address, version 6", q: ask(ip, "2001:db8:0::1"), accepts: everybody},
		{name: "address, another", q: ask(ip, "192.0.2.8"), first: "ip-address-not-in-certificate", at: ip},
		{name: "address, names only", q: ask(h.leaf, "192.0.2.7"), first: "ip-address-not-in-certificate", at: h.leaf},
		{name: "address as dNSName", q: ask(ipInDNS, "192.0.2.7"), first: "ip-address-not-in-certificate", at: ipInDNS},
		{name: "address as common name", q: ask(ipInCN, "192.0.2.7"), first: "ip-address-not-in-certificate", at: ipInCN},
	}
}

func usageScenarios() []scenario {
	h := newHierarchy()
	leaf := func(by *forged, ext ...[]byte) *forged {
		return forge(spec{subject: dn("CN=" + host), by: by, auto: true, ext: append([][]byte{san(host)}, ext...)})
	}
	inter := func(ext ...[]byte) *forged {
		return forge(spec{subject: dn("O=Acme,CN=Acme Issuing CA U"), by: h.root, auto: true, ext: ext})
	}
	one := func(i *forged) (Question, *forged) {
		l := leaf(i)
		return question(chainOf(l, i), h.root), l
	}
	clientOnly := leaf(h.inter, eku(oidClientAuth))
	anyUse := leaf(h.inter, eku(anyExtendedKeyUse))
	sgc := leaf(h.inter, eku(oidNetscapeSGC))
	encipher := leaf(h.inter, ku(keyEncipherment))
	crlSign := leaf(h.inter, ku(2))
	serverOnly := leaf(h.inter, eku(oidServerAuth))
	clientInter := inter(ca(true, -1), ku(keyCertSign), eku(oidClientAuth))
	notCAInter := inter(ca(false, -1), ku(digitalSignature))
	notCANoUsage := inter(ca(false, -1))
	noBC := inter(ku(keyCertSign))
	noBCNoKU := inter()
	noSign := inter(ca(true, -1), ku(digitalSignature))
	v1Inter := forge(spec{subject: dn("O=Acme,CN=Acme Issuing CA V"), by: h.root, version: 1})
	v1Leaf := leaf(v1Inter)
	v1Root := forge(spec{subject: dn("CN=V1 Root"), version: 1})
	v1RootLeaf := leaf(v1Root)
	rootNotCA := forge(spec{subject: dn("CN=Root CA FALSE"), auto: true, ext: [][]byte{ca(false, -1)}})
	rootNoBC := forge(spec{subject: dn("CN=Root no BC"), auto: true})
	rootNoSign := forge(spec{subject: dn("CN=Root no sign"), auto: true, ext: [][]byte{ca(true, -1), ku(digitalSignature)}})
	rootKUOnly := forge(spec{subject: dn("CN=Root KU"), auto: true, ext: [][]byte{ku(keyCertSign)}})
	short := forge(spec{subject: dn("CN=Short CA"), by: h.root, auto: true, ext: [][]byte{ca(true, 0), ku(keyCertSign)}})
	below := forge(spec{subject: dn("CN=Below CA"), by: short, auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	shortRoot := forge(spec{subject: dn("CN=Short Root"), auto: true, ext: [][]byte{ca(true, 0), ku(keyCertSign)}})
	shortBelow := forge(spec{subject: dn("CN=Short Below"), by: shortRoot, auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	onShort, onBelow, onShortBelow := leaf(short), leaf(below), leaf(shortBelow)
	qClient, _ := one(clientInter)
	qNot, _ := one(notCAInter)
	qNotBare, _ := one(notCANoUsage)
	qNoBC, _ := one(noBC)
	qNoBCNoKU, _ := one(noBCNoKU)
	qNoSign, _ := one(noSign)
	under := func(r *forged) Question { return question(chainOf(leaf(r)), r) }
	return []scenario{
		{name: "leaf for clients only", q: question(chainOf(clientOnly, h.inter), h.root), first: "extended-key-usage", at: clientOnly},
		{name: "leaf for servers only, asked as client", q: question(chainOf(serverOnly, h.inter), h.root).named("").purpose(ClientAuth),
			first: "extended-key-usage", at: serverOnly},
		{name: "leaf for clients, asked as client", q: question(chainOf(clientOnly, h.inter), h.root).named("").purpose(ClientAuth), accepts: everybody},
		{name: "leaf for any use", q: question(chainOf(anyUse, h.inter), h.root), first: "extended-key-usage", at: anyUse, accepts: "go"},
		{name: "leaf for server gated crypto", q: question(chainOf(sgc, h.inter), h.root), first: "extended-key-usage", at: sgc,
			accepts: "openssl openssl-partial"},
		{name: "leaf enciphers only", q: question(chainOf(encipher, h.inter), h.root), accepts: everybody},
		{name: "leaf signs CRLs only", q: question(chainOf(crlSign, h.inter), h.root), first: "key-usage", at: crlSign, accepts: "go"},
		{name: "intermediate for clients only", q: qClient, first: "extended-key-usage", at: clientInter},
		{name: "issuer is no CA", q: qNot, first: "issuer-not-ca", at: notCAInter},
		{name: "issuer is no CA, without key usage", q: qNotBare, first: "issuer-not-ca", at: notCANoUsage},
		{name: "issuer without basicConstraints", q: qNoBC, first: "issuer-not-ca", at: noBC},
		{name: "issuer without basicConstraints and keyUsage", q: qNoBCNoKU, first: "issuer-not-ca", at: noBCNoKU},
		{name: "issuer may not sign", q: qNoSign, first: "issuer-cannot-sign", at: noSign},
		{name: "issuer of version 1", q: question(chainOf(v1Leaf, v1Inter), h.root), first: "certificate-version", at: v1Inter},
		{name: "root of version 1", q: question(chainOf(v1RootLeaf), v1Root), accepts: everybody},
		{name: "root is no CA", q: under(rootNotCA), first: "issuer-not-ca", at: rootNotCA},
		{name: "root without basicConstraints", q: under(rootNoBC), first: "issuer-not-ca", at: rootNoBC},
		{name: "root may not sign", q: under(rootNoSign), first: "issuer-cannot-sign", at: rootNoSign},
		{name: "root with keyUsage only", q: under(rootKUOnly), first: "issuer-not-ca", at: rootKUOnly, accepts: "openssl openssl-partial"},
		{name: "path length kept", q: question(chainOf(onShort, short), h.root), accepts: everybody},
		{name: "path length exceeded", q: question(chainOf(onBelow, below, short), h.root), first: "path-length-exceeded", at: short},
		{name: "root's path length exceeded", q: question(chainOf(onShortBelow, shortBelow), shortRoot), first: "path-length-exceeded", at: shortRoot},
	}
}

func constraintScenarios() []scenario {
	h := newHierarchy()
	inter := func(permitted, excluded []string) *forged {
		return intermediate("O=Acme,CN=Acme Issuing CA N", h.root, constraintsExt(permitted, excluded))
	}
	leaf := func(by *forged, subject string, names ...string) *forged {
		s := spec{subject: dn(subject), by: by, auto: true}
		if len(names) > 0 {
			s.ext = [][]byte{san(names...)}
		}
		return forge(s)
	}
	one := func(name string, i *forged, subject string, names []string, first string, accepts string) scenario {
		l := leaf(i, subject, names...)
		s := scenario{name: "constraint: " + name, q: question(chainOf(l, i), h.root), first: first, accepts: accepts}
		if first != "" {
			s.at = l
		}
		return s
	}
	in := func(s ...string) []string { return s }
	dirInter := inter(in("dir:O=Acme"), nil)
	dirLeaf := leaf(dirInter, "O=acme,CN=x", host)
	subject := "CN=" + host
	nc := "name-constraint"
	openssls := "openssl openssl-partial"
	return []scenario{
		one("permitted", inter(in("example.test"), nil), subject, in(host), "", everybody),
		one("permitted, leading dot", inter(in(".example.test"), nil), subject, in(host), "", everybody),
		one("not permitted", inter(in("example.com"), nil), subject, in(host), nc, ""),
		one("excluded", inter(nil, in("example.test")), subject, in(host), nc, ""),
		one("excluded elsewhere", inter(nil, in("example.com")), subject, in(host), "", everybody),
		one("one name of two", inter(in("example.test"), nil), subject, in(host, "other.test"), nc, ""),
		one("address permitted", inter(in("10.0.0.0/8"), nil), subject, in(host, "10.1.2.3"), "", everybody),
		one("address not permitted", inter(in("10.0.0.0/8"), nil), subject, in(host, "11.1.2.3"), nc, ""),
		one("mail", inter(in("mail:example.test"), nil), subject, in(host, "mail:a@example.test"), "", everybody),
		one("mail not permitted", inter(in("mail:example.test"), nil), subject, in(host, "mail:a@example.com"), nc, ""),
		one("uri not permitted", inter(in("uri:example.test"), nil), subject, in(host, "uri:http://example.com/x"), nc, ""),
		one("directory name", inter(in("dir:O=Acme"), nil), "O=Zebra,CN=x", in(host), "", ""),
		{name: "constraint: directory name, which Go cannot read", q: question(chainOf(dirLeaf, dirInter), h.root),
			first: "critical-extension-unknown", at: dirInter, accepts: openssls},
		one("common name not permitted", inter(in("example.com"), nil), subject, nil, "name-only-in-common-name", ""),
		one("common name permitted", inter(in("example.test"), nil), subject, nil, "name-only-in-common-name", openssls),
		one("mail in subject", inter(in("mail:example.test"), nil), "E=ia5:a@example.com,CN=x", in(host), nc, "go"),
		one("mail in subject as UTF8String", inter(in("mail:example.test"), nil), "E=a@example.test,CN=x", in(host), "certificate-malformed", "go"),
	}
}

func algorithmScenarios() []scenario {
	h := newHierarchy()
	big, small := rsaKeys()[2048], rsaKeys()[1024]
	rsaRoot := forge(spec{subject: dn("CN=RSA Root"), key: big, auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	signed := func(how string) *forged {
		return forge(spec{subject: dn("CN=" + host), by: rsaRoot, auto: true, sign: how, ext: [][]byte{san(host)}})
	}
	ask := func(l *forged) Question { return question(chainOf(l), rsaRoot) }
	sha1, md5, sha224, pss, pssOdd, mismatch := signed("sha1"), signed("md5"), signed("sha224"), signed("pss"), signed("pss-odd"), signed("mismatch")
	weakLeaf := forge(spec{subject: dn("CN=" + host), by: rsaRoot, key: small, auto: true, ext: [][]byte{san(host)}})
	weakRoot := forge(spec{subject: dn("CN=Weak Root"), key: small, auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	weakRootLeaf := endEntity(weakRoot)
	sha1Root := forge(spec{subject: dn("CN=SHA1 Root"), key: big, sign: "sha1", auto: true, ext: [][]byte{ca(true, -1)}})
	sha1RootLeaf := endEntity(sha1Root)
	corruptLeaf := forge(spec{subject: dn("CN=" + host), by: h.inter, auto: true, corrupt: true, ext: [][]byte{san(host)}})
	corruptRSA := forge(spec{subject: dn("CN=" + host), by: rsaRoot, auto: true, corrupt: true, ext: [][]byte{san(host)}})
	corruptInter := forge(spec{subject: h.inter.subject, key: h.inter.key, skid: h.inter.skid, by: h.root, auto: true, corrupt: true,
		ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	sha1Inter := forge(spec{subject: dn("CN=SHA1 Issuing CA"), by: rsaRoot, sign: "sha1", auto: true, ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	sha1InterLeaf := endEntity(sha1Inter)
	openssls := "openssl openssl-partial"
	return []scenario{
		{name: "RSA", q: ask(signed("")), accepts: everybody},
		{name: "RSA-PSS", q: ask(pss), accepts: everybody},
		{name: "RSA-PSS with an odd salt", q: ask(pssOdd), first: "signature-algorithm-unsupported", at: pssOdd, accepts: openssls},
		{name: "SHA-224", q: ask(sha224), first: "signature-algorithm-unsupported", at: sha224, accepts: openssls},
		{name: "SHA-1", q: ask(sha1), first: "signature-algorithm-weak", at: sha1},
		{name: "MD5", q: ask(md5), first: "signature-algorithm-weak", at: md5},
		{name: "SHA-1 on the intermediate", q: question(chainOf(sha1InterLeaf, sha1Inter), rsaRoot), first: "signature-algorithm-weak", at: sha1Inter},
		{name: "SHA-1 on the root", q: question(chainOf(sha1RootLeaf), sha1Root), accepts: everybody},
		{name: "algorithms differ", q: ask(mismatch), first: "certificate-malformed", at: mismatch},
		{name: "RSA 1024", q: ask(weakLeaf), first: "key-too-weak", at: weakLeaf, accepts: "go"},
		{name: "root of RSA 1024", q: question(chainOf(weakRootLeaf), weakRoot), first: "key-too-weak", at: weakRoot, accepts: "go"},
		{name: "leaf altered", q: question(chainOf(corruptLeaf, h.inter), h.root), first: "signature-invalid", at: corruptLeaf},
		{name: "leaf altered, RSA, under the root", q: ask(corruptRSA), first: "signature-invalid", at: corruptRSA},
		{name: "intermediate altered", q: question(chainOf(h.leaf, corruptInter), h.root), first: "signature-invalid", at: corruptInter},
	}
}
