package chain

import (
	"slices"
	"strings"
	"unicode"

	"mutual/core/evidence"
)

// gap says why a path that cannot be continued from top reaches no trust anchor. What is known for certain goes
// before what is only likely.
func (w *world) gap(top *member) []objection {
	v := top.v
	o := objection{at: top, name: v.issuer.String(), keyID: v.authorityKeyID()}
	if top == w.leaf && top.anchor && !w.selfSigned(top) {
		o.id, o.issuer = "ca-file-holds-leaf", w.find(top, func(*member) bool { return true })
		return []objection{o}
	}
	if m := w.passedOver(top); m != nil {
		o.id, o.at, o.detail = "certificate-malformed", m, m.Error
		return []objection{o}
	}
	if other := w.rotated(top); other != nil {
		if w.altered(top, other.at) {
			o.id, o.issuer = "signature-invalid", other.at
			return []objection{o}
		}
		return []objection{*other}
	}
	if w.selfSigned(top) {
		o.id, o.issuer = "root-sent-untrusted", top
		if top == w.leaf {
			o.id = "self-signed-leaf"
		}
		return []objection{o}
	}
	if issuer := w.misnamedIssuer(top); issuer != nil {
		o.id, o.issuer, o.detail = "certificate-malformed", issuer, IssuerIDContradicts
		return []objection{o}
	}
	if known := w.knownIssuer(top); known != nil {
		o.issuer = known
		if w.selfSigned(known) {
			o.id = "root-unknown"
			return []objection{o}
		}
		o.id = "intermediate-missing"
		return append([]objection{o}, w.beyond(known)...)
	}
	o.id = "root-unknown"
	if w.intermediateLikely(top) {
		o.id = "intermediate-missing"
	}
	return []objection{o}
}

// passedOver finds the user's own trust anchor that would close the gap above child, but that Go cannot parse, or the sent
// issuer whose key nobody can read: what reports a gap did not take it either. nil where another one signed child.
func (w *world) passedOver(child *member) *member {
	var found *member
	for _, m := range w.issuers(child) {
		keyless := m.presented && !m.v.key.valid
		if m == child || !keyless && (!m.ownAnchor() || w.signature(child, m) == signatureBad) {
			continue
		}
		if m.X != nil {
			return nil
		}
		found = m
	}
	return found
}

// IssuerIDContradicts is the detail of a certificate-malformed whose authority key identifier is not that of the
// certificate that signed it, which is at hand (RFC 5280 §4.2.1.1). Verifiers that choose issuers by the identifier find
// none then (OpenSSL's check_issued, GnuTLS, Java); those that go by names and signatures do.
const IssuerIDContradicts = "the authority key identifier is not that of the issuer"

// misnamedIssuer finds the sent or trusted certificate that signed child though child's authority key identifier
// contradicts it; nil when there is none, or one that nothing contradicts.
func (w *world) misnamedIssuer(child *member) *member {
	var found *member
	for _, m := range w.issuers(child) {
		if m == child || !m.anchor && !m.presented || w.signature(child, m) != signatureGood {
			continue
		}
		if child.v.authority.matches(m.v, m.v.usage) {
			return nil
		}
		found = m
	}
	return found
}

// gapAlong is gap for a verifier that puts certificates in order by names and only then compares identifiers: what
// contradicts may lie below the end of its path.
func (w *world) gapAlong(path []*member) objection {
	for _, m := range path {
		if issuer := w.misnamedIssuer(m); issuer != nil {
			return objection{
				id: "certificate-malformed", at: m, issuer: issuer, name: m.v.issuer.String(), keyID: m.v.authorityKeyID(), detail: IssuerIDContradicts,
			}
		}
	}
	return w.gap(path[len(path)-1])[0]
}

func (v *view) authorityKeyID() []byte {
	if v.authority.hasKeyID {
		return v.authority.keyID
	}
	return nil
}

// rotated finds a trust anchor that has the right name but not the key that signed child.
func (w *world) rotated(child *member) *objection {
	var anchor, right *member
	for _, m := range w.issuers(child) {
		switch {
		case m.ownAnchor() && m != child && w.signature(child, m) == signatureBad:
			if anchor == nil {
				anchor = m
			}
		case w.signature(child, m) == signatureGood && (m != child || w.selfSigned(m)):
			right = m
		}
	}
	if anchor == nil {
		return nil
	}
	return &objection{
		id: "ca-rotated", at: anchor, issuer: right, name: child.v.issuer.String(), keyID: child.v.authorityKeyID(),
	}
}

// altered decides whether a signature that does not verify was made by that issuer, so that the certificate was
// changed afterwards, or whether another key of the same name made it.
func (w *world) altered(child, issuer *member) bool {
	a := child.v.authority
	if w.find(child, func(m *member) bool { return m != issuer }) != nil || !a.matches(issuer.v, issuer.v.usage) {
		return false
	}
	if !algorithmFits(issuer.v.key, child.v.signatureAlgorithm) {
		return false
	}
	if issuer.v.key.kind == rsaKey && looksSigned(issuer.v.key, child.v.signature) {
		return true
	}
	if a.hasKeyID && issuer.v.key.identifies(a.keyID) {
		return true
	}
	// Nothing ties the two together but names: an authority that was made anew is the commoner case, and only one in
	// the user's own file can have been kept from before.
	return !issuer.ownAnchor()
}

// ownAnchor reports a trust anchor that the user chose, as against one of the public stores.
func (m *member) ownAnchor() bool {
	switch m.trusted.Source {
	case evidence.System, evidence.Mozilla, evidence.BuiltIn:
		return false
	}
	return m.anchor
}

// knownIssuer finds the certificate that signed child among those that are neither sent nor trusted. One from which a
// trust anchor can be reached goes before others, and a root before a cross-certificate.
func (w *world) knownIssuer(child *member) *member {
	var best *member
	score := -1
	for _, m := range w.issuers(child) {
		if m == child || m.anchor || m.presented || w.signature(child, m) != signatureGood {
			continue
		}
		s := 0
		switch {
		case w.reachesAnchor(m, nil):
			s = 2
		case w.selfSigned(m):
			s = 1
		}
		if s > score {
			best, score = m, s
		}
	}
	return best
}

// maxBeyond bounds how far a path is followed through certificates that are publicly known but not here.
const maxBeyond = 6

func (w *world) reachesAnchor(m *member, seen []*member) bool {
	if len(seen) > maxBeyond || slices.Contains(seen, m) || w.selfSigned(m) {
		return false
	}
	for _, up := range w.issuers(m) {
		if up != m && w.signature(m, up) == signatureGood && (up.anchor || w.reachesAnchor(up, append(seen, m))) {
			return true
		}
	}
	return false
}

// beyond says what else is missing above a missing intermediate.
func (w *world) beyond(m *member) []objection {
	if w.reachesAnchor(m, nil) {
		return nil
	}
	for range maxBeyond {
		o := objection{id: "root-unknown", at: m, name: m.v.issuer.String(), keyID: m.v.authorityKeyID()}
		up := w.find(m, func(*member) bool { return true })
		if up == nil || w.selfSigned(up) {
			o.issuer = up
			return []objection{o}
		}
		m = up
	}
	return nil
}

// intermediateLikely weighs what child itself says about an issuer that nobody knows: is it a root, or something
// between child and a root?
func (w *world) intermediateLikely(child *member) bool {
	v := child.v
	// authorityCertIssuer names the issuer's issuer: proof either way.
	if a := v.authority.issuer; a != nil {
		return !a.same(v.issuer)
	}
	if w.reachesFromAbove(child) {
		return true
	}
	issuer := words(v.issuer)
	if issuer["root"] {
		return false
	}
	for _, sign := range intermediateWords {
		if issuer[sign] {
			return true
		}
	}
	// An end-entity certificate says where its issuer's certificate can be fetched when people will not have it.
	if !v.ca && len(v.caIssuers) > 0 {
		return true
	}
	below := 1
	if v.ca {
		below = 2
	}
	for _, anchor := range w.anchors {
		if anchor.v == nil || anchor.v.pathLength >= 0 && anchor.v.pathLength < below {
			continue
		}
		for word := range words(anchor.v.subject) {
			if issuer[word] && !commonWords[word] {
				return true
			}
		}
		// A server that sends nothing but its own certificate, issued by the organization that runs the trusted
		// authority: the likeliest gap is between the two.
		if !v.ca && sameOrganization(v.issuer, anchor.v.subject) {
			return true
		}
	}
	return false
}

// reachesFromAbove says that the server sends an authority which leads to an anchor of the user's own, though not to
// child: the gap lies between the two.
func (w *world) reachesFromAbove(child *member) bool {
	for _, c := range w.q.Sent {
		m := w.byHash[c.SHA256]
		if m == nil || m == child || m == w.leaf || m.v == nil || !m.v.ca || slices.Contains(w.issuers(m), child) {
			continue
		}
		if m.ownAnchor() || w.reachesOwnAnchor(m) {
			return true
		}
	}
	return false
}

func (w *world) reachesOwnAnchor(m *member) bool {
	return slices.ContainsFunc(w.issuers(m), func(up *member) bool {
		return up != m && up.ownAnchor() && w.signature(m, up) == signatureGood
	})
}

// intermediateWords stand in the names of authorities that are not roots.
var intermediateWords = []string{
	"intermediate", "inter", "int", "ica", "issuing", "issuer", "subordinate", "sub", "subca", "policy", "middle", "signing",
}

// sameOrganization reports that two names have the same organizations, and at least one.
func sameOrganization(a, b name) bool {
	return slices.EqualFunc(a.values(oidOrganization), b.values(oidOrganization), func(x, y attribute) bool {
		s, _ := x.text()
		t, _ := y.text()
		return strings.EqualFold(s, t)
	}) && len(a.values(oidOrganization)) > 0
}

// commonWords stand in the names of authorities that have nothing to do with each other.
var commonWords = map[string]bool{
	"ca": true, "root": true, "authority": true, "certificate": true, "certification": true, "test": true, "demo": true,
	"example": true, "the": true, "inc": true, "llc": true, "ltd": true, "gmbh": true, "org": true, "organization": true,
	"company": true, "cert": true, "tls": true, "ssl": true, "rsa": true, "ecc": true, "ecdsa": true, "server": true,
	"client": true, "local": true, "localhost": true, "my": true, "mqtt": true, "broker": true, "mosquitto": true,
	"emqx": true, "internal": true, "private": true, "trust": true, "global": true, "and": true, "of": true, "for": true,
}

// words are the words of a name's organization and common names, in lower case, those of one letter and numbers left
// out.
func words(n name) map[string]bool {
	found := map[string]bool{}
	for _, oid := range []string{oidOrganization, oidCommonName} {
		for _, a := range n.values(oid) {
			text, _ := a.text()
			for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if len(w) > 1 {
					found[w] = true
				}
			}
		}
	}
	return found
}
