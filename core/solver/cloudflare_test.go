package solver

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/remote"
	"mutual/core/solver/solvertest"
)

// TestHalfAnAnswer is told in words, too.
func TestHalfAnAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("{"))
	}))
	t.Cleanup(s.Close)
	err := (&cloudflare{Base: s.URL, Token: "t"}).Present(t.Context(), Challenge{Name: "mqtt.example.org"})
	if err == nil || !strings.Contains(err.Error(), ": the connection ended before the answer was whole. See whether") {
		t.Errorf("got %v", err)
	}
}

// TestSilentCloudflare: silence is told in words.
func TestSilentCloudflare(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := (&cloudflare{Base: s.URL, Token: "t"}).Present(ctx, Challenge{Name: "mqtt.example.org"})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), ": it did not answer in time. See whether") {
		t.Errorf("got %v", err)
	}
}

// TestCloudflareRefused says what to do for each way in which Cloudflare refuses.
func TestCloudflareRefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	cf := solvertest.NewCloudflare(t, w, "example.org")
	c := Challenge{Name: "mqtt.example.org", Token: "t", KeyAuthorization: "t.k"}
	s := &cloudflare{Token: cf.Token, Base: cf.URL}
	check := func(what string, c Challenge, wants ...string) {
		t.Helper()
		err := s.Present(t.Context(), c)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q in it", what, err, want)
			}
		}
	}
	check("another's zone", Challenge{Name: "mqtt.elsewhere.net", KeyAuthorization: "t.k"}, "mqtt.elsewhere.net", "Zone:Read")
	cf.Status = "pending"
	check("a zone that is not delegated", c, "example.org is pending", "ada.ns.cloudflare.com")
	cf.Status = "active"
	cf.Fail = func(string, string) (int, int, string) {
		return 429, 971, "Please wait and consider throttling your request speed"
	}
	check("too many requests", c, "throttling your request speed (971)", "five minutes")
	cf.Fail = func(string, string) (int, int, string) { return 502, 0, "bad gateway" }
	check("trouble", c, "try again in a minute")
	cf.Fail = nil
	s.Token = "two words"
	check("a token that was copied wrongly", c, "Invalid format for Authorization header (6111)", "copied whole")
	s.Token = cf.Token
	// The removal of one that is refused is not taken for done.
	if err := s.Present(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.Present(t.Context(), c); err != nil {
		t.Errorf("the second time: %v", err)
	}
	cf.ReadOnly = true
	if err := (&cloudflare{Token: cf.Token, Base: cf.URL}).CleanUp(t.Context(), c); !errors.Is(err, remote.ErrNotAllowed) {
		t.Errorf("a removal that is refused: %v", err)
	}
	cf.ReadOnly = false
	if err := (&cloudflare{Token: cf.Token, Base: cf.URL}).CleanUp(t.Context(), c); err != nil || len(w.Texts()) != 0 {
		t.Errorf("removed by another process: %v, left are %v", err, w.Texts())
	}
}
