package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"

	"mutual/core/evidence"
)

// maxIssuers bounds how many authorities above the client certificate are looked for. Real paths have two or three.
const maxIssuers = 8

// findIssuers looks in the folders of the client certificate and the CA files for the authorities that the client
// certificate file lacks, and adds the files that hold one, with nothing but that. They are not sent: whether they are
// wanted is the diagnosis's to say.
func (m *Material) findIssuers(ctx context.Context) {
	if m.Certificate == nil {
		return
	}
	path, held := m.clientChain(), m.heldAuthorities()
	var lying []authority
	for searched := false; len(path) <= maxIssuers; {
		last := path[len(path)-1]
		if bytes.Equal(last.RawSubject, last.RawIssuer) {
			return
		}
		next, ok := issuerAmong(held, last)
		if !ok {
			if !searched {
				searched, lying = true, authoritiesIn(ctx, m.folders())
			}
			if next, ok = issuerAmong(lying, last); !ok {
				return
			}
			m.Files.Files = append(m.Files.Files, evidence.File{
				Role: evidence.RoleNearby, Path: next.file.Path, Size: next.file.Size, Format: next.file.Format, Blocks: []evidence.Block{next.block},
			})
		}
		if slices.ContainsFunc(path, next.x.Equal) {
			return
		}
		path = append(path, next.x)
	}
}

// authority is a certificate that may have issued another, and where it stands.
type authority struct {
	x     *x509.Certificate
	file  evidence.File
	block evidence.Block
}

// issuerAmong prefers a root to a cross-certificate of the same key: above it nothing is needed.
func issuerAmong(all []authority, below *x509.Certificate) (found authority, ok bool) {
	for _, a := range all {
		if !bytes.Equal(a.x.RawSubject, below.RawIssuer) || !issued(a.x, below) {
			continue
		}
		if root := bytes.Equal(a.x.RawSubject, a.x.RawIssuer); root || !ok {
			found, ok = a, true
			if root {
				break
			}
		}
	}
	return found, ok
}

// clientChain is the client certificate and its issuers in turn, as far as its file holds them.
func (m *Material) clientChain() []*x509.Certificate {
	path := []*x509.Certificate{m.Certificate.Leaf}
	for _, der := range m.Certificate.Certificate[1:] { // see inOrder
		x, err := x509.ParseCertificate(der)
		last := path[len(path)-1]
		if err != nil || !bytes.Equal(x.RawSubject, last.RawIssuer) || !issued(x, last) {
			break
		}
		path = append(path, x)
	}
	return path
}

// heldAuthorities are the certificates in the CA files, which need not be looked for.
func (m *Material) heldAuthorities() []authority {
	var all []authority
	for _, f := range m.Files.Files {
		if f.Role == evidence.RoleCA {
			all = append(all, authorities(f)...)
		}
	}
	return all
}

func authorities(f evidence.File) []authority {
	var all []authority
	for _, b := range f.Blocks {
		if !usableCertificate(b) {
			continue
		}
		if x, err := x509.ParseCertificate(b.Certificate); err == nil && (x.IsCA || x.Version < 3) {
			all = append(all, authority{x, f, b})
		}
	}
	return all
}

// folders are those of the files that the profile names, each once.
func (m *Material) folders() []string {
	var all []string
	for _, f := range m.Files.Files {
		if folder := filepath.Dir(f.Path); f.Path != "" && f.Role != evidence.RoleKey && !slices.Contains(all, folder) {
			all = append(all, folder)
		}
	}
	return all
}

// authoritiesIn reads the authorities' certificates that lie in folders, within the bounds of nearby.
func authoritiesIn(ctx context.Context, folders []string) []authority {
	var all []authority
	for _, folder := range folders {
		for _, name := range nearbyNames(folder) {
			path := filepath.Join(folder, name)
			if ctx.Err() != nil {
				return all
			}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() <= maxNearbySize {
				all = append(all, authorities(ReadFile(path, evidence.RoleNearby, ""))...)
			}
		}
	}
	return all
}
