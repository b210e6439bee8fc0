package pki

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"unicode/utf16"

	"mutual/core/evidence"
)

// PKCS #12 is read here, from its frame, and not by the library that writes it: that one takes only files of one key
// whose certificate comes first, in DER, and works as long as a file asks it to. What people have are also trust stores
// without a key, stores of several keys, keys of other kinds, BER, and other hashes.

// pfx is PFX of RFC 7292 §4.
type pfx struct {
	Version int
	Safe    contentInfo
	MAC     macData `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
}

type macData struct {
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Value     []byte
	}
	Salt       []byte
	Iterations int `asn1:"optional,default:1"`
}

// safeBag is SafeBag of RFC 7292 §4.2.
type safeBag struct {
	Type       asn1.ObjectIdentifier
	Value      asn1.RawValue `asn1:"tag:0,explicit"`
	Attributes []struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	} `asn1:"set,optional"`
}

var (
	oidEncryptedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidFriendlyName  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}
	oidX509Bag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}
	oidPBMAC1        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
)

// Bag types of RFC 7292 §4.2, by the last number of 1.2.840.113549.1.12.10.1.n.
const (
	bagKey = iota + 1
	bagShroudedKey
	bagCertificate
	bagCRL
	bagSecret
	bagNested
)

// errNoPassphrase says that a container is encrypted and no passphrase was given.
var errNoPassphrase = errors.New("the file is encrypted")

// addPKCS12 reads a PKCS #12 file. Without a passphrase the empty one is tried, in both of its forms. When the
// passphrase does not open the file, nothing in it is shown.
func (c *contents) addPKCS12(data []byte, passphrase string) {
	content, o, err := openPKCS12(data, newOpener([]byte(passphrase), c.work))
	if err == nil {
		err = c.addSafes(content, o)
	}
	if err == nil {
		return
	}
	if errors.Is(err, errPassphrase) && passphrase == "" {
		err = errNoPassphrase
	}
	c.containerError = err
}

// openPKCS12 returns the AuthenticatedSafe, which the passphrase's MAC proves whole where there is one, and the opener
// with the form of the passphrase that does.
func openPKCS12(data []byte, o *opener) ([]byte, *opener, error) {
	der, _, err := toDER(data)
	if err != nil {
		return nil, nil, errors.New("damaged PKCS #12 file")
	}
	var p pfx
	if _, err := asn1.Unmarshal(der, &p); err != nil || p.Version != 3 {
		return nil, nil, errors.New("damaged PKCS #12 file")
	}
	if !p.Safe.Type.Equal(oidData) {
		return nil, nil, &unsupportedKeyError{Why: "a PKCS #12 file that is protected by a signature and not by a passphrase is not supported"}
	}
	var content []byte
	if _, err := asn1.Unmarshal(p.Safe.Content.Bytes, &content); err != nil {
		return nil, nil, errors.New("damaged PKCS #12 file")
	}
	if p.MAC.Digest.Algorithm.Algorithm == nil {
		return content, o, nil
	}
	for _, form := range passphraseForms(string(o.text)) {
		o.bmp = form
		sum, err := p.MAC.sum(o, content)
		if err != nil {
			return nil, nil, err
		}
		if hmac.Equal(sum, p.MAC.Digest.Value) {
			return content, o, nil
		}
	}
	return nil, nil, errPassphrase
}

// passphraseForms are the ways in which programs have written a passphrase: as RFC 7292 §B.1 says; the empty one as
// nothing at all; and, beyond ASCII, each byte of UTF-8 as a character (OpenSSL before 1.1.0).
func passphraseForms(passphrase string) [][]byte {
	forms := [][]byte{bmpString([]byte(passphrase))}
	if passphrase == "" {
		return append(forms, nil)
	}
	var bytewise []byte
	for _, b := range []byte(passphrase + "\x00") {
		bytewise = append(bytewise, 0, b)
	}
	if !bytes.Equal(bytewise, forms[0]) {
		forms = append(forms, bytewise)
	}
	return forms
}

// macHashes are the hashes of the MAC of RFC 7292 §B.4.
var macHashes = map[string]func() hash.Hash{
	"1.3.14.3.2.26": sha1.New, "2.16.840.1.101.3.4.2.4": sha256.New224, "2.16.840.1.101.3.4.2.1": sha256.New,
	"2.16.840.1.101.3.4.2.2": sha512.New384, "2.16.840.1.101.3.4.2.3": sha512.New,
	"2.16.840.1.101.3.4.2.5": sha512.New512_224, "2.16.840.1.101.3.4.2.6": sha512.New512_256, "1.2.840.113549.2.5": md5.New,
	"2.16.840.1.101.3.4.2.7": newSHA3(sha3.New224), "2.16.840.1.101.3.4.2.8": newSHA3(sha3.New256),
	"2.16.840.1.101.3.4.2.9": newSHA3(sha3.New384), "2.16.840.1.101.3.4.2.10": newSHA3(sha3.New512),
}

func newSHA3(newHash func() *sha3.SHA3) func() hash.Hash {
	return func() hash.Hash { return newHash() }
}

// sum is the MAC of content.
func (m macData) sum(o *opener, content []byte) ([]byte, error) {
	if m.Digest.Algorithm.Algorithm.Equal(oidPBMAC1) {
		return pbmac1(o, m.Digest.Algorithm.Parameters.FullBytes, content)
	}
	newHash, ok := macHashes[m.Digest.Algorithm.Algorithm.String()]
	if !ok {
		return nil, &unsupportedKeyError{Why: fmt.Sprintf("the file is protected with %s, which is not read here", encryptionName(m.Digest.Algorithm.Algorithm))}
	}
	if err := o.spend(m.Iterations); err != nil {
		return nil, err
	}
	mac := hmac.New(newHash, pkcs12KDF(newHash, 3, o.bmp, m.Salt, m.Iterations, newHash().Size()))
	mac.Write(content)
	return mac.Sum(nil), nil
}

// pbmac1 is RFC 9579.
func pbmac1(o *opener, parameters, content []byte) ([]byte, error) {
	var p struct{ KeyDerivation, MAC pkix.AlgorithmIdentifier }
	if _, err := asn1.Unmarshal(parameters, &p); err != nil {
		return nil, errors.New("damaged MAC parameters")
	}
	newHash, ok := pseudorandom[p.MAC.Algorithm.String()]
	if !ok {
		return nil, &unsupportedKeyError{Why: fmt.Sprintf("the file is protected with %s, which is not read here", encryptionName(p.MAC.Algorithm))}
	}
	var kdf pbkdf2Parameters
	if _, err := asn1.Unmarshal(p.KeyDerivation.Parameters.FullBytes, &kdf); err != nil || kdf.KeyLength < 1 || kdf.KeyLength > 64 {
		return nil, errors.New("damaged MAC parameters") // RFC 9579 §5 wants the length to be there
	}
	key, err := o.deriveKey(p.KeyDerivation, kdf.KeyLength)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(newHash, key)
	mac.Write(content)
	return mac.Sum(nil), nil
}

// addSafes reads an AuthenticatedSafe.
func (c *contents) addSafes(content []byte, o *opener) error {
	der, _, err := toDER(content)
	if err != nil {
		return errors.New("damaged PKCS #12 file")
	}
	var safes []contentInfo
	if _, err := asn1.Unmarshal(der, &safes); err != nil {
		return errors.New("damaged PKCS #12 file")
	}
	var first error
	for _, s := range safes {
		bags, err := openSafe(s, o)
		if err == nil {
			err = c.addBags(bags, o, 0)
		}
		if err != nil && first == nil {
			first = err
		}
	}
	return first
}

// openSafe returns the SafeContents of one ContentInfo.
func openSafe(s contentInfo, o *opener) ([]byte, error) {
	switch {
	case s.Type.Equal(oidData):
		var plain []byte
		if _, err := asn1.Unmarshal(s.Content.Bytes, &plain); err != nil {
			return nil, errors.New("damaged PKCS #12 file")
		}
		return plain, nil
	case s.Type.Equal(oidEncryptedData):
		var d struct {
			Version int
			Info    struct {
				Type      asn1.ObjectIdentifier
				Algorithm pkix.AlgorithmIdentifier
				Content   asn1.RawValue `asn1:"tag:0,optional"`
			}
		}
		if _, err := asn1.Unmarshal(s.Content.Bytes, &d); err != nil {
			return nil, errors.New("damaged PKCS #12 file")
		}
		sealed, err := implicitOctets(d.Info.Content)
		if err != nil {
			return nil, err
		}
		return o.decrypt(d.Info.Algorithm, sealed)
	}
	return nil, &unsupportedKeyError{Why: "a part of the file is encrypted for a certificate and not with a passphrase"}
}

// implicitOctets is the content of an OCTET STRING under another tag, which BER may have in parts.
func implicitOctets(v asn1.RawValue) ([]byte, error) {
	if !v.IsCompound {
		return v.Bytes, nil
	}
	var out []byte
	for rest := v.Bytes; len(rest) > 0; {
		var part []byte
		var err error
		if rest, err = asn1.Unmarshal(rest, &part); err != nil {
			return nil, errors.New("damaged PKCS #12 file")
		}
		out = append(out, part...)
	}
	return out, nil
}

// addBags reads SafeContents.
func (c *contents) addBags(content []byte, o *opener, depth int) error {
	der, _, err := toDER(content)
	if err != nil {
		return errPassphrase // without a MAC, this is how a wrong one shows
	}
	var bags []safeBag
	if _, err := asn1.Unmarshal(der, &bags); err != nil {
		return errPassphrase
	}
	for _, bag := range bags {
		if len(c.Blocks) >= maxBlocks {
			return errTooMany
		}
		if kind := bag.kind(); kind == bagNested && depth < maxBERDepth {
			if err := c.addBags(bag.Value.Bytes, o, depth+1); err != nil {
				return err
			}
		} else {
			c.addBag(bag, kind, o)
		}
	}
	return nil
}

// kind is one of the bag types; 0: none of them.
func (b safeBag) kind() int {
	prefix := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1}
	if n := len(prefix); len(b.Type) == n+1 && b.Type[:n].Equal(prefix) {
		return b.Type[n]
	}
	return 0
}

// addBag makes a block of one bag.
func (c *contents) addBag(bag safeBag, kind int, o *opener) {
	b := evidence.Block{Index: len(c.Blocks), Kind: kindUnknown, Name: bag.friendlyName()}
	switch kind {
	case bagCertificate, bagCRL:
		b.Kind = map[int]string{bagCertificate: kindCertificate, bagCRL: kindCRL}[kind]
		der, err := bagContents(bag.Value.Bytes, kind)
		if err != nil {
			b.Error = err.Error()
			break
		}
		c.read(&b, &pem.Block{Bytes: der}, "")
	case bagKey:
		b.Kind = kindPrivateKey
		c.read(&b, &pem.Block{Bytes: bag.Value.Bytes}, "")
	case bagShroudedKey:
		b.Kind = kindEncryptedKey
		c.addShroudedKey(&b, bag.Value.Bytes, o)
	case bagSecret:
		b.Error = "a secret, neither certificate nor key of a certificate"
	default:
		b.Error = fmt.Sprintf("a kind of content (%s) that is not known", bag.Type)
	}
	c.Blocks = append(c.Blocks, b)
}

// bagContents takes the certificate or the CRL out of its bag (RFC 7292 §4.2.3, §4.2.4).
func bagContents(der []byte, kind int) ([]byte, error) {
	var v struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue `asn1:"tag:0,explicit"`
	}
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		return nil, errors.New("damaged PKCS #12 file")
	}
	if kind == bagCertificate && !v.Type.Equal(oidX509Bag) {
		return nil, errors.New("a certificate that is not X.509")
	}
	var out []byte
	if _, err := asn1.Unmarshal(v.Value.Bytes, &out); err != nil {
		return nil, errors.New("damaged PKCS #12 file")
	}
	return out, nil
}

// addShroudedKey opens a key. The MAC has proved the passphrase already in most files.
func (c *contents) addShroudedKey(b *evidence.Block, der []byte, o *opener) {
	if c.keyCount++; c.keyCount > maxKeys {
		b.Error = "not read: too many keys in one file"
		return
	}
	var info encryptedPrivateKeyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		c.keyError(b, errors.New("damaged encrypted private key"))
		return
	}
	plain, err := o.decrypt(info.Algorithm, info.Data)
	switch {
	case errors.Is(err, errPassphrase) && len(o.text) == 0: // nothing else of the file was encrypted
		return
	case err != nil:
		c.keyError(b, err)
		return
	}
	b.Kind = kindPrivateKey
	c.keepDecrypted(b, plain)
}

// friendlyName is the name under which programs show b.
func (b safeBag) friendlyName() string {
	for _, a := range b.Attributes {
		var value asn1.RawValue
		if !a.Type.Equal(oidFriendlyName) {
			continue
		}
		if _, err := asn1.Unmarshal(a.Values.Bytes, &value); err != nil || len(value.Bytes)%2 != 0 {
			continue
		}
		units := make([]uint16, len(value.Bytes)/2)
		for i := range units {
			units[i] = uint16(value.Bytes[2*i])<<8 | uint16(value.Bytes[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	return ""
}
