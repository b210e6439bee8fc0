package acme

import (
	"path/filepath"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/progress"
	"mutual/core/route53/route53test"
	"mutual/core/solver"
)

// scene is a domain in Route 53, the authority, and a folder.
type scene struct {
	world  *nameservertest.World
	aws    *route53test.Service
	ca     *acmetest.Authority
	folder Folder
	steps  []progress.Event
}

func newScene(t *testing.T, o acmetest.Options) *scene {
	t.Helper()
	w := nameservertest.NewWorld(t, "example.org", "other.example", "auth.example")
	return &scene{world: w, aws: route53test.NewService(t, w, "example.org"), ca: acmetest.NewAuthority(t, w, o),
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
	return Options{Solver: s.solver(t), Resolver: s.world.Resolver(), SeenTimeout: 20 * time.Second,
		Report: func(p progress.Event) { s.steps = append(s.steps, p) }}
}

func (s *scene) solver(t *testing.T) solver.Solver { return solver.Route53{Client: s.aws.Client(t)} }

// byHand is the solver that waits for somebody to create the record.
func byHand(t *testing.T) solver.Solver { return solverNamed(t, solver.Manual) }

// solverNamed is a provider's that needs no settings.
func solverNamed(t *testing.T, name string) solver.Solver {
	t.Helper()
	s, err := solver.New(t.Context(), name, nil, nameserver.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
