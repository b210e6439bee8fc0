package chain

import (
	"crypto/sha1"
	"crypto/sha256"
	"math"
	"math/big"
)

// publicKey is a SubjectPublicKeyInfo.
type publicKey struct {
	raw   []byte // the whole SubjectPublicKeyInfo
	bits  []byte // the subjectPublicKey
	kind  keyKind
	curve string // object identifier of a named curve
	// explicit: the curve is written out in parameters, which RFC 5480 §2.1.1 forbids.
	explicit  bool
	orderBits int      // of an explicit curve
	modulus   *big.Int // RSA
	exponent  *big.Int
	dsa       *dsaParameters
	valid     bool // OpenSSL can use it
}

type keyKind int

const (
	unknownKey keyKind = iota
	rsaKey
	rsaPSSKey
	ecKey
	ed25519Key
	ed448Key
	dsaKey
	otherKey // known to OpenSSL but not for signatures
)

const (
	oidRSA     = "1.2.840.113549.1.1.1"
	oidRSAPSS  = "1.2.840.113549.1.1.10"
	oidECKey   = "1.2.840.10045.2.1"
	oidEd25519 = "1.3.101.112"
	oidEd448   = "1.3.101.113"
	oidX25519  = "1.3.101.110"
	oidX448    = "1.3.101.111"
	oidDSA     = "1.2.840.10040.4.1"
)

func readPublicKey(e element) (publicKey, bool) {
	parts, ok := elements(e.body)
	if !ok || e.tag != tagSequence || len(parts) != 2 || parts[1].tag != tagBitString {
		return publicKey{}, false
	}
	a, ok := readAlgorithm(parts[0])
	if !ok {
		return publicKey{}, false
	}
	k := publicKey{raw: e.full}
	if k.bits, ok = bitString(parts[1].body); !ok {
		return publicKey{}, false
	}
	switch a.oid {
	case oidRSA:
		k.kind = rsaKey
		k.readRSA()
	case oidRSAPSS:
		k.kind = rsaPSSKey
		k.readRSA()
	case oidECKey:
		k.kind = ecKey
		k.readEC(a)
	case oidEd25519:
		k.kind, k.valid = ed25519Key, len(k.bits) == 32
	case oidEd448:
		k.kind, k.valid = ed448Key, len(k.bits) == 57
	case oidX25519:
		k.kind, k.valid = otherKey, len(k.bits) == 32
	case oidX448:
		k.kind, k.valid = otherKey, len(k.bits) == 56
	case oidDSA:
		k.kind, k.dsa = dsaKey, readDSA(a, k.bits)
		k.valid = k.dsa != nil
	}
	return k, true
}

func (k *publicKey) readRSA() {
	parts, ok := sequence(k.bits)
	if !ok || len(parts) != 2 || parts[0].tag != tagInteger || parts[1].tag != tagInteger {
		return
	}
	k.modulus = new(big.Int).SetBytes(parts[0].body)
	k.exponent = new(big.Int).SetBytes(parts[1].body)
	k.valid = k.modulus.Sign() > 0 && k.exponent.Sign() > 0
}

func (k *publicKey) readEC(a algorithm) {
	switch {
	case a.absent:
	case a.parameters.tag == tagOID:
		k.curve = oidText(a.parameters.body)
		c, known := curves()[k.curve]
		k.valid = known && c.point(k.bits) != nil
	case a.parameters.tag == tagSequence:
		k.explicit = true
		k.readExplicit(a.parameters)
	}
}

// readExplicit reads the order from ECParameters (SEC 1 §C.2). Whether the point lies on the curve is not looked at:
// no client takes such a key.
func (k *publicKey) readExplicit(parameters element) {
	parts, ok := elements(parameters.body)
	if !ok || len(parts) < 5 || parts[4].tag != tagInteger {
		return
	}
	k.orderBits = new(big.Int).SetBytes(parts[4].body).BitLen()
	k.valid = true
}

// securityBits is what EVP_PKEY_get_security_bits says.
func (k publicKey) securityBits() int {
	switch k.kind {
	case rsaKey, rsaPSSKey:
		return integerSecurityBits(k.modulus.BitLen())
	case ecKey:
		if k.explicit {
			return curveSecurityBits(k.orderBits)
		}
		return curveSecurityBits(curves()[k.curve].orderBits)
	case ed25519Key, otherKey:
		return 128
	case ed448Key:
		return 224
	case dsaKey:
		return k.dsa.securityBits()
	}
	return 0
}

func curveSecurityBits(order int) int {
	switch {
	case order >= 512:
		return 256
	case order >= 384:
		return 192
	case order >= 256:
		return 128
	case order >= 224:
		return 112
	case order >= 160:
		return 80
	}
	return order / 2
}

// integerSecurityBits is NIST SP 800-56B's estimate for a modulus of n bits, rounded to a multiple of eight as
// OpenSSL 3.0 rounds it (ossl_ifc_ffc_compute_security_bits): 112 for 2048 bits, 80 for 1024.
func integerSecurityBits(n int) int {
	if n < 8 {
		return 0
	}
	x := float64(n) * math.Ln2
	l := math.Log(x)
	// OpenSSL computes with truncated fixed-point numbers, which comes out a little lower.
	const truncation = 0.01
	bits := int((1.923*math.Cbrt(x*l*l)-4.69)/math.Ln2 - truncation)
	bits = (bits + 4) &^ 7
	switch {
	case n <= 7680:
		return min(bits, 192)
	case n <= 15360:
		return min(bits, 256)
	}
	return bits
}

// identifies reports whether id is derived from k in one of the usual ways: SHA-1 of the key's bits (RFC 5280
// §4.2.1.2 method 1), the first 160 bits of SHA-256 (RFC 7093 §2 method 1), or either of the whole
// SubjectPublicKeyInfo (method 4).
func (k publicKey) identifies(id []byte) bool {
	for _, of := range [][]byte{k.bits, k.raw} {
		one, two := sha1.Sum(of), sha256.Sum256(of)
		if string(id) == string(one[:]) || string(id) == string(two[:20]) || string(id) == string(two[:]) {
			return true
		}
	}
	return false
}
