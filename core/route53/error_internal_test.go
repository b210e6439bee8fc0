package route53

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

// TestWrongClock: the SDK tries again what these codes are given to, several times, before it hands them on.
func TestWrongClock(t *testing.T) {
	for message, code := range map[string]string{
		"Signature not yet current: 20260101T130000Z is still later than 20260101T123500Z (20260101T123000Z + 5 min.)": "InvalidSignatureException",
		"Request has expired": "RequestExpired",
		"The difference between the request time and the current time is too large": "RequestTimeTooSkewed",
	} {
		err := explain("looking for the hosted zone", &smithy.GenericAPIError{Code: code, Message: message})
		if !strings.Contains(err.Error(), strings.TrimSuffix(message, ".")) || !strings.Contains(err.Error(), "This computer's clock is off") || strings.Contains(err.Error(), "copy it again") {
			t.Errorf("got %v", err)
		}
	}
}

// TestHalfAnAnswer is told in words.
func TestHalfAnAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("<"))
	}))
	t.Cleanup(s.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = whole{s.Client()}.Do(r)
	if err = explain("reading the records", err); !strings.Contains(err.Error(), ": the connection ended before the answer was whole. See whether") {
		t.Errorf("got %v", err)
	}
}
