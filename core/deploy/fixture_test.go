package deploy

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mutual/core/pki"
)

// now is the clock of these tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// keyPool makes each kind of key once: RSA keys are slow to make.
var keyPool = struct {
	sync.Mutex
	keys map[string]crypto.Signer
}{keys: map[string]crypto.Signer{}}

// newKey is the key of a name, of a kind as pki.KeyTypeOf calls it.
func newKey(t testing.TB, kind, name string) crypto.Signer {
	t.Helper()
	keyPool.Lock()
	defer keyPool.Unlock()
	if key, ok := keyPool.keys[kind+name]; ok {
		return key
	}
	var key crypto.Signer
	var err error
	switch kind {
	case "RSA 1024":
		key, err = rsa.GenerateKey(rand.Reader, 1024)
	case "RSA 2048":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "RSA 3072":
		key, err = rsa.GenerateKey(rand.Reader, 3072)
	case "ECDSA P-256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ECDSA P-384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ECDSA P-521":
		key, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "Ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("no kind of key %q", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	keyPool.keys[kind+name] = key
	return key
}

// entity is a certificate with its key.
type entity struct {
	*x509.Certificate
	key crypto.Signer
}

// draft says what to make; the zero value of a field means the usual.
type draft struct {
	name, organization string
	kind               string // of key; empty: ECDSA P-256
	ca                 bool
	hosts              []string
	from, until        time.Time // empty: a year around now
	usages             []x509.ExtKeyUsage
	keyUsage           x509.KeyUsage
}

var serials int64 = 100

// make makes a certificate signed by issuer; nil: self-signed.
func (d draft) make(t testing.TB, issuer *entity) *entity {
	t.Helper()
	if d.kind == "" {
		d.kind = "ECDSA P-256"
	}
	if d.from.IsZero() {
		d.from = now.AddDate(0, -1, 0)
	}
	if d.until.IsZero() {
		d.until = now.AddDate(1, 0, 0)
	}
	serials++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serials), Subject: pkix.Name{CommonName: d.name}, NotBefore: d.from, NotAfter: d.until,
		DNSNames: d.hosts, ExtKeyUsage: d.usages, BasicConstraintsValid: true, IsCA: d.ca, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if d.organization != "" {
		template.Subject.Organization = []string{d.organization}
	}
	if d.ca {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	if d.keyUsage != 0 {
		template.KeyUsage = d.keyUsage
	}
	key := newKey(t, d.kind, d.name)
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &entity{c, key}
}

// world is a public authority as Let's Encrypt has been since 2026: the intermediate's issuer is a root that no store
// has yet, cross-signed by one that every store has.
type world struct {
	old, next, crossed, withdrawn, intermediate, server *entity
	clientCA, client                                    *entity
	roots                                               *pki.Roots
}

func newWorld(t testing.TB) *world {
	w := &world{}
	w.old = draft{name: "Old Root", kind: "RSA 2048", ca: true, until: now.AddDate(9, 0, 0)}.make(t, nil)
	w.next = draft{name: "Next Root", kind: "RSA 2048", ca: true, until: now.AddDate(19, 0, 0)}.make(t, nil)
	w.withdrawn = draft{name: "Next Root", kind: "RSA 2048", ca: true, from: now.AddDate(-1, 0, 0), until: now.AddDate(8, 0, 0)}.make(t, w.old)
	w.crossed = draft{name: "Next Root", kind: "RSA 2048", ca: true, from: now.AddDate(0, -6, 0), until: now.AddDate(8, 0, 0)}.make(t, w.old)
	w.intermediate = draft{name: "YR1", organization: "Let's Encrypt", kind: "RSA 2048", ca: true, until: now.AddDate(2, 0, 0)}.make(t, w.next)
	w.server = draft{name: "broker.example", kind: "RSA 2048", hosts: []string{"broker.example"},
		from: now.AddDate(0, 0, -3), until: now.AddDate(0, 0, 87), usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}.make(t, w.intermediate)
	w.clientCA = draft{name: "Client CA", ca: true}.make(t, nil)
	w.client = draft{name: "sensor", usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}.make(t, w.clientCA)
	w.roots = pki.NewRoots(nil,
		[]pki.Root{pki.NewRoot(w.old.Certificate.Raw, nil)},
		[]pki.Root{pki.NewRoot(w.withdrawn.Certificate.Raw, nil), pki.NewRoot(w.crossed.Certificate.Raw, nil), pki.NewRoot(w.next.Certificate.Raw, nil), pki.NewRoot(w.intermediate.Certificate.Raw, nil)})
	return w
}

// file writes certificates and keys into one file, in this order.
func file(t testing.TB, name string, parts ...any) string {
	t.Helper()
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *entity:
			b.WriteString(certificatesPEM(p.Certificate))
		case *x509.Certificate:
			b.WriteString(certificatesPEM(p))
		case crypto.Signer:
			der, err := x509.MarshalPKCS8PrivateKey(p)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		case string:
			b.WriteString(p)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sources is what a careful user gives for the world's server.
func (w *world) sources(t testing.TB) Sources {
	return Sources{
		Certificate: file(t, "fullchain.pem", w.server, w.intermediate, w.crossed), Key: file(t, "privkey.pem", w.server.key),
		ClientCA: []string{file(t, "client-ca.pem", w.clientCA)}, Client: file(t, "client.crt", w.client),
		At: now, Roots: w.roots,
	}
}

func read(t testing.TB, s Sources) Material {
	t.Helper()
	m, err := Read(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// commonNames are those of the certificates in a PEM text.
func commonNames(t testing.TB, text string) []string {
	t.Helper()
	var out []string
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c.Subject.CommonName)
	}
}
