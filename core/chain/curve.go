package chain

import (
	"crypto/elliptic"
	"math/big"
	"sync"
)

// curve is a named elliptic curve in short Weierstrass form, y² = x³ + ax + b over the integers modulo p, with the
// generator (gx, gy) of order n. Go's own packages know four of them; certificates are signed with more.
type curve struct {
	p, a, b, gx, gy, n *big.Int
	orderBits          int
}

func hexadecimal(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 16)
	if !ok {
		panic("chain: malformed constant " + s)
	}
	return n
}

// Curves by object identifier: SEC 2 (v2) and RFC 5639. Those over binary fields, which OpenSSL also has, are not
// read: a key on one of them counts as unusable.
var curves = sync.OnceValue(func() map[string]curve {
	return map[string]curve{
		"1.2.840.10045.3.1.7": nistCurve(elliptic.P256()),
		"1.3.132.0.33":        nistCurve(elliptic.P224()),
		"1.2.840.10045.3.1.1": newCurve( // P-192
			"fffffffffffffffffffffffffffffffeffffffffffffffff",
			"fffffffffffffffffffffffffffffffefffffffffffffffc",
			"64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
			"188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
			"07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
			"ffffffffffffffffffffffff99def836146bc9b1b4d22831"),
		"1.3.132.0.34": nistCurve(elliptic.P384()),
		"1.3.132.0.35": nistCurve(elliptic.P521()),
		"1.3.132.0.10": newCurve( // secp256k1
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0", "7",
			"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
			"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
			"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
		"1.3.36.3.3.2.8.1.1.7": newCurve( // brainpoolP256r1
			"a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
			"7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
			"26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
			"8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
			"547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
			"a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"),
		"1.3.36.3.3.2.8.1.1.11": newCurve( // brainpoolP384r1
			"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
			"7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
			"04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
			"1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
			"8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
			"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565"),
		"1.3.36.3.3.2.8.1.1.13": newCurve( // brainpoolP512r1
			"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
			"7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
			"3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
			"81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
			"7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
			"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069"),
	}
})

func newCurve(p, a, b, gx, gy, n string) curve {
	c := curve{hexadecimal(p), hexadecimal(a), hexadecimal(b), hexadecimal(gx), hexadecimal(gy), hexadecimal(n), 0}
	c.orderBits = c.n.BitLen()
	return c
}

func nistCurve(e elliptic.Curve) curve {
	p := e.Params()
	return curve{p.P, new(big.Int).Sub(p.P, big.NewInt(3)), p.B, p.Gx, p.Gy, p.N, p.N.BitLen()}
}

// point is a point of the curve; nil stands for the one at infinity.
type point struct{ x, y *big.Int }

// point decodes SEC 1 §2.3.4, compressed or not; nil when that is not a point of the curve.
func (c curve) point(encoded []byte) *point {
	size := (c.p.BitLen() + 7) / 8
	if len(encoded) == 0 {
		return nil
	}
	switch form := encoded[0]; {
	case (form == 4 || form == 6 || form == 7) && len(encoded) == 1+2*size:
		q := &point{new(big.Int).SetBytes(encoded[1 : 1+size]), new(big.Int).SetBytes(encoded[1+size:])}
		square := new(big.Int).Mul(q.y, q.y)
		if q.x.Cmp(c.p) >= 0 || q.y.Cmp(c.p) >= 0 || square.Mod(square, c.p).Cmp(c.right(q.x)) != 0 {
			return nil
		}
		if form != 4 && q.y.Bit(0) != uint(form&1) {
			return nil
		}
		return q
	case (form == 2 || form == 3) && len(encoded) == 1+size:
		x := new(big.Int).SetBytes(encoded[1:])
		if x.Cmp(c.p) >= 0 {
			return nil
		}
		y := new(big.Int).ModSqrt(c.right(x), c.p)
		if y == nil {
			return nil
		}
		if y.Bit(0) != uint(form&1) {
			y.Sub(c.p, y)
		}
		return &point{x, y}
	}
	return nil
}

// right is x³ + ax + b.
func (c curve) right(x *big.Int) *big.Int {
	r := new(big.Int).Mul(x, x)
	r.Add(r, c.a)
	r.Mul(r, x)
	r.Add(r, c.b)
	return r.Mod(r, c.p)
}

func (c curve) add(q, r *point) *point {
	if q == nil {
		return r
	}
	if r == nil {
		return q
	}
	top, bottom := new(big.Int), new(big.Int)
	if q.x.Cmp(r.x) == 0 {
		if q.y.Cmp(r.y) != 0 || q.y.Sign() == 0 {
			return nil
		}
		top.Mul(q.x, q.x).Mul(top, big.NewInt(3)).Add(top, c.a)
		bottom.Lsh(q.y, 1)
	} else {
		top.Sub(r.y, q.y)
		bottom.Sub(r.x, q.x)
	}
	bottom.Mod(bottom, c.p)
	slope := top.Mul(top, bottom.ModInverse(bottom, c.p))
	slope.Mod(slope, c.p)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, q.x).Sub(x, r.x).Mod(x, c.p)
	y := new(big.Int).Sub(q.x, x)
	y.Mul(y, slope).Sub(y, q.y).Mod(y, c.p)
	return &point{x, y}
}

func (c curve) multiply(q *point, k *big.Int) *point {
	var sum *point
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = c.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = c.add(sum, q)
		}
	}
	return sum
}

// verify is ECDSA (SEC 1 §4.1.4). Nothing here is secret, so nothing is done in constant time.
func (c curve) verify(q *point, digest []byte, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	e := new(big.Int).SetBytes(digest)
	if extra := len(digest)*8 - c.orderBits; extra > 0 {
		e.Rsh(e, uint(extra))
	}
	w := new(big.Int).ModInverse(s, c.n)
	u1 := e.Mul(e, w)
	u1.Mod(u1, c.n)
	u2 := w.Mul(w, r)
	u2.Mod(u2, c.n)
	sum := c.add(c.multiply(&point{c.gx, c.gy}, u1), c.multiply(q, u2))
	return sum != nil && new(big.Int).Mod(sum.x, c.n).Cmp(r) == 0
}
