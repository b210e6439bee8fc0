package solver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/remote"
	"mutual/core/solver/solvertest"
)

// TestAcmeDNSAccounts keeps the accounts, which are given out only once.
func TestAcmeDNSAccounts(t *testing.T) {
	w := nameservertest.NewWorld(t, "auth.example")
	a := solvertest.NewAcmeDNS(t, w, "auth.example")
	path := filepath.Join(t.TempDir(), "deep", "accounts.json")
	c := Challenge{Name: "mqtt.example.org", KeyAuthorization: "t.k", Target: "_acme-challenge.mqtt.example.org."}
	s := &acmeDNS{Base: a.URL, Accounts: path}
	var first, second *CNAMENeededError
	if err := s.Present(t.Context(), c); !errors.As(err, &first) {
		t.Fatalf("the first time: %v", err)
	}
	if err := s.Present(t.Context(), c); !errors.As(err, &second) || *second != *first {
		t.Errorf("the second time: %v, want %v", second, first)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	other := c
	other.Name = "other.example.org"
	a.Closed = true
	if err := s.Present(t.Context(), other); !errors.Is(err, remote.ErrNotAllowed) || !strings.Contains(err.Error(), "gives out no accounts") {
		t.Errorf("a server that is closed: %v", err)
	}
	damaged := []byte(`{"mqtt.example.org": `)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	a.Closed = false
	if err := s.Present(t.Context(), other); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a damaged file: %v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != string(damaged) {
		t.Error("the damaged file was overwritten")
	}
	if err := os.WriteFile(path, []byte("null"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Present(t.Context(), other); !errors.As(err, &first) {
		t.Errorf("a file with nothing in it: %v", err)
	}
	// Another program has the file, and does not give it back.
	l := flock.New(path + ".lock")
	if err := l.Lock(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Unlock() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Present(ctx, c) }()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a file that is locked: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a wait for a file that is locked cannot be ended")
	}
}
