package pki

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

// Protection says how private keys are written.
type Protection struct {
	// Passphrase encrypts them. Empty: a key that was encrypted where it was read is encrypted with the same passphrase
	// again, unless Plain is set; one that was not, is not.
	Passphrase  string
	Plain       bool
	Traditional bool // PKCS #1 or SEC 1 in place of PKCS #8; needs that nothing is encrypted

	iterations int // of PKCS #8's encryption, for tests under the race detector; 0: keyIterations
}

// Converted is a file's new contents.
type Converted struct {
	Data    []byte
	Private bool     // a private key is in it
	Left    []string // what the format has no place for, or what could not be read: a sentence each
}

// ErrNeedsPassphrase is for a PKCS #12 file with a key and no passphrase to encrypt it with.
var ErrNeedsPassphrase = errors.New("a PKCS #12 file with a key needs a passphrase")

// ManyError is for a format that holds fewer things than there are.
type ManyError struct {
	Format Format
	Things int
}

func (e *ManyError) Error() string {
	if e.Format == DER {
		return fmt.Sprintf("DER holds one certificate, key, request or revocation list, and there are %d", e.Things)
	}
	return fmt.Sprintf("a PKCS #12 file is written with one key, and there are %d", e.Things)
}

// Convert writes everything that could be read in another format, each thing once.
func (inv *Inventory) Convert(f Format, p Protection) (Converted, error) {
	items, left := inv.usable()
	if path, wrong := inv.shut(); path != "" && f != PKCS7 {
		return Converted{}, fmt.Errorf("converting: %w", &LockedError{File: path, Wrong: wrong})
	}
	if len(items) == 0 {
		return Converted{}, errors.New("converting: there is nothing in it that could be written")
	}
	var out Converted
	var err error
	switch f {
	case PEM:
		out, err = convertPEM(items, p)
	case DER:
		out, err = convertDER(items, p)
	case PKCS7:
		out, err = convertPKCS7(items)
	case PKCS12, PKCS12Java:
		out, err = inv.convertPKCS12(f, items, p)
	default:
		err = fmt.Errorf("%q is none of %v", string(f), Formats)
	}
	if err != nil {
		return Converted{}, fmt.Errorf("converting: %w", err)
	}
	out.Left = append(left, out.Left...)
	return out, nil
}

// usable lists the items that can be written, each once, and says of the others why not.
func (inv *Inventory) usable() (items []Item, left []string) {
	seen := map[string]bool{}
	for _, i := range inv.Items {
		switch {
		case i.der == nil || i.Block.Kind == kindPKCS7 || i.Block.Kind == kindParameters || i.Block.Kind == kindUnknown:
			if i.Block.Kind == kindUnknown || i.Block.Error != "" {
				left = append(left, fmt.Sprintf("Block %d of %s is left out: %s.", i.Block.Index, i.File, reasonOf(i)))
			}
			continue
		case i.IsPrivateKey() && !i.opened:
			left = append(left, fmt.Sprintf("The key in block %d of %s is left out: %s.", i.Block.Index, i.File, reasonOf(i)))
			continue
		}
		if id := i.Block.Kind + string(i.der); !seen[id] {
			seen[id] = true
			items = append(items, i)
		}
	}
	return items, left
}

// reasonOf says why i cannot be written.
func reasonOf(i Item) string {
	switch {
	case i.Block.Error != "":
		return i.Block.Error
	case i.IsPrivateKey():
		return "it is encrypted, and its passphrase is not known"
	}
	return "it is of no kind that is known here"
}

// itemLabels are the PEM labels of what is written.
var itemLabels = map[string]string{
	kindCertificate: "CERTIFICATE", kindTrusted: "CERTIFICATE", kindRequest: "CERTIFICATE REQUEST", kindCRL: "X509 CRL", kindPublicKey: "PUBLIC KEY",
}

// convertPEM writes the items one after the other.
func convertPEM(items []Item, p Protection) (Converted, error) {
	var out Converted
	for _, i := range items {
		if !i.IsPrivateKey() {
			out.Data = append(out.Data, pemBlockOf(itemLabels[i.Block.Kind], i.publicDER())...)
			continue
		}
		text, err := i.encodeKey(PEM, p)
		if err != nil {
			return Converted{}, err
		}
		out.Data = append(out.Data, text...)
		out.Private = true
	}
	return out, nil
}

// publicDER is i as it is written. A public key of PKCS #1 becomes a SubjectPublicKeyInfo.
func (i Item) publicDER() []byte {
	if i.Block.Kind == kindPublicKey {
		if k, err := x509.ParsePKCS1PublicKey(i.der); err == nil {
			if der, err := x509.MarshalPKIXPublicKey(k); err == nil {
				return der
			}
		}
	}
	return i.der
}

// passphraseFor is the one that p means for i.
func (p Protection) passphraseFor(i Item) string {
	switch {
	case p.Passphrase != "":
		return p.Passphrase
	case p.Plain:
		return ""
	}
	return i.passphrase
}

// encodeKey writes a private key. One of a kind that Go does not know is passed on as it is.
func (i Item) encodeKey(f Format, p Protection) ([]byte, error) {
	passphrase := p.passphraseFor(i)
	if i.key != nil {
		return encodeKey(i.key, f, passphrase, p.Traditional, cmp.Or(p.iterations, keyIterations))
	}
	_, label := derKind(i.der)
	if passphrase != "" || p.Traditional || label == "" || !isPKCS8(i.der) {
		return nil, fmt.Errorf("the %s key in %s can only be passed on as it is, not encrypted", i.Block.KeyType, i.File)
	}
	if f == DER {
		return i.der, nil
	}
	return pemBlockOf(label, i.der), nil
}

// isPKCS8 tells PrivateKeyInfo (RFC 5958 §2) from the traditional forms, which have other labels.
func isPKCS8(der []byte) bool {
	in := cryptobyte.String(der)
	var key cryptobyte.String
	return in.ReadASN1(&key, cbasn1.SEQUENCE) && key.SkipASN1(cbasn1.INTEGER) && key.SkipASN1(cbasn1.SEQUENCE) && key.PeekASN1Tag(cbasn1.OCTET_STRING)
}

func convertDER(items []Item, p Protection) (Converted, error) {
	if len(items) != 1 {
		return Converted{}, &ManyError{DER, len(items)}
	}
	if !items[0].IsPrivateKey() {
		return Converted{Data: items[0].publicDER()}, nil
	}
	data, err := items[0].encodeKey(DER, p)
	return Converted{Data: data, Private: true}, err
}

// convertPKCS7 writes the certificates and revocation lists.
func convertPKCS7(items []Item) (Converted, error) {
	var out Converted
	var certificates, crls [][]byte
	for _, i := range items {
		switch i.Block.Kind {
		case kindCertificate, kindTrusted:
			certificates = append(certificates, i.der)
		case kindCRL:
			crls = append(crls, i.der)
		default:
			out.Left = append(out.Left, fmt.Sprintf("The %s in %s is left out: PKCS #7 has no place for it.", wordsOf(i), i.File))
		}
	}
	if len(certificates)+len(crls) == 0 {
		return out, errors.New("PKCS #7 holds certificates and revocation lists, and there are none")
	}
	var err error
	out.Data, err = encodePKCS7(certificates, crls)
	return out, err
}

// convertPKCS12 writes the one key with its certificate, that one's issuers in order, and the other certificates; or
// certificates alone.
func (inv *Inventory) convertPKCS12(f Format, items []Item, p Protection) (Converted, error) {
	var out Converted
	var keys []Item
	var certificates []*x509.Certificate
	for _, i := range items {
		switch {
		case i.IsPrivateKey():
			if !slices.ContainsFunc(keys, func(k Item) bool { return bytes.Equal(k.Block.PublicKeySHA256, i.Block.PublicKeySHA256) }) {
				keys = append(keys, i)
			}
		case i.Certificate != nil:
			certificates = append(certificates, i.Certificate)
		default:
			out.Left = append(out.Left, fmt.Sprintf("The %s in %s is left out: PKCS #12 is not written with it.", wordsOf(i), i.File))
		}
	}
	switch {
	case len(keys) > 1:
		return out, &ManyError{f, len(keys)}
	case len(keys) == 0:
		var err error
		out.Data, err = encodePKCS12(f, nil, certificates, p.Passphrase)
		return out, err
	}
	key := keys[0]
	if key.key == nil {
		return out, fmt.Errorf("a key of the kind %q is not written to PKCS #12", key.Block.KeyType)
	}
	chain := inv.chainOf(key, certificates)
	if chain == nil {
		return out, errors.New("none of the certificates belongs to the key")
	}
	passphrase := p.passphraseFor(key)
	if passphrase == "" && !p.Plain {
		return out, ErrNeedsPassphrase
	}
	var err error
	out.Data, err = encodePKCS12(f, key.key, chain, passphrase)
	out.Private = true
	return out, err
}

func wordsOf(i Item) string {
	if words := kindWords[i.Block.Kind]; words != "" {
		return words
	}
	return "certificate"
}

// chainOf is the certificate for key, its issuers in order, and the other certificates; nil: none is for key.
func (inv *Inventory) chainOf(key Item, certificates []*x509.Certificate) []*x509.Certificate {
	for _, c := range certificates {
		if !bytes.Equal(publicKeySHA256(c.PublicKey, c.RawSubjectPublicKeyInfo), key.Block.PublicKeySHA256) {
			continue
		}
		var blocks []evidence.Block
		for _, o := range certificates {
			blocks = append(blocks, evidence.Block{Certificate: o.Raw})
		}
		var out []*x509.Certificate
		for _, der := range inOrder(c, blocks) {
			if x, err := x509.ParseCertificate(der); err == nil {
				out = append(out, x)
			}
		}
		return out
	}
	return nil
}

// EncodeCertificates writes certificates in PEM, one after the other.
func EncodeCertificates(certificates ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certificates {
		out = append(out, pemBlockOf("CERTIFICATE", c.Raw)...)
	}
	return out
}

// EncodeKeyOf writes the private key of the certificate that is item, in PEM; nil: it is not here, or locked.
func (inv *Inventory) EncodeKeyOf(item int, p Protection) ([]byte, error) {
	for _, i := range inv.Items {
		if i.IsPrivateKey() && i.opened && len(i.Block.PublicKeySHA256) > 0 && bytes.Equal(i.Block.PublicKeySHA256, inv.Items[item].Block.PublicKeySHA256) {
			return i.encodeKey(PEM, p)
		}
	}
	return nil, nil
}
