package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"mutual/core/diagnose"
	"mutual/core/lab"
)

// TestLookFurther: what the broker leaves out is fetched when asked for, the repair with it connects, a report of it is
// judged again without a network, and the broker's full chain is made as a file.
func TestLookFurther(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{Fault: "intermediate-missing", Variant: "fetchable-two", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o, err := newLabObject(l, labFlags{fault: "intermediate-missing"})
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (answer object, status int) {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "mutualctl", append([]string{"diagnose", "--json"}, args...)...).Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		}
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return answer, status
	}
	offers := func(answer object, id string) bool {
		return len(answer.Findings) > 0 && slices.ContainsFunc(answer.Findings[0].Fixes, func(f diagnose.Fix) bool { return f.ID == id && f.Automatic })
	}
	if answer, status := run(o.Arguments...); status != statusFound || offers(answer, "add-intermediate") || len(answer.Probes) > 0 {
		t.Errorf("not asked: %d, %+v", status, answer.Findings)
	}
	report := filepath.Join(t.TempDir(), "report.json")
	asked := append(slices.Clone(o.Arguments), "--look-further")
	answer, status := run(append(slices.Clone(asked), "--report", report)...)
	if status != statusFound || !offers(answer, "add-intermediate") || !offers(answer, "make-full-chain") || len(answer.Probes) != 2 {
		t.Errorf("%d, %+v, %+v", status, answer.Findings, answer.Probes)
	}
	if again, _ := run("--replay", report); !offers(again, "add-intermediate") || again.Findings[0].Detail != answer.Findings[0].Detail {
		t.Errorf("replayed: %+v", again.Findings)
	}
	full := filepath.Join(t.TempDir(), "full.pem")
	run(append(slices.Clone(asked), "--fix", "make-full-chain", "--out", full)...)
	if content, err := os.ReadFile(full); err != nil || len(content) == 0 {
		t.Error(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if answer, status := run(append(slices.Clone(asked), "--for", "openssl", "--fix", "add-intermediate", "--out", ca)...); status != 0 {
		t.Errorf("%d, %+v", status, answer.Findings)
	}
}
