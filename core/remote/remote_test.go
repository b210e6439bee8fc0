package remote_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mutual/core/remote"
)

// TestNoRedirection: what a service redirects to gets no secret.
func TestNoRedirection(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked, with the headers %v", r.Header)
	}))
	defer elsewhere.Close()
	service := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer service.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, service.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Api-Key", "secret")
	if status, _, err := remote.Send(nil, r); err != nil || status != http.StatusTemporaryRedirect {
		t.Errorf("status %d, %v", status, err)
	}
}
