package deploy

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// Sources names the files of a hand-over. They may be of any format that pki reads, in any order, and hold more than is
// needed.
type Sources struct {
	Certificate string     // the server's certificate (for AWS IoT: a client's), alone or with its chain
	Key         string     // its key; empty: it stands in Certificate, if anywhere
	Chain       []string   // further certificates of authorities
	ClientCA    []string   // the authorities of the clients' certificates
	Client      string     // a client's certificate, to see whether ClientCA issued it; may be empty
	Passphrase  string     // of Key, and of key stores among the files
	At          time.Time  // the clock; zero: now
	Roots       *pki.Roots // nil: pki.PublicRoots()
}

// Material is what was read, ordered and completed. Printing it shows no key.
type Material struct {
	Certificate *x509.Certificate   // the end-entity certificate
	Chain       []*x509.Certificate // what is sent after it, in order, no self-signed certificate
	Root        *x509.Certificate   // the self-signed certificate that Chain leads to; nil: none was found
	RootGiven   bool                // Root stands in a file that was given
	Missing     string              // the issuer that was not found, when Root is nil
	// Added are certificates of Chain that no file holds, Dropped those of the files that do not belong to it.
	Added, Dropped []*x509.Certificate
	Reordered      bool // the files had the chain in another order

	ClientCAs []*x509.Certificate
	Client    []*x509.Certificate // the client's certificate first

	KeyType    string // of the key that was given; empty: there is none
	KeyMatches bool   // it is the certificate's
	Decrypted  bool   // the key file has a passphrase; what is handed over has none

	key   crypto.Signer
	roots *pki.Roots
}

// String names what m holds without showing the key.
func (m Material) String() string {
	if m.Certificate == nil {
		return "no certificate"
	}
	return fmt.Sprintf("certificate %s, %d of its chain", pki.CommonName(m.Certificate), len(m.Chain))
}

// GoString is String: "%#v" would walk into the private key.
func (m Material) GoString() string { return "deploy.Material{" + m.String() + "}" }

// Read reads the files, finds the end-entity certificate (the one that the key belongs to, else the first that is no
// authority's), and puts its chain in order, completed from the public certificates that are known. A file that cannot
// be used is a *pki.FileError; a key that belongs to no certificate is not: see Material.KeyMatches.
func Read(ctx context.Context, s Sources) (Material, error) {
	m := Material{roots: s.Roots}
	if m.roots == nil {
		m.roots = pki.PublicRoots()
	}
	own, err := certificates(s.Certificate, s.Passphrase)
	if err != nil {
		return m, err
	}
	if err := m.readKey(s); err != nil {
		return m, err
	}
	given := own
	for _, path := range s.Chain {
		more, err := certificates(path, s.Passphrase)
		if err != nil {
			return m, err
		}
		given = append(given, more...)
	}
	for _, path := range s.ClientCA {
		more, err := certificates(path, s.Passphrase)
		if err != nil {
			return m, err
		}
		m.ClientCAs = append(m.ClientCAs, more...)
	}
	m.ClientCAs = distinct(m.ClientCAs)
	if s.Client != "" {
		client, err := certificates(s.Client, s.Passphrase)
		if err != nil {
			return m, err
		}
		m.Client = endEntityFirst(client)
	}
	if err := ctx.Err(); err != nil {
		return m, err
	}
	if n := len(given) + len(m.ClientCAs) + len(m.Client); n > maxCertificates {
		return m, fmt.Errorf("reading the certificates of a hand-over: the files hold %d, and at most %d are looked at; give files with the chain alone", n, maxCertificates)
	}
	m.choose(own)
	at := s.At
	if at.IsZero() {
		at = time.Now()
	}
	m.complete(distinct(given), at)
	return m, nil
}

// maxCertificates bounds the work of ordering them. The largest bundles of public roots have some 150.
const maxCertificates = 400

// certificates reads all certificates of a file.
func certificates(path, passphrase string) ([]*x509.Certificate, error) {
	f := pki.ReadFile(path, "", passphrase)
	var out []*x509.Certificate
	why := ""
	for _, b := range f.Blocks {
		if len(b.Certificate) == 0 {
			continue
		}
		c, err := x509.ParseCertificate(b.Certificate)
		if err != nil {
			why = b.Error
			continue
		}
		out = append(out, c)
	}
	if f.Problem != evidence.Readable || len(out) == 0 {
		if f.Problem == evidence.Readable {
			f.Problem, f.Detail = evidence.WrongContent, why
			f.Role = evidence.RoleChain
		}
		return nil, &pki.FileError{File: f}
	}
	return out, nil
}

// readKey reads the key; a file that only might hold it may hold none.
func (m *Material) readKey(s Sources) error {
	path := s.Key
	if path == "" {
		path = s.Certificate
	}
	keys, encrypted, f := pki.ReadKeys(path, s.Passphrase)
	if len(keys) == 0 {
		if s.Key == "" && f.Problem != evidence.PassphraseNone && f.Problem != evidence.PassphraseBad {
			return nil
		}
		return &pki.FileError{File: f}
	}
	own, _ := certificates(s.Certificate, s.Passphrase)
	m.key, m.Decrypted = keys[0], encrypted
	for _, key := range keys {
		for _, c := range own {
			if belongs(key, c) {
				m.key = key
			}
		}
	}
	m.KeyType = pki.KeyTypeOf(m.key.Public())
	return nil
}

func belongs(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// choose finds the end-entity certificate among those of its file.
func (m *Material) choose(own []*x509.Certificate) {
	m.Certificate = endEntityFirst(own)[0]
	for _, c := range own {
		if m.key != nil && belongs(m.key, c) {
			m.Certificate, m.KeyMatches = c, true
			return
		}
	}
}

// endEntityFirst puts the first certificate that issued none of the others, and is no authority's, before the rest.
func endEntityFirst(all []*x509.Certificate) []*x509.Certificate {
	best := 0
	for i, c := range all {
		if !authority(c) {
			best = i
			break
		}
	}
	out := []*x509.Certificate{all[best]}
	for i, c := range all {
		if i != best {
			out = append(out, c)
		}
	}
	return out
}

// authority says whether c may issue certificates: a CA by RFC 5280 §4.2.1.9, or one of version 1, which cannot say.
func authority(c *x509.Certificate) bool {
	return c.BasicConstraintsValid && c.IsCA || c.Version < 3 && selfSigned(c)
}

func distinct(all []*x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			out = append(out, c)
		}
	}
	return out
}

// certificatesPEM writes certificates one after the other.
func certificatesPEM(all ...*x509.Certificate) string {
	var b strings.Builder
	for _, c := range all {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a builder takes everything
	}
	return b.String()
}

// keyPEM is the key as PKCS #8 without a passphrase; empty when there is none.
func (m Material) keyPEM() (string, error) {
	if m.key == nil {
		return "", nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(m.key)
	if err != nil {
		return "", fmt.Errorf("writing the private key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}
