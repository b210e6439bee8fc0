package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/deploy/deploytest"
	"mutual/core/store"
)

// newPlatform starts the stand-in, and an API for it.
func newPlatform(t *testing.T) (*deploytest.Platform, *API) {
	t.Helper()
	p := &deploytest.Platform{Key: "key", Secret: "s3cret", Pending: 2, Forbidden: []string{"theirs"}, Now: func() time.Time { return now },
		Deployments: []deploytest.Deployment{
			{ID: "ge6a1a75", Name: "plant", Type: "dedicated", Platform: "AWS", Region: "eu", Project: "default", Status: "running"},
			{ID: "s1", Name: "toy", Type: "serverless", Status: "running"},
		}}
	server := httptest.NewTLSServer(p)
	t.Cleanup(server.Close)
	return p, &API{Base: server.URL + "/public_api/v1", Credentials: Credentials{"key", "s3cret"}, HTTP: server.Client(), Now: func() time.Time { return now }}
}

func TestUpload(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	h := emqx(t, w.sources(t), Options{Host: "broker.example"})
	p, api := newPlatform(t)
	all, err := api.Deployments(ctx)
	if err != nil || len(all) != 2 || all[0].ID != "ge6a1a75" || all[0].Type != "dedicated" {
		t.Fatalf("deployments: %+v, %v", all, err)
	}
	if d, err := api.Deployment(ctx, "ge6a1a75"); err != nil || d.Name != "plant" {
		t.Fatalf("deployment: %+v, %v", d, err)
	}
	if _, ok, err := api.Installed(ctx, "ge6a1a75"); ok || err != nil {
		t.Fatalf("before: %v, %v", ok, err)
	}
	if i, err := api.Upload(ctx, "ge6a1a75", h, false); err != nil || i.Type != "two-way" || i.Running() {
		t.Fatalf("upload: %+v, %v", i, err)
	}
	cert, ca, _ := p.Certificate("ge6a1a75")
	if cert != value(t, h, FieldMerged) || ca != value(t, h, FieldClientCA) {
		t.Error("something else arrived than the fields")
	}
	var said []string
	i, err := api.AwaitRunning(ctx, "ge6a1a75", time.Millisecond, func(i Installed) { said = append(said, i.Status) })
	if err != nil || !i.Running() || i.Expire != "2027-02-17 12:00:00" {
		t.Errorf("await: %+v, %v", i, err)
	}
	if !slices.Equal(said, []string{"pending", "pending", "running"}) {
		t.Errorf("said %q", said)
	}
	if _, err := api.Upload(ctx, "ge6a1a75", h, false); status(err) != 422 {
		t.Errorf("POST over a certificate: %v", err)
	}
	one := emqx(t, w.sources(t), Options{OneWay: true})
	if i, err := api.Upload(ctx, "ge6a1a75", one, true); err != nil || i.Type != "one-way" {
		t.Errorf("replace: %+v, %v", i, err)
	}
	if _, ca, _ := p.Certificate("ge6a1a75"); ca != "" {
		t.Error("one-way TLS has a client CA")
	}
	if err := api.Remove(ctx, "ge6a1a75"); err != nil {
		t.Error(err)
	}
	if _, ok, err := api.Installed(ctx, "ge6a1a75"); ok || err != nil {
		t.Errorf("after: %v, %v", ok, err)
	}
}

func status(err error) int {
	var e *APIError
	if !errors.As(err, &e) {
		return -1
	}
	return e.Status
}

// Every documented refusal is a sentence with what to do next, and holds nothing secret.
func TestRefusals(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	h := emqx(t, w.sources(t), Options{})
	wrong := emqx(t, func() Sources { s := w.sources(t); s.Key = file(t, "k.pem", w.client.key); return s }(), Options{})
	_, api := newPlatform(t)
	stranger := &API{Base: api.Base, HTTP: api.HTTP, Credentials: Credentials{"key", "other"}}
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"secret", func() error { _, err := stranger.Deployments(ctx); return err }(), 401},
		{"scope", func() error { _, err := api.Upload(ctx, "theirs", h, false); return err }(), 403},
		{"unknown", func() error { _, err := api.Deployment(ctx, "nobody"); return err }(), 404},
		{"another's key", func() error { _, err := api.Upload(ctx, "ge6a1a75", wrong, false); return err }(), 422},
		{"nothing to delete", api.Remove(ctx, "ge6a1a75"), 404},
	} {
		var e *APIError
		if !errors.As(c.err, &e) || e.Status != c.want {
			t.Errorf("%s: %v", c.name, c.err)
			continue
		}
		checkSentences(t, e)
		for _, text := range []string{fmt.Sprintf("%v %+v %#v", e, e, *e), fmt.Sprintf("%v %+v", api.Credentials, api)} {
			if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "s3cret") {
				t.Errorf("%s: a secret is printed", c.name)
			}
		}
	}
}

func checkSentences(t *testing.T, e *APIError) {
	t.Helper()
	if !strings.HasSuffix(e.Text, ".") || !strings.HasSuffix(e.Do, ".") {
		t.Errorf("no sentences: %q %q", e.Text, e.Do)
	}
}

// The seventh upload in an hour is not sent, also not by a program that was started anew.
func TestLimit(t *testing.T) {
	ctx := context.Background()
	h := emqx(t, newWorld(t).sources(t), Options{})
	p, first := newPlatform(t)
	dir := t.TempDir()
	clock := now
	open := func() *API {
		s, _, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return &API{Base: first.Base, Credentials: first.Credentials, HTTP: first.HTTP, Calls: s.Calls(), Now: func() time.Time { return clock }}
	}
	for n := range 6 {
		clock = clock.Add(time.Minute)
		if _, err := open().Upload(ctx, "ge6a1a75", h, n > 0); n < 1 && err != nil {
			t.Fatal(err)
		}
	}
	sent := len(p.Calls())
	clock = clock.Add(time.Minute)
	// POST and PUT have six each: one POST and five PUTs were sent, so one PUT is left.
	if _, err := open().Upload(ctx, "ge6a1a75", h, true); err != nil {
		t.Fatal(err)
	}
	_, err := open().Upload(ctx, "ge6a1a75", h, true)
	var e *APIError
	if !errors.As(err, &e) || e.Status != 0 || !e.Free.Equal(now.Add(2*time.Minute+time.Hour)) {
		t.Fatalf("the seventh: %v", err)
	}
	checkSentences(t, e)
	if got := len(p.Calls()); got != sent+1 {
		t.Errorf("%d calls, want %d", got, sent+1)
	}
	clock = e.Free
	// EMQX counts for itself: its clock stands still in this test, and it says 429.
	if _, err := open().Upload(ctx, "ge6a1a75", h, true); status(err) != http.StatusTooManyRequests {
		t.Errorf("after an hour: %v", err)
	}
}

func TestAnswersOfOthers(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		text    string
	}{
		"a page to log in": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello") }, 200, "something else"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
		}, 307, "points elsewhere"},
		"trouble": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 503, "trouble of its own"},
		"429 with a time": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		}, 429, "60 minutes"},
		"a secret in the message": {func(w http.ResponseWriter, r *http.Request) {
			_, secret, _ := r.BasicAuth()
			w.WriteHeader(401)
			json.NewEncoder(w).Encode(map[string]string{"message": "not " + secret})
		}, 401, "does not know"},
		"far too much": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "[", strings.Repeat(`{"deploymentID":"x"},`, 100_000), "{}]")
		}, 200, "something else"},
	} {
		server := httptest.NewServer(c.handler)
		api := &API{Base: server.URL + "/public_api/v1", Credentials: Credentials{"key", "s3cret"}, Now: func() time.Time { return now }}
		_, err := api.Deployments(ctx)
		server.Close()
		var e *APIError
		if !errors.As(err, &e) || e.Status != c.status || !strings.Contains(e.Text, c.text) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkSentences(t, e)
		if name == "429 with a time" && !e.Free.Equal(now.Add(2*time.Minute)) {
			t.Errorf("free at %s", e.Free)
		}
	}
}

func TestUnreachable(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	api := &API{Base: server.URL, Timeout: 50 * time.Millisecond}
	err := api.Remove(context.Background(), "x")
	var e *APIError
	if !errors.As(err, &e) || !strings.Contains(e.Text, "did not answer within 50ms") || !strings.Contains(e.Do, "may have been changed") {
		t.Errorf("silence: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := api.Remove(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := api.AwaitRunning(ctx, "x", time.Hour, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
}

func TestCheckAPI(t *testing.T) {
	for base, ok := range map[string]bool{
		DefaultAPI: true, "http://127.0.0.1:8080/public_api/v1": true, "http://[::1]/x": true, "http://localhost": true,
		"http://cloud-intl.emqx.com/public_api/v1": false, "https://me:pw@host/": false, "https://host/?x=1": false, "host": false, "": false, "ftp://host": false,
	} {
		if _, err := CheckAPI(base); (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, id := range []string{"", "../x", "a/b", "a b", "x?y"} {
		if _, err := (&API{Base: "http://127.0.0.1:1"}).Deployment(context.Background(), id); err == nil || status(err) != -1 {
			t.Errorf("the identifier %q is taken: %v", id, err)
		}
	}
}
