package chain

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	_ "crypto/md5"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"math/big"
)

// signatureResult says whether a certificate was signed with a key, whatever a client thinks of the algorithm.
type signatureResult int

const (
	signatureBad signatureResult = iota
	signatureGood
	signatureUnknown // an algorithm that cannot be checked here
)

// scheme is a signature algorithm: which key it needs and which digest it signs.
type scheme struct {
	key  keyKind
	hash crypto.Hash // 0: none of its own, or (with unread) one that Go does not have
	// bits is the security of the digest as OpenSSL counts it (x509_sig_info_init): half its length, less for
	// digests that are broken; -1: OpenSSL does not have it.
	bits int
}

const oidPSS = oidRSAPSS

var schemes = map[string]scheme{
	"1.2.840.113549.1.1.2":   {rsaKey, 0, -1}, // MD2
	"1.2.840.113549.1.1.3":   {rsaKey, 0, -1}, // MD4
	"1.2.840.113549.1.1.4":   {rsaKey, crypto.MD5, 39},
	"1.2.840.113549.1.1.5":   {rsaKey, crypto.SHA1, 63},
	"1.3.14.3.2.29":          {rsaKey, crypto.SHA1, 63},
	"1.2.840.113549.1.1.14":  {rsaKey, crypto.SHA224, 112},
	"1.2.840.113549.1.1.11":  {rsaKey, crypto.SHA256, 128},
	"1.2.840.113549.1.1.12":  {rsaKey, crypto.SHA384, 192},
	"1.2.840.113549.1.1.13":  {rsaKey, crypto.SHA512, 256},
	"1.2.840.10045.4.1":      {ecKey, crypto.SHA1, 63},
	"1.2.840.10045.4.3.1":    {ecKey, crypto.SHA224, 112},
	"1.2.840.10045.4.3.2":    {ecKey, crypto.SHA256, 128},
	"1.2.840.10045.4.3.3":    {ecKey, crypto.SHA384, 192},
	"1.2.840.10045.4.3.4":    {ecKey, crypto.SHA512, 256},
	"1.2.840.10040.4.3":      {dsaKey, crypto.SHA1, 63},
	"2.16.840.1.101.3.4.3.1": {dsaKey, crypto.SHA224, 112},
	"2.16.840.1.101.3.4.3.2": {dsaKey, crypto.SHA256, 128},
	oidPSS:                   {rsaPSSKey, 0, 0},
	oidEd25519:               {ed25519Key, 0, 128},
	oidEd448:                 {ed448Key, 0, 224},
}

// algorithmFits reports whether a signature of that algorithm can come from that kind of key (check_sig_alg_match).
func algorithmFits(k publicKey, a algorithm) bool {
	s, known := schemes[a.oid]
	if !known || !k.valid {
		return false
	}
	return s.key == k.kind || s.key == rsaPSSKey && k.kind == rsaKey
}

// signatureBits is the security of a's digest, -1 when OpenSSL cannot tell.
func signatureBits(a algorithm) int {
	if a.oid == oidPSS {
		p, ok := readPSS(a)
		if !ok {
			return -1
		}
		switch p.hash {
		case crypto.SHA1:
			return 64
		case crypto.MD5:
			return 39
		}
		return p.hash.Size() * 4
	}
	s, known := schemes[a.oid]
	if !known {
		return -1
	}
	return s.bits
}

// digestIsWeak reports SHA-1, MD5 and older.
func digestIsWeak(a algorithm) bool {
	bits := signatureBits(a)
	_, known := schemes[a.oid]
	return known && bits < 80
}

// checkSignature verifies v's signature with k. It holds no algorithm to be too weak.
func checkSignature(v *view, k publicKey) signatureResult {
	if !bytes.Equal(v.signatureAlgorithm.raw, v.innerAlgorithm.raw) {
		return signatureBad
	}
	if !algorithmFits(k, v.signatureAlgorithm) {
		return signatureBad
	}
	s := schemes[v.signatureAlgorithm.oid]
	switch s.key {
	case rsaKey:
		if s.hash == 0 {
			return signatureUnknown
		}
		return verdict(verifyPKCS1(k, s.hash, v.tbs, v.signature))
	case rsaPSSKey:
		p, ok := readPSS(v.signatureAlgorithm)
		if !ok {
			return signatureBad
		}
		return verdict(verifyPSS(k, p, v.tbs, v.signature))
	case ecKey:
		if k.explicit {
			return signatureUnknown
		}
		return verdict(verifyECDSA(k, s.hash, v.tbs, v.signature))
	case ed25519Key:
		return verdict(ed25519.Verify(k.bits, v.tbs, v.signature))
	case ed448Key:
		return verdict(verifyEd448(k.bits, v.tbs, v.signature))
	case dsaKey:
		return verdict(k.dsa.verify(s.hash, v.tbs, v.signature))
	}
	return signatureUnknown
}

func verdict(ok bool) signatureResult {
	if ok {
		return signatureGood
	}
	return signatureBad
}

func digest(h crypto.Hash, message []byte) []byte {
	d := h.New()
	d.Write(message)
	return d.Sum(nil)
}

func verifyECDSA(k publicKey, h crypto.Hash, message, signature []byte) bool {
	parts, ok := sequence(signature)
	if !ok || len(parts) != 2 || parts[0].tag != tagInteger || parts[1].tag != tagInteger {
		return false
	}
	c := curves()[k.curve]
	q := c.point(k.bits)
	if q == nil {
		return false
	}
	r, s := new(big.Int).SetBytes(parts[0].body), new(big.Int).SetBytes(parts[1].body)
	for _, e := range parts {
		if len(e.body) == 0 || e.body[0]&0x80 != 0 {
			return false
		}
	}
	sum := digest(h, message)
	if fast := fastCurve(k.curve); fast != nil {
		size := (c.p.BitLen() + 7) / 8
		encoded := append([]byte{4}, make([]byte, 2*size)...)
		q.x.FillBytes(encoded[1 : 1+size])
		q.y.FillBytes(encoded[1+size:])
		if public, err := ecdsa.ParseUncompressedPublicKey(fast, encoded); err == nil {
			return ecdsa.VerifyASN1(public, sum, signature)
		}
	}
	return c.verify(q, sum, r, s)
}

// fastCurve is Go's own implementation of a curve, where there is one.
func fastCurve(oid string) elliptic.Curve {
	switch oid {
	case "1.3.132.0.33":
		return elliptic.P224()
	case "1.2.840.10045.3.1.7":
		return elliptic.P256()
	case "1.3.132.0.34":
		return elliptic.P384()
	case "1.3.132.0.35":
		return elliptic.P521()
	}
	return nil
}
