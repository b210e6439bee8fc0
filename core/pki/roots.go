package pki

import (
	"crypto/x509"
	"slices"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"mutual/assets"
	"mutual/core/evidence"
)

// Roots are public certificates by source. They are not changed once loaded.
type Roots struct {
	System, Mozilla, BuiltIn []Root

	shelve sync.Once
	shelf  *shelf // see Candidates
}

// Root is one of them. There are some three hundred, of which an attempt needs few: they are parsed when asked for.
type Root struct {
	DER []byte
	// Constraint is nil, or refuses a path (leaf first) that the root program no longer trusts.
	Constraint func(path []*x509.Certificate) error

	parse func() *x509.Certificate
}

// NewRoot makes a root of DER. constraint may be nil.
func NewRoot(der []byte, constraint func(path []*x509.Certificate) error) Root {
	return Root{DER: der, Constraint: constraint, parse: sync.OnceValue(func() *x509.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil
		}
		return c
	})}
}

// Certificate is the root as Go reads it; nil where it cannot.
func (r Root) Certificate() *x509.Certificate {
	if r.parse == nil {
		return nil
	}
	return r.parse()
}

var publicRoots = sync.OnceValue(LoadRoots)

// PublicRoots returns the roots of this machine, Mozilla's, and the certificates of well-known public chains in
// assets. They are read once.
func PublicRoots() *Roots { return publicRoots() }

// LoadRoots is PublicRoots read anew, for when the machine's roots or SSL_CERT_FILE have changed.
func LoadRoots() *Roots {
	return &Roots{System: systemRoots(), Mozilla: mozillaRoots(), BuiltIn: builtInCertificates()}
}

// Knowing is r with further built-in certificates.
func (r *Roots) Knowing(more ...*x509.Certificate) *Roots {
	builtIn := slices.Clone(r.BuiltIn)
	for _, c := range more {
		builtIn = append(builtIn, NewRoot(c.Raw, nil))
	}
	return &Roots{System: r.System, Mozilla: r.Mozilla, BuiltIn: builtIn}
}

// bySource lists the roots of each source, in the order in which Candidates names them.
func (r *Roots) bySource() []rootSource {
	return []rootSource{{evidence.System, r.System}, {evidence.Mozilla, r.Mozilla}, {evidence.BuiltIn, r.BuiltIn}}
}

type rootSource struct {
	source evidence.Source
	roots  []Root
}

func mozillaRoots() []Root {
	var out []Root
	for r := range bundle.Roots() {
		out = append(out, NewRoot(r.Certificate, r.Constraint))
	}
	return out
}

func builtInCertificates() []Root {
	var set rootSet
	for _, f := range assets.Certificates() {
		set.addPEM(f.PEM)
	}
	return set.roots
}
