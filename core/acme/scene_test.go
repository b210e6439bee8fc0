package acme

import (
	"path/filepath"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
)

// scene is a domain in Route 53, the authority, and a folder.
type scene struct {
	world  *acmetest.World
	aws    *acmetest.Route53
	ca     *acmetest.Authority
	folder Folder
	steps  []Progress
}

func newScene(t *testing.T, o acmetest.Options) *scene {
	t.Helper()
	w := acmetest.NewWorld(t, "example.org", "other.example", "auth.example")
	return &scene{world: w, aws: acmetest.NewRoute53(t, w, "example.org"), ca: acmetest.NewAuthority(t, w, o),
		folder: Folder{Path: filepath.Join(t.TempDir(), "acme")}}
}

func (s *scene) request(t *testing.T, names ...string) Request {
	t.Helper()
	d := Directory{URL: s.ca.URL, CAFile: s.ca.CAFile}
	info, err := Ask(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return Request{Directory: d, Names: names, AgreedTerms: info.Terms, Contact: []string{"admin@example.org"}}
}

func (s *scene) options(t *testing.T) Options {
	t.Helper()
	return Options{Solver: s.solver(t), Resolver: resolver(s.world), SeenTimeout: 20 * time.Second,
		Report: func(p Progress) { s.steps = append(s.steps, p) }}
}

func (s *scene) solver(t *testing.T) *Route53 { return solver(t, s.world, s.aws) }

func resolver(w *acmetest.World) Resolver {
	r := SystemAt(w.Address)
	r.Port = w.Port
	return r
}

func solver(t *testing.T, w *acmetest.World, s *acmetest.Route53) *Route53 {
	t.Helper()
	return solverWith(t, w, AWSCredentials{AccessKeyID: s.Key.AccessKeyID, SecretAccessKey: s.Key.SecretAccessKey, Endpoint: s.URL})
}

func solverWith(t *testing.T, w *acmetest.World, c AWSCredentials) *Route53 {
	t.Helper()
	r, err := NewRoute53(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	r.Resolver, r.Poll = resolver(w), 10*time.Millisecond
	return r
}
