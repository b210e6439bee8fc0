package acme

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/acme/acmetest"
)

func TestLook(t *testing.T) {
	w := acmetest.NewWorld(t, "example.org", "zone.example.org", "emqx.cloud", "emqxsl.com")
	w.Set(0, "ab1234.emqx.cloud.", "A", "192.0.2.1")
	w.Set(0, "x.ala.eu.emqxsl.com.", "A", "192.0.2.1")
	r := resolver(w)
	for _, c := range []struct{ deployment, name, bad, warning string }{
		{"ab1234.emqx.cloud", "mqtt.example.org", "", ""},
		{"AB1234.emqx.cloud.", "MQTT.example.org", "", ""},
		{"ab1234.emqx.cloud", "mqtt", "not a full domain name", ""},
		{"ab1234.emqx.cloud", "", "not a full domain name", ""},
		{"ab1234.emqx.cloud", "192.0.2.7", "not a full domain name", ""},
		{"ab1234.emqx.cloud", "*.example.org", "such as mqtt.example.org", ""},
		{"", "mqtt.example.org", "not the address of a deployment", ""},
		{"mqtt.example.org", "mqtt.example.org", "the same", ""},
		{"gone.emqx.cloud", "mqtt.example.org", "has no address", ""},
		{"ab1234.emqx.cloud", "mine.emqx.cloud", "a name of EMQX's", ""},
		{"x.ala.eu.emqxsl.com", "mqtt.example.org", "", "Serverless"},
		{"192.0.2.1", "mqtt.example.org", "", "is an IP address"},
		{"ab1234.emqx.cloud", "zone.example.org", "", "a zone of its own"},
		{"ab1234.emqx.cloud", "mqtt.nobodys-domain.test", "registered and delegated", ""},
	} {
		remarks, err := r.Look(t.Context(), c.deployment, c.name)
		if err != nil {
			t.Errorf("%q, %q: %v", c.deployment, c.name, err)
			continue
		}
		var bad, warning []string
		for _, m := range remarks {
			if m.Bad {
				bad = append(bad, m.Text)
			} else {
				warning = append(warning, m.Text)
			}
		}
		said := func(kind string, got []string, want string) {
			if (want == "") != (len(got) == 0) || !strings.Contains(strings.Join(got, " "), want) {
				t.Errorf("%q, %q: %s is %q, want %q", c.deployment, c.name, kind, got, want)
			}
		}
		said("at fault", bad, c.bad)
		said("the warning", warning, c.warning)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := r.Look(ended, "ab1234.emqx.cloud", "mqtt.example.org"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

func TestDelegation(t *testing.T) {
	w := acmetest.NewWorld(t, "example.org", "sub.example.org")
	s := acmetest.NewRoute53(t, w, "example.org", "sub.example.org", "unborn.example.org")
	r := solver(t, w, s)
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

func TestTryRecord(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	if err := TryRecord(t.Context(), s.solver(t), resolver(s.world), "mqtt.example.org", nil); err != nil {
		t.Error(err)
	}
	if len(s.world.Texts()) != 0 {
		t.Errorf("left: %v", s.world.Texts())
	}
	s.aws.Fail = func(action string) (int, string, string) {
		if action == "ChangeResourceRecordSets" {
			return 403, "AccessDenied", "not you"
		}
		return 0, "", ""
	}
	if err := TryRecord(t.Context(), s.solver(t), resolver(s.world), "mqtt.example.org", nil); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("refused: %v", err)
	}
	h := &HTTP01Solver{Address: "127.0.0.1:0"}
	if err := TryRecord(t.Context(), h, resolver(s.world), "mqtt.example.org", nil); err != nil || h.server != nil {
		t.Errorf("at a port: %v, it still listens: %v", err, h.server != nil)
	}
}
