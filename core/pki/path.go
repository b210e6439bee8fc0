package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"

	"mutual/core/evidence"
)

// Path is an end-entity certificate with what issued it, in turn, as far as that is to be had. It says what belongs
// together by name and signature; whether a client accepts it is chain's to say.
type Path struct {
	Certificates []PathCertificate // end-entity certificate first; the root last, where it was found
	Left         []int             // certificates of the inventory that are not on the path, each once
}

// PathCertificate is one of them. Source is empty for one that stands in the files.
type PathCertificate struct {
	*x509.Certificate
	Source evidence.Source
}

// Root is the self-signed certificate at the end of the path; nil: it was not found.
func (p Path) Root() *PathCertificate {
	if n := len(p.Certificates); n > 0 && selfSigned(p.Certificates[n-1].Certificate) {
		return &p.Certificates[n-1]
	}
	return nil
}

// Chain is what stands between the end-entity certificate and the root.
func (p Path) Chain() []PathCertificate {
	if len(p.Certificates) == 0 {
		return nil
	}
	out := p.Certificates[1:]
	if p.Root() != nil && len(out) > 0 {
		out = out[:len(out)-1]
	}
	return out
}

// Missing says which certificate would continue a path that ends without a root: its name, and its key identifier where
// that is known. It is empty when nothing is missing.
func (p Path) Missing() string {
	if p.Root() != nil || len(p.Certificates) == 0 {
		return ""
	}
	last := p.Certificates[len(p.Certificates)-1].Certificate
	text := CommonName(&x509.Certificate{Subject: last.Issuer})
	if len(last.AuthorityKeyId) > 0 {
		text += " with the key identifier " + hex.EncodeToString(last.AuthorityKeyId)
	}
	return text
}

// selfSigned says whether c's own key signed it: of two certificates of one name, only the root is.
func selfSigned(c *x509.Certificate) bool { return selfIssued(c) && issued(c, c) }

// EndEntities lists the certificates that issued no other here and are no authority's; without one of these, those that
// issued no other. A certificate whose key is here comes first.
func (inv *Inventory) EndEntities() []int {
	var leaves, ends []*Node
	var walk func([]*Node)
	walk = func(nodes []*Node) {
		for _, n := range nodes {
			walk(n.Issued)
			c := inv.Items[n.Item].Certificate
			if len(n.Issued) > 0 || c == nil {
				continue
			}
			ends = append(ends, n)
			if !(c.BasicConstraintsValid && c.IsCA) {
				leaves = append(leaves, n)
			}
		}
	}
	walk(inv.Trees)
	if len(leaves) == 0 {
		leaves = ends
	}
	slices.SortStableFunc(leaves, func(a, b *Node) int {
		if x, y := len(a.Keys) > 0, len(b.Keys) > 0; x != y {
			if x {
				return -1
			}
			return 1
		}
		return a.Item - b.Item
	})
	var out []int
	for _, n := range leaves {
		out = append(out, n.Item)
	}
	return out
}

// maxPathLength bounds a path; real ones have up to five certificates.
const maxPathLength = 16

// Path puts the certificate of item and its issuers in order. Certificates of the files go first, because a file holds
// what its authority means to be sent: of two for the same issuer the root, else the one that is valid longest. What the
// files lack comes from roots, self-signed certificates before others; nil: from nowhere.
func (inv *Inventory) Path(item int, roots *Roots) Path {
	var given []*x509.Certificate
	for _, i := range inv.Items {
		if i.Certificate != nil {
			given = append(given, i.Certificate)
		}
	}
	leaf := inv.Items[item].Certificate
	if leaf == nil {
		return Path{}
	}
	p := Path{Certificates: []PathCertificate{{Certificate: leaf}}}
	for last := leaf; len(p.Certificates) < maxPathLength && !selfSigned(last); {
		next, ok := p.next(last, given, roots)
		if !ok {
			break
		}
		p.Certificates = append(p.Certificates, next)
		last = next.Certificate
	}
	p.Left = inv.notOn(p)
	return p
}

// next finds the issuer of last.
func (p Path) next(last *x509.Certificate, given []*x509.Certificate, roots *Roots) (PathCertificate, bool) {
	var found *x509.Certificate
	for _, c := range given {
		if bytes.Equal(c.RawSubject, last.RawIssuer) && keyIdentifiersAgree(last.AuthorityKeyId, c.SubjectKeyId) && !p.has(c) && better(c, found) && issued(c, last) {
			found = c
		}
	}
	if found != nil {
		return PathCertificate{Certificate: found}, true
	}
	return p.fromRoots(last, roots)
}

// better says whether c is to be preferred to the one that was found before.
func better(c, before *x509.Certificate) bool {
	if before == nil {
		return true
	}
	if a, b := selfIssued(c), selfIssued(before); a != b {
		return a
	}
	return c.NotAfter.After(before.NotAfter)
}

// fromRoots looks among the system's, Mozilla's and the built-in certificates. A root that no program trusts yet is no
// use at the end of a path, so of the built-in ones a cross-certificate comes before the root for the same key, which
// stands in none of the others.
func (p Path) fromRoots(last *x509.Certificate, roots *Roots) (PathCertificate, bool) {
	if roots == nil {
		return PathCertificate{}, false
	}
	for _, part := range []struct {
		source evidence.Source
		roots  []Root
	}{{evidence.Mozilla, roots.Mozilla()}, {evidence.System, roots.System()}, {evidence.BuiltIn, roots.BuiltIn()}} {
		var found *x509.Certificate
		for _, r := range part.roots {
			c := r.Certificate()
			if c == nil || !bytes.Equal(c.RawSubject, last.RawIssuer) || p.has(c) || !issued(c, last) {
				continue
			}
			prefer := better(c, found)
			if found != nil && part.source == evidence.BuiltIn && selfIssued(c) != selfIssued(found) {
				prefer = !selfIssued(c)
			}
			if prefer {
				found = c
			}
		}
		if found != nil {
			return PathCertificate{Certificate: found, Source: part.source}, true
		}
	}
	return PathCertificate{}, false
}

func (p Path) has(c *x509.Certificate) bool {
	return slices.ContainsFunc(p.Certificates, func(x PathCertificate) bool { return x.Equal(c) })
}

// notOn lists the certificates of the inventory that p does without.
func (inv *Inventory) notOn(p Path) []int {
	var out []int
	seen := map[string]bool{}
	for n, i := range inv.Items {
		der := string(i.Block.Certificate)
		if der == "" || seen[der] {
			continue
		}
		seen[der] = true
		if i.Certificate == nil || !p.has(i.Certificate) {
			out = append(out, n)
		}
	}
	return out
}

// Describe is p in a line: "broker.example, YR1, Root YR, ISRG Root X1 (mozilla)".
func (p Path) Describe() string {
	text := ""
	for n, c := range p.Certificates {
		if n > 0 {
			text += ", "
		}
		text += CommonName(c.Certificate)
		if c.Source != "" {
			text += fmt.Sprintf(" (%s)", c.Source)
		}
	}
	return text
}
