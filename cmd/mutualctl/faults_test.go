package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"mutual/core/lab"
)

// harmless are the faults that OpenSSL does not refuse.
var harmless = map[string]bool{
	"root-included": true, "chain-extra": true, "chain-order": true, "certificate-expires-soon": true,
	"strict-profile": true, "client-certificate-expires-soon": true,
	"revocation-unknown": true, "staple-missing": true,
}

// TestEveryFault: each fault of the practice broker is what diagnose names first, in a process that knows nothing but
// what crossed the socket and what the files hold.
func TestEveryFault(t *testing.T) {
	for _, fault := range lab.Faults() {
		t.Run(fault.ID, func(t *testing.T) {
			t.Parallel()
			l, err := lab.Start(t.Context(), lab.Options{Fault: fault.ID, Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			o, err := newLabObject(l, labFlags{fault: fault.ID})
			if err != nil {
				t.Fatal(err)
			}
			if lab.NeedsOwnRoots(fault.ID) {
				if err := o.record(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			if lab.ShowsInSession(fault.ID) {
				meetInSession(t, fault.ID, o.Arguments)
				return
			}
			args := append([]string{"diagnose", "--json", "--for", "openssl", "--timeout", "4s"}, o.Arguments...)
			cmd := exec.CommandContext(t.Context(), "mutualctl", args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			status := 0
			var exit *exec.ExitError
			if err := cmd.Run(); errors.As(err, &exit) {
				status = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if fault.ID == "key-encrypted" { // nobody is there to ask: the one finding that is wrong usage
				if status != statusUsage {
					t.Errorf("exit status %d, want %d\n%s%s", status, statusUsage, &stdout, &stderr)
				}
				return
			}
			var answer object
			if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil {
				t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
			}
			if len(answer.Findings) == 0 || answer.Findings[0].ID != fault.ID {
				t.Errorf("first finding is not %s:\n%s%s", fault.ID, &stdout, &stderr)
			}
			want := statusFound
			if harmless[fault.ID] {
				want = 0
			}
			if status != want {
				t.Errorf("exit status %d, want %d", status, want)
			}
		})
	}
}

// meetInSession subscribes and publishes, as the fault asks for, and finds the fault in what is said of it.
func meetInSession(t *testing.T, fault string, arguments []string) {
	command := append([]string{"sub", "--topic", "practice/#"}, arguments...)
	want := statusFound
	switch fault {
	case "mqtt-publish-refused":
		command = append([]string{"pub", "--topic", "practice/a", "--message", "x", "--qos", "1"}, arguments...)
	case "mqtt-disconnected": // a lost connection is made again, however often
		command, want = append(command, "--deadline", "2s"), statusInterrupted
	}
	cmd := exec.CommandContext(t.Context(), "mutualctl", command...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	status := 0
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if status != want || !strings.Contains(stderr.String(), " "+fault+"\n") {
		t.Errorf("exit status %d, want %d\n%s", status, want, &stderr)
	}
}
