package chain

import (
	"testing"

	"mutual/core/evidence"
)

// A root that a program no longer lets stand above what was sent is none for this program, unless another source trusts
// it without a condition.
func TestDistrust(t *testing.T) {
	h := newHierarchy()
	s := question(chainOf(h.leaf, h.inter), h.root)
	limited := s.Anchors[0]
	limited.Source = evidence.Mozilla
	limited.Distrusts = []evidence.Distrust{{Position: 0, Reason: "issued too late"}, {Position: 99, Reason: "nothing there"}}
	limited = limited.distrusting(s.Sent)
	free := s.Anchors[0]
	free.Source = evidence.System
	for name, c := range map[string]struct {
		anchors []Certificate
		refused bool
	}{
		"limited":            {[]Certificate{limited}, true},
		"limited, then free": {[]Certificate{limited, free}, false},
		"free, then limited": {[]Certificate{free, limited}, false},
	} {
		q := s
		q.Anchors = c.anchors
		v := goJudge{}.Judge(q)
		if v.Accepted == c.refused {
			t.Errorf("%s: accepted %v: %s", name, v.Accepted, v.Text)
		}
		var first string
		if a := Analyse(q); len(a.Faults) > 0 {
			first = a.Faults[0].ID
		}
		if c.refused != (first == "root-distrusted") {
			t.Errorf("%s: the first fault is %q", name, first)
		}
	}
}
