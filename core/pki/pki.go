// Package pki reads, makes and writes certificates, keys and requests, and loads what a profile names. It judges no
// certification path (chain does) and words nothing for people except a file's one-line summary. Private keys it
// writes have mode 0600 and never replace a file unless that was asked for. What it reads is other people's bytes:
// sizes, counts and the cost of key derivations are bounded.
package pki

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
)

// CommonName returns the name by which people know c: its common name, else its first subject alternative name, else
// its organization or unit, else "unnamed certificate".
func CommonName(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	for _, names := range [][]string{c.DNSNames, ipStrings(c), c.EmailAddresses, c.Subject.Organization, c.Subject.OrganizationalUnit} {
		for _, n := range names {
			if n != "" {
				return n
			}
		}
	}
	return "unnamed certificate"
}

func ipStrings(c *x509.Certificate) []string {
	var out []string
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// KeyTypeOf names the kind and size of a public key: "RSA 2048", "ECDSA P-256", "Ed25519". It is empty for a key that
// Go does not know.
func KeyTypeOf(pub any) string {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *ecdh.PublicKey:
		return fmt.Sprint(k.Curve())
	}
	return ""
}

// publicKeySHA256 is the SHA-256 of pub's SubjectPublicKeyInfo as Go writes it, or of raw where Go does not know the
// kind of key. Writing it anew makes a key and its certificate equal even when the certificate's maker left out the
// NULL of an RSA key's parameters (RFC 3279 §2.3.1).
func publicKeySHA256(pub any, raw []byte) []byte {
	if pub != nil {
		if der, err := x509.MarshalPKIXPublicKey(pub); err == nil {
			raw = der
		}
	}
	if raw == nil {
		return nil
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}
