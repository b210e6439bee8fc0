package acme

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/remote"
)

// problemAt answers requests of a path with a problem document.
func problemAt(path string, status int, body string, headers map[string]string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, path) {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		for k, v := range headers {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	}
}

// TestSentences: each refusal shows the authority's own sentence, and what to do about it. The details are those of
// Let's Encrypt's software (Boulder).
func TestSentences(t *testing.T) {
	const kind = "urn:ietf:params:acme:error:"
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC).Local().Format("2006-01-02 15:04:05 MST")
	tests := map[string]struct {
		path    string
		status  int
		body    string
		headers map[string]string
		want    []string
	}{
		"rate limit, by its header": {"order-plz", 429, `{"type":"` + kind + `rateLimited","detail":"too many new orders recently"}`,
			map[string]string{"Retry-After": "Tue, 01 Dec 2026 10:00:00 GMT"}, []string{"too many new orders recently.", "staging", at}},
		"rate limit, by its sentence": {"order-plz", 429, `{"type":"` + kind + `rateLimited","detail":"too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-12-01 10:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers"}`,
			nil, []string{"too many certificates (5)", at}},
		"busy": {"order-plz", 503, `{"type":"` + kind + `rateLimited","detail":"Service busy; retry later."}`,
			map[string]string{"Retry-After": "Tue, 01 Dec 2026 10:00:00 GMT"}, []string{"Service busy; retry later.", at}},
		"CAA": {"finalize-order", 403, `{"type":"` + kind + `caa","detail":"Error finalizing order :: While processing CAA for mqtt.example.org: CAA record for example.org prevents issuance"}`,
			nil, []string{"CAA record for example.org prevents issuance.", `CAA 0 issue "pebble.letsencrypt.org"`}},
		"several names": {"order-plz", 400, `{"type":"` + kind + `rejectedIdentifier","detail":"Cannot issue for two names","subproblems":[` +
			`{"type":"` + kind + `rejectedIdentifier","detail":"policy forbids issuing","identifier":{"type":"dns","value":"a.example.org"}},` +
			`{"type":"` + kind + `caa","detail":"CAA forbids issuing","identifier":{"type":"dns","value":"b.example.org"}}]}`,
			nil, []string{"a.example.org: policy forbids issuing", "b.example.org: CAA forbids issuing"}},
		"trouble":              {"order-plz", 500, `{"type":"` + kind + `serverInternal","detail":"Error creating new order"}`, nil, []string{"Error creating new order.", "try again later"}},
		"a kind that is new":   {"order-plz", 400, `{"type":"` + kind + `unheard","detail":"The moon is full"}`, nil, []string{"The moon is full.", "what it minds"}},
		"a page of a proxy":    {"order-plz", 502, `<html><body>Bad gateway</body></html>`, nil, []string{"HTTP status 502 Bad Gateway", "proxy", "try again later"}},
		"a page when too busy": {"order-plz", 503, `<html><body>Busy</body></html>`, map[string]string{"Retry-After": "Tue, 01 Dec 2026 10:00:00 GMT"}, []string{"503 Service Unavailable", at}},
		"a page instead":       {"order-plz", 200, `<html><body>Sign in to this network</body></html>`, nil, []string{"what answers is no authority", "sign-in page"}},
		"no reason":            {"order-plz", 403, `{"type":"about:blank","title":"Forbidden","status":403}`, nil, []string{"The authority answered 403 Forbidden and gives no reason. Try again later."}},
		"new terms": {"order-plz", 403, `{"type":"` + kind + `userActionRequired","detail":"Terms of service have changed","instance":"https://ca.example/terms?v=2"}`,
			nil, []string{"Terms of service have changed. Go to https://ca.example/terms?v=2,"}},
		"terms without an address": {"order-plz", 403, `{"type":"` + kind + `userActionRequired","detail":"Agree first"}`, nil, []string{"Agree first. Read the authority's terms of service, data:text/plain,"}},
		"an order for other names": {"order-plz", 201, `{"status":"pending"}`, nil, []string{"an order for other names than were asked for"}},
		"an account that is closed": {"order-plz", 401, `{"type":"` + kind + `unauthorized","detail":"Account is not valid, has status \"deactivated\""}`,
			nil, []string{"remove its folder under accounts"}},
		"names of two kinds of trouble": {"order-plz", 400, `{"type":"` + kind + `malformed","detail":"Some of the identifiers requested were rejected","subproblems":[` +
			`{"type":"` + kind + `malformed","detail":"Invalid underscore in DNS name","identifier":{"type":"dns","value":"_a.example.org"}},` +
			`{"type":"` + kind + `rejectedIdentifier","detail":"This CA will not issue","identifier":{"type":"dns","value":"b.example.net"}}]}`,
			nil, []string{"_a.example.org: Invalid underscore in DNS name; b.example.net: This CA will not issue.", "is written as it should be", "must be a public name of yours"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			request := s.request(t, "mqtt.example.org")
			f := problemAt(test.path, test.status, test.body, test.headers)
			s.ca.Before.Store(&f)
			_, err := s.folder.Obtain(t.Context(), request, s.options(t))
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "<html>") {
				t.Errorf("it quotes a page: %v", err)
			}
			s.again(t, "mqtt.example.org")
		})
	}
}

// TestProofRefused: what the authority says of the proof itself, with the name, and what to do.
func TestProofRefused(t *testing.T) {
	for kind, test := range map[string]struct{ detail, want string }{
		"dns":          {"DNS problem: NXDOMAIN looking up TXT for _acme-challenge.mqtt.example.org - check that a DNS record exists for this domain", "delegated"},
		"caa":          {"CAA record for mqtt.example.org prevents issuance", "CAA 0 issue"},
		"unauthorized": {`Incorrect TXT record "something" found at _acme-challenge.mqtt.example.org`, "no older one is in the way"},
		"connection":   {"192.0.2.7: Fetching http://mqtt.example.org/.well-known/acme-challenge/x: Timeout during connect (likely firewall problem)", "port 80"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			request := s.request(t, "mqtt.example.org")
			validating := false
			f := func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "chalZ") {
					validating = true
				}
				if !validating || !strings.Contains(r.URL.Path, "authZ") {
					return false
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"status":"invalid","identifier":{"type":"dns","value":"mqtt.example.org"},"challenges":[{"type":"dns-01","status":"invalid","url":"https://ca.example/1","token":"t","error":{"type":"urn:ietf:params:acme:error:%s","detail":%q,"status":403}}]}`, kind, test.detail)
				return true
			}
			s.ca.Before.Store(&f)
			_, err := s.folder.Obtain(t.Context(), request, s.options(t))
			var p *Problem
			if !errors.As(err, &p) || p.Type != kind || p.Detail != test.detail || p.Name != "mqtt.example.org" || !strings.Contains(p.Advice, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if left := s.world.Texts(); len(left) != 0 {
				t.Errorf("records are left behind: %v", left)
			}
		})
	}
}

// TestDirectoryOfAnotherTime: a directory's certificate is of another time.
func TestDirectoryOfAnotherTime(t *testing.T) {
	for what, from := range map[string]time.Time{"begins later": time.Now().Add(24 * time.Hour), "has ended": time.Now().Add(-48 * time.Hour)} {
		d := directoryOf(t, from, from.Add(24*time.Hour))
		_, err := Ask(t.Context(), d)
		for _, want := range []string{"this computer's clock shows " + time.Now().UTC().Format("2006-01-02"), remote.Clock(from.Truncate(time.Second)), "set the clock"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("a certificate that %s: %v, want %q", what, err, want)
			}
		}
	}
}

// directoryOf is a server whose certificate is valid from one time to another.
func directoryOf(t *testing.T, from, to time.Time) Directory {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return Directory{URL: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), CAFile: file}
}
