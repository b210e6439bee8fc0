package acme

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/acme/acmetest"
	"mutual/core/progress"
	"mutual/core/solver"
	"mutual/core/store"
)

// TestGiveUp: an order that ended with a record that could not be removed is put away with it, when that can be.
func TestGiveUp(t *testing.T) {
	const name = "typo.example.org"
	s := newScene(t, acmetest.Options{})
	if err := s.folder.GiveUp(t.Context(), name, s.options(t)); err != nil {
		t.Errorf("without an order: %v", err)
	}
	deny := func(yes bool) {
		s.aws.Mu.Lock()
		defer s.aws.Mu.Unlock()
		if s.aws.Fail = nil; yes {
			s.aws.Fail = func(string) (int, string, string) { return 403, "AccessDenied", "not any more" }
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := s.options(t)
	o.Report = func(p progress.Event) {
		if p.Step == progress.Seen {
			deny(true)
			cancel()
		}
	}
	if _, err := s.folder.Obtain(ctx, s.request(t, name), o); err == nil || len(s.world.Texts()) == 0 {
		t.Fatalf("%v, left are %v", err, s.world.Texts())
	}
	if err := s.folder.GiveUp(t.Context(), name, s.options(t)); err == nil || !strings.Contains(err.Error(), "removing the record") {
		t.Errorf("while nothing can be removed: %v", err)
	}
	if _, _, ok := s.folder.Pending(name); !ok {
		t.Fatal("the record that is left is not written down any more")
	}
	deny(false)
	o = s.options(t)
	named := func(_ context.Context, way string) (solver.Solver, error) {
		if way != "route53" {
			t.Errorf("asked for the solver %q", way)
		}
		return o.Solver, nil
	}
	if err := s.folder.GiveUp(t.Context(), name, Options{SolverNamed: named, Resolver: o.Resolver}); err != nil {
		t.Fatal(err)
	}
	if left := s.world.Texts(); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
	if names, err := s.folder.Names(); err != nil || len(names) > 0 {
		t.Errorf("listed are %v, %v", names, err)
	}
}

// TestForgetFormer removes secrets of a name that came to nothing, and only once there are others.
func TestForgetFormer(t *testing.T) {
	const former, name, token = "typo.example.org", "mqtt.example.org", "CLOUDFLARE_DNS_API_TOKEN"
	secrets := keeper(t)
	f := Folder{Path: t.TempDir()}
	keep := func(name string) {
		t.Helper()
		if err := KeepSecrets(t.Context(), name, "cloudflare", map[string]string{token: "of " + name}, secrets); err != nil {
			t.Fatal(err)
		}
	}
	forget := func(there bool) {
		t.Helper()
		if err := f.ForgetFormer(t.Context(), former, name, "cloudflare", secrets); err != nil {
			t.Fatal(err)
		}
		if _, err := secrets.Get(t.Context(), SecretID(former), SecretName(token)); errors.Is(err, store.ErrNoSecret) == there {
			t.Errorf("after that: %v", err)
		}
	}
	keep(former)
	forget(true) // there is no other
	keep(name)
	f.kept(t, former, "cloudflare", nil)
	forget(true) // there is a certificate
	f = Folder{Path: t.TempDir()}
	forget(false)
	if got, err := secrets.Get(t.Context(), SecretID(name), SecretName(token)); err != nil || got != "of "+name {
		t.Errorf("its own is %q, %v", got, err)
	}
}

// TestCovers: a certificate covers the hosts that it is for, also by a wildcard.
func TestCovers(t *testing.T) {
	const name = "*.example.org"
	s := newScene(t, acmetest.Options{})
	if s.folder.Obtained(name) || s.folder.Covers(name, "mqtt.example.org") {
		t.Error("it is there before it was obtained")
	}
	if _, err := s.folder.Obtain(t.Context(), s.request(t, name, "a.b.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"mqtt.example.org": true, "a.b.example.org": true, "c.b.example.org": false, "example.org": false} {
		if s.folder.Covers(name, host) != want {
			t.Errorf("%s: covered %v", host, !want)
		}
	}
	if !s.folder.Obtained(name) {
		t.Error("it is not there after it was obtained")
	}
}

// TestAnotherWay: what an order has created in one way is removed in that way when it is gone on with in another; where
// that cannot be, it is told.
func TestAnotherWay(t *testing.T) {
	for name, denied := range map[string]bool{"with the rights": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			const name = "web.example.org"
			s := newScene(t, acmetest.Options{})
			deny := func(string) (int, string, string) { return 403, "AccessDenied", "not any more" }
			ctx, cancel := context.WithCancel(t.Context())
			o := s.options(t)
			o.Report = func(p progress.Event) {
				if p.Step == progress.Seen {
					s.aws.Mu.Lock()
					s.aws.Fail = deny
					s.aws.Mu.Unlock()
					cancel()
				}
			}
			if _, err := s.folder.Obtain(ctx, s.request(t, name), o); err == nil || len(s.world.Texts()) == 0 {
				t.Fatalf("%v, left are %v", err, s.world.Texts())
			}
			if !denied {
				s.aws.Mu.Lock()
				s.aws.Fail = nil
				s.aws.Mu.Unlock()
			}
			var told []string
			asked := ""
			o = s.options(t)
			o.Solver = byHand(t)
			o.SolverNamed = func(_ context.Context, solver string) (solver.Solver, error) { asked = solver; return s.solver(t), nil }
			left := len(s.world.Texts())
			o.Report = func(p progress.Event) {
				told = append(told, p.Detail)
				if p.Manual != nil {
					left = len(s.world.Texts())
					s.world.Set(0, p.Manual.Name, "TXT", `"`+p.Manual.Value+`"`)
				}
			}
			if _, err := s.folder.Obtain(t.Context(), s.request(t, name), o); err != nil {
				t.Fatal(err)
			}
			if asked != "route53" || denied != (left > 0) {
				t.Errorf("asked for %q, %d records were left", asked, left)
			}
			if all := strings.Join(told, "\n"); denied != strings.Contains(all, "What was created by Amazon Route 53 may still be there; remove it by hand: removing the record _acme-challenge."+name) {
				t.Errorf("told is %s", all)
			}
		})
	}
}
