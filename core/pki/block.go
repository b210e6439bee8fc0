package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// Kinds of evidence.Block.Kind.
const (
	kindCertificate  = "certificate"
	kindPrivateKey   = "private-key"
	kindEncryptedKey = "encrypted-private-key"
	kindRequest      = "certificate-request"
	kindPublicKey    = "public-key"
	kindCRL          = "crl"
	kindTrusted      = "trusted-certificate"
	kindPKCS7        = "pkcs7"
	kindParameters   = "parameters"
	kindUnknown      = "unknown"
)

// labelKinds are the PEM types of RFC 7468 and those that OpenSSL reads and writes besides (pem.h).
var labelKinds = map[string]string{
	"CERTIFICATE": kindCertificate, "X509 CERTIFICATE": kindCertificate, "TRUSTED CERTIFICATE": kindTrusted,
	"CERTIFICATE REQUEST": kindRequest, "NEW CERTIFICATE REQUEST": kindRequest,
	"PRIVATE KEY": kindPrivateKey, "RSA PRIVATE KEY": kindPrivateKey, "EC PRIVATE KEY": kindPrivateKey,
	"DSA PRIVATE KEY": kindPrivateKey, "ANY PRIVATE KEY": kindPrivateKey, labelOpenSSH: kindPrivateKey,
	"ENCRYPTED PRIVATE KEY": kindEncryptedKey,
	"PUBLIC KEY":            kindPublicKey, "RSA PUBLIC KEY": kindPublicKey,
	"X509 CRL": kindCRL, "PKCS7": kindPKCS7, "PKCS #7 SIGNED DATA": kindPKCS7, "CMS": kindPKCS7,
	"EC PARAMETERS": kindParameters, "DH PARAMETERS": kindParameters, "X9.42 DH PARAMETERS": kindParameters, "DSA PARAMETERS": kindParameters,
}

const labelOpenSSH = "OPENSSH PRIVATE KEY"

// maxKeys and maxDecryptions bound the private keys of one file that are read and opened: each costs milliseconds, and
// up to seconds when encrypted.
const (
	maxKeys        = 256
	maxDecryptions = 4
)

// contents is a file with the keys in it, which never leave this package except in a tls.Certificate or an Issued.
type contents struct {
	evidence.File
	keys        map[int]crypto.Signer // by block index
	keyErrors   map[int]error
	decryptions int
	keyCount    int
	// containerError says why a PKCS #12 file or a keystore could not be opened, or only in part.
	containerError error
	// der is each block that could be read, by index, and plain the private keys that are not, or no longer, encrypted.
	// They are kept for what converts files.
	der, plain map[int][]byte
	passphrase string // with which the file was read
	work       int    // iterations that a container may ask for; 0: maxWork
}

// keyError remembers why a key cannot be used, for the file's Problem.
func (c *contents) keyError(b *evidence.Block, err error) {
	if c.keyErrors == nil {
		c.keyErrors = map[int]error{}
	}
	c.keyErrors[b.Index] = err
	var unsupported *unsupportedKeyError
	if errors.As(err, &unsupported) && b.KeyType == "" {
		b.KeyType = unsupported.KeyType
	}
	b.Error = err.Error()
}

// addPEM reads one scanned block.
func (c *contents) addPEM(p pemBlock, passphrase string) {
	b := evidence.Block{Index: len(c.Blocks), Label: p.label, Kind: kindUnknown}
	if kind, ok := labelKinds[p.label]; ok {
		b.Kind = kind
	}
	if p.err != nil {
		b.Error = p.err.Error()
	} else {
		c.read(&b, p.block, passphrase)
	}
	c.Blocks = append(c.Blocks, b)
	if b.Kind == kindPKCS7 && p.block != nil && c.Role == "" { // what is in it follows it
		if err := c.addPKCS7(p.block.Bytes); err != nil {
			c.Blocks[b.Index].Error = err.Error()
			if kind := kindOf(p.block.Bytes); kind != kindUnknown && errors.Is(err, errPKCS7) {
				c.Blocks[b.Index].Error = mislabelled(b.Label, kind)
			}
		}
	}
}

// errTooMany is for a file of more blocks than are looked at.
var errTooMany = fmt.Errorf("not read further: a file has at most %d blocks", maxBlocks)

// keepRaw remembers what b is made of.
func (c *contents) keepRaw(b *evidence.Block, der []byte) {
	if c.der == nil {
		c.der = map[int][]byte{}
	}
	c.der[b.Index] = der
}

// read fills b from block, by b.Kind.
func (c *contents) read(b *evidence.Block, block *pem.Block, passphrase string) {
	c.keepRaw(b, block.Bytes)
	c.readAs(b, block, passphrase)
	if b.Error == "" || b.KeyType != "" || b.Certificate != nil || b.Label == "" || b.Kind == kindEncryptedKey {
		return
	}
	if kind := kindOf(block.Bytes); kind != kindUnknown && kind != b.Kind {
		b.Error = mislabelled(b.Label, kind)
	}
}

// mislabelled says what stands in a block whose label says something else.
func mislabelled(label, kind string) string {
	article := "a"
	if kind == kindEncryptedKey {
		article = "an"
	}
	return fmt.Sprintf("its label is %q, but %s %s stands in it", label, article, kindWords[kind])
}

// kindOf tells the kind of a whole DER structure by its frame.
func kindOf(der []byte) string {
	switch derFormat(der) {
	case formatDERCertificate:
		return kindCertificate
	case formatDERRequest:
		return kindRequest
	case formatPKCS7:
		return kindPKCS7
	case formatDERKey, formatDERCRL:
		kind, _ := derKind(der)
		return kind
	}
	return kindUnknown
}

// readAs is read of a block that is what its kind says.
func (c *contents) readAs(b *evidence.Block, block *pem.Block, passphrase string) {
	switch b.Kind {
	case kindCertificate:
		readCertificate(b, block.Bytes)
	case kindTrusted:
		readTrusted(b, block.Bytes)
	case kindRequest:
		readRequest(b, block.Bytes)
	case kindPublicKey:
		readPublicKey(b, block.Bytes)
	case kindCRL:
		if _, err := ReadCRL(block.Bytes); err != nil {
			b.Error = err.Error()
		}
	case kindPrivateKey, kindEncryptedKey:
		c.readKey(b, block, passphrase)
	}
}

func readCertificate(b *evidence.Block, der []byte) {
	outline, whole := outlineOf(der)
	c, err := x509.ParseCertificate(der)
	if whole {
		// Kept also when Go refuses it: others may not, and it has to be shown.
		b.Certificate = der
		b.KeyType, _ = publicKeyType(outline.publicKey)
		b.PublicKeySHA256 = publicKeySHA256(nil, outline.publicKey)
	}
	if err != nil {
		b.Error = trimPrefix(err)
		if _, supported := publicKeyType(outline.publicKey); whole && !supported && b.KeyType != "" {
			b.Error = RefusedKey(b.KeyType) + " (" + b.Error + ")"
		}
		return
	}
	b.PublicKeySHA256 = publicKeySHA256(c.PublicKey, c.RawSubjectPublicKeyInfo)
	if t := KeyTypeOf(c.PublicKey); t != "" {
		b.KeyType = t
	}
}

func readRequest(b *evidence.Block, der []byte) {
	r, err := x509.ParseCertificateRequest(der)
	if err != nil {
		b.Error = trimPrefix(err)
		if key, ok := requestKey(der); ok {
			b.PublicKeySHA256 = publicKeySHA256(nil, key)
			if b.KeyType, ok = publicKeyType(key); !ok && b.KeyType != "" {
				b.Error = RefusedKey(b.KeyType)
			}
		}
		return
	}
	b.PublicKeySHA256, b.KeyType = publicKeySHA256(r.PublicKey, r.RawSubjectPublicKeyInfo), KeyTypeOf(r.PublicKey)
	if b.KeyType == "" {
		b.KeyType, _ = publicKeyType(r.RawSubjectPublicKeyInfo)
	}
}

// readPublicKey reads a SubjectPublicKeyInfo, or the bare RSA key of PKCS #1.
func readPublicKey(b *evidence.Block, der []byte) {
	if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		b.PublicKeySHA256, b.KeyType = publicKeySHA256(k, nil), KeyTypeOf(k)
		return
	}
	pub, err := x509.ParsePKIXPublicKey(der)
	if _, _, ok := algorithmOf(der); !ok && err != nil {
		b.Error = trimPrefix(err)
		return
	}
	b.PublicKeySHA256 = publicKeySHA256(pub, der)
	if b.KeyType = KeyTypeOf(pub); b.KeyType == "" {
		b.KeyType, _ = publicKeyType(der)
	}
}

// readKey reads a private key; the key itself goes to c.keys.
func (c *contents) readKey(b *evidence.Block, block *pem.Block, passphrase string) {
	if b.Label == labelOpenSSH {
		c.keyError(b, &unsupportedKeyError{Why: "a key in OpenSSH's own format"})
		return
	}
	legacy := strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
	if legacy {
		b.Kind = kindEncryptedKey
	}
	if c.keyCount++; c.keyCount > maxKeys {
		b.Error = "not read: too many keys in one file"
		return
	}
	if b.Kind != kindEncryptedKey {
		c.keepDER(b, block.Bytes)
		return
	}
	if passphrase == "" {
		return
	}
	if c.decryptions++; c.decryptions > maxDecryptions {
		b.Error = "not opened: too many encrypted keys in one file"
		return
	}
	open := func(der, passphrase []byte) ([]byte, error) { return decryptPKCS8(der, passphrase, c.work) }
	if legacy {
		open = func(_, passphrase []byte) ([]byte, error) { return decryptLegacy(block, passphrase) }
	}
	plain, err := open(block.Bytes, []byte(passphrase))
	if err != nil {
		c.keyError(b, err)
		return
	}
	c.keepDecrypted(b, plain)
}

// keepDecrypted reads what a decryption gave. What is not one whole ASN.1 sequence was opened with the wrong passphrase:
// padding alone is right once in 256 times.
func (c *contents) keepDecrypted(b *evidence.Block, plain []byte) {
	var sequence asn1.RawValue
	if rest, err := asn1.Unmarshal(plain, &sequence); err != nil || len(rest) > 0 || sequence.Tag != asn1.TagSequence {
		c.keyError(b, errPassphrase)
		return
	}
	c.keepDER(b, plain)
}

// keepDER reads a private key that is not, or no longer, encrypted.
func (c *contents) keepDER(b *evidence.Block, der []byte) {
	if c.plain == nil {
		c.plain = map[int][]byte{}
	}
	c.plain[b.Index] = der
	c.keep(b)(parsePrivateKey(der))
	if b.PublicKeySHA256 == nil {
		b.PublicKeySHA256 = publicKeySHA256(nil, publicKeyInfoOf(der))
	}
}

// keep puts what a key parser returned into c and b.
func (c *contents) keep(b *evidence.Block) func(crypto.Signer, error) {
	return func(key crypto.Signer, err error) {
		if err != nil {
			c.keyError(b, err)
			return
		}
		if c.keys == nil {
			c.keys = map[int]crypto.Signer{}
		}
		c.keys[b.Index] = key
		b.PublicKeySHA256, b.KeyType = publicKeySHA256(key.Public(), nil), KeyTypeOf(key.Public())
	}
}

// derKind says what a whole DER structure other than a certificate or request is, and the PEM label it would have.
func derKind(der []byte) (kind, label string) {
	if isRevocationList(der) {
		return kindCRL, "X509 CRL"
	}
	if _, _, ok := privateKeyAlgorithm(der); ok {
		return kindPrivateKey, "PRIVATE KEY"
	}
	if isPublicKeyInfo(der) {
		return kindPublicKey, "PUBLIC KEY"
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return kindPublicKey, "RSA PUBLIC KEY"
	}
	// EncryptedPrivateKeyInfo: an algorithm, then an OCTET STRING and no more.
	in := cryptobyte.String(der)
	var info cryptobyte.String
	if in.ReadASN1(&info, cbasn1.SEQUENCE) {
		if _, _, ok := readAlgorithm(&info); ok && info.SkipASN1(cbasn1.OCTET_STRING) && info.Empty() {
			return kindEncryptedKey, "ENCRYPTED PRIVATE KEY"
		}
	}
	return kindUnknown, ""
}

// isRevocationList knows the frame of RFC 5280 §5.1, so that a list that Go refuses (version 1, as keytool writes) is still
// one: unlike a certificate, it has a time after the issuer's name.
func isRevocationList(der []byte) bool {
	in := cryptobyte.String(der)
	var list, tbs cryptobyte.String
	return in.ReadASN1(&list, cbasn1.SEQUENCE) && in.Empty() && list.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(cbasn1.INTEGER) && tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) &&
		(tbs.PeekASN1Tag(cbasn1.UTCTime) || tbs.PeekASN1Tag(cbasn1.GeneralizedTime))
}

// trimPrefix is the text of err without the name of the package that it came from.
func trimPrefix(err error) string {
	text := err.Error()
	for _, p := range []string{"x509: ", "tls: ", "asn1: ", "crypto/rsa: "} {
		text = strings.TrimPrefix(text, p)
	}
	for _, p := range []string{"structure error", "syntax error"} { // what follows is of encoding/asn1's own making
		if strings.HasPrefix(text, p) {
			return "its ASN.1 structure is damaged, or that of something else"
		}
	}
	return text
}
