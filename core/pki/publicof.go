package pki

import (
	"crypto/ecdh"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// publicKeyInfoOf is the SubjectPublicKeyInfo that goes with a private key of a kind that Go does not know, put together
// from what stands in the key itself, so that it finds its certificate all the same; nil where the key does not say (an
// Ed448 key of PKCS #8 version 1).
func publicKeyInfoOf(der []byte) []byte {
	in := cryptobyte.String(der)
	var key, algorithm, inner cryptobyte.String
	if !in.ReadASN1(&key, cbasn1.SEQUENCE) || !key.SkipASN1(cbasn1.INTEGER) {
		return nil
	}
	if key.PeekASN1Tag(cbasn1.INTEGER) {
		return traditionalPublicKeyInfo(key)
	}
	if key.PeekASN1Tag(cbasn1.OCTET_STRING) { // SEC 1 (RFC 5915 §3): the curve stands in it
		curve, public := readECPrivateKey(der)
		oid, err := asn1.Marshal(oidEC)
		if err != nil || curve == nil || public == nil {
			return nil
		}
		return joinPublicKeyInfo(wrap(cbasn1.SEQUENCE, append(oid, curve...)), public)
	}
	var oid asn1.ObjectIdentifier
	if !key.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !key.ReadASN1(&inner, cbasn1.OCTET_STRING) {
		return nil
	}
	if name := algorithm; !name.ReadASN1(&name, cbasn1.SEQUENCE) || !name.ReadASN1ObjectIdentifier(&oid) {
		return nil
	}
	switch {
	case oid.Equal(oidEC):
		if _, public := readECPrivateKey(inner); public != nil {
			return joinPublicKeyInfo(algorithm, public)
		}
	case oid.Equal(oidX25519): // RFC 8410 §7
		var secret cryptobyte.String
		if inner.ReadASN1(&secret, cbasn1.OCTET_STRING) {
			if k, err := ecdh.X25519().NewPrivateKey(secret); err == nil {
				return joinPublicKeyInfo(algorithm, k.PublicKey().Bytes())
			}
		}
	case oid.Equal(oidDSA):
		return joinDSA(algorithm, inner)
	case oid.Equal(oidPSS), oid.Equal(oidRSA): // RFC 4055 §3.1: the numbers of PKCS #1 under the algorithm's own name
		var numbers, n, e cryptobyte.String
		if inner.ReadASN1(&numbers, cbasn1.SEQUENCE) && numbers.SkipASN1(cbasn1.INTEGER) &&
			numbers.ReadASN1Element(&n, cbasn1.INTEGER) && numbers.ReadASN1Element(&e, cbasn1.INTEGER) {
			return joinPublicKeyInfo(algorithm, wrap(cbasn1.SEQUENCE, append(append([]byte{}, n...), e...)))
		}
	}
	return nil
}

var oidX25519 = asn1.ObjectIdentifier{1, 3, 101, 110}

// traditionalPublicKeyInfo is for what follows the version in PKCS #1 (RFC 8017 §A.1.2: n, e and six more), and in the form
// that OpenSSL has for DSA: p, q, g, y, x.
func traditionalPublicKeyInfo(key cryptobyte.String) []byte {
	var numbers [][]byte
	for !key.Empty() && len(numbers) < 9 {
		var n cryptobyte.String
		if !key.ReadASN1Element(&n, cbasn1.INTEGER) {
			return nil
		}
		numbers = append(numbers, n)
	}
	switch len(numbers) {
	case 8:
		algorithm, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue})
		if err != nil {
			return nil
		}
		return joinPublicKeyInfo(algorithm, wrap(cbasn1.SEQUENCE, slices.Concat(numbers[0], numbers[1])))
	case 5:
		oid, err := asn1.Marshal(oidDSA)
		if err != nil {
			return nil
		}
		parameters := wrap(cbasn1.SEQUENCE, slices.Concat(numbers[:3]...))
		return joinPublicKeyInfo(wrap(cbasn1.SEQUENCE, append(oid, parameters...)), numbers[3])
	}
	return nil
}

// maxDSABits is the longest modulus that is worked with: FIPS 186-4 has 3,072.
const maxDSABits = 4096

// joinDSA works out y, which PKCS #8 leaves out: g to the power of x modulo p.
func joinDSA(algorithm, inner cryptobyte.String) []byte {
	var oid asn1.ObjectIdentifier
	var parameters cryptobyte.String
	p, q, g, x := new(big.Int), new(big.Int), new(big.Int), new(big.Int)
	if rest := algorithm; !rest.ReadASN1(&rest, cbasn1.SEQUENCE) || !rest.ReadASN1ObjectIdentifier(&oid) || !rest.ReadASN1(&parameters, cbasn1.SEQUENCE) ||
		!parameters.ReadASN1Integer(p) || !parameters.ReadASN1Integer(q) || !parameters.ReadASN1Integer(g) || !inner.ReadASN1Integer(x) {
		return nil
	}
	if p.Sign() <= 0 || g.Sign() <= 0 || x.Sign() <= 0 || p.BitLen() > maxDSABits || x.BitLen() > maxDSABits || g.Cmp(p) >= 0 {
		return nil
	}
	y, err := asn1.Marshal(g.Exp(g, x, p))
	if err != nil {
		return nil
	}
	return joinPublicKeyInfo(algorithm, y)
}

// readECPrivateKey returns the parameters, as DER, and the public point of an ECPrivateKey; nil: it does not have them.
func readECPrivateKey(der cryptobyte.String) (parameters, public []byte) {
	var key, curve, bits cryptobyte.String
	if !der.ReadASN1(&key, cbasn1.SEQUENCE) || !key.SkipASN1(cbasn1.INTEGER) || !key.SkipASN1(cbasn1.OCTET_STRING) {
		return nil, nil
	}
	var present bool
	if key.ReadOptionalASN1(&curve, &present, cbasn1.Tag(0).Constructed().ContextSpecific()) && present {
		parameters = curve
	}
	if key.ReadOptionalASN1(&bits, &present, cbasn1.Tag(1).Constructed().ContextSpecific()) && present {
		var point []byte
		if bits.ReadASN1BitStringAsBytes(&point) {
			public = point
		}
	}
	return parameters, public
}

// joinPublicKeyInfo is RFC 5280 §4.1's SubjectPublicKeyInfo.
func joinPublicKeyInfo(algorithm, public []byte) []byte {
	bits := wrap(cbasn1.BIT_STRING, append([]byte{0}, public...))
	return wrap(cbasn1.SEQUENCE, append(append([]byte{}, algorithm...), bits...))
}

// wrap is one DER element.
func wrap(tag cbasn1.Tag, content []byte) []byte {
	return append(derHeader(byte(tag), len(content)), content...)
}
