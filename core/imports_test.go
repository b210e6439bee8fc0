package core_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mutual/core"
)

// arrow forbids an import: whoever matches From must not import, directly, what matches To. Except are those who may,
// separated by spaces.
type arrow struct{ From, To, Except, Why string }

var forbidden = []arrow{
	{"mutual/core", "fyne.io/", "", "core is what the command line shares with the window"},
	{"mutual/cmd/mutualctl", "fyne.io/", "", "mutualctl is built without cgo and without a window library"},
	{"mutual/cmd/mutualctl", "mutual/ui", "", "mutualctl has no window"},
	{"mutual/core/chain", "mutual/core/tlsdial", "", "a judge never dials"},
	{"mutual/core/diagnose", "os", "", "a diagnosis reads no files"},
	{"mutual/core/chain", "os", "", "a judge reads no files and runs no program"},
	{"mutual/", "github.com/eclipse/paho.golang", "mutual/core/session", "paho is handled in one place, behind our own connection"},
	{"mutual/", "github.com/mochi-mqtt", "mutual/core/lab", "the embedded broker belongs to the lab"},
	{"mutual/", "github.com/go-acme/lego", "mutual/core/acme", "ACME is handled in one place"},
	{"mutual/", "github.com/aws", "mutual/core/route53", "Amazon's SDK is large, and handled in one place"},
	{"mutual/", "github.com/miekg/dns", "mutual/core/nameserver mutual/core/route53 mutual/core/solver", "the DNS is spoken where its records are asked for and changed"},
	{"mutual/ui", "fyne.io/fyne/v2/app", "", "only cmd/mutual makes the app, so that the window's tests need no display"},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestArrowsPointOneWay(t *testing.T) {
	for _, p := range list(t, "mutual/...") {
		for _, a := range forbidden {
			if !within(p.ImportPath, a.From) || slices.ContainsFunc(strings.Fields(a.Except), func(e string) bool { return within(p.ImportPath, e) }) {
				continue
			}
			for _, i := range p.Imports {
				if i == a.To || strings.HasPrefix(i, strings.TrimSuffix(a.To, "/")+"/") && a.To != "os" {
					t.Errorf("%s imports %s: %s", p.ImportPath, i, a.Why)
				}
			}
		}
		from := place(p.ImportPath)
		for _, i := range p.Imports {
			if to := place(i); from >= 0 && to > from {
				t.Errorf("%s imports %s, which stands below it in core.Order", p.ImportPath, i)
			}
		}
		if strings.HasPrefix(p.ImportPath, "mutual/core/") && from < 0 {
			t.Errorf("%s is not in core.Order", p.ImportPath)
		}
	}
}

// Judges and rules may handle addresses, but ask nobody: they see only evidence.
func TestJudgementNeverDials(t *testing.T) {
	asks := regexp.MustCompile(`^(Dial|Listen|Lookup|Resolve|File|Get|Post|Head)`)
	for _, dir := range []string{"chain", "diagnose", "explain", "report"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && (x.Name == "net" || x.Name == "http" || x.Name == "tls") && asks.MatchString(s.Sel.Name) {
						t.Errorf("%s: %s.%s", set.Position(n.Pos()), x.Name, s.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

// The command line's whole tree must be free of the window library, not only its own imports.
func TestCommandLineHasNoWindow(t *testing.T) {
	for _, p := range list(t, "mutual/cmd/mutualctl") {
		for _, d := range p.Deps {
			if strings.HasPrefix(d, "fyne.io/") {
				t.Errorf("mutualctl depends on %s", d)
			}
		}
	}
}

func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
}

// place is the index of a core package in core.Order, or -1.
func place(path string) int {
	rest, ok := strings.CutPrefix(path, "mutual/core/")
	if !ok {
		return -1
	}
	first, _, _ := strings.Cut(rest, "/")
	return slices.Index(core.Order, first)
}

func list(t *testing.T, pattern string) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-tags", "ci,migrated_fynedo", "-json=ImportPath,Imports,Deps", pattern).Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		t.Fatalf("no packages match %s", pattern)
	}
	return all
}
