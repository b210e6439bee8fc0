package fetch_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ocsp"

	"mutual/core/evidence"
	"mutual/core/fetch"
	"mutual/core/revocation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func failureOf(err error) evidence.Failure {
	switch {
	case errors.Is(err, context.Canceled):
		return evidence.Cancelled
	case errors.Is(err, syscall.ECONNREFUSED):
		return evidence.Refused
	}
	return evidence.Other
}

func client(t *testing.T, proxy, password string) *fetch.Client {
	t.Helper()
	c, err := fetch.New(proxy, password, failureOf)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func authority() (*x509.Certificate, *ecdsa.PrivateKey) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "Test CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)))), key
}

// pages serves bodies by path; a path that begins with /go/ is redirected to what follows.
func pages(t *testing.T, bodies map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to, ok := strings.CutPrefix(r.URL.Path, "/go/"); ok {
			http.Redirect(w, r, "/"+to, http.StatusFound)
		} else if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		} else if body, ok := bodies[r.URL.Path]; ok {
			io.WriteString(w, body)
		} else {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestCRL(t *testing.T) {
	ca, _ := authority()
	base := pages(t, map[string]string{"/list": "DER", "/pem": string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte("DER")})),
		"/huge": strings.Repeat("x", 8<<20+1), "/large": strings.Repeat("x", 8<<20)})
	for _, tt := range []struct {
		address string
		failure evidence.Failure
		status  int
	}{
		{base + "/list", "", 200}, {base + "/pem", "", 200}, {base + "/go/go/list", "", 200}, {base + "/large", "", 200},
		{base + "/huge", evidence.TooBig, 200}, {base + "/missing", evidence.BadStatus, 404},
		{base + "/go/go/go/go/go/list", evidence.Other, 0},
		{base + "/?to=file:///etc/passwd", evidence.Unusable, 0}, {base + "/?to=http://user@127.0.0.1/", evidence.Unusable, 0},
		{"ldap://127.0.0.1/cn=CA?certificateRevocationList", evidence.Unusable, 0}, {"file:///etc/passwd", evidence.Unusable, 0},
		{"http://user:secret@127.0.0.1/", evidence.Unusable, 0}, {"http:///list", evidence.Unusable, 0}, {":", evidence.Unusable, 0},
		{"http://127.0.0.1:1/", evidence.Refused, 0},
		{"http://nowhere.invalid/", evidence.NoSuchHost, 0},
	} {
		a := client(t, "", "").CRL(t.Context(), ca, tt.address)
		if a.Failure == evidence.Other && tt.failure == evidence.NoSuchHost {
			continue // no name server answers here at all
		}
		if a.Failure != tt.failure || a.HTTPStatus != tt.status || a.From != tt.address || a.Kind != evidence.CRLAnswer || a.Duration <= 0 && tt.failure == "" {
			t.Errorf("%s: %q, %d, %q", tt.address, a.Failure, a.HTTPStatus, a.Error)
		}
		if tt.failure == "" && !strings.Contains(tt.address, "large") && string(a.Body) != "DER" || tt.failure != "" && a.Body != nil {
			t.Errorf("%s: body %.20q", tt.address, a.Body)
		}
	}
}

// Responders differ in what they understand: GET, POST, or either.
func TestOCSP(t *testing.T) {
	ca, key := authority()
	link := revocation.Link{Certificate: ca, Issuer: ca}
	der := must(ocsp.CreateResponse(ca, ca, ocsp.Response{SerialNumber: ca.SerialNumber, ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}, key))
	for only, methods := range map[string]string{"": "GET", http.MethodGet: "GET", http.MethodPost: "GET POST"} {
		var asked []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Method)
			if only != "" && r.Method != only {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			body, _ := io.ReadAll(r.Body)
			if r.Method == http.MethodGet {
				body, _ = base64.StdEncoding.DecodeString(strings.TrimPrefix(r.URL.Path, "/ocsp/"))
			} else if r.URL.Path != "/ocsp" || r.Header.Get("Content-Type") != "application/ocsp-request" {
				t.Errorf("%s %s %s", r.Method, r.URL.Path, r.Header)
			}
			if q, err := ocsp.ParseRequest(body); err != nil || q.SerialNumber.Cmp(ca.SerialNumber) != 0 {
				t.Errorf("%s: %v", r.Method, err)
			}
			w.Write(der)
		}))
		a := client(t, "", "").OCSP(t.Context(), link, s.URL+"/ocsp")
		s.Close()
		if a.Failure != "" || string(a.Body) != string(der) || strings.Join(asked, " ") != methods {
			t.Errorf("%q: %+v, asked by %v", only, a, asked)
		}
	}
	page := pages(t, map[string]string{"/": "<html>"})
	if a := client(t, "", "").OCSP(t.Context(), link, page); a.Failure == "" || a.Body != nil {
		t.Errorf("a web page: %+v", a)
	}
}

// Whatever form the issuer's certificate is kept in.
func TestIssuers(t *testing.T) {
	ca, _ := authority()
	block := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}))
	bodies := map[string]string{"/der": string(ca.Raw), "/pem": block, "/two": block + block, "/html": "<html>", "/empty": ""}
	want := map[string]int{"/der": 1, "/pem": 1, "/two": 2, "/html": 0, "/empty": 0}
	if openssl, err := exec.LookPath("openssl"); err == nil {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "ca.pem"), []byte(block), 0o600)
		for name, form := range map[string]string{"/p7c": "der", "/p7b": "pem"} {
			out := must(exec.Command(openssl, "crl2pkcs7", "-nocrl", "-certfile", filepath.Join(dir, "ca.pem"), "-outform", form).Output())
			bodies[name], want[name] = string(out), 1
		}
	}
	base := pages(t, bodies)
	for path, n := range want {
		a, ders := client(t, "", "").Issuers(t.Context(), ca, base+path)
		if len(ders) != n || (a.Failure == "") != (n > 0) || a.Body != nil {
			t.Errorf("%s: %d certificates, %+v", path, len(ders), a)
		}
		for _, der := range ders {
			if string(der) != string(ca.Raw) {
				t.Errorf("%s: another certificate", path)
			}
		}
	}
}

// A server that never answers costs no more than fetch.Wait, and nothing when it is cancelled.
func TestBounds(t *testing.T) {
	ca, _ := authority()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	address := "http://" + l.Addr().String() + "/"
	link := revocation.Link{Certificate: ca, Issuer: ca}
	begin := time.Now()
	answers := client(t, "", "").AskAll(t.Context(), []fetch.Question{{Kind: evidence.CRLAnswer, Address: address, About: link}, {Kind: evidence.OCSPAnswer, Address: address, About: link}})
	if took := time.Since(begin); took > fetch.Wait+2*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, a := range answers {
		if a.Failure != evidence.Timeout {
			t.Errorf("%+v", a)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if a := client(t, "", "").CRL(ctx, ca, address); a.Failure != evidence.Cancelled {
		t.Errorf("%+v", a)
	}
}

// What is fetched goes by way of the proxy; its password goes to it and not on.
func TestProxy(t *testing.T) {
	ca, _ := authority()
	var login, asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		login, asked = r.Header.Get("Proxy-Authorization"), r.URL.String()
		io.WriteString(w, "DER")
	}))
	defer proxy.Close()
	a := client(t, "http://me@"+strings.TrimPrefix(proxy.URL, "http://"), "the-password").CRL(t.Context(), ca, "http://crl.invalid/list")
	if string(a.Body) != "DER" || asked != "http://crl.invalid/list" || login != "Basic "+base64.StdEncoding.EncodeToString([]byte("me:the-password")) {
		t.Errorf("%+v, asked for %q as %q", a, asked, login)
	}
}
