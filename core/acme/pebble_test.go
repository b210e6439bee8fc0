package acme

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"mutual/core/pki"
)

func TestMain(m *testing.M) {
	// Pebble waits up to 5 s before it validates, and refuses every twentieth good nonce, unless it is told otherwise.
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	os.Setenv("PEBBLE_WFE_AUTHZREUSE", "0")
	os.Exit(m.Run())
}

// authority is a Pebble in this process, on a loopback port, which validates with the world's DNS.
type authority struct {
	Directory
	server *httptest.Server
	// before sees every request; where it answers itself it returns true.
	before atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
	log    *log.Logger
}

type pebbleOptions struct {
	alternates int
	external   map[string]string
	httpPort   int
	blocked    []string
}

func newAuthority(t *testing.T, w *world, o pebbleOptions) *authority {
	t.Helper()
	logger := log.New(io.Discard, "", 0)
	if testing.Verbose() && os.Getenv("MUTUAL_PEBBLE_LOG") != "" {
		logger = log.New(os.Stderr, "pebble ", 0)
	}
	store := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"classic": {Description: "as it is", ValidityPeriod: 7776000}, "shortlived": {Description: "six days", ValidityPeriod: 518400}}
	authorityCA := ca.New(logger, store, "", "ecdsa", o.alternates, 1, profiles)
	validation := va.New(logger, o.httpPort, 0, true, w.address, store)
	for id, key := range o.external {
		if err := store.AddExternalAccountKeyByID(id, key); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range o.blocked {
		if err := store.AddBlockedDomain(b); err != nil {
			t.Fatal(err)
		}
	}
	front := wfe.New(logger, store, validation, authorityCA, []string{"pebble.letsencrypt.org"}, true, o.external != nil, 1, 1)
	handler := front.Handler()
	a := &authority{}
	a.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := a.before.Load(); f != nil && (*f)(w, r) {
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
	if err := os.WriteFile(file, anchor, 0o644); err != nil {
		t.Fatal(err)
	}
	a.Directory = Directory{URL: a.server.URL + wfe.DirectoryPath, CAFile: file}
	return a
}

func serverCertificate(t *testing.T) (tls.Certificate, []byte) {
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

// scene is a domain in Route 53, the authority, and a folder.
type scene struct {
	world  *world
	aws    *standIn
	ca     *authority
	folder Folder
	steps  []Progress
}

func newScene(t *testing.T, o pebbleOptions) *scene {
	t.Helper()
	w := newWorld(t, "example.org", "other.example")
	return &scene{world: w, aws: newStandIn(t, w, "example.org"), ca: newAuthority(t, w, o), folder: Folder{Path: filepath.Join(t.TempDir(), "acme")}}
}

func (s *scene) request(t *testing.T, names ...string) Request {
	t.Helper()
	info, err := Ask(t.Context(), s.ca.Directory)
	if err != nil {
		t.Fatal(err)
	}
	return Request{Directory: s.ca.Directory, Names: names, AgreedTerms: info.Terms, Contact: []string{"admin@example.org"}}
}

func (s *scene) options(t *testing.T) Options {
	t.Helper()
	return Options{Solver: s.aws.solver(t), Resolver: s.world.resolver(), SeenTimeout: 20 * time.Second,
		Report: func(p Progress) { s.steps = append(s.steps, p) }}
}
