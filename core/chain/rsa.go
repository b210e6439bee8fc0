package chain

import (
	"bytes"
	"crypto"
	"math/big"
)

// OpenSSL's limits on an RSA public key (crypto/rsa/rsa_local.h): they also bound the work of one verification.
const (
	maxModulusBits     = 16384
	smallModulusBits   = 3072
	maxLargeExponent   = 64 // bits of the exponent when the modulus has more than smallModulusBits
	maxSignatureOctets = maxModulusBits / 8
)

// Prefixes of DigestInfo (RFC 8017 §9.2, note 1).
var digestInfo = map[crypto.Hash][]byte{
	crypto.MD5:    {0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10},
	crypto.SHA1:   {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14},
	crypto.SHA224: {0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c},
	crypto.SHA256: {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
	crypto.SHA384: {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
	crypto.SHA512: {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
}

// openRSA is RSAVP1 (RFC 8017 §5.2.2), as octets of the modulus's length; nil when the key or the signature is out
// of bounds. crypto/rsa does the same but refuses moduli under 1024 bits.
func openRSA(k publicKey, signature []byte) []byte {
	bits := k.modulus.BitLen()
	size := (bits + 7) / 8
	if bits > maxModulusBits || len(signature) != size || size == 0 || k.exponent.Cmp(k.modulus) >= 0 {
		return nil
	}
	if bits > smallModulusBits && k.exponent.BitLen() > maxLargeExponent {
		return nil
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(k.modulus) >= 0 {
		return nil
	}
	return s.Exp(s, k.exponent, k.modulus).FillBytes(make([]byte, size))
}

// verifyPKCS1 is RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2).
func verifyPKCS1(k publicKey, h crypto.Hash, message, signature []byte) bool {
	opened := openRSA(k, signature)
	info := append(append([]byte(nil), digestInfo[h]...), digest(h, message)...)
	padding := len(opened) - len(info) - 3
	if opened == nil || padding < 8 {
		return false
	}
	expected := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, padding)...)
	expected = append(append(expected, 0), info...)
	return bytes.Equal(opened, expected)
}

// looksSigned reports whether opening the signature with k gives PKCS #1 padding: then k made it, whatever it signed.
func looksSigned(k publicKey, signature []byte) bool {
	opened := openRSA(k, signature)
	return len(opened) > 10 && opened[0] == 0 && opened[1] == 1 &&
		bytes.Equal(opened[2:10], bytes.Repeat([]byte{0xff}, 8))
}

// pss holds RSASSA-PSS-params (RFC 4055 §3.1).
type pss struct {
	hash, mask crypto.Hash
	salt       int
}

var hashes = map[string]crypto.Hash{
	"1.2.840.113549.2.5": crypto.MD5, "1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.4": crypto.SHA224,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

func readPSS(a algorithm) (pss, bool) {
	p := pss{hash: crypto.SHA1, mask: crypto.SHA1, salt: 20}
	if a.absent || a.parameters.tag != tagSequence {
		return p, false
	}
	parts, ok := elements(a.parameters.body)
	if !ok {
		return p, false
	}
	for _, e := range parts {
		inner, _, ok := readElement(e.body)
		if !ok {
			return p, false
		}
		switch e.tag {
		case 0xa0:
			h, ok := readHash(inner)
			if !ok {
				return p, false
			}
			p.hash = h
		case 0xa1:
			mgf, ok := readAlgorithm(inner)
			if !ok || mgf.absent || mgf.oid != "1.2.840.113549.1.1.8" {
				return p, false
			}
			if p.mask, ok = readHash(mgf.parameters); !ok {
				return p, false
			}
		case 0xa2:
			p.salt = smallInteger(inner.body)
			if p.salt < 0 {
				return p, false
			}
		case 0xa3:
			if smallInteger(inner.body) != 1 {
				return p, false
			}
		default:
			return p, false
		}
	}
	return p, true
}

func readHash(e element) (crypto.Hash, bool) {
	a, ok := readAlgorithm(e)
	h, known := hashes[a.oid]
	return h, ok && known
}

// verifyPSS is RSASSA-PSS (RFC 8017 §8.1.2 and §9.1.2).
func verifyPSS(k publicKey, p pss, message, signature []byte) bool {
	opened := openRSA(k, signature)
	if opened == nil {
		return false
	}
	bits := k.modulus.BitLen() - 1
	size := (bits + 7) / 8
	if size < len(opened) {
		if opened[0] != 0 {
			return false
		}
		opened = opened[1:]
	}
	hashSize := p.hash.Size()
	if size < hashSize+p.salt+2 || opened[size-1] != 0xbc {
		return false
	}
	masked, h := opened[:size-hashSize-1], opened[size-hashSize-1:size-1]
	unused := byte(0xff) >> (8*size - bits)
	if masked[0]&^unused != 0 {
		return false
	}
	block := maskGeneration(p.mask, h, len(masked))
	for i := range block {
		block[i] ^= masked[i]
	}
	block[0] &= unused
	zeros := len(block) - p.salt - 1
	for _, c := range block[:zeros] {
		if c != 0 {
			return false
		}
	}
	if block[zeros] != 1 {
		return false
	}
	d := p.hash.New()
	d.Write(make([]byte, 8))
	d.Write(digest(p.hash, message))
	d.Write(block[zeros+1:])
	return bytes.Equal(d.Sum(nil), h)
}

// maskGeneration is MGF1 (RFC 8017 §B.2.1).
func maskGeneration(h crypto.Hash, seed []byte, length int) []byte {
	var out []byte
	for counter := uint32(0); len(out) < length; counter++ {
		d := h.New()
		d.Write(seed)
		d.Write([]byte{byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter)})
		out = d.Sum(out)
	}
	return out[:length]
}
