package pki

import (
	"bytes"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/asn1"
	"errors"
)

// oidMD5AndTripleDES is Sun's own PBEWithMD5AndTripleDES, which protects the keys of a JCEKS keystore.
var oidMD5AndTripleDES = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 42, 2, 19, 1}

// jksDigestFits says whether passphrase gave the digest at the end of a JKS or JCEKS file: SHA-1 of the passphrase in UTF-16, of a
// phrase, and of the file (JavaKeyStore.java, getPreKeyedHash).
func jksDigestFits(data []byte, passphrase string) bool {
	if len(data) < sha1.Size {
		return false
	}
	at := len(data) - sha1.Size
	bmp := bmpString([]byte(passphrase))
	h := sha1.New()
	h.Write(bmp[:len(bmp)-2]) // without the zero at the end
	h.Write([]byte("Mighty Aphrodite"))
	h.Write(data[:at])
	return hmac.Equal(h.Sum(nil), data[at:])
}

// decryptJCEKS opens a key as OpenJDK's PBES1Core.java does: each half of the salt is hashed with the passphrase, again and
// again; of the 32 bytes together the first 24 are the key, the last 8 the initialization vector.
func decryptJCEKS(info encryptedPrivateKeyInfo, passphrase string, o *opener) ([]byte, error) {
	var p struct {
		Salt       []byte
		Iterations int
	}
	const half = 4
	if rest, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &p); err != nil || len(rest) > 0 || len(p.Salt) != 2*half {
		return nil, errors.New("damaged encryption parameters")
	}
	if err := o.spend(p.Iterations); err != nil {
		return nil, err
	}
	if bytes.Equal(p.Salt[:half], p.Salt[half:]) { // else both halves of the key were the same
		p.Salt[0], p.Salt[1], p.Salt[2], p.Salt[3] = p.Salt[3], p.Salt[0], p.Salt[1], p.Salt[2]
	}
	var both []byte
	for _, next := range [][]byte{p.Salt[:half], p.Salt[half:]} {
		for range p.Iterations {
			sum := md5.Sum(append(bytes.Clone(next), passphrase...))
			next = sum[:]
		}
		both = append(both, next...)
	}
	const keySize = 24
	block, err := des.NewTripleDESCipher(both[:keySize])
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, both[keySize:], info.Data)
}
