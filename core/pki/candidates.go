package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"maps"
	"slices"

	"mutual/core/evidence"
)

// maxAsked bounds how many certificates Candidates looks at: a Certificate message of 64 KiB holds fewer real ones.
const maxAsked = 256

// Candidates returns the system, Mozilla and built-in certificates that issued (by name or key identifier) one of the
// certificates given, and what issued those in turn: the material of evidence.Trust.Candidates. Certificates for the
// same authority (same name, same key or key identifier) as one of them are there too: cross-certificates, and the
// self-signed twin of a cross-certificate. Names are compared as RFC 5280 §7.1 does, so that one whose encoding differs
// is still found. A certificate is there once for each source.
func (r *Roots) Candidates(of []evidence.Certificate) []evidence.Certificate {
	if r == nil {
		return nil
	}
	shelf := r.arranged()
	taken := make([]bool, len(shelf.entries))
	var out []evidence.Certificate
	var queue []identity
	sent := sentOf(of)
	for i, c := range of {
		if id, ok := identify(c.DER); ok && i < maxAsked {
			queue = append(queue, id)
		}
	}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		for _, n := range shelf.related(id) {
			e := shelf.entries[n]
			if taken[n] || e.root.Certificate() == nil {
				continue
			}
			taken[n] = true
			out = append(out, evidence.Certificate{Source: e.source, DER: e.root.DER, Distrusts: e.root.distrusts(sent)})
			queue = append(queue, e.identity)
		}
	}
	return out
}

// sentOf are those of a server's message, as Go reads them, by their positions.
func sentOf(all []evidence.Certificate) map[int]*x509.Certificate {
	sent := map[int]*x509.Certificate{}
	for i, c := range all {
		if c.Source != evidence.Sent || i >= maxAsked {
			continue
		}
		if x, err := x509.ParseCertificate(c.DER); err == nil {
			sent[c.Position] = x
		}
	}
	return sent
}

// distrusts says which certificates of a server's message the root program does not let stand below r any more. Each is
// asked about alone: the programs' conditions are about single certificates (the date of issue).
func (r Root) distrusts(sent map[int]*x509.Certificate) (all []evidence.Distrust) {
	if r.Constraint == nil {
		return nil
	}
	for _, position := range slices.Sorted(maps.Keys(sent)) {
		if err := r.Constraint([]*x509.Certificate{sent[position]}); err != nil {
			all = append(all, evidence.Distrust{Position: position, Reason: err.Error()})
		}
	}
	return all
}

// arranged is r on its shelf. Calls at the same time wait for the first.
func (r *Roots) arranged() *shelf {
	r.shelve.Do(func() { r.shelf = newShelf(r.bySource()) })
	return r.shelf
}

// identity is what ties a certificate to its issuer and to other certificates of the same authority.
type identity struct {
	subject, issuer string // canonical
	subjectKeyID    string
	authorityKeyID  string
	key             string // SubjectPublicKeyInfo
}

// identify reads DER, also of a certificate that Go refuses to parse: then its key identifiers do not count.
func identify(der []byte) (identity, bool) {
	id, ok := glance(der)
	if _, err := x509.ParseCertificate(der); err != nil {
		id.subjectKeyID, id.authorityKeyID = "", ""
	}
	return id, ok
}

// glance is identify for a certificate that Go can parse, without the cost of it.
func glance(der []byte) (identity, bool) {
	outline, ok := outlineOf(der)
	if !ok {
		return identity{}, false
	}
	id := identity{subject: canonicalName(outline.subject), issuer: canonicalName(outline.issuer), key: string(outline.publicKey)}
	id.subjectKeyID, id.authorityKeyID = outline.keyIDs()
	return id, true
}

// shelf is the roots of all sources, found by name and key.
type shelf struct {
	entries                   []shelfEntry
	bySubject, byKeyID, byKey map[string][]int
}

type shelfEntry struct {
	identity
	source evidence.Source
	root   Root
}

func newShelf(sources []rootSource) *shelf {
	s := &shelf{bySubject: map[string][]int{}, byKeyID: map[string][]int{}, byKey: map[string][]int{}}
	type place struct {
		source evidence.Source
		entry  int
	}
	known := map[[sha256.Size]byte]place{} // most roots stand in more than one source: each is read once
	for _, from := range sources {
		for _, root := range from.roots {
			sum := sha256.Sum256(root.DER)
			before, again := known[sum]
			if again && before.source == from.source {
				continue
			}
			var id identity
			if again {
				id = s.entries[before.entry].identity
			} else {
				var ok bool
				if id, ok = glance(root.DER); !ok {
					continue
				}
			}
			known[sum] = place{from.source, len(s.entries)}
			s.add(shelfEntry{id, from.source, root})
		}
	}
	return s
}

func (s *shelf) add(e shelfEntry) {
	n := len(s.entries)
	s.entries = append(s.entries, e)
	s.bySubject[e.subject] = append(s.bySubject[e.subject], n)
	s.byKey[e.key] = append(s.byKey[e.key], n)
	if e.subjectKeyID != "" {
		s.byKeyID[e.subjectKeyID] = append(s.byKeyID[e.subjectKeyID], n)
	}
}

// related finds the possible issuers of id and the certificates of the same authority; one may be there more than once.
func (s *shelf) related(id identity) []int {
	found := slices.Clone(s.bySubject[id.issuer])
	for _, keyID := range []string{id.authorityKeyID, id.subjectKeyID} {
		if keyID != "" {
			found = append(found, s.byKeyID[keyID]...)
		}
	}
	return append(found, s.byKey[id.key]...)
}
