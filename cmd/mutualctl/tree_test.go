package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"mutual/core/evidence"
)

// TestHelp: every command says what it does and gives an example, and its help is no usage error.
func TestHelp(t *testing.T) {
	var walk func(path []string, c *cobra.Command)
	walk = func(path []string, c *cobra.Command) {
		t.Run(strings.Join(path, " "), func(t *testing.T) {
			if c.Short == "" || c.Example == "" {
				t.Errorf("no description or no example")
			}
			var out, err bytes.Buffer
			status := run(t.Context(), append(path[1:len(path):len(path)], "--help"), &terminal{out: &out, err: &err})
			if status != statusDone || !strings.Contains(out.String(), "Examples:") || err.Len() > 0 {
				t.Errorf("status %d\n%s%s", status, &out, &err)
			}
		})
		for _, child := range c.Commands() {
			walk(append(path[:len(path):len(path)], child.Name()), child)
		}
	}
	root := newRoot(&terminal{}, "")
	walk([]string{root.Name()}, root)
}

// TestImports: no window library comes with mutualctl, and it builds without cgo.
func TestImports(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if strings.Contains(path, "fyne") || path == "runtime/cgo" || path == "mutual/ui" {
			t.Errorf("mutualctl imports %s", path)
		}
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]uint32{"": 0, "1": 1, "90": 90, "2h": 7200, "1m30s": 90, "4294967295": 1<<32 - 1} {
		if got, err := seconds(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "soon", "10ms", "4294967296", "1e3"} {
		if got, err := seconds(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"/tmp/ca.pem": "/tmp/ca.pem", "mqtts://[::1]:8883": "'mqtts://[::1]:8883'", "": "''", "two words": "'two words'", "it's": `'it'\''s'`,
	} {
		if got := quoted(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	var out bytes.Buffer
	p := &page{out: &out, width: 20}
	p.wrapped("  ", "one two three four five six\nseven aVeryLongWordThatFitsNowhere eight")
	want := "  one two three four\n  five six\n  seven\n  aVeryLongWordThatFitsNowhere\n  eight\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

// TestStages: all five are there, in order, whatever was reached.
func TestStages(t *testing.T) {
	alert := uint8(116)
	a := &evidence.Attempt{
		Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}},
		TLS:   &evidence.TLS{Stage: evidence.Stage{Status: evidence.Failed, Error: "raw text"}, Version: 0x0304, Alert: &alert},
	}
	want := []stageObject{
		{Name: "files", Status: evidence.OK},
		{Name: "resolve", Status: evidence.Skipped},
		{Name: "dial", Status: evidence.Skipped},
		{Name: "tls", Status: evidence.Failed, Detail: "TLS 1.3, alert 116 (certificate_required): raw text"},
		{Name: "mqtt", Status: evidence.Skipped},
	}
	for i, got := range newStages(a) {
		if got != want[i] {
			t.Errorf("%+v, want %+v", got, want[i])
		}
	}
}
