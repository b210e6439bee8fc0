package acme

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"mutual/core/acme/acmetest"
	"mutual/core/route53"
	"mutual/core/solver"
)

// TestPolicy allows exactly the actions that an order and a CNAME record take.
func TestPolicy(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	r := s.aws.Client(t)
	p, err := r.PlanCNAME(t.Context(), "mqtt.example.org", "ab1234.emqx.cloud")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.ApplyCNAME(t.Context(), p, nil); err != nil {
		t.Fatal(err)
	}
	r.Try(t.Context(), p.Zone, solver.Trial(t.Context(), r.Resolver, "mqtt.example.org").Record())
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	if err := json.Unmarshal([]byte(route53.Policy(p.Zone)), &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, st := range policy.Statement {
		allowed = append(allowed, st.Action...)
	}
	for _, call := range s.aws.Calls {
		if !slices.Contains(allowed, "route53:"+call) {
			t.Errorf("the policy lacks %s", call)
		}
	}
	if !strings.HasSuffix(policy.Statement[1].Resource[0], "hostedzone/"+p.Zone.ID) {
		t.Errorf("the policy is for %v", policy.Statement[1].Resource)
	}
}
