package pki

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// pairUp makes a tls.Certificate of the first certificate that a key of the other file belongs to, that certificate
// first and its issuers after it in order, as RFC 8446 §4.4.2 wants. It is nil when none belongs.
func pairUp(certificate, key *contents) *tls.Certificate {
	for _, c := range certificate.Blocks {
		if !usableCertificate(c) {
			continue
		}
		for _, k := range key.Blocks {
			signer, ok := key.keys[k.Index]
			if !ok || !bytes.Equal(c.PublicKeySHA256, k.PublicKeySHA256) {
				continue
			}
			leaf, err := x509.ParseCertificate(c.Certificate)
			if err != nil {
				continue
			}
			return &tls.Certificate{Certificate: inOrder(leaf, certificate.Blocks), PrivateKey: signer, Leaf: leaf}
		}
	}
	return nil
}

// inOrder returns the DER of leaf, then of each issuer that blocks hold, then of the other certificates in the file's
// order: a server that follows another path may need a cross-certificate among them.
func inOrder(leaf *x509.Certificate, blocks []evidence.Block) [][]byte {
	var rest []*x509.Certificate
	for _, b := range blocks {
		if !usableCertificate(b) || bytes.Equal(b.Certificate, leaf.Raw) {
			continue
		}
		if c, err := x509.ParseCertificate(b.Certificate); err == nil {
			rest = append(rest, c)
		}
	}
	out := [][]byte{leaf.Raw}
	for last := leaf; ; {
		next := slices.IndexFunc(rest, func(c *x509.Certificate) bool {
			return bytes.Equal(c.RawSubject, last.RawIssuer) && issued(c, last)
		})
		if next < 0 {
			break
		}
		last = rest[next]
		out = append(out, last.Raw)
		rest = slices.Delete(rest, next, next+1)
	}
	for _, c := range rest {
		out = append(out, c.Raw)
	}
	return out
}

// issued says whether issuer's key signed c. A signature that Go cannot check counts: the names agree already.
func issued(issuer, c *x509.Certificate) bool {
	return signatureAgrees(issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature))
}

// signatureAgrees takes the answer of CheckSignature for "no" only where the signature was checked.
func signatureAgrees(err error) bool {
	if _, weak := err.(x509.InsecureAlgorithmError); weak {
		return true
	}
	return err == nil || err == x509.ErrUnsupportedAlgorithm
}

// explainMismatch marks the file that can be mended by choosing another one: the key file, when the certificate's own
// key is nearby or nothing is; the certificate file, when a certificate for the key is.
func explainMismatch(ctx context.Context, certificate, key *contents) {
	blame := key
	if match := nearby(ctx, key.Path, certificate.Blocks, hasKey); match != "" {
		key.Matching = match
	} else if match := nearby(ctx, certificate.Path, key.Blocks, hasCertificate); match != "" {
		certificate.Matching = match
		blame = certificate
	}
	blame.Problem = evidence.KeyMismatch
	blame.Detail = fmt.Sprintf("the key is %s, the certificate is for another key (%s)", keyTypes(key.Blocks), keyTypes(certificate.Blocks))
}

// keyTypes is the kind of the first key that blocks have.
func keyTypes(blocks []evidence.Block) string {
	for _, b := range blocks {
		if b.KeyType != "" && b.PublicKeySHA256 != nil {
			return b.KeyType
		}
	}
	return "unknown"
}

func hasKey(b evidence.Block) bool         { return b.Kind == kindPrivateKey && b.Error == "" }
func hasCertificate(b evidence.Block) bool { return usableCertificate(b) }

// Bounds of the search for a file that matches: enough for a folder of certificates, little for a home folder.
const (
	maxNearbyFiles = 200
	maxNearbySize  = 1 << 20 // bytes
)

// nearby returns the path of a file beside path with a block of the wanted kind that has the same public key as one of
// the certificates or keys in wanted; empty if there is none. Encrypted keys are not tried.
func nearby(ctx context.Context, path string, wanted []evidence.Block, kind func(evidence.Block) bool) string {
	keys := map[string]bool{}
	for _, b := range wanted {
		if b.PublicKeySHA256 != nil && (hasKey(b) || hasCertificate(b) || b.Kind == kindEncryptedKey) {
			keys[string(b.PublicKeySHA256)] = true
		}
	}
	folder := filepath.Dir(path)
	for _, name := range nearbyNames(folder) {
		if ctx.Err() != nil {
			return ""
		}
		candidate := filepath.Join(folder, name)
		if info, err := os.Stat(candidate); err != nil || !info.Mode().IsRegular() || info.Size() > maxNearbySize {
			continue
		}
		for _, b := range ReadFile(candidate, "", "").Blocks {
			if b.Label != "" && kind(b) && keys[string(b.PublicKeySHA256)] {
				return candidate
			}
		}
	}
	return ""
}

// nearbyNames lists at most maxNearbyFiles of folder, those with a usual ending first.
func nearbyNames(folder string) []string {
	d, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer d.Close()
	// More entries than are read, so that the usual endings are found among others; the error is that of the end.
	entries, _ := d.ReadDir(10 * maxNearbyFiles)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() })
	slices.SortFunc(entries, func(a, b fs.DirEntry) int {
		if x, y := usualEnding(a.Name()), usualEnding(b.Name()); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name(), b.Name())
	})
	var out []string
	for _, e := range entries[:min(len(entries), maxNearbyFiles)] {
		out = append(out, e.Name())
	}
	return out
}

func usualEnding(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".pem", ".key", ".crt", ".cer", ".cert":
		return true
	}
	return false
}
