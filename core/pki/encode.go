package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/smallstep/pkcs7"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// Format is a form in which files are written.
type Format string

const (
	PEM    Format = "pem"
	DER    Format = "der"
	PKCS7  Format = "pkcs7"
	PKCS12 Format = "pkcs12" // AES-256: OpenSSL 1.1.1, Java 12, Windows Server 2019 and later
	// PKCS12Java is PKCS #12 in 3DES, for Java 8, old Android and macOS, which know nothing better. It is weak.
	PKCS12Java Format = "pkcs12-java"
)

// Formats lists them, the usual one first.
var Formats = []Format{PEM, DER, PKCS7, PKCS12, PKCS12Java}

// Ending is the usual ending of a file's name, with its dot.
func (f Format) Ending() string {
	return map[Format]string{PEM: ".pem", DER: ".der", PKCS7: ".p7b", PKCS12: ".p12", PKCS12Java: ".p12"}[f]
}

// pemBlockOf is one block of PEM text.
func pemBlockOf(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

// keyIterations are those of PBKDF2 with HMAC-SHA-256 for what is written here: OWASP's recommendation (Password Storage
// Cheat Sheet, 2023).
const keyIterations = 600_000

// EncodeKey writes a private key in PEM or DER. With a passphrase it is PKCS #8, encrypted by PBES2 with AES-256 in CBC
// mode and PBKDF2 with HMAC-SHA-256; without, PKCS #8, or the traditional form of its kind (PKCS #1, SEC 1).
func EncodeKey(key crypto.Signer, f Format, passphrase string, traditional bool) ([]byte, error) {
	return encodeKey(key, f, passphrase, traditional, keyIterations)
}

func encodeKey(key crypto.Signer, f Format, passphrase string, traditional bool, iterations int) ([]byte, error) {
	label, der, err := "PRIVATE KEY", []byte(nil), error(nil)
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if traditional {
			label, der = "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)
		}
	case *ecdsa.PrivateKey:
		if traditional {
			label = "EC PRIVATE KEY"
			der, err = x509.MarshalECPrivateKey(k)
		}
	}
	switch {
	case traditional && passphrase != "":
		return nil, errors.New("encoding the key: a passphrase needs PKCS #8; the encryption of the traditional form protects nothing")
	case traditional && der == nil && err == nil:
		return nil, fmt.Errorf("encoding the key: %s keys have no traditional form, only PKCS #8", KeyTypeOf(key.Public()))
	case passphrase != "":
		label = "ENCRYPTED PRIVATE KEY"
		der, err = pkcs8.MarshalPrivateKey(key, []byte(passphrase), &pkcs8.Opts{
			Cipher: pkcs8.AES256CBC, KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 16, IterationCount: iterations, HMACHash: crypto.SHA256},
		})
	case der == nil && err == nil:
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	if err != nil {
		return nil, fmt.Errorf("encoding the key: %w", err)
	}
	if f == DER {
		return der, nil
	}
	return pemBlockOf(label, der), nil
}

// encodePKCS7 is a SignedData that nobody has signed, with certificates and no more: the "degenerate" case of RFC 5652
// §5.2. crls go into it as well; the library has no place for them.
func encodePKCS7(certificates, crls [][]byte) ([]byte, error) {
	out, err := pkcs7.DegenerateCertificate(bytes.Join(certificates, nil))
	if err != nil || len(crls) == 0 {
		return out, err
	}
	var info contentInfo
	if _, err := asn1.Unmarshal(out, &info); err != nil {
		return nil, err
	}
	var signed struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		CRLs         asn1.RawValue `asn1:"optional,tag:1"`
		Signers      asn1.RawValue
	}
	if _, err := asn1.Unmarshal(info.Content.Bytes, &signed); err != nil {
		return nil, err
	}
	if len(certificates) == 0 {
		signed.Certificates = asn1.RawValue{}
	}
	signed.CRLs = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: bytes.Join(crls, nil)}
	content, err := asn1.Marshal(signed)
	if err != nil {
		return nil, err
	}
	explicit := append(derHeader(0xA0, len(content)), content...)
	oid, err := asn1.Marshal(oidSignedData)
	if err != nil {
		return nil, err
	}
	body := append(oid, explicit...)
	return append(derHeader(0x30, len(body)), body...), nil
}

// encodePKCS12 writes a key with its chain, end-entity certificate first, or without a key a trust store that Java
// takes as one.
func encodePKCS12(f Format, key crypto.Signer, chain []*x509.Certificate, passphrase string) ([]byte, error) {
	encoder := pkcs12.Modern2023
	if f == PKCS12Java {
		encoder = pkcs12.LegacyDES
	}
	if len(chain) == 0 {
		return nil, errors.New("PKCS #12 needs a certificate, and there is none")
	}
	if basicPlane(passphrase) != passphrase {
		return nil, errors.New("the passphrase has a character that PKCS #12 has no place for, such as an emoji")
	}
	if key != nil {
		if k, ok := key.(*ecdsa.PrivateKey); ok && k.Curve == elliptic.P224() {
			return nil, errors.New("keys on P-224 are not written")
		}
		return encoder.Encode(key, chain[0], chain[1:], passphrase)
	}
	var entries []pkcs12.TrustStoreEntry
	seen := map[string]int{}
	for _, c := range chain {
		name := basicPlane(CommonName(c))
		if seen[name]++; seen[name] > 1 { // Java takes two of one name for the same entry
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		entries = append(entries, pkcs12.TrustStoreEntry{Cert: c, FriendlyName: name})
	}
	return encoder.EncodeTrustStoreEntries(entries, passphrase)
}

// basicPlane is text with a question mark for each character beyond U+FFFF, which the BMPString of PKCS #12 cannot hold
// (RFC 7292 §B.1).
func basicPlane(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '?'
		}
		return r
	}, text)
}
