package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"

	"crypto/x509/pkix"

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
	shelf := r.shelf()
	var out []evidence.Certificate
	var queue []identity
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
			out = append(out, evidence.Certificate{Source: e.source, DER: e.der})
			queue = append(queue, e.identity)
		}
	}
	return out
}

// identity is what ties a certificate to its issuer and to other certificates of the same authority.
type identity struct {
	subject, issuer string // canonical
	subjectKeyID    string
	authorityKeyID  string
	key             string // SubjectPublicKeyInfo
}

// identify reads DER, also of a certificate that Go refuses to parse.
func identify(der []byte) (identity, bool) {
	outline, ok := outlineOf(der)
	if !ok {
		return identity{}, false
	}
	id := identity{subject: canonicalName(outline.subject), issuer: canonicalName(outline.issuer), key: string(outline.publicKey)}
	if c, err := x509.ParseCertificate(der); err == nil {
		id.subjectKeyID, id.authorityKeyID = string(c.SubjectKeyId), string(c.AuthorityKeyId)
	}
	return id, true
}

// shelf is the roots of all sources, found by name and key. Each is handed out once.
type shelf struct {
	entries                   []shelfEntry
	taken                     []bool
	bySubject, byKeyID, byKey map[string][]int
}

type shelfEntry struct {
	identity
	source evidence.Source
	der    []byte
}

func (r *Roots) shelf() *shelf {
	s := &shelf{bySubject: map[string][]int{}, byKeyID: map[string][]int{}, byKey: map[string][]int{}}
	seen := map[string]bool{}
	for _, part := range []struct {
		source evidence.Source
		roots  []Root
	}{{evidence.System, r.System}, {evidence.Mozilla, r.Mozilla}, {evidence.BuiltIn, r.BuiltIn}} {
		for _, root := range part.roots {
			sum := sha256.Sum256(root.Certificate.Raw)
			if key := string(part.source) + string(sum[:]); !seen[key] {
				seen[key] = true
				s.add(part.source, root.Certificate)
			}
		}
	}
	s.taken = make([]bool, len(s.entries))
	return s
}

func (s *shelf) add(source evidence.Source, c *x509.Certificate) {
	e := shelfEntry{source: source, der: c.Raw, identity: identity{
		subject: canonicalName(c.RawSubject), issuer: canonicalName(c.RawIssuer),
		subjectKeyID: string(c.SubjectKeyId), authorityKeyID: string(c.AuthorityKeyId), key: string(c.RawSubjectPublicKeyInfo),
	}}
	n := len(s.entries)
	s.entries = append(s.entries, e)
	s.bySubject[e.subject] = append(s.bySubject[e.subject], n)
	s.byKey[e.key] = append(s.byKey[e.key], n)
	if e.subjectKeyID != "" {
		s.byKeyID[e.subjectKeyID] = append(s.byKeyID[e.subjectKeyID], n)
	}
}

// related takes from the shelf the possible issuers of id and the certificates of the same authority.
func (s *shelf) related(id identity) []int {
	var out []int
	take := func(found []int) {
		for _, n := range found {
			if !s.taken[n] {
				s.taken[n] = true
				out = append(out, n)
			}
		}
	}
	take(s.bySubject[id.issuer])
	if id.authorityKeyID != "" {
		take(s.byKeyID[id.authorityKeyID])
	}
	if id.subjectKeyID != "" {
		take(s.byKeyID[id.subjectKeyID])
	}
	take(s.byKey[id.key])
	return out
}

// canonicalName makes names comparable as RFC 5280 §7.1 asks: string types, case and runs of spaces do not count. A
// name that cannot be read stands for itself.
func canonicalName(der []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return "raw:" + string(der)
	}
	var b strings.Builder
	for _, rdn := range rdns {
		b.WriteByte('/')
		for _, a := range rdn {
			value := strings.ToLower(strings.Join(strings.Fields(fmt.Sprint(a.Value)), " "))
			fmt.Fprintf(&b, "%s=%q,", a.Type, value)
		}
	}
	return b.String()
}
