package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// unsupportedKeyError is about a key that is whole but of a kind that Go's TLS cannot use.
type unsupportedKeyError struct {
	KeyType string // "ECDSA secp256k1", "Ed448"; empty: not recognised
	Why     string
}

func (e *unsupportedKeyError) Error() string {
	if e.Why != "" {
		return e.Why
	}
	if text := RefusedKey(e.KeyType); text != "" {
		return text
	}
	return refusedKey(e.KeyType)
}

// leastRSABits is the least that crypto/rsa signs with.
const leastRSABits = 1024

// parsePrivateKey reads PKCS #8, PKCS #1 or SEC 1. The error is an *unsupportedKeyError for a key that is of a kind Go's
// TLS cannot use, and a text about damage otherwise.
func parsePrivateKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		var other any
		var otherErr error
		if other, otherErr = x509.ParsePKCS1PrivateKey(der); otherErr != nil {
			other, otherErr = x509.ParseECPrivateKey(der)
		}
		if otherErr != nil {
			return nil, unreadableKey(der, err)
		}
		key = other
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < leastRSABits {
			return nil, &unsupportedKeyError{KeyType: KeyTypeOf(&k.PublicKey)}
		}
		return k, nil
	case *ecdsa.PrivateKey:
		// crypto/tls has no signature scheme for P-224.
		if k.Curve == elliptic.P224() {
			return nil, &unsupportedKeyError{KeyType: KeyTypeOf(&k.PublicKey)}
		}
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	case interface{ Public() crypto.PublicKey }: // *ecdh.PrivateKey: agrees on keys, does not sign
		return nil, &unsupportedKeyError{KeyType: KeyTypeOf(k.Public())}
	}
	return nil, &unsupportedKeyError{}
}

// unreadableKey says whether der is a key of an unsupported kind, or else damaged: then it returns err.
func unreadableKey(der []byte, err error) error {
	algorithm, parameter, ok := privateKeyAlgorithm(der)
	if !ok {
		return errors.New("not a private key: " + trimPrefix(err))
	}
	name, supported := keyTypeByOID(algorithm, parameter)
	if supported {
		return errors.New("damaged private key: " + trimPrefix(err))
	}
	return &unsupportedKeyError{KeyType: name}
}

// privateKeyAlgorithm reads the algorithm from the frame of a PKCS #8 (RFC 5958), SEC 1 (RFC 5915) or PKCS #1 key.
func privateKeyAlgorithm(der []byte) (algorithm, parameter asn1.ObjectIdentifier, ok bool) {
	in := cryptobyte.String(der)
	var key cryptobyte.String
	var version int
	if !in.ReadASN1(&key, cbasn1.SEQUENCE) || !key.ReadASN1Integer(&version) {
		return nil, nil, false
	}
	switch {
	case key.PeekASN1Tag(cbasn1.SEQUENCE):
		return readAlgorithm(&key)
	case key.PeekASN1Tag(cbasn1.OCTET_STRING):
		var curve cryptobyte.String
		var present bool
		if key.SkipASN1(cbasn1.OCTET_STRING) &&
			key.ReadOptionalASN1(&curve, &present, cbasn1.Tag(0).Constructed().ContextSpecific()) && present {
			curve.ReadASN1ObjectIdentifier(&parameter)
		}
		return oidEC, parameter, true
	case key.PeekASN1Tag(cbasn1.INTEGER):
		// RSA has eight integers after the version (RFC 8017 §A.1.2), DSA's customary form five.
		n := 0
		for key.SkipASN1(cbasn1.INTEGER) {
			n++
		}
		if n == 5 {
			return oidDSA, nil, true
		}
		return oidRSA, nil, n == 8
	}
	return nil, nil, false
}

var (
	oidRSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidDSA    = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidEC     = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)
