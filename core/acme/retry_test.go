package acme

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/solver"
	"mutual/core/store"
)

func TestNextTry(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		failures int
		limit    time.Duration // from the last failure; 0: none
		want     time.Duration
	}{{0, 0, -1}, {1, 0, time.Minute}, {2, 0, 10 * time.Minute}, {3, 0, 100 * time.Minute}, {4, 0, 24 * time.Hour}, {40, 0, 24 * time.Hour},
		{1, time.Hour, time.Hour}, {4, time.Hour, 24 * time.Hour}, {0, time.Hour, time.Hour}} {
		r := Renewal{Failures: c.failures, ProblemAt: at}
		if c.limit > 0 {
			r.RetryAt = at.Add(c.limit)
		}
		want := at.Add(c.want)
		if c.want < 0 {
			want = time.Time{}
		}
		if got := r.NextTry(at); !got.Equal(want) {
			t.Errorf("%d failures, limited for %v: %v, want %v", c.failures, c.limit, got, want)
		}
	}
	if got := (Renewal{Failures: 4, ProblemAt: at}).NextTry(at.Add(-time.Hour)); !got.IsZero() {
		t.Errorf("with a failure in the future: %v", got)
	}
}

// limited answers orders with a rate limit for an hour, and counts them.
func limited(count *atomic.Int32) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "order-plz") {
			return false
		}
		count.Add(1)
		return problemAnswer(429, "rateLimited", "too many certificates already issued", "3600")(w, r)
	}
}

// TestRenewLimited: what is due is not tried before the authority allows it, unless a person wants that; a failure of
// another kind keeps nobody from trying again.
func TestRenewLimited(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	got, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	now := got.Certificates[0].NotAfter.AddDate(0, 0, -1)
	renew := func(force bool) error {
		o := s.options(t)
		o.Now = func() time.Time { return now }
		_, _, _, err := s.folder.Renew(t.Context(), name, force, o)
		return err
	}
	kept := func() Renewal {
		r, err := s.folder.Renewal(name)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var orders atomic.Int32
	answer := limited(&orders)
	s.ca.Before.Store(&answer)
	var p *Problem
	if err := renew(false); !errors.As(err, &p) || p.Type != "rateLimited" {
		t.Fatalf("the first: %v", err)
	}
	if r := kept(); r.Failures != 1 || !r.ProblemAt.Equal(now) || !r.RetryAt.Equal(now.Add(time.Hour)) || !r.NextTry(now).Equal(now.Add(time.Hour)) {
		t.Errorf("written down: %+v", r)
	}
	now = now.Add(50 * time.Minute)
	var early *TooSoonError
	if err := renew(false); !errors.As(err, &early) || !early.At.Equal(kept().RetryAt) || !strings.Contains(early.Error(), "too many certificates") {
		t.Errorf("too early: %v", err)
	}
	if kept().Failures != 1 || orders.Load() != 1 {
		t.Errorf("what was not tried counts: %+v, %d orders", kept(), orders.Load())
	}
	if err := renew(true); !errors.As(err, &p) || orders.Load() != 2 {
		t.Errorf("by a person: %v, %d orders", err, orders.Load())
	}
	now = now.Add(2 * time.Hour)
	away := problemAnswer(500, "serverInternal", "the signer is away", "")
	s.ca.Before.Store(&away)
	if err := renew(false); err == nil {
		t.Error("renewed without an authority")
	}
	s.ca.Before.Store(nil)
	if r := kept(); r.Failures != 3 {
		t.Errorf("written down: %+v", r)
	}
	if err := renew(false); err != nil {
		t.Errorf("after another failure: %v", err)
	}
	if r := kept(); r.Failures != 0 || r.Problem != "" || !r.RetryAt.IsZero() || !r.Due.At.IsZero() {
		t.Errorf("after it was renewed: %+v", r)
	}
}

// TestRenewLocked: a secret that is locked is written down as what kept the renewal, and spaces nothing.
func TestRenewLocked(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t)); err != nil {
		t.Fatal(err)
	}
	o := Options{SolverNamed: func(context.Context, string) (solver.Solver, error) {
		return nil, fmt.Errorf("the token: %w", store.ErrLocked)
	}}
	if _, _, _, err := s.folder.Renew(t.Context(), name, true, o); !errors.Is(err, store.ErrLocked) {
		t.Fatal(err)
	}
	if r, err := s.folder.Renewal(name); err != nil || r.Failures != 0 || !strings.Contains(r.Problem, "locked") || !r.NextTry(time.Now()).IsZero() {
		t.Errorf("written down: %+v, %v", r, err)
	}
}

// TestAskDue asks the authority no sooner again than it wants, also in another run of the program, and keeps what it said.
func TestAskDue(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t)); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	fail := false
	count := func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "renewalInfo") {
			return false
		}
		asked.Add(1)
		if fail {
			http.Error(w, "away", http.StatusServiceUnavailable)
		}
		return fail
	}
	s.ca.Before.Store(&count)
	now := time.Now()
	first, err := s.folder.AskDue(t.Context(), name, now)
	if err != nil || !first.FromAuthority || asked.Load() != 1 {
		t.Fatalf("%+v, %v, asked %d times", first, err, asked.Load())
	}
	if wait := first.AskAgain.Sub(now); wait < time.Minute || wait > 24*time.Hour {
		t.Errorf("it is asked again after %v", wait)
	}
	again, err := s.folder.AskDue(t.Context(), name, first.AskAgain.Add(-time.Second))
	if err != nil || asked.Load() != 1 || !again.At.Equal(first.At) || !again.FromAuthority {
		t.Errorf("too early: %+v, %v, asked %d times", again, err, asked.Load())
	}
	// Where it does not answer, what it said last holds.
	fail = true
	later := first.AskAgain.Add(time.Second)
	again, err = s.folder.AskDue(t.Context(), name, later)
	if err == nil || !again.At.Equal(first.At) || !again.AskAgain.Equal(later.Add(askUnanswered).UTC()) {
		t.Errorf("without an answer: %+v, %v", again, err)
	}
}

func TestAskAgain(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for later, want := range map[string]time.Duration{"21600": 6 * time.Hour, "": 24 * time.Hour, "1": time.Minute, "9999999": 24 * time.Hour, "soon": 24 * time.Hour} {
		if got := askAgain(later, now).Sub(now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", later, got, want)
		}
	}
}

// TestShelf reads again what has changed, and nothing else.
func TestShelf(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	shelf := &Shelf{Folder: f}
	solvers := func() (all string) {
		list, err := shelf.List()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			all += k.Name + " " + k.Request.Solver + ";"
		}
		return all
	}
	if got := solvers(); got != "" {
		t.Errorf("of an empty folder: %q", got)
	}
	f.kept(t, "*.b.example.org", "route53", nil)
	f.kept(t, "a.example.org", "manual1", nil)
	if got := solvers(); got != "*.b.example.org route53;a.example.org manual1;" {
		t.Errorf("listed are %q", got)
	}
	// Changed behind its back, with all that can be seen from outside as it was: that is not looked for.
	path := f.Dir("a.example.org") + "/" + renewalFile
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "manual1", "manual2")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := solvers(); !strings.Contains(got, "manual1") {
		t.Errorf("read again: %q", got)
	}
	f.kept(t, "a.example.org", "manual3", nil)
	if got := solvers(); !strings.Contains(got, "manual3") || !strings.Contains(got, "route53") {
		t.Errorf("after a change: %q", got)
	}
	if err := os.RemoveAll(f.Dir("*.b.example.org")); err != nil {
		t.Fatal(err)
	}
	if got := solvers(); got != "a.example.org manual3;" {
		t.Errorf("after one was removed: %q", got)
	}
}
