package acme

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCNAME(t *testing.T) {
	tests := map[string]struct {
		there  func(s *standIn)
		before []string
	}{
		"nothing there": {},
		"another target": {there: func(s *standIn) { s.put("mqtt.example.org.", "CNAME", "old.example.net.") },
			before: []string{"CNAME old.example.net. (TTL 300)"}},
		"an address": {there: func(s *standIn) { s.put("mqtt.example.org.", "A", "192.0.2.7") },
			before: []string{"A 192.0.2.7 (TTL 300)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "example.org")
			s := newStandIn(t, w, "example.org")
			s.delay = 200 * time.Millisecond
			if test.there != nil {
				test.there(s)
			}
			r := s.solver(t)
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
			if target, err := w.resolver().Follow(t.Context(), "mqtt.example.org"); target != "ab1234.emqx.cloud." {
				t.Errorf("the name leads to %s, %v", target, err)
			}
			if p, err = r.PlanCNAME(t.Context(), "mqtt.example.org", "AB1234.emqx.cloud."); err != nil || !p.Done {
				t.Errorf("the second time: %+v, %v", p, err)
			}
		})
	}
}

func (s *standIn) put(name, kind, value string) {
	set := rrset{Name: name, Type: kind, TTL: 300}
	set.ResourceRecords.ResourceRecord = []struct{ Value string }{{value}}
	for id := range s.zones {
		if applyChange(s.sets[id], s.zones[id], "CREATE", set) == "" {
			s.world.set(0, name, kind, value)
		}
	}
}

func TestCNAMERefused(t *testing.T) {
	w := newWorld(t, "example.org")
	r := newStandIn(t, w, "example.org").solver(t)
	for name, want := range map[string]string{"example.org": "zone itself", "mqtt.elsewhere.net": "no public hosted zone"} {
		if _, err := r.PlanCNAME(t.Context(), name, "ab1234.emqx.cloud"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFindZone takes the longest zone, and of two with one name the one that is delegated to.
func TestFindZone(t *testing.T) {
	w := newWorld(t, "example.org", "iot.example.org")
	s := newStandIn(t, w, "example.org", "iot.example.org", "example.org")
	stray := s.sets["Z0001"][rrKey{"example.org.", "NS"}]
	stray.ResourceRecords.ResourceRecord = []struct{ Value string }{{"ns9.elsewhere.net."}}
	s.sets["Z0001"][rrKey{"example.org.", "NS"}] = stray
	r := s.solver(t)
	for name, want := range map[string]string{"a.b.iot.example.org": "Z0002", "mqtt.example.org": "Z0003", "*.example.org": "Z0003"} {
		if z, err := r.FindZone(t.Context(), name); err != nil || z.ID != want {
			t.Errorf("%s: %+v, %v", name, z, err)
		}
	}
}

func TestTry(t *testing.T) {
	w := newWorld(t, "example.org")
	s := newStandIn(t, w, "example.org")
	r := s.solver(t)
	z, err := r.FindZone(t.Context(), "mqtt.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Try(t.Context(), z, "mqtt.example.org") {
		if p.Err != nil || p.Untried {
			t.Errorf("%+v", p)
		}
	}
	if left := w.texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
	s.fail = func(action string) (int, string, string) {
		if action == "ChangeResourceRecordSets" {
			return 403, "AccessDenied", "not authorized"
		}
		return 0, "", ""
	}
	got := r.Try(t.Context(), z, "mqtt.example.org")
	if got[0].Err != nil || got[1].Err != nil || !errors.Is(got[2].Err, ErrNotAllowed) || !got[3].Untried {
		t.Errorf("%+v", got)
	}
	if arn, err := r.Identity(t.Context()); err != nil || !strings.HasSuffix(arn, "user/alice") {
		t.Errorf("%s, %v", arn, err)
	}
}

// TestPolicy allows exactly the actions that an order and a CNAME record take.
func TestPolicy(t *testing.T) {
	s := newScene(t, pebbleOptions{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	r := s.aws.solver(t)
	p, err := r.PlanCNAME(t.Context(), "mqtt.example.org", "ab1234.emqx.cloud")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.ApplyCNAME(t.Context(), p, nil); err != nil {
		t.Fatal(err)
	}
	r.Try(t.Context(), p.Zone, "mqtt.example.org")
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	if err := json.Unmarshal([]byte(Policy(p.Zone)), &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, st := range policy.Statement {
		allowed = append(allowed, st.Action...)
	}
	for _, call := range s.aws.calls {
		if !slices.Contains(allowed, "route53:"+call) {
			t.Errorf("the policy lacks %s", call)
		}
	}
	if !strings.HasSuffix(policy.Statement[1].Resource[0], "hostedzone/"+p.Zone.ID) {
		t.Errorf("the policy is for %v", policy.Statement[1].Resource)
	}
}
