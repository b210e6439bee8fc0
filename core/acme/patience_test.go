package acme

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestPatience: whoever ends an order waits less long for a service that does not answer.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end()
		for _, test := range []struct {
			ctx  context.Context
			want time.Duration
		}{{t.Context(), cleanUpTime}, {ended, patience}} {
			began := time.Now()
			ctx, cancel := Afterwards(test.ctx)
			<-ctx.Done()
			cancel()
			if took := time.Since(began); took != test.want {
				t.Errorf("it is waited for %s, want %s", took, test.want)
			}
		}
	})
}

// TestSilentService is told in words.
func TestSilentService(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	r, err := NewRoute53(t.Context(), AWSCredentials{AccessKeyID: "A", SecretAccessKey: "b", Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = r.FindZone(ctx, "mqtt.example.org")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the service did not answer in time") || strings.Contains(err.Error(), "operation error") {
		t.Errorf("got %v", err)
	}
	again, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = (&Cloudflare{Base: s.URL, Token: "t"}).Present(again, Challenge{Name: "mqtt.example.org"})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), ": it did not answer in time. See whether") {
		t.Errorf("got %v", err)
	}
}

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
