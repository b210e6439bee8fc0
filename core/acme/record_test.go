package acme

import (
	"slices"
	"testing"

	"mutual/core/acme/acmetest"
)

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
