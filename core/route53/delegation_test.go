package route53_test

import (
	"strings"
	"testing"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
)

func TestDelegation(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org", "sub.example.org")
	s := route53test.NewService(t, w, "example.org", "sub.example.org", "unborn.example.org")
	r := s.Client(t)
	check := func(name, want string) {
		t.Helper()
		z, err := r.FindZone(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := r.Delegation(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Problem(z); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	check("mqtt.example.org", "")
	check("mqtt.sub.example.org", "")
	check("mqtt.unborn.example.org", "is not delegated: the DNS knows only example.org above it")
	w.Delegate("sub.example.org", "ns.elsewhere.example")
	check("mqtt.sub.example.org", "delegated to ns.elsewhere.example, not to this hosted zone")
}
