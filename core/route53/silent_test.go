package route53_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mutual/core/route53"
)

// TestSilentService is told in words.
func TestSilentService(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	r, err := route53.New(t.Context(), route53.Credentials{AccessKeyID: "A", SecretAccessKey: "b", Endpoint: s.URL})
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
