package acme

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/progress"
)

// TestUndecided ends the wait for an authority that does not decide, and goes on with the order.
func TestUndecided(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	request := s.request(t, "mqtt.example.org")
	silent := func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/chalZ/") {
			return false
		}
		// The authority takes the request, and does nothing.
		w.Header().Set("Replay-Nonce", "bm9uY2U")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"type":"dns-01","status":"processing","url":"https://localhost/","token":"t"}`))
		return true
	}
	s.ca.Before.Store(&silent)
	o := s.options(t)
	o.DecideTimeout = time.Second
	_, err := s.folder.Obtain(t.Context(), request, o)
	var p *Problem
	if !errors.As(err, &p) || !strings.Contains(p.Error(), "not decided within 1s") || !strings.Contains(p.Error(), "goes on from here") {
		t.Fatalf("got %v", err)
	}
	if _, _, ok := s.folder.Pending("mqtt.example.org"); !ok {
		t.Error("the order is not written down")
	}
	s.again(t, "mqtt.example.org")
}

// TestPause asks again no earlier than the authority wants.
func TestPause(t *testing.T) {
	w := &run{client: &client{transport: &transport{header: http.Header{"Retry-After": {"2"}}}}, options: Options{DecideTimeout: time.Second}}
	asked := 0
	err := w.poll(t.Context(), "the order", func() (bool, error) { asked++; return false, nil })
	var p *Problem
	if !errors.As(err, &p) || asked != 1 || time.Until(p.RetryAt) < time.Second {
		t.Errorf("asked %d times: %v", asked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.options.DecideTimeout = time.Hour
	if err := w.poll(ctx, "the order", func() (bool, error) { cancel(); return false, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it ended with %v", err)
	}
}

// TestOrderIsNotGivenUp: an authority that has trouble has not said that the order is gone.
func TestOrderIsNotGivenUp(t *testing.T) {
	trouble := problemAt("/my-order/", 503, `{"type":"urn:ietf:params:acme:error:serverInternal","detail":"down for maintenance"}`, nil)
	gone := problemAt("/my-order/", 404, `{"type":"urn:ietf:params:acme:error:malformed","detail":"no such order"}`, nil)
	cut := func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	tests := map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		kept   bool
	}{
		"trouble":              {trouble, true},
		"a connection cut off": {cut, true},
		"no such order":        {gone, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			request := s.request(t, "mqtt.example.org")
			begin(t, s, request)
			var orders atomic.Int32
			once := func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/order-plz") {
					orders.Add(1)
				}
				return strings.HasPrefix(r.URL.Path, "/my-order/") && orders.Load() == 0 && test.answer(w, r)
			}
			s.ca.Before.Store(&once)
			_, err := s.folder.Obtain(t.Context(), request, s.options(t))
			if test.kept != (err != nil) || test.kept != (orders.Load() == 0) {
				t.Fatalf("%d new orders, %v", orders.Load(), err)
			}
			if test.kept {
				s.again(t, "mqtt.example.org")
			}
		})
	}
}

// begin places an order and ends there.
func begin(t *testing.T, s *scene, r Request) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := s.options(t)
	o.Report = func(p progress.Event) {
		if p.Step == progress.Record {
			cancel()
		}
	}
	if _, err := s.folder.Obtain(ctx, r, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("the order ended with %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.folder.Dir(r.Names[0]), orderFile)); err != nil {
		t.Fatal(err)
	}
}
