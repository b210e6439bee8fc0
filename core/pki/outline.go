package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// outline is what can be read of a certificate's frame without understanding what is in it, so that certificates that
// Go refuses (unknown curves, negative serial numbers) still have an issuer and a key.
type outline struct {
	issuer, subject []byte // DER of the names
	publicKey       []byte // DER of the SubjectPublicKeyInfo
	rest            []byte // what follows it: unique identifiers and extensions
	serial          *big.Int
	validity        []byte // DER of the two times
}

// Outline is what can be read of a certificate that Go refuses.
type Outline struct {
	Subject, Issuer     []byte    // DER
	Serial              *big.Int  // nil: not an integer
	NotBefore, NotAfter time.Time // zero: not readable
}

// ReadOutline reads the frame of a certificate; false: it has none.
func ReadOutline(der []byte) (Outline, bool) {
	o, ok := outlineOf(der)
	out := Outline{Subject: o.subject, Issuer: o.issuer, Serial: o.serial}
	var validity struct{ NotBefore, NotAfter time.Time }
	if _, err := asn1.Unmarshal(o.validity, &validity); err == nil {
		out.NotBefore, out.NotAfter = validity.NotBefore, validity.NotAfter
	}
	return out, ok
}

// commonName is CommonName of what could be read.
func (o outline) commonName() string {
	var names pkix.RDNSequence
	c := &x509.Certificate{}
	if _, err := asn1.Unmarshal(o.subject, &names); err == nil {
		c.Subject.FillFromRDNSequence(&names)
	}
	return CommonName(c)
}

// outlineOf reads the frame of RFC 5280 §4.1. Nothing may follow the certificate.
func outlineOf(der []byte) (outline, bool) {
	var o outline
	in := cryptobyte.String(der)
	var certificate, tbs, serial, issuer, validity, subject, key cryptobyte.String
	ok := in.ReadASN1(&certificate, cbasn1.SEQUENCE) && in.Empty() &&
		certificate.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		certificate.SkipASN1(cbasn1.SEQUENCE) && // signatureAlgorithm
		certificate.SkipASN1(cbasn1.BIT_STRING) && certificate.Empty() &&
		tbs.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) && // version
		tbs.ReadASN1Element(&serial, cbasn1.INTEGER) &&
		tbs.SkipASN1(cbasn1.SEQUENCE) && // signature
		tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&validity, cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&key, cbasn1.SEQUENCE)
	o.issuer, o.subject, o.publicKey, o.rest, o.validity = issuer, subject, key, tbs, validity
	if n := new(big.Int); serial.ReadASN1Integer(n) {
		o.serial = n
	}
	return o, ok
}

// keyIDs reads the key identifiers of RFC 5280 §4.2.1.1 and §4.2.1.2; empty where there is none to be read.
func (o outline) keyIDs() (subject, authority string) {
	rest := cryptobyte.String(o.rest)
	var wrapped, all cryptobyte.String
	if !rest.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific()) || !rest.SkipOptionalASN1(cbasn1.Tag(2).ContextSpecific()) ||
		!rest.ReadASN1(&wrapped, cbasn1.Tag(3).Constructed().ContextSpecific()) || !wrapped.ReadASN1(&all, cbasn1.SEQUENCE) {
		return "", ""
	}
	for !all.Empty() {
		var extension, oid, value, inner cryptobyte.String
		if !all.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
			!extension.SkipOptionalASN1(cbasn1.BOOLEAN) || !extension.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return subject, authority
		}
		switch string(oid) {
		case "\x55\x1d\x0e": // 2.5.29.14
			if value.ReadASN1(&inner, cbasn1.OCTET_STRING) {
				subject = string(inner)
			}
		case "\x55\x1d\x23": // 2.5.29.35
			var id cryptobyte.String
			if value.ReadASN1(&inner, cbasn1.SEQUENCE) && inner.ReadASN1(&id, cbasn1.Tag(0).ContextSpecific()) {
				authority = string(id)
			}
		}
	}
	return subject, authority
}

// algorithmOf reads the algorithm and its parameter, where that is an object identifier (a named curve), of a
// SubjectPublicKeyInfo.
func algorithmOf(publicKey []byte) (algorithm, parameter asn1.ObjectIdentifier, ok bool) {
	in := cryptobyte.String(publicKey)
	var info cryptobyte.String
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) {
		return nil, nil, false
	}
	return readAlgorithm(&info)
}

// readAlgorithm reads an AlgorithmIdentifier from in.
func readAlgorithm(in *cryptobyte.String) (algorithm, parameter asn1.ObjectIdentifier, ok bool) {
	var id cryptobyte.String
	if !in.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1ObjectIdentifier(&algorithm) {
		return nil, nil, false
	}
	if id.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) {
		id.ReadASN1ObjectIdentifier(&parameter)
	}
	return algorithm, parameter, true
}
