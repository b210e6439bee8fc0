package acme

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/core/remote"
)

// rewriting passes requests for certificates on to the authority, and changes its answers.
func rewriting(s *scene, change func(r *http.Request, header http.Header, body []byte) []byte) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "certZ") {
			return false
		}
		rec := httptest.NewRecorder()
		s.ca.Handler().ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		if rec.Code == http.StatusOK {
			body = change(r, w.Header(), body)
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
		return true
	}
}

// TestNotAsOrdered: a certificate that is not what was ordered does not take the place of one that works.
func TestNotAsOrdered(t *testing.T) {
	const name = "mqtt.example.org"
	issue := func(body []byte, names []string, days time.Duration) []byte {
		block, rest := pem.Decode(body)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Error(err)
			return body
		}
		key, err := pki.GenerateKey(pki.ECDSAP256)
		if err != nil {
			t.Error(err)
			return body
		}
		c.DNSNames, c.NotAfter = names, time.Now().Add(days*24*time.Hour)
		c.NotBefore = c.NotAfter.Add(-24 * time.Hour)
		parent := &x509.Certificate{Subject: c.Issuer}
		c.SignatureAlgorithm, c.ExtraExtensions, c.AuthorityKeyId = 0, nil, nil
		der, err := x509.CreateCertificate(nil, c, parent, c.PublicKey, key)
		if err != nil {
			t.Error(err)
			return body
		}
		return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), rest...)
	}
	for title, test := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"another name": {func(b []byte) []byte { return issue(b, []string{"other.example.org"}, 30) }, "does not name " + name},
		"ended":        {func(b []byte) []byte { return issue(b, []string{name}, -3) }, "it ended on"},
		"turned round": {func(b []byte) []byte { _, rest := pem.Decode(b); return append(bytes.Clone(rest), b...) }, "another key"},
		"garbage": {func(b []byte) []byte {
			return append(b, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...)
		}, "no chain of certificates"},
		"something else": {func(b []byte) []byte {
			return append(b, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"...)
		}, `a block "PRIVATE KEY"`},
		"a page": {func([]byte) []byte { return []byte("<html>") }, "it holds no certificate"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			got := s.again(t, name)
			before, _ := os.ReadFile(got.Files.FullChain)
			f := rewriting(s, func(_ *http.Request, _ http.Header, b []byte) []byte { return test.change(b) })
			s.ca.Before.Store(&f)
			_, _, _, err := s.folder.Renew(t.Context(), name, true, s.options(t))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			if now, _ := os.ReadFile(got.Files.FullChain); !bytes.Equal(now, before) {
				t.Error("the files have changed")
			}
			s.again(t, name)
		})
	}
}

// TestAlternatesAstray: alternates that lead in a circle, or nowhere, do not keep the certificate from its folder.
func TestAlternatesAstray(t *testing.T) {
	s := newScene(t, acmetest.Options{Alternates: 1})
	f := rewriting(s, func(r *http.Request, h http.Header, b []byte) []byte {
		own := "https://" + r.Host + r.URL.Path
		h["Link"] = append(slices.Clone(h["Link"]), "<"+own+">;rel=\"alternate\"", "<"+own+"/none>; rel=alternate, <https://127.0.0.1:1/>;rel=\"alternate\"", "<", "</relative>;rel=\"alternate\"")
		return b
	})
	s.ca.Before.Store(&f)
	got, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t))
	if err != nil || len(got.Alternates) != 2 || !got.Alternates[0].Chosen || got.Alternates[1].Anchor != s.ca.Roots[1].Subject.CommonName {
		t.Errorf("got %d chains, %v", len(got.Alternates), err)
	}
}

// TestLeafAlone says what is missing where the authority sends nothing but the certificate.
func TestLeafAlone(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	f := rewriting(s, func(_ *http.Request, _ http.Header, b []byte) []byte {
		block, _ := pem.Decode(b)
		return pem.EncodeToMemory(block)
	})
	s.ca.Before.Store(&f)
	got, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if text := Explain(got)[1].Text; !strings.Contains(text, "none, as the authority has sent none of Pebble Intermediate CA") {
		t.Errorf("chain.pem is told as %q", text)
	}
}

// TestAccountGone opens another account, with the terms that were agreed to, where the authority has lost the one that is
// written down, and orders without naming a certificate that it does not know any more.
func TestAccountGone(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	got := s.again(t, name)
	s.ca.Forget()
	renewed, _, ok, err := s.folder.Renew(t.Context(), name, true, s.options(t))
	if err != nil || !ok || renewed.Certificates[0].Equal(got.Certificates[0]) {
		t.Fatalf("renewed %v, %v", ok, err)
	}
	told := slices.ContainsFunc(s.steps, func(p progress.Event) bool { return strings.Contains(p.Detail, "does not know the account any more") })
	if !told {
		t.Error("nothing is said of it")
	}
	if left := s.world.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
}

// TestOrderGone places another order where the authority does not know the one that was begun, with or without a word.
func TestOrderGone(t *testing.T) {
	const name = "mqtt.example.org"
	for title, body := range map[string]string{"a problem": `{"type":"urn:ietf:params:acme:error:malformed","detail":"No order for ID 7","status":404}`, "nothing": "", "a page": "<html>Not found</html>"} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			request := s.request(t, name)
			cut := func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "authZ") {
					panic(http.ErrAbortHandler)
				}
				return false
			}
			s.ca.Before.Store(&cut)
			if _, err := s.folder.Obtain(t.Context(), request, s.options(t)); err == nil {
				t.Fatal("a cut connection went unnoticed")
			}
			var gone atomic.Bool
			unknown := func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "my-order") || gone.Swap(true) {
					return false
				}
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, body)
				return true
			}
			s.ca.Before.Store(&unknown)
			if _, err := s.folder.Obtain(t.Context(), request, s.options(t)); err != nil || !gone.Load() {
				t.Errorf("asked %v, %v", gone.Load(), err)
			}
		})
	}
}

// TestBrokenOff: an answer that ends too early is told in words, with what to do.
func TestBrokenOff(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	request := s.request(t, "mqtt.example.org")
	for _, path := range []string{"/dir", "sign-me-up", "order-plz", "authZ", "certZ"} {
		f := func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, path) {
				return false
			}
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"status":`)
			panic(http.ErrAbortHandler)
		}
		s.ca.Before.Store(&f)
		_, err := s.folder.Obtain(t.Context(), request, s.options(t))
		var network *remote.NetworkError
		if !errors.As(err, &network) || !strings.Contains(err.Error(), "the connection ended before the answer was whole. See whether") || strings.Contains(err.Error(), "EOF") {
			t.Errorf("%s: %v", path, err)
		}
	}
	s.again(t, "mqtt.example.org")
}
