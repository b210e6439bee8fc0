package acme

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mutual/core/acme/acmetest"
	"mutual/core/progress"
	"mutual/core/remote"
	"mutual/core/solver"
)

func TestRenew(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	first, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	_, due, renewed, err := s.folder.Renew(t.Context(), name, false, s.options(t))
	if err != nil || renewed {
		t.Fatalf("renewed %v, %v", renewed, err)
	}
	leaf := first.Certificates[0]
	if !due.FromAuthority || due.At.Before(leaf.NotBefore) || due.At.After(leaf.NotAfter) {
		t.Errorf("due %+v", due)
	}
	o := s.options(t)
	o.Now = func() time.Time { return due.End.Add(time.Hour) }
	second, _, renewed, err := s.folder.Renew(t.Context(), name, false, o)
	if err != nil || !renewed {
		t.Fatalf("renewed %v, %v", renewed, err)
	}
	if second.Certificates[0].Equal(leaf) {
		t.Error("the certificate is the old one")
	}
	key, err := readKey(second.Files.Key)
	if err != nil || !holds(second.Certificates[0], key) || holds(leaf, key) {
		t.Errorf("the key is not a new one: %v", err)
	}
}

// TestRenewalFails leaves the old certificate in place, to the byte, and says so.
func TestRenewalFails(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t)); err != nil {
		t.Fatal(err)
	}
	before := contents(t, s.folder.Files(name))
	refusal := problemAnswer(500, "serverInternal", "the signer is away", "")
	s.ca.Before.Store(&refusal)
	if _, _, renewed, err := s.folder.Renew(t.Context(), name, true, s.options(t)); err == nil || renewed {
		t.Fatalf("renewed %v, %v", renewed, err)
	}
	if diff := cmp.Diff(before, contents(t, s.folder.Files(name))); diff != "" {
		t.Error("the files have changed: " + diff)
	}
	r, err := s.folder.Renewal(name)
	if err != nil || !strings.Contains(r.Problem, "the signer is away") || r.ProblemAt.IsZero() {
		t.Errorf("written down: %+v, %v", r, err)
	}
	s.again(t, name)
	if r, err := s.folder.Renewal(name); err != nil || r.Problem != "" {
		t.Errorf("written down after it was mended: %+v, %v", r, err)
	}
}

func contents(t *testing.T, f Files) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range []string{f.Certificate, f.Chain, f.FullChain, f.Key} {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[p] = string(data)
	}
	return all
}

func TestRevoke(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	// While a renewal puts another one in its place, it would be that one that is written down as revoked.
	unlock, err := s.folder.lock("mqtt.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, revoke := range []func(context.Context, string, uint, progress.Report) error{s.folder.Revoke, s.folder.RevokeByKey} {
		if err := revoke(t.Context(), "mqtt.example.org", 4, nil); !errors.Is(err, errBusy) {
			t.Errorf("while it is renewed: %v", err)
		}
	}
	unlock()
	if err := s.folder.Revoke(t.Context(), "mqtt.example.org", 4, nil); err != nil {
		t.Fatal(err)
	}
	if r, err := s.folder.Renewal("mqtt.example.org"); err != nil || r.RevokedAt.IsZero() {
		t.Errorf("it is not written down: %+v, %v", r, err)
	}
	var p *Problem
	if err := s.folder.Revoke(t.Context(), "mqtt.example.org", 4, nil); !errors.As(err, &p) || p.Type != "alreadyRevoked" {
		t.Errorf("the second time: %v", err)
	}
	if _, _, _, err := s.folder.Renew(t.Context(), "mqtt.example.org", true, s.options(t)); err != nil {
		t.Fatal(err)
	}
	if r, err := s.folder.Renewal("mqtt.example.org"); err != nil || !r.RevokedAt.IsZero() {
		t.Errorf("the new one counts as revoked: %+v, %v", r, err)
	}
}

func TestExternalAccount(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString([]byte("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"))
	s := newScene(t, acmetest.Options{External: map[string]string{"kid-1": key}})
	r := s.request(t, "mqtt.example.org")
	var p *Problem
	if _, err := s.folder.Obtain(t.Context(), r, s.options(t)); !errors.As(err, &p) || p.Type != "externalAccountRequired" {
		t.Errorf("without: %v", err)
	}
	// Each with what to do, and the authority's own words where it has any.
	for _, c := range []struct{ id, hmac, want string }{
		{"kid-1", base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("wrong", 10))), "copied whole"},
		{"kid-2", key, "not known to the ACME server. See that the key identifier"}, {"kid-1", "short", "32 bytes"}, {"kid-1", "not base64!", "base64url"},
	} {
		r.External = &ExternalAccount{KeyID: c.id, HMAC: c.hmac}
		if _, err := s.folder.Obtain(t.Context(), r, s.options(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s: %v, want %q", c.id, err, c.want)
		}
	}
	// As some pages show it: with padding, in the other alphabet.
	padded := strings.NewReplacer("-", "+", "_", "/").Replace(key)
	for len(padded)%4 != 0 {
		padded += "="
	}
	r.External = &ExternalAccount{KeyID: "kid-1", HMAC: " " + padded + "\n"}
	if _, err := s.folder.Obtain(t.Context(), r, s.options(t)); err != nil {
		t.Error(err)
	}
}

func TestPreferredChain(t *testing.T) {
	s := newScene(t, acmetest.Options{Alternates: 2})
	got, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Alternates) != 3 || !got.Alternates[0].Chosen {
		t.Fatalf("alternates %+v", got.Alternates)
	}
	r := s.request(t, "mqtt.example.org")
	r.PreferredChain = got.Alternates[2].Anchor
	got, err = s.folder.Obtain(t.Context(), r, s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if anchor := anchorOf(got.Certificates); anchor != r.PreferredChain {
		t.Errorf("the chain leads to %s, not to %s", anchor, r.PreferredChain)
	}
}

func TestProfile(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	info, err := Ask(t.Context(), Directory{URL: s.ca.URL, CAFile: s.ca.CAFile})
	if err != nil || info.Profiles["shortlived"] == "" {
		t.Fatalf("%+v, %v", info, err)
	}
	r := s.request(t, "mqtt.example.org")
	r.Profile = "shortlived"
	got, err := s.folder.Obtain(t.Context(), r, s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Certificates[0]; c.NotAfter.Sub(c.NotBefore).Round(time.Hour) != 144*time.Hour {
		t.Errorf("valid for %v", c.NotAfter.Sub(c.NotBefore))
	}
	r.Profile = "nonsense"
	var p *Problem
	if _, err := s.folder.Obtain(t.Context(), r, s.options(t)); !errors.As(err, &p) || p.Type != "invalidProfile" && p.Type != "malformed" {
		t.Errorf("an unknown profile: %v", err)
	}
}

func TestHTTP01(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	s := newScene(t, acmetest.Options{HTTPPort: port})
	s.world.Set(0, "mqtt.example.org.", "A", "127.0.0.1")
	o := s.options(t)
	if o.Solver, err = solver.New(t.Context(), solver.HTTP01, map[string]string{"HTTP01_ADDRESS": address}, o.Resolver); err != nil {
		t.Fatal(err)
	}
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o); err != nil {
		t.Fatal(err)
	}
	if l, err := net.Listen("tcp", address); err != nil {
		t.Errorf("it still listens: %v", err)
	} else {
		l.Close()
	}
}

func TestManual(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	o := s.options(t)
	o.Solver = byHand(t)
	var shown *progress.ByHand
	o.Report = func(p progress.Event) {
		if p.Manual != nil {
			shown = p.Manual
			s.world.Set(300*time.Millisecond, shown.Name, "TXT", `"`+shown.Value+`"`)
		}
	}
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o); err != nil {
		t.Fatal(err)
	}
	if shown == nil || shown.Name != "_acme-challenge.mqtt.example.org." {
		t.Errorf("shown: %+v", shown)
	}
}

func TestSecondProgram(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	unlock, err := s.folder.lock("mqtt.example.org")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
}

func TestRetryAt(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"120": now.Add(2 * time.Minute), "Sun, 22 Nov 2026 13:00:00 GMT": now.Add(time.Hour), "": {}, "-5": {}, "soon": {},
		"99999999999": now.Add(90 * 24 * time.Hour),
	} {
		if got := retryAt(text, now); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestNetworkError says what to do about a directory that cannot be trusted or reached.
func TestNetworkError(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	_, err := Ask(t.Context(), Directory{URL: s.ca.URL})
	var ne *remote.NetworkError
	if !errors.As(err, &ne) || !strings.Contains(ne.Advice, "CA file") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ask(ctx, Directory{URL: s.ca.URL, CAFile: s.ca.CAFile}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
