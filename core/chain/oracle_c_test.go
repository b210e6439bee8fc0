package chain

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cOracle is a program of testdata/oracle, built on the library that a judge models. It is asked about many chains in
// one process.
type cOracle struct {
	in      io.WriteCloser
	out     *bufio.Reader
	version string
}

// startOracle compiles testdata/oracle/NAME.c and runs it, or says loudly that it cannot.
func startOracle(t *testing.T, name, header, version string, libraries ...string) *cOracle {
	t.Helper()
	compiler := ""
	for _, c := range []string{"cc", "gcc", "clang"} {
		if path, err := exec.LookPath(c); err == nil {
			compiler = path
			break
		}
	}
	loud := fmt.Sprintf("THE JUDGE %s IS NOT COMPARED WITH THE REAL LIBRARY: ", strings.ToUpper(name))
	if compiler == "" {
		t.Skip(loud + "there is no C compiler here")
	}
	if exec.Command(compiler, "-fsyntax-only", "-include", header, "-x", "c", os.DevNull).Run() != nil {
		t.Skip(loud + "there is no " + header + " here")
	}
	program := filepath.Join(t.TempDir(), name)
	args := append([]string{"-O1", "-Wall", "-o", program, filepath.Join("testdata", "oracle", name+".c")}, libraries...)
	if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("compiling %s: %v\n%s", name, err, out)
	}
	cmd := exec.Command(program)
	cmd.Stderr = os.Stderr
	o := &cOracle{}
	var err error
	if o.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s ended: %v", name, err)
		}
	})
	if o.version = o.line(t); !strings.HasPrefix(o.version, version) {
		t.Skipf("%sit models %s, and this is %s", loud, version, o.version)
	}
	return o
}

func (o *cOracle) line(t *testing.T) string {
	t.Helper()
	line, err := o.out.ReadString('\n')
	if err != nil {
		t.Fatalf("reading the oracle's answer: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}

// ask returns the fields of the oracle's answer.
func (o *cOracle) ask(t *testing.T, q Question) []string {
	t.Helper()
	name := q.Name
	if name == "" {
		name = "-"
	}
	words := []string{fmt.Sprint(q.At.Unix()), string(q.Purpose), name}
	for _, c := range slices.Concat(q.Sent, q.Untrusted) {
		words = append(words, hex.EncodeToString(c.DER))
	}
	words = append(words, "/")
	for _, c := range q.Anchors {
		words = append(words, hex.EncodeToString(c.DER))
	}
	if _, err := io.WriteString(o.in, strings.Join(words, " ")+"\n"); err != nil {
		t.Fatal(err)
	}
	return strings.Split(o.line(t), "\t")
}

// agrees holds one judge's verdict against the answer of the real thing. It returns what the real thing said, sentences
// separated by semicolons.
type agrees func(t *testing.T, label string, q Question) string

// compareRandomChains asks about random chains and prints how often each sentence came.
func compareRandomChains(t *testing.T, compare agrees) {
	t.Helper()
	counts := map[string]int{}
	for i := range *mutations {
		said := compare(t, fmt.Sprintf("chain %d of seed %d", i, *seed), newMutator(*seed, i).question())
		for sentence := range strings.SplitSeq(said, "; ") {
			counts[sentence]++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s", counts[k], k)
	}
}

// describe shows the certificates of a question that the judge and the oracle see differently.
func describe(t *testing.T, v Verdict, q Question) {
	t.Helper()
	t.Logf("  name %q, purpose %s", q.Name, q.Purpose)
	for _, r := range v.Reasons {
		t.Logf("  judge: %s %s on %x", r.ID, r.Text, r.SHA256[:4])
	}
	for i, c := range slices.Concat(q.Sent, q.Untrusted) {
		t.Logf("  sent %d: %x %s <- %s", i, c.SHA256[:4], c.Subject(), c.Issuer())
	}
	for i, c := range q.Anchors {
		t.Logf("  anchor %d: %x %s <- %s", i, c.SHA256[:4], c.Subject(), c.Issuer())
	}
}
