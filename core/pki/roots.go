package pki

import (
	"crypto/x509"
	"slices"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"mutual/assets"
	"mutual/core/evidence"
)

// Roots are public certificates by source, each source read when it is first asked for. They do not change once read. The
// zero value has none, and so has nil.
type Roots struct {
	system, mozilla, builtIn func() []Root

	shelve sync.Once
	shelf  *shelf // see Candidates
}

// NewRoots are the roots of the sources that are given.
func NewRoots(system, mozilla, builtIn []Root) *Roots {
	given := func(roots []Root) func() []Root { return func() []Root { return roots } }
	return &Roots{system: given(system), mozilla: given(mozilla), builtIn: given(builtIn)}
}

// System are the roots of this machine.
func (r *Roots) System() []Root {
	if r == nil || r.system == nil {
		return nil
	}
	return r.system()
}

// Mozilla are those of Mozilla's root program.
func (r *Roots) Mozilla() []Root {
	if r == nil || r.mozilla == nil {
		return nil
	}
	return r.mozilla()
}

// BuiltIn are certificates of well-known public chains, which nobody trusts for standing there.
func (r *Roots) BuiltIn() []Root {
	if r == nil || r.builtIn == nil {
		return nil
	}
	return r.builtIn()
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
// assets. Each source is read once.
func PublicRoots() *Roots { return publicRoots() }

// LoadRoots is PublicRoots read anew, for when the machine's roots or SSL_CERT_FILE have changed.
func LoadRoots() *Roots {
	return &Roots{
		system: sync.OnceValue(systemRoots), mozilla: sync.OnceValue(mozillaRoots), builtIn: sync.OnceValue(builtInCertificates),
	}
}

// Knowing is r with further built-in certificates.
func (r *Roots) Knowing(more ...*x509.Certificate) *Roots {
	builtIn := sync.OnceValue(func() []Root {
		all := slices.Clone(r.BuiltIn())
		for _, c := range more {
			all = append(all, NewRoot(c.Raw, nil))
		}
		return all
	})
	return &Roots{system: r.System, mozilla: r.Mozilla, builtIn: builtIn}
}

// Listing is r with further roots in Mozilla's program, under the constraints that they have.
func (r *Roots) Listing(more ...Root) *Roots {
	mozilla := sync.OnceValue(func() []Root { return append(slices.Clone(r.Mozilla()), more...) })
	return &Roots{system: r.System, mozilla: mozilla, builtIn: r.BuiltIn}
}

// readAhead reads the roots of every source and arranges them in the background: several milliseconds of work, which
// need not wait until the server has answered.
func (r *Roots) readAhead() { go r.arranged() }

// bySource lists the roots of each source, in the order in which Candidates names them.
func (r *Roots) bySource() []rootSource {
	return []rootSource{{evidence.System, r.System()}, {evidence.Mozilla, r.Mozilla()}, {evidence.BuiltIn, r.BuiltIn()}}
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
