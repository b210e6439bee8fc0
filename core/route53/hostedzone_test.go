package route53_test

import (
	"slices"
	"strings"
	"testing"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53"
	"mutual/core/route53/route53test"
)

// TestZonesInPages finds the right zone and its records where the service answers in small pages.
func TestZonesInPages(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org", "sub.example.org", "aaa.example.org")
	s := route53test.NewService(t, w, "example.org", "aaa.example.org", "example.org", "sub.example.org", "example.org")
	// The domain is delegated to the third zone of that name, which has one of its servers in common with the first.
	for id, servers := range map[string][]string{"Z0001": {"ns1.other.test.", "ns7.example.org."}, "Z0003": {"ns1.other.test.", "ns2.other.test."}, "Z0005": {"ns7.example.org.", "ns8.example.org."}} {
		set := route53test.Set{Name: "example.org.", Type: "NS", TTL: 60}
		for _, v := range servers {
			set.ResourceRecords.ResourceRecord = append(set.ResourceRecords.ResourceRecord, struct{ Value string }{v})
		}
		s.Sets[id][route53test.Key{Name: "example.org.", Type: "NS"}] = set
		// Sets that stand before the one that is looked for.
		for _, kind := range []string{"A", "CAA", "MX"} {
			s.Sets[id][route53test.Key{Name: "example.org.", Type: kind}] = route53test.Set{Name: "example.org.", Type: kind, TTL: 60}
		}
	}
	w.Delegate("example.org", "ns7.example.org", "ns8.example.org")
	for _, page := range []int{1, 2, 3, 0} {
		s.Page = page
		r := s.Client(t)
		for name, want := range map[string]string{"mqtt.example.org.": "Z0005", "*.example.org": "Z0005", "a.b.sub.example.org.": "Z0004", "aaa.example.org.": "Z0002"} {
			if z, err := r.FindZone(t.Context(), name); err != nil || z.ID != want {
				t.Errorf("in pages of %d, the zone of %s is %v, %v", page, name, z, err)
			}
		}
		if servers, err := r.NameServers(t.Context(), route53.Zone{ID: "Z0005", Name: "example.org."}); err != nil || !slices.Equal(servers, []string{"ns7.example.org.", "ns8.example.org."}) {
			t.Errorf("in pages of %d, the name servers are %v, %v", page, servers, err)
		}
	}
	w.Delegate("example.org", "ns1.third.test")
	if _, err := s.Client(t).FindZone(t.Context(), "mqtt.example.org."); err == nil || !strings.Contains(err.Error(), "delegated to ns1.third.test") {
		t.Errorf("got %v", err)
	}
}
