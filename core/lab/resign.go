package lab

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// tbsCertificate is RFC 5280 §4.1 with the parts that a fault changes; crypto/x509 would refuse to write them.
type tbsCertificate struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"` // 0 is version 1
	Serial     *big.Int
	Algorithm  pkix.AlgorithmIdentifier
	Issuer     asn1.RawValue
	Validity   asn1.RawValue
	Subject    asn1.RawValue
	PublicKey  asn1.RawValue
	Extensions asn1.RawValue `asn1:"optional,tag:3"`
}

// Signature algorithms of RFC 5758 §3.2 and RFC 3279 §2.2.3.
var (
	ecdsaSHA1   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}
	ecdsaSHA224 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}
	ecdsaSHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// resign changes what i says and signs it again with issuer's key, an ECDSA one. What crypto/x509 cannot read has only
// its Raw.
func resign(i, issuer *identity, algorithm asn1.ObjectIdentifier, change func(*tbsCertificate) error) (*identity, error) {
	var tbs tbsCertificate
	if _, err := asn1.Unmarshal(i.RawTBSCertificate, &tbs); err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	tbs.Algorithm = pkix.AlgorithmIdentifier{Algorithm: algorithm}
	if err := change(&tbs); err != nil {
		return nil, err
	}
	inner, err := asn1.Marshal(tbs)
	if err != nil {
		return nil, fmt.Errorf("writing a certificate: %w", err)
	}
	digest, hash := digestFor(algorithm, inner)
	signature, err := issuer.key.Sign(rand.Reader, digest, hash)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	der, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: inner}, tbs.Algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		return nil, fmt.Errorf("writing a certificate: %w", err)
	}
	made := &identity{Certificate: &x509.Certificate{Raw: der}, key: i.key}
	if x, err := x509.ParseCertificate(der); err == nil {
		made.Certificate = x
	}
	return made, nil
}

func digestFor(algorithm asn1.ObjectIdentifier, data []byte) ([]byte, crypto.Hash) {
	switch {
	case algorithm.Equal(ecdsaSHA1):
		sum := sha1.Sum(data)
		return sum[:], crypto.SHA1
	case algorithm.Equal(ecdsaSHA224):
		sum := sha256.Sum224(data)
		return sum[:], crypto.SHA224
	}
	sum := sha256.Sum256(data)
	return sum[:], crypto.SHA256
}

// inUTF8 writes a name's PrintableStrings as UTF8Strings: it reads the same, and is not the same bytes.
func inUTF8(name []byte) ([]byte, error) {
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	type relativeSET []attribute // the suffix makes it a SET (encoding/asn1)
	var sequence []relativeSET
	if _, err := asn1.Unmarshal(name, &sequence); err != nil {
		return nil, fmt.Errorf("reading a name: %w", err)
	}
	for _, set := range sequence {
		for i, a := range set {
			if a.Value.Tag == asn1.TagPrintableString {
				set[i].Value = asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: a.Value.Bytes}
			}
		}
	}
	return asn1.Marshal(sequence)
}
