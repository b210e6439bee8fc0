package chain

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// javaProgram is the Java that judges, or the test says loudly that it is not there.
func javaProgram(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("java")
	if err != nil {
		t.Skip("THE JAVA JUDGE IS NOT COMPARED WITH JAVA: there is no java program here")
	}
	version, err := exec.Command(path, "-version").CombinedOutput()
	if err != nil {
		t.Skipf("THE JAVA JUDGE IS NOT COMPARED WITH JAVA: java -version says %s", version)
	}
	if !regexp.MustCompile(`version "17\.`).Match(version) {
		t.Skipf("THE JAVA JUDGE IS NOT COMPARED WITH JAVA: it models 17, and this is %s", version)
	}
	return path
}

// askJava has one Java judge all questions: "ok", or class and message of the innermost cause.
func askJava(t *testing.T, questions []Question) []string {
	t.Helper()
	program := javaProgram(t)
	var in bytes.Buffer
	list := func(certificates []Certificate) string {
		var all []string
		for _, c := range certificates {
			all = append(all, base64.StdEncoding.EncodeToString(c.DER))
		}
		return strings.Join(all, ",")
	}
	for _, q := range questions {
		fmt.Fprintf(&in, "%s\t%s\t%d\t%s\t%s\n", q.Purpose, q.Name, q.At.UnixMilli(), list(slices.Concat(q.Sent, q.Untrusted)), list(q.Anchors))
	}
	judge, err := oneJava(program)
	if err != nil {
		t.Skipf("THE JAVA JUDGE IS NOT COMPARED WITH JAVA: %v", err)
	}
	judge.Lock()
	defer judge.Unlock()
	go func() {
		if _, err := in.WriteTo(judge.in); err != nil {
			t.Logf("asking java: %v", err)
		}
	}()
	var answers []string
	for len(answers) < len(questions) && judge.out.Scan() {
		answers = append(answers, judge.out.Text())
	}
	if len(answers) != len(questions) {
		t.Fatalf("java gave %d answers to %d questions: %s", len(answers), len(questions), judge.stderr.Bytes())
	}
	return answers
}

// runningJava is one Java for all tests of a run, because it takes seconds to start. It ends when its input does, with
// the tests.
type runningJava struct {
	sync.Mutex
	in     io.Writer
	out    *bufio.Scanner
	stderr *bytes.Buffer
}

var javas = struct {
	sync.Mutex
	one *runningJava
}{}

func oneJava(program string) (*runningJava, error) {
	javas.Lock()
	defer javas.Unlock()
	if javas.one != nil {
		return javas.one, nil
	}
	cmd := exec.Command(program, "-Duser.timezone=UTC", "-Duser.language=en", "-Duser.country=US", "-XX:TieredStopAtLevel=1",
		"--add-exports=java.base/sun.security.validator=ALL-UNNAMED", "--add-exports=java.base/sun.security.util=ALL-UNNAMED",
		filepath.Join("testdata", "java", "Oracle.java"))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	j := &runningJava{in: in, out: bufio.NewScanner(out), stderr: &bytes.Buffer{}}
	cmd.Stderr = j.stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	javas.one = j
	return j, nil
}

// compareJava demands the same acceptance and the same words.
func compareJava(t *testing.T, label string, q Question, said string) {
	t.Helper()
	v := javaJudge{}.Judge(q)
	modelled := "ok"
	if !v.Accepted {
		modelled = v.Code + ": " + v.Text
	}
	if said == modelled {
		return
	}
	// Of several trust anchors that could have issued the top Java takes any one first: its set of them has no order.
	for i := range q.Anchors {
		other := q
		other.Anchors = slices.Concat(q.Anchors[i:], q.Anchors[:i])
		if v := (javaJudge{}).Judge(other); v.Accepted && said == "ok" || said == v.Code+": "+v.Text {
			t.Logf("%s: java says %s today; it depends on the order of its trust anchors", label, said)
			return
		}
	}
	t.Errorf("%s:\n  java:  %s\n  judge: %s", label, said, modelled)
	for i, c := range slices.Concat(q.Sent, q.Untrusted) {
		t.Logf("  sent %d: %s <- %s", i, c.Subject(), c.Issuer())
	}
	for i, c := range q.Anchors {
		t.Logf("  anchor %d: %s <- %s", i, c.Subject(), c.Issuer())
	}
}

func TestScenariosAgreeWithJava(t *testing.T) {
	var questions []Question
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.name)
		questions = append(questions, s.q)
	}
	answers := askJava(t, questions)
	for i, name := range names {
		t.Run(name, func(t *testing.T) { compareJava(t, name, questions[i], answers[i]) })
	}
}

// TestRandomChainsAgreeWithJava demands the same verdict and words for every one of them.
func TestRandomChainsAgreeWithJava(t *testing.T) {
	javaProgram(t)
	if testing.Short() {
		*mutations = min(*mutations, 100)
	}
	var questions []Question
	for i := range *mutations {
		questions = append(questions, newMutator(*seed+3, i).question())
	}
	counts := map[string]int{}
	for i, said := range askJava(t, questions) {
		compareJava(t, fmt.Sprintf("chain %d", i), questions[i], said)
		counts[javaKind(said)]++
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d %s", counts[k], k)
	}
	if *mutations >= 600 && len(counts) < 12 {
		t.Errorf("only %d kinds of outcome: the chains are not various enough", len(counts))
	}
}

var particular = regexp.MustCompile(`"[^"]*"|(NotAfter|NotBefore): .*|matching \S+( address \S+)?|0x.*`)

// javaKind is what java said without names and times.
func javaKind(said string) string { return particular.ReplaceAllString(said, "…") }
