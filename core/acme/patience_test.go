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
			ctx, cancel := toCleanUp(test.ctx)
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
}
