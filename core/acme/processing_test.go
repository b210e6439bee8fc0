package acme

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
)

// TestProcessingThenReady sends its request where the authority was busy with the order before it had one.
func TestProcessingThenReady(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	var asked atomic.Int32
	busy := func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "my-order") || asked.Add(1) > 2 {
			return false
		}
		rec := httptest.NewRecorder()
		s.ca.Handler().ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code) // Pebble refuses some nonces, to see that it is tried again
		_, _ = w.Write([]byte(strings.Replace(rec.Body.String(), `"status": "ready"`, `"status": "processing"`, 1)))
		return true
	}
	request := s.request(t, "mqtt.example.org")
	s.ca.Before.Store(&busy)
	o := s.options(t)
	o.DecideTimeout = 10 * time.Second
	if _, err := s.folder.Obtain(t.Context(), request, o); err != nil || asked.Load() < 3 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}
