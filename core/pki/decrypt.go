package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"crypto/x509/pkix"

	"golang.org/x/crypto/scrypt"
)

// Bounds on what a key file may ask of the machine that opens it. OpenSSL writes 2,048 iterations, and N=16384, r=8,
// p=1 (16 MiB); the bounds leave room for a thousand times the care and for no attack.
const (
	maxIterations   = 2_000_000
	maxScryptMemory = 256 << 20 // bytes: 128 N r
	maxScryptWork   = 384 << 20 // 128 N r p
)

// errPassphrase says that the passphrase does not open the key.
var errPassphrase = errors.New("the passphrase does not open the key")

// encryptedPrivateKeyInfo is RFC 5958 §3.
type encryptedPrivateKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// pbes2 is PBES2-params of RFC 8018 §A.4.
type pbes2 struct {
	KeyDerivation, Encryption pkix.AlgorithmIdentifier
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// decryptPKCS8 opens an EncryptedPrivateKeyInfo. The work is done here and not by a library
// because the two answers that matter most cannot be told apart otherwise: a wrong passphrase, and a right one for a
// kind of key that Go cannot use; and because iteration counts and memory have to be bounded before they are spent. work is how
// many iterations may be made; 0: maxWork.
func decryptPKCS8(der, passphrase []byte, work int) ([]byte, error) {
	var info encryptedPrivateKeyInfo
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return nil, errors.New("damaged encrypted private key")
	}
	return newOpener(passphrase, work).decrypt(info.Algorithm, info.Data)
}

// pbkdf2Parameters is PBKDF2-params of RFC 8018 §A.2.
type pbkdf2Parameters struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// deriveKey turns the passphrase into a key of size bytes by PBKDF2 or scrypt.
func (o *opener) deriveKey(kdf pkix.AlgorithmIdentifier, size int) ([]byte, error) {
	switch {
	case kdf.Algorithm.Equal(oidPBKDF2):
		var p pbkdf2Parameters
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil || p.Iterations < 1 {
			return nil, errors.New("damaged PBKDF2 parameters")
		}
		if err := o.spend(p.Iterations); err != nil {
			return nil, err
		}
		prf, ok := pseudorandom[p.PRF.Algorithm.String()]
		if !ok {
			return nil, &unsupportedKeyError{Why: fmt.Sprintf("the passphrase is worked up with %s, which is not read here", encryptionName(p.PRF.Algorithm))}
		}
		return pbkdf2.Key(prf, string(o.text), p.Salt, p.Iterations, size)
	case kdf.Algorithm.Equal(oidScrypt):
		var p struct {
			Salt      []byte
			N, R, P   int
			KeyLength int `asn1:"optional"`
		}
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil || p.N < 2 || p.R < 1 || p.P < 1 {
			return nil, errors.New("damaged scrypt parameters")
		}
		// Divisions, because the products of hostile numbers overflow.
		if p.R > maxScryptMemory/128 || p.N > maxScryptMemory/128/p.R || p.P > maxScryptWork/128/p.R/p.N {
			return nil, &unsupportedKeyError{Why: "the encryption asks for more scrypt work than the limit"}
		}
		// N r p blocks of ChaCha's kind cost about what so many iterations do.
		if work := max(p.N*p.R*p.P, 1); work > o.left {
			return nil, &unsupportedKeyError{Why: "the encryption asks for more scrypt work than the limit"}
		} else {
			o.left -= work
		}
		return scrypt.Key(o.text, p.Salt, p.N, p.R, p.P, size)
	}
	return nil, &unsupportedKeyError{Why: fmt.Sprintf("the passphrase is worked up in a way (%s) that is not read here", encryptionName(kdf.Algorithm))}
}

// pseudorandom are the HMAC hashes of RFC 8018 §B.1.2; without one in the file it is SHA-1.
var pseudorandom = map[string]func() hash.Hash{
	"":                    sha1.New,
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
	"1.2.840.113549.2.12": sha512.New512_224,
	"1.2.840.113549.2.13": sha512.New512_256,
	"1.2.840.113549.2.6":  md5.New, // of no standard; openssl writes it when it is asked to
}

// encryptionScheme is one cipher of RFC 8018 §B.2 in CBC mode, or in a mode that needs no padding.
type encryptionScheme struct {
	keySize  int // bytes
	newBlock func([]byte) (cipher.Block, error)
	stream   func(cipher.Block, []byte) cipher.Stream // nil: CBC
}

var encryptionSchemes = map[string]encryptionScheme{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher, nil},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher, nil},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher, nil},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher, nil},
	"1.3.14.3.2.7":            {8, des.NewCipher, nil},
	// Of no standard for files; openssl and node write them when they are asked to.
	"2.16.840.1.101.3.4.1.3":  {16, aes.NewCipher, outputFeedback},
	"2.16.840.1.101.3.4.1.23": {24, aes.NewCipher, outputFeedback},
	"2.16.840.1.101.3.4.1.43": {32, aes.NewCipher, outputFeedback},
	"2.16.840.1.101.3.4.1.4":  {16, aes.NewCipher, cipherFeedback},
	"2.16.840.1.101.3.4.1.24": {24, aes.NewCipher, cipherFeedback},
	"2.16.840.1.101.3.4.1.44": {32, aes.NewCipher, cipherFeedback},
}

func outputFeedback(b cipher.Block, iv []byte) cipher.Stream {
	//lint:ignore SA1019 files are read that others have written so
	return cipher.NewOFB(b, iv)
}

func cipherFeedback(b cipher.Block, iv []byte) cipher.Stream {
	//lint:ignore SA1019 files are read that others have written so
	return cipher.NewCFBDecrypter(b, iv)
}

// open decrypts data.
func (s encryptionScheme) open(key, iv, data []byte) ([]byte, error) {
	block, err := s.newBlock(key)
	if err != nil {
		return nil, err
	}
	if s.stream == nil {
		return decryptCBC(block, iv, data)
	}
	if len(iv) != block.BlockSize() {
		return nil, errors.New("damaged cipher parameters")
	}
	plain := make([]byte, len(data))
	s.stream(block, iv).XORKeyStream(plain, data)
	return plain, nil
}

// decryptLegacy opens a PEM block with the headers Proc-Type and DEK-Info (RFC 1421), as openssl wrote keys before 1.0.
func decryptLegacy(b *pem.Block, passphrase []byte) ([]byte, error) {
	if plain, known, err := decryptFeedback(b, passphrase); known {
		return plain, err
	}
	//lint:ignore SA1019 the format is weak, but people have such keys, and reading one exposes nothing
	plain, err := x509.DecryptPEMBlock(b, passphrase)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, errPassphrase
	}
	if err != nil {
		mode, _, _ := strings.Cut(b.Headers["DEK-Info"], ",")
		return nil, &unsupportedKeyError{Why: fmt.Sprintf("it is encrypted with %s, which is not opened here (%s)", mode, trimPrefix(err))}
	}
	return plain, nil
}

// decryptFeedback opens a block whose DEK-Info names AES in a mode that needs no padding: OpenSSL's own extension of RFC 1423, with its
// derivation of the key (EVP_BytesToKey with MD5, one round, the first 8 bytes of the vector as salt). known: it is such a one.
func decryptFeedback(b *pem.Block, passphrase []byte) (plain []byte, known bool, err error) {
	name, vector, _ := strings.Cut(b.Headers["DEK-Info"], ",")
	for _, mode := range []struct {
		ending string
		stream func(cipher.Block, []byte) cipher.Stream
	}{{"OFB", outputFeedback}, {"CFB", cipherFeedback}, {"CTR", cipher.NewCTR}} {
		size := map[string]int{"AES-128-" + mode.ending: 16, "AES-192-" + mode.ending: 24, "AES-256-" + mode.ending: 32}[name]
		if size == 0 {
			continue
		}
		iv, err := hex.DecodeString(vector)
		if err != nil || len(iv) != aes.BlockSize {
			return nil, true, errors.New("damaged cipher parameters")
		}
		const salt = 8
		var key, last []byte
		for len(key) < size {
			sum := md5.Sum(slices.Concat(last, passphrase, iv[:salt]))
			last = sum[:]
			key = append(key, last...)
		}
		plain, err := encryptionScheme{size, aes.NewCipher, mode.stream}.open(key[:size], iv, b.Bytes)
		return plain, true, err
	}
	return nil, false, nil
}
