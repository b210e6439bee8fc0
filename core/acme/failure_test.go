package acme

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/progress"
	"mutual/core/route53/route53test"
	"mutual/core/solver"
)

// again obtains the certificate once more, with nothing in the way, and sees that nothing is left behind.
func (s *scene) again(t *testing.T, names ...string) Obtained {
	t.Helper()
	s.ca.Before.Store(nil)
	s.aws.Mu.Lock()
	s.aws.Fail = nil
	s.aws.Mu.Unlock()
	got, err := s.folder.Obtain(t.Context(), s.request(t, names...), s.options(t))
	if err != nil {
		t.Fatalf("the order cannot be gone on with: %v", err)
	}
	if left := s.world.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
	return got
}

// TestCut cuts the connection to the authority at every request of an order in turn.
func TestCut(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	var count atomic.Int32
	counting := func(http.ResponseWriter, *http.Request) bool { count.Add(1); return false }
	request := s.request(t, name)
	s.ca.Before.Store(&counting)
	if _, err := s.folder.Obtain(t.Context(), request, s.options(t)); err != nil {
		t.Fatal(err)
	}
	total := int(count.Load())
	if total < 10 {
		t.Fatalf("an order takes only %d requests", total)
	}
	for cut := 1; cut <= total; cut++ {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			s.folder = Folder{Path: t.TempDir()}
			var n atomic.Int32
			cutting := func(w http.ResponseWriter, r *http.Request) bool {
				if int(n.Add(1)) < cut {
					return false
				}
				panic(http.ErrAbortHandler)
			}
			s.ca.Before.Store(&cutting)
			_, err := s.folder.Obtain(t.Context(), request, s.options(t))
			if err == nil && int(n.Load()) >= cut {
				t.Fatal("a cut connection went unnoticed")
			}
			if left := s.world.Texts(); len(left) != 0 {
				t.Errorf("records are left behind: %v", left)
			}
			s.again(t, name)
		})
	}
}

// TestCancel ends the order at each step.
func TestCancel(t *testing.T) {
	for _, at := range Steps[:len(Steps)-1] {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := s.options(t)
			o.Report = func(p progress.Event) {
				if p.Step == at {
					cancel()
				}
			}
			if _, err := s.folder.Obtain(ctx, s.request(t, "mqtt.example.org"), o); !errors.Is(err, context.Canceled) {
				t.Errorf("the order ended with %v", err)
			}
			if left := s.world.Texts(); len(left) != 0 {
				t.Errorf("records are left behind: %v", left)
			}
			s.again(t, "mqtt.example.org")
		})
	}
}

func TestRoute53Refusals(t *testing.T) {
	deny := func(denied string) func(string) (int, string, string) {
		return func(action string) (int, string, string) {
			if action != denied {
				return 0, "", ""
			}
			return 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: route53:" + denied
		}
	}
	tests := map[string]struct {
		id, secret string
		fail       func(string) (int, string, string)
		want       string
	}{
		"wrong key":    {id: "AKIDOTHER", secret: "x", want: "access key is unknown"},
		"wrong secret": {id: "AKIDEXAMPLE", secret: "x", want: "does not belong to the access key"},
		"list zones":   {fail: deny("ListHostedZonesByName"), want: "policy that is shown"},
		"list records": {fail: deny("ListResourceRecordSets"), want: "policy that is shown"},
		"change":       {fail: deny("ChangeResourceRecordSets"), want: "policy that is shown"},
		"get change":   {fail: deny("GetChange"), want: "policy that is shown"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			o := s.options(t)
			if test.id != "" {
				o.Solver = solver.Route53{Client: s.aws.ClientWith(t, test.id, test.secret)}
			}
			s.aws.Fail = test.fail
			_, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			s.again(t, "mqtt.example.org")
		})
	}
}

func TestThrottled(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	var n int
	s.aws.Fail = func(action string) (int, string, string) {
		if n++; n == 1 || n == 4 {
			return 400, "Throttling", "Rate exceeded"
		}
		return 0, "", ""
	}
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
}

func TestLateRecord(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	s.aws.Delay = 1500 * time.Millisecond
	began := time.Now()
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < s.aws.Delay {
		t.Errorf("it did not wait for the record: %v", took)
	}
}

// TestRecordNeverSeen: the zone is not the one that the domain is delegated to.
func TestRecordNeverSeen(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	s.aws.Delay = time.Hour
	o := s.options(t)
	o.SeenTimeout = 10 * time.Millisecond
	_, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o)
	if err == nil || !strings.Contains(err.Error(), "delegated to") {
		t.Errorf("got %v", err)
	}
	s.aws.Delay = 0
	s.again(t, "mqtt.example.org")
}

// TestChallengeCNAME: the challenge's name leads into another zone.
func TestChallengeCNAME(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	s.aws = route53test.NewService(t, s.world, "example.org", "other.example")
	s.world.Set(0, "_acme-challenge.mqtt.example.org.", "CNAME", "proof.other.example.")
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	if left := s.world.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
}

func problemAnswer(status int, kind, detail, retryAfter string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "order-plz") {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"type":"urn:ietf:params:acme:error:%s","detail":%q,"status":%d}`, kind, detail, status)
		return true
	}
}

func TestRateLimited(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	const detail = "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-12-01 10:00:00 UTC"
	limited := problemAnswer(429, "rateLimited", detail, "3600")
	s.ca.Before.Store(&limited)
	_, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t))
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("got %v", err)
	}
	if p.Type != "rateLimited" || p.Detail != detail || !strings.Contains(p.Advice, "staging") {
		t.Errorf("got %+v", p)
	}
	if in := time.Until(p.RetryAt); in < 59*time.Minute || in > time.Hour {
		t.Errorf("the next try is in %v", in)
	}
	s.again(t, "mqtt.example.org")
}

func TestBadNonce(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	var n atomic.Int32
	bad := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || n.Add(1)%3 != 0 {
			return false
		}
		w.Header().Set("Replay-Nonce", "bm9uY2U")
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(400)
		fmt.Fprint(w, `{"type":"urn:ietf:params:acme:error:badNonce","detail":"JWS has an invalid anti-replay nonce","status":400}`)
		return true
	}
	request := s.request(t, "mqtt.example.org")
	s.ca.Before.Store(&bad)
	if _, err := s.folder.Obtain(t.Context(), request, s.options(t)); err != nil {
		t.Fatal(err)
	}
}

// TestOrderInvalid: the authority sees something else than the record, and gives the order up.
func TestOrderInvalid(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	o := s.options(t)
	o.Report = func(p progress.Event) {
		if p.Step == progress.Validate && !p.Done {
			s.world.Set(0, "_acme-challenge.mqtt.example.org.", "TXT", `"something else"`)
		}
	}
	_, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o)
	var p *Problem
	if !errors.As(err, &p) || p.Type != "unauthorized" || p.Name != "mqtt.example.org" {
		t.Fatalf("got %v", err)
	}
	s.world.Set(0, "_acme-challenge.mqtt.example.org.", "TXT")
	s.again(t, "mqtt.example.org")
}

func TestRejectedName(t *testing.T) {
	s := newScene(t, acmetest.Options{Blocked: []string{"bad.example.org"}})
	_, err := s.folder.Obtain(t.Context(), s.request(t, "bad.example.org"), s.options(t))
	var p *Problem
	if !errors.As(err, &p) || p.Type != "rejectedIdentifier" || p.Advice == "" {
		t.Errorf("got %v", err)
	}
}

// TestCleanUpLater: the record cannot be removed now; the next call removes it.
func TestCleanUpLater(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := s.options(t)
	o.Report = func(p progress.Event) {
		if p.Step == progress.Seen {
			s.aws.Mu.Lock()
			s.aws.Fail = func(string) (int, string, string) { return 403, "AccessDenied", "no" }
			s.aws.Mu.Unlock()
			cancel()
		}
	}
	if _, err := s.folder.Obtain(ctx, s.request(t, "mqtt.example.org"), o); err == nil || !strings.Contains(err.Error(), "removing the record") {
		t.Errorf("got %v", err)
	}
	if len(s.world.Texts()) == 0 {
		t.Fatal("the record is gone already")
	}
	s.again(t, "mqtt.example.org")
}

func TestTerms(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	r := s.request(t, "mqtt.example.org")
	terms := r.AgreedTerms
	r.AgreedTerms = ""
	_, err := s.folder.Obtain(t.Context(), r, s.options(t))
	var want *TermsError
	if !errors.As(err, &want) || want.Terms != terms || terms == "" {
		t.Errorf("got %v", err)
	}
}

func TestUnreachableServers(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	o := s.options(t)
	o.Resolver.Port = "1" // where nobody listens
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), o); err != nil {
		t.Errorf("got %v", err)
	}
}
