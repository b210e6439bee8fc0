package route53_test

import (
	"slices"
	"testing"

	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
)

// TestOthersAtTheSameName: two programs that work at one name at the same moment do not lose each other's values.
func TestOthersAtTheSameName(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := route53test.NewService(t, w, "example.org")
	r := s.Client(t)
	const name = "_acme-challenge.example.org."
	key := route53test.Key{Name: name, Type: "TXT"}
	values := func() []string { s.Mu.Lock(); defer s.Mu.Unlock(); return s.Sets["Z0001"][key].Values() }
	overtake := func(value string) { // between the reading and the change
		s.Mu.Lock()
		defer s.Mu.Unlock()
		done := false
		s.Fail = func(action string) (int, string, string) {
			if action == "ChangeResourceRecordSets" && !done {
				done = true
				set := s.Sets["Z0001"][key]
				set.Name, set.Type, set.TTL = name, "TXT", 77
				set.ResourceRecords.ResourceRecord = append(slices.Clone(set.ResourceRecords.ResourceRecord), struct{ Value string }{value})
				s.Sets["Z0001"][key] = set
			}
			return 0, "", ""
		}
	}
	rec := nameserver.Record{Name: name, Value: "ours"}
	overtake(`"theirs"`)
	if err := r.AddText(t.Context(), rec); err != nil || !slices.Equal(values(), []string{`"theirs"`, `"ours"`}) {
		t.Fatalf("added beside another's: %v, %v", values(), err)
	}
	overtake(`"more of theirs"`)
	if err := r.RemoveText(t.Context(), rec); err != nil || !slices.Equal(values(), []string{`"theirs"`, `"more of theirs"`}) {
		t.Fatalf("removed beside another's: %v, %v", values(), err)
	}
	if got := s.Sets["Z0001"][key].TTL; got != 77 {
		t.Errorf("the others' TTL became %d", got)
	}
}
