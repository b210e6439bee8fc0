package pki

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"unicode/utf16"
)

// maxWork bounds the iterations that all the encryptions of one container may ask for together: it can hold thousands.
// A MAC, certificates and a key of a million each are within it.
const maxWork = 3_000_000

// opener opens what a passphrase encrypts, and counts what that costs.
type opener struct {
	text []byte // UTF-8, which PKCS #5 takes
	bmp  []byte // UTF-16 with a zero at the end, which PKCS #12 takes (RFC 7292 §B.1)
	left int    // iterations that may still be made
}

// newOpener takes a passphrase and how many iterations may be made; 0: maxWork.
func newOpener(passphrase []byte, work int) *opener {
	if work == 0 {
		work = maxWork
	}
	return &opener{text: passphrase, bmp: bmpString(passphrase), left: work}
}

// bmpString is passphrase in big-endian UTF-16 with a zero at the end.
func bmpString(passphrase []byte) []byte {
	var out []byte
	for _, u := range append(utf16.Encode([]rune(string(passphrase))), 0) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// spend refuses work that is over a bound, before it is done.
func (o *opener) spend(iterations int) error {
	if iterations < 1 {
		return errors.New("damaged encryption parameters: there are no iterations")
	}
	if iterations > maxIterations || iterations > o.left {
		return &unsupportedKeyError{Why: fmt.Sprintf("the encryption asks for %d iterations, over the limit of %d", iterations, maxIterations)}
	}
	o.left -= iterations
	return nil
}

// decrypt opens data by PBES2 (RFC 8018 §6.2), PBES1 (§6.1) or a scheme of PKCS #12 (RFC 7292 §C). It answers
// errPassphrase when the padding is not right afterwards; a wrong passphrase can pass that once in 256 times.
func (o *opener) decrypt(algorithm pkix.AlgorithmIdentifier, data []byte) ([]byte, error) {
	if algorithm.Algorithm.Equal(oidPBES2) {
		return o.decryptPBES2(algorithm.Parameters.FullBytes, data)
	}
	scheme, ok := oldSchemes[algorithm.Algorithm.String()]
	if !ok {
		return nil, &unsupportedKeyError{Why: fmt.Sprintf("it is encrypted in a way (%s) that is not opened here", encryptionName(algorithm.Algorithm))}
	}
	var p struct {
		Salt       []byte
		Iterations int
	}
	if rest, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &p); err != nil || len(rest) > 0 {
		return nil, errors.New("damaged encryption parameters")
	}
	if err := o.spend(p.Iterations); err != nil {
		return nil, err
	}
	key, iv := scheme.derive(o, p.Salt, p.Iterations)
	if scheme.stream {
		c, err := rc4.NewCipher(key)
		if err != nil {
			return nil, err
		}
		plain := make([]byte, len(data))
		c.XORKeyStream(plain, data)
		return plain, nil
	}
	block, err := scheme.newBlock(key)
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, iv, data)
}

// decryptPBES2 opens PBES2-params of RFC 8018 §A.4.
func (o *opener) decryptPBES2(parameters, data []byte) ([]byte, error) {
	var params pbes2
	if _, err := asn1.Unmarshal(parameters, &params); err != nil {
		return nil, errors.New("damaged encryption parameters")
	}
	if params.Encryption.Algorithm.Equal(oidRC2CBC) {
		return o.decryptRC2(params, data)
	}
	scheme, ok := encryptionSchemes[params.Encryption.Algorithm.String()]
	if !ok {
		return nil, &unsupportedKeyError{Why: fmt.Sprintf("it is encrypted with %s, which is not opened here", encryptionName(params.Encryption.Algorithm))}
	}
	key, err := o.deriveKey(params.KeyDerivation, scheme.keySize)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(params.Encryption.Parameters.FullBytes, &iv); err != nil {
		return nil, errors.New("damaged cipher parameters")
	}
	return scheme.open(key, iv, data)
}

var oidRC2CBC = asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 2}

// rc2Versions are the numbers that RC2-CBC-Parameter (RFC 8018 §B.2.3) has for effective key lengths under 256 bits.
var rc2Versions = map[int]int{160: 40, 120: 64, 58: 128}

// decryptRC2 opens PBES2 with RC2, whose key is as long as PBKDF2's parameters say, else as its effective length.
func (o *opener) decryptRC2(params pbes2, data []byte) ([]byte, error) {
	var p struct {
		Version int `asn1:"optional,default:-1"`
		IV      []byte
	}
	if _, err := asn1.Unmarshal(params.Encryption.Parameters.FullBytes, &p); err != nil {
		return nil, errors.New("damaged cipher parameters")
	}
	effective, ok := rc2Versions[p.Version]
	switch {
	case ok:
	case p.Version < 0: // left out
		effective = 32
	default:
		effective = p.Version
	}
	size := effective / 8
	var kdf pbkdf2Parameters
	if _, err := asn1.Unmarshal(params.KeyDerivation.Parameters.FullBytes, &kdf); err == nil && kdf.KeyLength > 0 {
		size = kdf.KeyLength
	}
	if size < 1 || size > 128 {
		return nil, errors.New("damaged cipher parameters")
	}
	key, err := o.deriveKey(params.KeyDerivation, size)
	if err != nil {
		return nil, err
	}
	block, err := newRC2(key, effective)
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, p.IV, data)
}

// decryptCBC opens data and takes the padding of RFC 8018 §6.1.1 away.
func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size {
		return nil, errors.New("damaged cipher parameters")
	}
	if len(data) == 0 || len(data)%size != 0 {
		return nil, errors.New("damaged encrypted data: its length is not a multiple of the cipher's block")
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > size || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errPassphrase
	}
	return plain[:len(plain)-pad], nil
}

// oldScheme is one encryption of before PBES2: key and initialization vector come from one derivation.
type oldScheme struct {
	pkcs5    func() hash.Hash // PBKDF1 with that hash; nil: PKCS #12 with SHA-1
	keySize  int              // bytes
	stream   bool             // RC4: there is no block
	newBlock func(key []byte) (cipher.Block, error)
}

// oldSchemes are those of RFC 8018 §A.3 (without MD2, which Go has not) and RFC 7292 §C.
var oldSchemes = map[string]oldScheme{
	"1.2.840.113549.1.5.3":    {pkcs5: md5.New, keySize: 8, newBlock: des.NewCipher},
	"1.2.840.113549.1.5.6":    {pkcs5: md5.New, keySize: 8, newBlock: newWholeRC2},
	"1.2.840.113549.1.5.10":   {pkcs5: sha1.New, keySize: 8, newBlock: des.NewCipher},
	"1.2.840.113549.1.5.11":   {pkcs5: sha1.New, keySize: 8, newBlock: newWholeRC2},
	"1.2.840.113549.1.12.1.1": {keySize: 16, stream: true},
	"1.2.840.113549.1.12.1.2": {keySize: 5, stream: true},
	"1.2.840.113549.1.12.1.3": {keySize: 24, newBlock: des.NewTripleDESCipher},
	"1.2.840.113549.1.12.1.4": {keySize: 16, newBlock: newTwoKeyDES},
	"1.2.840.113549.1.12.1.5": {keySize: 16, newBlock: newWholeRC2},
	"1.2.840.113549.1.12.1.6": {keySize: 5, newBlock: newWholeRC2},
}

// newWholeRC2 is RC2 with all bits of the key in effect.
func newWholeRC2(key []byte) (cipher.Block, error) { return newRC2(key, 8*len(key)) }

// newTwoKeyDES is 3DES whose third key is the first.
func newTwoKeyDES(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(append(bytes.Clone(key), key[:8]...))
}

func (s oldScheme) derive(o *opener, salt []byte, iterations int) (key, iv []byte) {
	const blockSize = 8 // of DES and RC2
	if s.pkcs5 != nil {
		both := pbkdf1(s.pkcs5, o.text, salt, iterations)
		return both[:s.keySize], both[s.keySize : s.keySize+blockSize]
	}
	key = pkcs12KDF(sha1.New, 1, o.bmp, salt, iterations, s.keySize)
	if !s.stream {
		iv = pkcs12KDF(sha1.New, 2, o.bmp, salt, iterations, blockSize)
	}
	return key, iv
}

// pbkdf1 is RFC 8018 §5.1.
func pbkdf1(newHash func() hash.Hash, passphrase, salt []byte, iterations int) []byte {
	h := newHash()
	h.Write(passphrase)
	h.Write(salt)
	out := h.Sum(nil)
	for range iterations - 1 {
		h.Reset()
		h.Write(out)
		out = h.Sum(out[:0])
	}
	return out
}

// pkcs12KDF is RFC 7292 §B.2; id says what the bytes are for: 1 a key, 2 an initialization vector, 3 a MAC key.
func pkcs12KDF(newHash func() hash.Hash, id byte, passphrase, salt []byte, iterations, size int) []byte {
	h := newHash()
	v := h.BlockSize()
	diversifier := bytes.Repeat([]byte{id}, v)
	input := append(fill(salt, v), fill(passphrase, v)...)
	var out []byte
	for {
		h.Reset()
		h.Write(diversifier)
		h.Write(input)
		a := h.Sum(nil)
		for range iterations - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		if out = append(out, a...); len(out) >= size {
			return out[:size]
		}
		b := make([]byte, v)
		for i := range b {
			b[i] = a[i%len(a)]
		}
		for block := input; len(block) > 0; block = block[v:] {
			addOne(block[:v], b)
		}
	}
}

// fill repeats s up to a multiple of v bytes.
func fill(s []byte, v int) []byte {
	out := make([]byte, (len(s)+v-1)/v*v)
	for i := range out {
		out[i] = s[i%len(s)]
	}
	return out
}

// addOne makes block the sum of block, b and 1, as big-endian numbers of the same length; what is carried out of them
// is lost.
func addOne(block, b []byte) {
	carry := 1
	for i := len(block) - 1; i >= 0; i-- {
		carry += int(block[i]) + int(b[i])
		block[i] = byte(carry)
		carry >>= 8
	}
}
