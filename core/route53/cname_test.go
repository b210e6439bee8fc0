package route53_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/remote"
	"mutual/core/route53"
	"mutual/core/route53/route53test"
)

func TestCNAME(t *testing.T) {
	tests := map[string]struct {
		there  func(s *route53test.Service)
		before []string
	}{
		"nothing there": {},
		"another target": {there: func(s *route53test.Service) { s.Put("mqtt.example.org.", "CNAME", "old.example.net.") },
			before: []string{"CNAME old.example.net. (TTL 300)"}},
		"an address": {there: func(s *route53test.Service) { s.Put("mqtt.example.org.", "A", "192.0.2.7") },
			before: []string{"A 192.0.2.7 (TTL 300)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := nameservertest.NewWorld(t, "example.org")
			s := route53test.NewService(t, w, "example.org")
			s.Delay = 200 * time.Millisecond
			if test.there != nil {
				test.there(s)
			}
			r := s.Client(t)
			p, err := r.PlanCNAME(t.Context(), "mqtt.example.org", "ab1234.emqx.cloud")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Before, test.before) || p.After != "CNAME ab1234.emqx.cloud. (TTL 300)" || p.Done {
				t.Errorf("plan %+v", p)
			}
			if err := r.ApplyCNAME(t.Context(), p, nil); err != nil {
				t.Fatal(err)
			}
			if target, err := w.Resolver().Follow(t.Context(), "mqtt.example.org"); target != "ab1234.emqx.cloud." {
				t.Errorf("the name leads to %s, %v", target, err)
			}
			if p, err = r.PlanCNAME(t.Context(), "mqtt.example.org", "AB1234.emqx.cloud."); err != nil || !p.Done {
				t.Errorf("the second time: %+v, %v", p, err)
			}
		})
	}
}

func TestCNAMERefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	r := route53test.NewService(t, w, "example.org").Client(t)
	for name, want := range map[string]string{"example.org": "zone itself", "mqtt.elsewhere.net": "no public hosted zone"} {
		if _, err := r.PlanCNAME(t.Context(), name, "ab1234.emqx.cloud"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFindZone takes the longest zone, and of two with one name the one that is delegated to.
func TestFindZone(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org", "iot.example.org")
	s := route53test.NewService(t, w, "example.org", "iot.example.org", "example.org")
	stray := s.Sets["Z0001"][route53test.Key{Name: "example.org.", Type: "NS"}]
	stray.ResourceRecords.ResourceRecord = []struct{ Value string }{{"ns9.elsewhere.net."}}
	s.Sets["Z0001"][route53test.Key{Name: "example.org.", Type: "NS"}] = stray
	r := s.Client(t)
	for name, want := range map[string]string{"a.b.iot.example.org": "Z0002", "mqtt.example.org": "Z0003", "*.example.org": "Z0003"} {
		if z, err := r.FindZone(t.Context(), name); err != nil || z.ID != want {
			t.Errorf("%s: %+v, %v", name, z, err)
		}
	}
}

func TestTry(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	r := s.Client(t)
	z, err := r.FindZone(t.Context(), "mqtt.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Try(t.Context(), z, nameserver.Record{Name: "_acme-challenge.mqtt.example.org.", Value: "check"}) {
		if p.Err != nil || p.Untried {
			t.Errorf("%+v", p)
		}
	}
	if left := w.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
	s.Fail = func(action string) (int, string, string) {
		if action == "ChangeResourceRecordSets" {
			return 403, "AccessDenied", "not authorized"
		}
		return 0, "", ""
	}
	got := r.Try(t.Context(), z, nameserver.Record{Name: "_acme-challenge.mqtt.example.org.", Value: "check"})
	if got[0].Err != nil || got[1].Err != nil || !errors.Is(got[2].Err, remote.ErrNotAllowed) || !got[3].Untried {
		t.Errorf("%+v", got)
	}
	if arn, err := r.Identity(t.Context()); err != nil || !strings.HasSuffix(arn, "user/alice") {
		t.Errorf("%s, %v", arn, err)
	}
}

// TestCNAMENeverSeen is bounded, and says at once where nobody is sent to the hosted zone.
func TestCNAMENeverSeen(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	s.Delay = time.Hour
	r := s.Client(t)
	r.SeenTimeout = 300 * time.Millisecond
	apply := func(name, want string) {
		t.Helper()
		p, err := r.PlanCNAME(t.Context(), name, "ab1234.emqx.cloud")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var unseen *route53.NotSeenError
		if err := r.ApplyCNAME(t.Context(), p, nil); !errors.As(err, &unseen) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
	}
	apply("late.example.org", "After 300ms the domain's name servers still do not all answer")
	w.Delegate("example.org", "ns.elsewhere.example")
	r.SeenTimeout = time.Hour
	apply("mqtt.example.org", "is delegated to ns.elsewhere.example, not to this hosted zone")
}
