// Package acmetest is Pebble, Let's Encrypt's test authority, which validates with the DNS of nameservertest.
package acmetest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/letsencrypt/pebble/v2/acme"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/pki"
)

// Authority is a Pebble in this process, on a loopback port, which validates with the world's DNS.
type Authority struct {
	// URL is the directory's; CAFile holds the trust anchor of its HTTPS.
	URL, CAFile string
	// Roots are those that certificates lead to, the default chain's first. They stand in no store; see Trust.
	Roots  []*x509.Certificate
	server *httptest.Server
	store  *db.MemoryStore
	front  atomic.Pointer[http.Handler]
	start  func()
	// Before sees every request; where it answers itself it returns true.
	Before atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
}

// Options change what the authority does.
type Options struct {
	Alternates int               // further chains
	External   map[string]string // accounts only for these: key identifier → HMAC
	HTTPPort   int               // where HTTP-01 is looked for
	Blocked    []string          // names that are rejected
}

// NewAuthority starts one. Pebble waits up to 5 s before it validates unless PEBBLE_VA_NOSLEEP is set; it is.
func NewAuthority(t nameservertest.T, w *nameservertest.World, o Options) *Authority {
	t.Helper()
	// The tests that use this do not change the environment otherwise, and several may set the same.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	os.Setenv("PEBBLE_AUTHZREUSE", "0")
	logger := log.New(io.Discard, "", 0)
	profiles := map[string]ca.Profile{"classic": {Description: "as it is", ValidityPeriod: 7776000}, "shortlived": {Description: "six days", ValidityPeriod: 518400}}
	a := &Authority{}
	a.start = func() {
		store := db.NewMemoryStore()
		authorityCA := ca.New(logger, store, "", "ecdsa", o.Alternates, 1, profiles)
		validation := va.New(logger, o.HTTPPort, 0, true, w.Address, store)
		for id, key := range o.External {
			if err := store.AddExternalAccountKeyByID(id, key); err != nil {
				t.Fatal(err)
			}
		}
		for _, b := range o.Blocked {
			if err := store.AddBlockedDomain(b); err != nil {
				t.Fatal(err)
			}
		}
		a.Roots = nil
		for i := range o.Alternates + 1 {
			a.Roots = append(a.Roots, authorityCA.GetRootCert(i).Cert)
		}
		front := wfe.New(logger, store, validation, authorityCA, []string{"pebble.letsencrypt.org"}, true, o.External != nil, 0, 0)
		handler := front.Handler()
		a.store = store
		a.front.Store(&handler)
	}
	a.start()
	a.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := a.Before.Load(); f != nil && (*f)(w, r) {
			return
		}
		a.Handler().ServeHTTP(w, r)
	}))
	issued, anchor := serverCertificate(t)
	a.server.TLS = &tls.Config{Certificates: []tls.Certificate{issued}}
	a.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	a.server.StartTLS()
	t.Cleanup(a.server.Close)
	file := filepath.Join(t.TempDir(), "directory-ca.pem")
	if err := os.WriteFile(file, anchor, 0o644); err != nil {
		t.Fatal(err)
	}
	a.URL, a.CAFile = a.server.URL+wfe.DirectoryPath, file
	return a
}

// Handler is Pebble without what Before does.
func (a *Authority) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forget(a.store, r)
		(*a.front.Load()).ServeHTTP(w, r)
	})
}

// Forget begins the authority anew: accounts, orders and certificates are unknown, and the roots are others.
func (a *Authority) Forget() { a.start() }

// newOrderPath is Pebble's.
const newOrderPath = "/order-plz"

// forget ends the authorizations that a new order could take over: with PEBBLE_AUTHZREUSE at 0, Pebble still lets one in a
// hundred stand for the next order, which then asks for no proof.
func forget(store *db.MemoryStore, r *http.Request) {
	if r.URL.Path != newOrderPath {
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var signed struct{ Protected, Payload string } // a flattened JWS (RFC 7515 §7.2.2)
	var header struct{ KID string }
	var order struct{ Identifiers []acme.Identifier }
	if json.Unmarshal(body, &signed) != nil || decode(signed.Protected, &header) != nil || decode(signed.Payload, &order) != nil {
		return // Pebble says what is wrong with it
	}
	for _, name := range order.Identifiers {
		for z := store.FindValidAuthorization(path.Base(header.KID), name); z != nil; z = store.FindValidAuthorization(path.Base(header.KID), name) {
			z.Lock()
			z.ExpiresDate = time.Now()
			z.Unlock()
		}
	}
}

func decode(part string, to any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

func serverCertificate(t nameservertest.T) (tls.Certificate, []byte) {
	t.Helper()
	subject, err := pki.ParseSubject("/CN=Pebble's front")
	if err != nil {
		t.Fatal(err)
	}
	top, err := pki.NewAuthority(pki.Request{Kind: pki.CA, Subject: subject, Algorithm: pki.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	own, err := pki.Issue(top, pki.Request{Kind: pki.Server, Subject: subject, Names: []string{"127.0.0.1"}, Algorithm: pki.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(own.CertificatePEM, own.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := pem.Decode(top.CertificatePEM); b == nil {
		t.Fatal("no PEM")
	}
	return pair, top.CertificatePEM
}

// Trust adds the roots of its certificates to CAFile, as an authority of one's own has one root for both.
func (a *Authority) Trust(t nameservertest.T) {
	t.Helper()
	data, err := os.ReadFile(a.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.NewBuffer(data)
	for _, r := range a.Roots {
		_ = pem.Encode(text, &pem.Block{Type: "CERTIFICATE", Bytes: r.Raw})
	}
	if err := os.WriteFile(a.CAFile, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Revoked says whether the authority has revoked c.
func (a *Authority) Revoked(c *x509.Certificate) bool {
	return a.store.GetRevokedCertificateBySerial(c.SerialNumber) != nil
}
