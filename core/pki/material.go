package pki

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// Prompt asks the user for a passphrase. ok is false when there is nobody to ask or the user gave up; it never waits
// for an answer that cannot come.
type Prompt func(ctx context.Context, q PassphraseRequest) (passphrase string, ok bool)

// PassphraseRequest says what the passphrase is for.
type PassphraseRequest struct {
	File  string
	Again bool // the last answer was wrong
}

// Material is what a profile's files and trust settings come to, ready for a handshake. It is not changed after Load,
// so that several goroutines may use it. Printing it shows no key.
type Material struct {
	Files *evidence.Files // what was read; Failed: no connection can be tried with it
	// Certificate is the client certificate with its key; nil: none was named or it cannot be used.
	Certificate *tls.Certificate `json:"-"`
	Trust       profile.Trust
	Roots       *Roots `json:"-"`
}

// String names what m holds without showing any key.
func (m Material) String() string {
	client := "no client certificate"
	if m.Certificate != nil && m.Certificate.Leaf != nil {
		client = "client certificate " + CommonName(m.Certificate.Leaf)
	}
	return fmt.Sprintf("%d trust anchors, %s", len(m.Anchors()), client)
}

// GoString is String: "%#v" would walk into the private key.
func (m Material) GoString() string { return "pki.Material{" + m.String() + "}" }

// Anchors returns the trust anchors in force: those of the CA files, and the system's or Mozilla's where m.Trust says
// so. A certificate that stands in two sources is there twice.
func (m Material) Anchors() []evidence.Certificate {
	out := m.fileAnchors()
	_, system, mozilla := m.Trust.Sources()
	if system {
		out = append(out, asEvidence(m.Roots.System(), evidence.System)...)
	}
	if mozilla {
		out = append(out, asEvidence(m.Roots.Mozilla(), evidence.Mozilla)...)
	}
	return out
}

func (m Material) fileAnchors() []evidence.Certificate {
	if m.Files == nil {
		return nil
	}
	var out []evidence.Certificate
	for _, f := range m.Files.Files {
		if f.Role != evidence.RoleCA || f.Problem != evidence.Readable {
			continue
		}
		for _, b := range f.Blocks {
			if usableCertificate(b) {
				out = append(out, evidence.Certificate{Source: evidence.CAFile, File: f.Path, Block: b.Index, DER: b.Certificate})
			}
		}
	}
	return out
}

func asEvidence(roots []Root, source evidence.Source) []evidence.Certificate {
	out := make([]evidence.Certificate, 0, len(roots))
	for _, r := range roots {
		if r.Certificate() != nil {
			out = append(out, evidence.Certificate{Source: source, DER: r.DER})
		}
	}
	return out
}

// Pool is Anchors for crypto/tls, with the constraints that the Mozilla program puts on some roots. A root that the
// user's own file or the system trusts without a constraint has none.
func (m Material) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, a := range m.fileAnchors() {
		if c, err := x509.ParseCertificate(a.DER); err == nil {
			pool.AddCert(c)
		}
	}
	_, system, mozilla := m.Trust.Sources()
	if system {
		addRoots(pool, m.Roots.System())
	}
	if mozilla {
		addRoots(pool, m.Roots.Mozilla())
	}
	return pool
}

// addRoots adds roots that are not in pool yet; x509.CertPool keeps the first of two equal certificates.
func addRoots(pool *x509.CertPool, roots []Root) {
	for _, r := range roots {
		switch c := r.Certificate(); {
		case c == nil:
		case r.Constraint == nil:
			pool.AddCert(c)
		default:
			pool.AddCertWithConstraint(c, r.Constraint)
		}
	}
}
