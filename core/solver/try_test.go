package solver

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/remote"
	"mutual/core/route53"
	"mutual/core/route53/route53test"
)

func TestTry(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	if err := Try(t.Context(), Route53{s.Client(t)}, w.Resolver(), "mqtt.example.org", nil); err != nil {
		t.Error(err)
	}
	if len(w.Texts()) != 0 {
		t.Errorf("left: %v", w.Texts())
	}
	s.Fail = func(action string) (int, string, string) {
		if action == "ChangeResourceRecordSets" {
			return 403, "AccessDenied", "not you"
		}
		return 0, "", ""
	}
	if err := Try(t.Context(), Route53{s.Client(t)}, w.Resolver(), "mqtt.example.org", nil); !errors.Is(err, remote.ErrNotAllowed) {
		t.Errorf("refused: %v", err)
	}
	h := &webServer{Address: "127.0.0.1:0"}
	if err := Try(t.Context(), h, w.Resolver(), "mqtt.example.org", nil); err != nil || h.server != nil {
		t.Errorf("at a port: %v, it still listens: %v", err, h.server != nil)
	}
}

// TestPending ends the wait for a change that stays PENDING, and leaves no record.
func TestPending(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	s.Pending = 1 << 30
	r := s.Client(t)
	r.SeenTimeout = 50 * time.Millisecond
	err := Try(t.Context(), Route53{r}, r.Resolver, "mqtt.example.org", nil)
	if err == nil || !strings.Contains(err.Error(), "still says PENDING after 50ms; try again") {
		t.Errorf("got %v", err)
	}
	if left := w.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
}

// TestTryAsAnOrder tries the record that an order will create, and no other, wherever a CNAME record leads to; and removes
// what a check that was killed has left beside somebody else's value.
func TestTryAsAnOrder(t *testing.T) {
	tests := map[string]struct {
		there func(s *route53test.Service)
		at    string // where there are TXT records meanwhile
		left  int
	}{
		"at the name": {at: "_acme-challenge.mqtt.example.org."},
		"where a CNAME record leads to": {there: func(s *route53test.Service) {
			s.Put("_acme-challenge.mqtt.example.org.", "CNAME", "challenges.other.example.")
		}, at: "challenges.other.example."},
		"after a check that was killed": {there: func(s *route53test.Service) {
			rec := Trial(t.Context(), s.Client(t).Resolver, "mqtt.example.org").Record()
			s.Put(rec.Name, "TXT", `"`+rec.Value+`"`, `"somebody else's"`)
		}, at: "_acme-challenge.mqtt.example.org.", left: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := nameservertest.NewWorld(t, "example.org", "other.example")
			s := route53test.NewService(t, w, "example.org", "other.example")
			if test.there != nil {
				test.there(s)
			}
			var meanwhile []string
			s.Fail = func(action string) (int, string, string) {
				if action == "GetChange" {
					meanwhile = w.Texts()
				}
				return 0, "", ""
			}
			r := s.Client(t)
			for _, p := range r.Try(t.Context(), route53.Zone{ID: "Z0001", Name: "example.org."}, Trial(t.Context(), r.Resolver, "mqtt.example.org").Record()) {
				if p.Err != nil || p.Untried {
					t.Errorf("%+v", p)
				}
			}
			if len(meanwhile) == 0 || slices.ContainsFunc(meanwhile, func(rr string) bool { return !strings.HasPrefix(rr, test.at) }) {
				t.Errorf("meanwhile there were the records %v", meanwhile)
			}
			if left := w.Texts(); len(left) != test.left {
				t.Errorf("records are left behind: %v", left)
			}
		})
	}
}

// TestSpareRight: what is in the policy for other programs is tried too, and its refusal stops nothing.
func TestSpareRight(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	s.Fail = func(action string) (int, string, string) {
		if action == "ListHostedZones" {
			return 403, "AccessDenied", "User: alice is not authorized to perform: route53:ListHostedZones"
		}
		return 0, "", ""
	}
	r, refused := s.Client(t), 0
	for _, p := range r.Try(t.Context(), route53.Zone{ID: "Z0001", Name: "example.org."}, Trial(t.Context(), r.Resolver, "mqtt.example.org").Record()) {
		if p.Lacking() {
			t.Errorf("%+v", p)
		}
		if p.Err != nil {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d actions are refused, want one", refused)
	}
}
