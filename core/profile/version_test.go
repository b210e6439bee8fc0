package profile

import (
	"crypto/tls"
	"strings"
	"testing"
)

func TestTLSBounds(t *testing.T) {
	for _, tt := range []struct {
		t              TLS
		oldest, newest uint16
		problem        string
	}{
		{TLS{}, tls.VersionTLS12, tls.VersionTLS13, ""},
		{TLS{Min: "1.3"}, tls.VersionTLS13, tls.VersionTLS13, ""},
		{TLS{Min: "1.0"}, tls.VersionTLS10, tls.VersionTLS13, ""},
		{TLS{Max: "1.2"}, tls.VersionTLS12, tls.VersionTLS12, ""},
		{TLS{Max: "1.1"}, tls.VersionTLS11, tls.VersionTLS11, ""},
		{TLS{Min: "1.1", Max: "1.1"}, tls.VersionTLS11, tls.VersionTLS11, ""},
		{TLS{Min: "1.3", Max: "1.2"}, tls.VersionTLS13, tls.VersionTLS12, "newer than the newest"},
		{TLS{Max: "1.4"}, tls.VersionTLS12, tls.VersionTLS13, `"1.4" is not`},
		{TLS{Min: "TLS 1.2"}, tls.VersionTLS12, tls.VersionTLS13, `"TLS 1.2" is not`},
	} {
		oldest, newest := tt.t.Bounds()
		if oldest != tt.oldest || newest != tt.newest {
			t.Errorf("%+v: %#x to %#x", tt.t, oldest, newest)
		}
		p := New("p")
		p.Server.Host, p.TLS = "h", tt.t
		text := ""
		for _, problem := range p.Validate() {
			text += problem.Text
		}
		if (text == "") != (tt.problem == "") || !strings.Contains(text, tt.problem) {
			t.Errorf("%+v: %q, want %q", tt.t, text, tt.problem)
		}
	}
}

func TestMQTTVersion(t *testing.T) {
	for v, level := range map[Version]byte{"": 5, "5": 5, "3.1.1": 4} {
		p := New("p")
		p.Server.Host, p.MQTT.Version = "h", v
		if got := p.MQTT.VersionOrDefault().Level(); got != level || len(p.Validate()) > 0 {
			t.Errorf("%q: level %d, %v", v, got, p.Validate())
		}
	}
	p := New("p")
	p.Server.Host, p.MQTT.Version = "h", "3.1"
	if ps := p.Validate(); len(ps) != 1 || ps[0].Field != "mqtt.version" {
		t.Errorf("%v", ps)
	}
}
