package chain

import (
	"crypto"
	"crypto/sha3"
	"math/big"
)

// Edwards curve 448 (RFC 8032 §5.2): x² + y² = 1 + d·x²·y² modulo 2⁴⁴⁸ - 2²²⁴ - 1, with a base point of order edOrder.
var (
	edPrime = new(big.Int).Sub(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 448), new(big.Int).Lsh(big.NewInt(1), 224)), big.NewInt(1))
	edOrder = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 446), hexadecimal("8335dc163bb124b65129c96fde933d8d723a70aadc873d6d54a7bb0d"))
	edD     = new(big.Int).Sub(edPrime, big.NewInt(39081))
	edBase  = point{
		hexadecimal("4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e"),
		hexadecimal("693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14"),
	}
)

// verifyEd448 is RFC 8032 §5.2.7, without pre-hashing and context, on affine points: slow, and public anyway.
func verifyEd448(key, message, signature []byte) bool {
	if len(key) != 57 || len(signature) != 114 {
		return false
	}
	a, r := edPoint(key), edPoint(signature[:57])
	s := littleEndian(signature[57:])
	if a == nil || r == nil || s.Cmp(edOrder) >= 0 {
		return false
	}
	h := sha3.NewSHAKE256()
	h.Write(append([]byte("SigEd448"), 0, 0))
	h.Write(signature[:57])
	h.Write(key)
	h.Write(message)
	sum := make([]byte, 114)
	h.Read(sum)
	k := littleEndian(sum)
	k.Mod(k, edOrder)
	left := edMultiply(&edBase, s)
	right := edAdd(r, edMultiply(a, k))
	return left.x.Cmp(right.x) == 0 && left.y.Cmp(right.y) == 0
}

func littleEndian(b []byte) *big.Int {
	reversed := make([]byte, len(b))
	for i, c := range b {
		reversed[len(b)-1-i] = c
	}
	return new(big.Int).SetBytes(reversed)
}

// edPoint is RFC 8032 §5.2.3; nil when b is no point.
func edPoint(b []byte) *point {
	y := littleEndian(b[:56])
	if b[56]&0x7f != 0 || y.Cmp(edPrime) >= 0 {
		return nil
	}
	square := new(big.Int).Mul(y, y)
	top := new(big.Int).Sub(square, big.NewInt(1))
	bottom := new(big.Int).Mul(edD, square)
	bottom.Sub(bottom, big.NewInt(1)).Mod(bottom, edPrime)
	inverse := new(big.Int).ModInverse(bottom, edPrime)
	if inverse == nil {
		return nil
	}
	top.Mul(top, inverse).Mod(top, edPrime)
	x := new(big.Int).ModSqrt(top, edPrime)
	sign := uint(b[56] >> 7)
	if x == nil || x.Sign() == 0 && sign == 1 {
		return nil
	}
	if x.Bit(0) != sign {
		x.Sub(edPrime, x)
	}
	return &point{x, y}
}

// edAdd is the complete addition law of RFC 8032 §5.2.4.
func edAdd(p, q *point) *point {
	xx := new(big.Int).Mul(p.x, q.x)
	yy := new(big.Int).Mul(p.y, q.y)
	product := new(big.Int).Mul(xx, yy)
	product.Mul(product, edD).Mod(product, edPrime)
	cross := new(big.Int).Mul(p.x, q.y)
	cross.Add(cross, new(big.Int).Mul(p.y, q.x))
	one := big.NewInt(1)
	x := cross.Mul(cross, new(big.Int).ModInverse(new(big.Int).Add(one, product), edPrime))
	below := new(big.Int).Sub(one, product)
	y := yy.Sub(yy, xx)
	y.Mul(y, new(big.Int).ModInverse(below.Mod(below, edPrime), edPrime))
	return &point{x.Mod(x, edPrime), y.Mod(y, edPrime)}
}

func edMultiply(p *point, k *big.Int) *point {
	sum := &point{big.NewInt(0), big.NewInt(1)}
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = edAdd(sum, sum)
		if k.Bit(i) == 1 {
			sum = edAdd(sum, p)
		}
	}
	return sum
}

// maxDSABits bounds the work with a DSA key: OpenSSL's OPENSSL_DSA_MAX_MODULUS_BITS.
const maxDSABits = 10_000

// dsaParameters are p, q, g of RFC 3279 §2.3.2 and the public value y.
type dsaParameters struct{ p, q, g, y *big.Int }

func readDSA(a algorithm, bits []byte) *dsaParameters {
	value, _, ok := readElement(bits)
	if a.absent || a.parameters.tag != tagSequence || !ok || value.tag != tagInteger {
		return nil
	}
	parts, ok := elements(a.parameters.body)
	if !ok || len(parts) != 3 {
		return nil
	}
	var n [3]*big.Int
	for i, e := range parts {
		if e.tag != tagInteger {
			return nil
		}
		n[i] = new(big.Int).SetBytes(e.body)
	}
	d := &dsaParameters{n[0], n[1], n[2], new(big.Int).SetBytes(value.body)}
	if d.p.Sign() == 0 || d.q.Sign() == 0 || d.p.BitLen() > maxDSABits || d.q.BitLen() > 512 {
		return nil
	}
	return d
}

// verify is FIPS 186-4 §4.7.
func (d *dsaParameters) verify(h crypto.Hash, message, signature []byte) bool {
	parts, ok := sequence(signature)
	if !ok || len(parts) != 2 || parts[0].tag != tagInteger || parts[1].tag != tagInteger {
		return false
	}
	r, s := new(big.Int).SetBytes(parts[0].body), new(big.Int).SetBytes(parts[1].body)
	if r.Sign() == 0 || s.Sign() == 0 || r.Cmp(d.q) >= 0 || s.Cmp(d.q) >= 0 {
		return false
	}
	sum := digest(h, message)
	sum = sum[:min(len(sum), d.q.BitLen()/8)]
	w := new(big.Int).ModInverse(s, d.q)
	if w == nil {
		return false
	}
	u1 := new(big.Int).SetBytes(sum)
	u1.Mul(u1, w).Mod(u1, d.q)
	u2 := w.Mul(w, r)
	u2.Mod(u2, d.q)
	v := new(big.Int).Exp(d.g, u1, d.p)
	v.Mul(v, new(big.Int).Exp(d.y, u2, d.p)).Mod(v, d.p).Mod(v, d.q)
	return v.Cmp(r) == 0
}

// securityBits is BN_security_bits: NIST SP 800-57 part 1, table 2, and never more than half the order.
func (d *dsaParameters) securityBits() int {
	bits := 0
	for _, level := range []struct{ modulus, bits int }{{1024, 80}, {2048, 112}, {3072, 128}, {7680, 192}, {15360, 256}} {
		if d.p.BitLen() >= level.modulus {
			bits = level.bits
		}
	}
	bits = min(bits, d.q.BitLen()/2)
	if bits < 80 {
		return 0
	}
	return bits
}
