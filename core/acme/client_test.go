package acme

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// TestRetryAfterOfLastAnswer: what an earlier refusal said of the next try does not stand behind a later one that says nothing.
func TestRetryAfterOfLastAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if later := r.FormValue("later"); later != "" {
			w.Header().Set("Retry-After", later)
		}
		status, _ := strconv.Atoi(r.FormValue("status"))
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	client := &transport{base: s.Client().Transport, ctx: t.Context()}
	for _, c := range []struct {
		status      int
		later, want string
	}{{503, "120", "120"}, {200, "", ""}, {503, "120", "120"}, {200, "5", ""}, {429, "60", "60"}, {400, "", ""}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("%s/?status=%d&later=%s", s.URL, c.status, c.later), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if got := client.retryAfter(); got != c.want {
			t.Errorf("after %d with %q it is %q, want %q", c.status, c.later, got, c.want)
		}
	}
}
