package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"mutual/assets"
)

// Roots are public certificates by source. They are not changed once loaded.
type Roots struct{ System, Mozilla, BuiltIn []Root }

// Root is one of them. Constraint is nil, or refuses a path (leaf first) that the root program no longer trusts.
type Root struct {
	Certificate *x509.Certificate
	Constraint  func(path []*x509.Certificate) error
}

var publicRoots = sync.OnceValue(LoadRoots)

// PublicRoots returns the roots of this machine, Mozilla's, and the certificates of well-known public chains in
// assets. They are read once.
func PublicRoots() *Roots { return publicRoots() }

// LoadRoots is PublicRoots read anew, for when the machine's roots or SSL_CERT_FILE have changed.
func LoadRoots() *Roots {
	return &Roots{System: systemRoots(), Mozilla: mozillaRoots(), BuiltIn: builtInCertificates()}
}

func mozillaRoots() []Root {
	var out []Root
	for r := range bundle.Roots() {
		if c, err := x509.ParseCertificate(r.Certificate); err == nil {
			out = append(out, Root{Certificate: c, Constraint: r.Constraint})
		}
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

// rootSet collects certificates, each once.
type rootSet struct {
	roots []Root
	seen  map[[sha256.Size]byte]bool
}

// addPEM adds what crypto/x509's AppendCertsFromPEM would: CERTIFICATE blocks without headers that Go can parse.
func (s *rootSet) addPEM(data []byte) {
	for len(data) > 0 {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return
		}
		if block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
			s.addDER(block.Bytes)
		}
	}
}

func (s *rootSet) addDER(der []byte) {
	sum := sha256.Sum256(der)
	if s.seen[sum] {
		return
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return
	}
	if s.seen == nil {
		s.seen = map[[sha256.Size]byte]bool{}
	}
	s.seen[sum] = true
	s.roots = append(s.roots, Root{Certificate: c})
}
