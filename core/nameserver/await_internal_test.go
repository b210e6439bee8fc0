package nameserver

import (
	"errors"
	"testing"
)

// TestWaitingFor: where nobody could be asked, it is said why, and not that none of no servers answers.
func TestWaitingFor(t *testing.T) {
	for _, c := range []struct {
		have, lack []string
		err        error
		want       string
	}{
		{[]string{"ns1.example.org."}, []string{"ns2.example.org."}, nil, "1 of 2 name servers answer with the record; still without it: ns2.example.org."},
		{nil, nil, errors.New("the name server 192.0.2.53 does not answer"), "The name server 192.0.2.53 does not answer."},
		{nil, []string{theResolver}, ErrNoZone, "0 of 1 name servers answer with the record; still without it: the resolver."},
	} {
		if got := waitingFor(c.have, c.lack, c.err); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
