package pki

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// outline is what can be read of a certificate's frame without understanding what is in it, so that certificates that
// Go refuses (unknown curves, negative serial numbers) still have an issuer and a key.
type outline struct {
	issuer, subject []byte // DER of the names
	publicKey       []byte // DER of the SubjectPublicKeyInfo
}

// outlineOf reads the frame of RFC 5280 §4.1. Nothing may follow the certificate.
func outlineOf(der []byte) (outline, bool) {
	var o outline
	in := cryptobyte.String(der)
	var certificate, tbs, issuer, subject, key cryptobyte.String
	ok := in.ReadASN1(&certificate, cbasn1.SEQUENCE) && in.Empty() &&
		certificate.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		certificate.SkipASN1(cbasn1.SEQUENCE) && // signatureAlgorithm
		certificate.SkipASN1(cbasn1.BIT_STRING) && certificate.Empty() &&
		tbs.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) && // version
		tbs.SkipASN1(cbasn1.INTEGER) && // serialNumber
		tbs.SkipASN1(cbasn1.SEQUENCE) && // signature
		tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) &&
		tbs.SkipASN1(cbasn1.SEQUENCE) && // validity
		tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&key, cbasn1.SEQUENCE)
	o.issuer, o.subject, o.publicKey = issuer, subject, key
	return o, ok
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
