package acme

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestHalfAnAnswer is told in words, too.
func TestHalfAnAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("{"))
	}))
	t.Cleanup(s.Close)
	err := (&Cloudflare{Base: s.URL, Token: "t"}).Present(t.Context(), Challenge{Name: "mqtt.example.org"})
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
	err := (&Cloudflare{Base: s.URL, Token: "t"}).Present(ctx, Challenge{Name: "mqtt.example.org"})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), ": it did not answer in time. See whether") {
		t.Errorf("got %v", err)
	}
}
