package explain

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// line is one real text from a public issue tracker or a vendor's page, with the ids any of which may come first.
type line struct {
	want []string
	text string
}

func corpus(t *testing.T, name string) []line {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		ids, text, ok := strings.Cut(l, "\t")
		if !ok {
			t.Fatalf("%s: no tab in %q", name, l)
		}
		lines = append(lines, line{strings.Split(ids, "|"), text})
	}
	return lines
}

// first is the id of the first match, or empty.
func first(text string) string {
	if m := Explain(text); len(m) > 0 {
		return m[0].ID
	}
	return ""
}

// The lines of seen.tsv were at hand when the signatures were written. Those of heldout.tsv were collected and given
// their ids afterwards; 32 of 40 were named rightly before any signature was changed for them.
// Of the 102 of heldout3.tsv it were 90 (three more had been given a wrong id by us), of the 45 of heldout4.tsv, from
// programs that had not been looked at before, 31.
func TestRealLinesAreExplained(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"matrix.tsv", "seen.tsv", "heldout.tsv", "heldout2.tsv", "heldout3.tsv", "heldout4.tsv"} {
		hits, all := 0, 0
		for _, l := range corpus(t, name) {
			all++
			if got := first(l.text); slices.Contains(l.want, got) {
				hits++
			} else {
				t.Errorf("%s: first is %q, want %v\n  %s\n  %v", name, got, l.want, l.text, ids(Explain(l.text)))
			}
		}
		t.Logf("%s: %d of %d", name, hits, all)
	}
}

func ids(matches []Match) []string {
	var list []string
	for _, m := range matches {
		list = append(list, m.ID+"/"+m.Confidence+"/"+m.Client+"/"+m.Code)
	}
	return list
}
