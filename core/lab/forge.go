package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// spec says what a certificate is to hold. Nothing in it has to make sense.
type spec struct {
	subject             pkix.Name
	ca                  bool
	names               []string // DNS names and IP addresses
	dnsNames            []string // further DNS names, whatever they look like
	usage               []x509.ExtKeyUsage
	notBefore, notAfter time.Time
	// key is the subject's; nil: a fresh one.
	key crypto.Signer
	// shape changes what goes into the certificate before it is signed; nil: nothing.
	shape func(*x509.Certificate)
}

// identity is a certificate with its key.
type identity struct {
	*x509.Certificate
	key crypto.Signer
}

// forge makes the certificate of s, signed by issuer, or by itself when issuer is nil. Keys are ECDSA on P-256: the
// quickest to make of those that every client takes.
func forge(s spec, issuer *identity) (*identity, error) {
	template := &x509.Certificate{
		SerialNumber:          serialNumber(),
		Subject:               s.subject,
		NotBefore:             s.notBefore,
		NotAfter:              s.notAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           s.usage,
		BasicConstraintsValid: true,
		IsCA:                  s.ca,
	}
	if s.ca {
		template.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	for _, name := range s.names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	template.DNSNames = append(template.DNSNames, s.dnsNames...)
	made := &identity{key: s.key}
	if made.key == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a key for %s: %w", s.subject.CommonName, err)
		}
		made.key = key
	}
	var err error
	if template.SubjectKeyId, err = keyID(made.key.Public()); err != nil {
		return nil, fmt.Errorf("hashing the key of %s: %w", s.subject.CommonName, err)
	}
	if s.shape != nil {
		s.shape(template)
	}
	if issuer == nil {
		issuer = &identity{Certificate: template, key: made.key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.Certificate, made.key.Public(), issuer.key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate of %s: %w", s.subject.CommonName, err)
	}
	if made.Certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("reading the certificate of %s: %w", s.subject.CommonName, err)
	}
	return made, nil
}

// serialNumber is random, positive and of at most 20 octets (RFC 5280 §4.1.2.2).
func serialNumber() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never returns an error (crypto/rand)
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

// keyID is the leftmost 160 bits of the SHA-256 of the SubjectPublicKeyInfo. RFC 5280 §4.2.1.2 leaves the way open, and
// verifiers only compare.
func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	return sum[:20], nil
}

// message is the Certificate message of chain, with the key of its first certificate.
func message(chain []*identity) tls.Certificate {
	c := tls.Certificate{PrivateKey: chain[0].key}
	for _, i := range chain {
		c.Certificate = append(c.Certificate, i.Raw)
	}
	return c
}

// certificatesPEM is one CERTIFICATE block for each.
func certificatesPEM(chain ...*identity) []byte {
	var out []byte
	for _, i := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Raw})...)
	}
	return out
}

// keyPEM is PKCS #8, not encrypted.
func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
