package route53_test

import (
	"strings"
	"testing"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
)

// TestPlanRefused: what a CNAME record must not be made of, before the service is asked for any change.
func TestPlanRefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	s.Put("del.example.org.", "NS", "ns1.elsewhere.test.")
	for _, test := range []struct{ name, target, want string }{
		{"mqtt.example.org", "192.0.2.1", "is an address"},
		{"mqtt.example.org", "*.emqx.cloud", "is a wildcard"},
		{"mqtt.example.org", "mqtts://a.emqx.cloud:8883", "planning the CNAME record: its target"},
		{"mqtt.example.org", "a.emqx.cloud:8883", "planning the CNAME record: its target"},
		{"mqtt.example.org", "", "no name is given"},
		{"mqtt.example.org", "MQTT.example.org.", "cannot point at itself"},
		{"example.org", "a.emqx.cloud", "the zone itself"},
		{"del.example.org", "a.emqx.cloud", "del.example.org is delegated to ns1.elsewhere.test"},
		{"a.b.del.example.org", "a.emqx.cloud", "del.example.org is delegated to ns1.elsewhere.test"},
		{"*.del.example.org", "a.emqx.cloud", "del.example.org is delegated to ns1.elsewhere.test"},
	} {
		if _, err := s.Client(t).PlanCNAME(t.Context(), test.name, test.target); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s to %s: %v", test.name, test.target, err)
		}
	}
}
