package acme

import (
	"context"
	"errors"
	"testing"

	"mutual/core/acme/acmetest"
)

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
