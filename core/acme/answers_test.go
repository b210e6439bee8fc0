package acme

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"
)

// TestAnswersLeaveNothing: lego closes few of the answers that it gets.
func TestAnswersLeaveNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := httptest.NewServer(http.NotFoundHandler())
	c, own, err := Directory{}.httpClient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(s.URL); err != nil {
		t.Error(err)
	}
	own.base.(*http.Transport).CloseIdleConnections()
	s.Close()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
