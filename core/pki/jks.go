package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"encoding/pem"
	"errors"

	"github.com/pavlo-v-chernykh/keystore-go/v4"

	"mutual/core/evidence"
)

// jksEntry is one entry of a Java keystore: a key with its chain, or a trusted certificate.
type jksEntry struct {
	alias string
	key   []byte // EncryptedPrivateKeyInfo of Sun's own protection; nil: a trusted certificate
	chain [][]byte
}

var (
	errJKS         = errors.New("damaged Java keystore")
	errSecretEntry = errors.New("a secret key stands in the keystore; it and what follows it are not read")
)

// addJKS reads a Java keystore. Its certificates are not encrypted, so they are there without a passphrase as well; the
// library proves the store whole and opens the keys. It believes every length that stands in the file, so the frame is
// walked here first.
func (c *contents) addJKS(data []byte, passphrase string) {
	entries, err := readJKS(data)
	if err != nil {
		c.containerError = err
	}
	store := keystore.New(keystore.WithCaseExactAliases())
	if passphrase != "" && c.Format == formatJCEKS {
		if !jksDigestFits(data, passphrase) {
			c.containerError = errPassphrase
		}
	} else if err == nil && passphrase != "" {
		if store.Load(bytes.NewReader(data), []byte(passphrase)) != nil {
			c.containerError = errPassphrase
		}
	}
	for _, e := range entries {
		if len(c.Blocks)+len(e.chain) >= maxBlocks {
			c.containerError = errTooMany
			return
		}
		if e.key != nil {
			c.addJKSKey(e, store, passphrase)
		}
		for _, der := range e.chain {
			b := evidence.Block{Index: len(c.Blocks), Kind: kindCertificate, Name: e.alias}
			c.read(&b, &pem.Block{Bytes: der}, "")
			c.Blocks = append(c.Blocks, b)
		}
	}
}

// addJKSKey opens one key, where the passphrase is known.
func (c *contents) addJKSKey(e jksEntry, store keystore.KeyStore, passphrase string) {
	b := evidence.Block{Index: len(c.Blocks), Kind: kindEncryptedKey, Name: e.alias}
	defer func() { c.Blocks = append(c.Blocks, b) }()
	var info encryptedPrivateKeyInfo
	const overhead = 40 // a salt and a SHA-1 digest, which the library takes for granted
	if _, err := asn1.Unmarshal(e.key, &info); err != nil || len(info.Data) < overhead {
		c.keyError(&b, errors.New("damaged encrypted private key"))
		return
	}
	if c.keyCount++; c.keyCount > maxKeys {
		b.Error = "not read: too many keys in one file"
		return
	}
	if passphrase == "" || errors.Is(c.containerError, errPassphrase) {
		return
	}
	if info.Algorithm.Algorithm.Equal(oidMD5AndTripleDES) {
		plain, err := decryptJCEKS(info, passphrase, newOpener([]byte(passphrase), c.work))
		if err != nil {
			c.keyError(&b, err)
			return
		}
		b.Kind = kindPrivateKey
		c.keepDecrypted(&b, plain)
		return
	}
	if c.containerError != nil {
		return
	}
	entry, err := store.GetPrivateKeyEntry(e.alias, []byte(passphrase))
	if err != nil {
		c.keyError(&b, errPassphrase) // a key can have a passphrase of its own
		return
	}
	b.Kind = kindPrivateKey
	c.keepDER(&b, entry.PrivateKey)
}

// readJKS walks the frame of a JKS file, as OpenJDK's JavaKeyStore.java writes it: magic, version, number of entries,
// the entries, a digest. A JCEKS file (JceKeyStore.java) has the same, and a third kind of entry: a secret key, as a Java
// object. Where that ends only Java knows, so nothing behind one is read.
func readJKS(data []byte) ([]jksEntry, error) {
	const digest = 20
	if len(data) < 12+digest {
		return nil, errJKS
	}
	version := binary.BigEndian.Uint32(data[4:])
	count := binary.BigEndian.Uint32(data[8:])
	if version != 1 && version != 2 {
		return nil, errors.New("a Java keystore of a version that is not known")
	}
	in := &frame{rest: data[12 : len(data)-digest]}
	var out []jksEntry
	for range count {
		tag := in.uint32()
		e := jksEntry{alias: string(in.bytes(int(in.uint16())))}
		in.bytes(8) // the time of creation
		certificates := uint32(1)
		if tag == 1 {
			e.key = in.bytes(int(in.uint32()))
			certificates = in.uint32()
		}
		if tag == 3 && !in.damaged {
			return out, errSecretEntry
		}
		if in.damaged || tag != 1 && tag != 2 {
			return out, errJKS
		}
		for range certificates {
			if version == 2 {
				in.bytes(int(in.uint16())) // the type: "X.509"
			}
			der := in.bytes(int(in.uint32()))
			if in.damaged {
				return out, errJKS
			}
			e.chain = append(e.chain, der)
		}
		out = append(out, e)
	}
	if len(in.rest) > 0 {
		return out, errJKS
	}
	return out, nil
}

// frame reads big-endian numbers and bytes. What goes beyond the end is damage, and nothing is read from then on.
type frame struct {
	rest    []byte
	damaged bool
}

func (f *frame) bytes(n int) []byte {
	if f.damaged || n < 0 || n > len(f.rest) {
		f.damaged = true
		return nil
	}
	out := f.rest[:n]
	f.rest = f.rest[n:]
	return out
}

func (f *frame) uint16() uint16 {
	if b := f.bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (f *frame) uint32() uint32 {
	if b := f.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// isBKS knows the beginning of Bouncy Castle's keystores (BKS and UBER): a version, a salt of 20 bytes, and a number of
// iterations (BcKeyStoreSpi.java).
func isBKS(data []byte) bool {
	if len(data) < 32 {
		return false
	}
	version, salt := binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])
	iterations := binary.BigEndian.Uint32(data[28:])
	return version <= 2 && salt == 20 && iterations >= 1 && iterations < 1<<20
}
