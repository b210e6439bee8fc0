package acme

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"mutual/core/acme/acmetest"
)

// TestZonesInPages finds the right zone and its records where the service answers in small pages.
func TestZonesInPages(t *testing.T) {
	w := acmetest.NewWorld(t, "example.org", "sub.example.org", "aaa.example.org")
	s := acmetest.NewRoute53(t, w, "example.org", "aaa.example.org", "example.org", "sub.example.org", "example.org")
	// The domain is delegated to the third zone of that name, which has one of its servers in common with the first.
	for id, servers := range map[string][]string{"Z0001": {"ns1.other.test.", "ns7.example.org."}, "Z0003": {"ns1.other.test.", "ns2.other.test."}, "Z0005": {"ns7.example.org.", "ns8.example.org."}} {
		set := acmetest.Set{Name: "example.org.", Type: "NS", TTL: 60}
		for _, v := range servers {
			set.ResourceRecords.ResourceRecord = append(set.ResourceRecords.ResourceRecord, struct{ Value string }{v})
		}
		s.Sets[id][acmetest.Key{Name: "example.org.", Type: "NS"}] = set
		// Sets that stand before the one that is looked for.
		for _, kind := range []string{"A", "CAA", "MX"} {
			s.Sets[id][acmetest.Key{Name: "example.org.", Type: kind}] = acmetest.Set{Name: "example.org.", Type: kind, TTL: 60}
		}
	}
	w.Delegate("example.org", "ns7.example.org", "ns8.example.org")
	for _, page := range []int{1, 2, 3, 0} {
		s.Page = page
		r := solver(t, w, s)
		for name, want := range map[string]string{"mqtt.example.org.": "Z0005", "*.example.org": "Z0005", "a.b.sub.example.org.": "Z0004", "aaa.example.org.": "Z0002"} {
			if z, err := r.FindZone(t.Context(), name); err != nil || z.ID != want {
				t.Errorf("in pages of %d, the zone of %s is %v, %v", page, name, z, err)
			}
		}
		if servers, err := r.NameServers(t.Context(), Zone{ID: "Z0005", Name: "example.org."}); err != nil || !slices.Equal(servers, []string{"ns7.example.org.", "ns8.example.org."}) {
			t.Errorf("in pages of %d, the name servers are %v, %v", page, servers, err)
		}
	}
	w.Delegate("example.org", "ns1.third.test")
	if _, err := solver(t, w, s).FindZone(t.Context(), "mqtt.example.org."); err == nil || !strings.Contains(err.Error(), "delegated to ns1.third.test") {
		t.Errorf("got %v", err)
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{`\052.example.org.`: "*.example.org.", `a\040b.example.org.`: "a b.example.org.", "plain.": "plain.", `a\9`: `a\9`, `a\999.`: `a\999.`} {
		if got := unescape(in); got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
}

// TestOthersAtTheSameName: two programs that work at one name at the same moment do not lose each other's values.
func TestOthersAtTheSameName(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	const name = "_acme-challenge.example.org."
	key := acmetest.Key{Name: name, Type: "TXT"}
	values := func() []string { s.aws.Mu.Lock(); defer s.aws.Mu.Unlock(); return s.aws.Sets["Z0001"][key].Values() }
	overtake := func(value string) { // between the reading and the change
		s.aws.Mu.Lock()
		defer s.aws.Mu.Unlock()
		done := false
		s.aws.Fail = func(action string) (int, string, string) {
			if action == "ChangeResourceRecordSets" && !done {
				done = true
				set := s.aws.Sets["Z0001"][key]
				set.Name, set.Type, set.TTL = name, "TXT", 77
				set.ResourceRecords.ResourceRecord = append(slices.Clone(set.ResourceRecords.ResourceRecord), struct{ Value string }{value})
				s.aws.Sets["Z0001"][key] = set
			}
			return 0, "", ""
		}
	}
	c := Challenge{Name: "example.org", Token: "t", KeyAuthorization: "t.k"}
	own := `"` + c.Record().Value + `"`
	overtake(`"theirs"`)
	if err := s.solver(t).Present(t.Context(), c); err != nil || !slices.Equal(values(), []string{`"theirs"`, own}) {
		t.Fatalf("presented beside another's: %v, %v", values(), err)
	}
	overtake(`"more of theirs"`)
	if err := s.solver(t).CleanUp(t.Context(), c); err != nil || !slices.Equal(values(), []string{`"theirs"`, `"more of theirs"`}) {
		t.Fatalf("removed beside another's: %v, %v", values(), err)
	}
	if got := s.aws.Sets["Z0001"][key].TTL; got != 77 {
		t.Errorf("the others' TTL became %d", got)
	}
}

// TestNothingBegun asks a service that did not answer when the zone was looked for not once more, to remove what it does
// not have.
func TestNothingBegun(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	s.aws.Fail = func(action string) (int, string, string) {
		asked++
		cancel()
		return 403, "AccessDenied", "no"
	}
	request := s.request(t, "mqtt.example.org")
	_, err := s.folder.Obtain(ctx, request, s.options(t))
	var left *LeftoverError
	if err == nil || errors.As(err, &left) || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	s.again(t, "mqtt.example.org")
}

// TestRecordsSpreadTogether creates the records of all names before it waits for the first: each wait is up to a minute.
func TestRecordsSpreadTogether(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	s.aws.Pending = 2
	if _, err := s.folder.Obtain(t.Context(), s.request(t, "a.example.org", "b.example.org", "*.b.example.org"), s.options(t)); err != nil {
		t.Fatal(err)
	}
	var changes, waits []int
	for i, call := range s.aws.Calls {
		switch call {
		case "ChangeResourceRecordSets":
			changes = append(changes, i)
		case "GetChange":
			waits = append(waits, i)
		}
	}
	if len(changes) < 3 || len(waits) < 3 || changes[2] > waits[0] {
		t.Errorf("changes at %v, waits at %v of %v", changes, waits, s.aws.Calls)
	}
	if left := s.world.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
}
