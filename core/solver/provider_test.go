package solver

import (
	"strings"
	"testing"

	"mutual/core/nameserver"
)

// TestSettings refuses what cannot work before anything is sent.
func TestSettings(t *testing.T) {
	for _, c := range []struct {
		provider string
		settings map[string]string
		want     string
	}{
		{"cloudflare", nil, "CLOUDFLARE_DNS_API_TOKEN"},
		{"rfc2136", nil, "RFC2136_NAMESERVER"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k"}, "both, or neither"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k", "RFC2136_TSIG_SECRET": "not base64!"}, "not base64"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k", "RFC2136_TSIG_SECRET": "eA==", "RFC2136_TSIG_ALGORITHM": "hmac-md5"}, "hmac-sha256"},
		{"acme-dns", map[string]string{"ACME_DNS_API_BASE": "https://auth.example"}, "ACME_DNS_STORAGE_PATH"},
		{"exec", nil, "EXEC_PATH"},
		{"nonsense", nil, "not known"},
	} {
		if _, err := New(t.Context(), c.provider, c.settings, nameserver.Resolver{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v: %v", c.provider, c.settings, err)
		}
	}
	for in, want := range map[string]string{"ns.example": "ns.example:53", "192.0.2.1:5353": "192.0.2.1:5353", "2001:db8::1": "[2001:db8::1]:53", "[2001:db8::1]": "[2001:db8::1]:53"} {
		if d, err := (dynamicUpdate{Server: in}).checked(); err != nil || d.Server != want {
			t.Errorf("%s: %v, %v", in, d, err)
		}
	}
}
