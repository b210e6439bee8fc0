package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// waiting are the functions of the standard library that wait for a disk, for the network, for another program or for time
// to pass: a folder may be one of another computer's, which does not answer.
var waiting = map[string]*regexp.Regexp{
	"os":            regexp.MustCompile(`^(Stat|Lstat|Open|OpenFile|OpenRoot|Create|CreateTemp|ReadFile|WriteFile|ReadDir|Mkdir|MkdirAll|MkdirTemp|Remove|RemoveAll|Rename|Link|Readlink|Symlink|Chmod|Truncate|DirFS|CopyFS)$`),
	"os/exec":       regexp.MustCompile(`^(Command|CommandContext|LookPath)$`),
	"path/filepath": regexp.MustCompile(`^(EvalSymlinks|Glob|Walk|WalkDir)$`),
	"net":           regexp.MustCompile(`^(Dial|Listen|Lookup|Resolve)`),
	"net/http":      regexp.MustCompile(`^(Get|Head|Post|PostForm)$`),
	"crypto/tls":    regexp.MustCompile(`^(Dial|LoadX509KeyPair)`),
	"time":          regexp.MustCompile(`^Sleep$`),
}

// mayWait are the functions that run on the window's goroutine and may wait all the same, with the reason.
var mayWait = map[string]string{
	"ui.newGuide": "before the window is shown, and a file of its own folder",
}

// TestWindowNeverWaits follows all calls from what runs on the window's goroutine, and reports those that come to wait.
// What is passed as "work" runs off it, and so does what takes a context and is not called at once. A call through an
// interface, or of a function that stands in a field, is not seen.
func TestWindowNeverWaits(t *testing.T) {
	g := readCalls(t, "mutual/ui")
	if len(g.uses) < 1000 {
		t.Fatalf("only %d functions were read", len(g.uses))
	}
	for name := range mayWait {
		if !slices.ContainsFunc(g.order, func(n *node) bool { return n.name == name }) {
			t.Errorf("%s may wait, and does not exist", name)
		}
	}
	for _, way := range g.waits() {
		t.Error("the window waits: " + way)
	}
}

// TestWaitsAreFound: the check finds what waits in a small window that is made for it, and does not find what is done
// elsewhere.
func TestWaitsAreFound(t *testing.T) {
	var found []string
	for _, way := range readCalls(t, "mutual/ui/testdata/waits/ui").waits() {
		_, call, _ := strings.Cut(way, " calls os.")
		name, _, _ := strings.Cut(call, " ")
		found = append(found, name)
	}
	slices.Sort(found)
	if want := []string{"Chmod", "ReadFile", "Remove", "Stat", "Truncate"}; !slices.Equal(found, want) {
		t.Errorf("found are %v, want %v", found, want)
	}
}

// node is a function, a variable of a package, or something that is posted to the window from elsewhere.
type node struct {
	name  string
	uses  []*node
	waits string // what of the standard library it calls that waits; empty: nothing
	entry bool   // it can be called from outside of the window's packages
	used  bool   // by another function
	from  *node  // by which it was reached from the window; itself: it is where that began
	ends  *node  // what it calls on the way to something that waits; itself: it does that
}

// window says whether it is one of the window's packages.
func (n *node) window() bool {
	return strings.HasPrefix(n.name, "ui.") || strings.HasPrefix(n.name, "widgets.")
}

// waits are the ways from what runs on the window's goroutine to what waits, by the last function of the window's packages.
func (g *calls) waits() (ways []string) {
	g.findEnds()
	var next []*node
	for _, n := range g.order {
		if n.window() && (n.entry || !n.used) {
			n.from = n
			next = append(next, n)
		}
	}
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		may := mayWait[n.name] != ""
		if n.ends == n && !may {
			ways = append(ways, n.way())
		}
		for _, m := range n.uses {
			switch {
			case m.from != nil:
			case m.window():
				m.from = n
				next = append(next, m)
			case m.ends != nil && !may:
				ways = append(ways, n.way()+" → "+m.end())
			}
		}
	}
	return ways
}

// findEnds finds out of every function whether it leads to something that waits.
func (g *calls) findEnds() {
	users := map[*node][]*node{}
	var next []*node
	for _, n := range g.order {
		for _, m := range n.uses {
			users[m] = append(users[m], n)
		}
		if n.waits != "" {
			n.ends = n
			next = append(next, n)
		}
	}
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		for _, u := range users[n] {
			if u.ends == nil {
				u.ends = n
				next = append(next, u)
			}
		}
	}
}

// way is how the window comes to n, and end how that goes on to what waits.
func (n *node) way() string {
	text := n.name
	if n.ends == n {
		text += " calls " + n.waits
	}
	for m := n; m.from != m; m = m.from {
		text = m.from.name + " → " + text
	}
	return text
}

func (n *node) end() string {
	if n.ends == n {
		return n.name + " calls " + n.waits
	}
	return n.name + " → " + n.ends.end()
}
