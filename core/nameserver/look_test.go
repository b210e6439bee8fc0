package nameserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/nameserver/nameservertest"
)

func TestLook(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org", "zone.example.org", "emqx.cloud", "emqxsl.com")
	w.Set(0, "ab1234.emqx.cloud.", "A", "192.0.2.1")
	w.Set(0, "x.ala.eu.emqxsl.com.", "A", "192.0.2.1")
	r := w.Resolver()
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
