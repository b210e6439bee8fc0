package acmetest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

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
func NewAuthority(t T, w *World, o Options) *Authority {
	t.Helper()
	// The tests that use this do not change the environment otherwise, and several may set the same.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	os.Setenv("PEBBLE_AUTHZREUSE", "0")
	logger := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"classic": {Description: "as it is", ValidityPeriod: 7776000}, "shortlived": {Description: "six days", ValidityPeriod: 518400}}
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
	front := wfe.New(logger, store, validation, authorityCA, []string{"pebble.letsencrypt.org"}, true, o.External != nil, 1, 1)
	handler := front.Handler()
	a := &Authority{store: store}
	a.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := a.Before.Load(); f != nil && (*f)(w, r) {
			return
		}
		handler.ServeHTTP(w, r)
	}))
	issued, anchor := serverCertificate(t)
	a.server.TLS = &tls.Config{Certificates: []tls.Certificate{issued}}
	a.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	a.server.StartTLS()
	t.Cleanup(a.server.Close)
	file := filepath.Join(t.TempDir(), "directory-ca.pem")
	for i := range o.Alternates + 1 {
		a.Roots = append(a.Roots, authorityCA.GetRootCert(i).Cert)
	}
	if err := os.WriteFile(file, anchor, 0o644); err != nil {
		t.Fatal(err)
	}
	a.URL, a.CAFile = a.server.URL+wfe.DirectoryPath, file
	return a
}

func serverCertificate(t T) (tls.Certificate, []byte) {
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
func (a *Authority) Trust(t T) {
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
