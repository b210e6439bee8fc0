package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mutualctl": main})
}

// TestScripts runs the stories in testdata. Beside testscript's own commands there are
//
//	exits STATUS CMD…        run a command, which must end with exactly that exit status
//	interrupted TEXT CMD…    run a command, interrupt it once it has printed TEXT; it must end with status 3
//	json PATH VALUE          compare a value of the JSON object on standard output ("findings.0.id", "stages.count" for a length)
//	jsonlines COUNT          standard output is that many lines, each one JSON object
//	lab PREFIX [FAULT]       start a practice broker; sets PREFIX_URL, _DIR, _CA, _CERT, _KEY, and with
//	                         _PASS and _ROOTS the files of the right passphrase and of the missing root
//	save NAME PREFIX         save the profile of that practice broker under NAME
//	mosquitto PREFIX [TEXT…] start the real broker with these lines of configuration; sets PREFIX_PORT
//	web PREFIX               start a broker for WebSocket under /mqtt; sets PREFIX_WSS, for two-way TLS, and PREFIX_WS, both
//	                         without the path, and PREFIX_CA, _CERT and _KEY
//	domain PREFIX            start a DNS, a stand-in for Route 53 and an authority; sets PREFIX_DIRECTORY, _CA, _RESOLVER and _PORT
//	platform PREFIX          start a stand-in for EMQX Platform's interface; sets PREFIX_API, and the key file platform.key
//	proxy NAME [PASSWORD]    start a proxy for CONNECT, which wants the user me if there is a password; sets NAME to its address
//	port NAME                set NAME to a loopback port on which nothing listens
//	silent NAME              set NAME to a loopback port that accepts connections and never says a word
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("MUTUAL_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("NO_COLOR", "1")
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "interrupted": interrupted, "json": jsonValue, "jsonlines": jsonLines,
			"lab": startLab, "save": saveProfile, "mosquitto": startMosquitto, "port": freePort, "silent": silentPort,
			"platform": startPlatform, "domain": startDomain, "web": startWeb, "proxy": startProxy,
		},
	})
}

// condition knows [mosquitto] and [openssl]: the program is installed.
func condition(name string) (bool, error) {
	switch name {
	case "mosquitto":
		return mosquittoPath() != "", nil
	case "openssl":
		_, err := exec.LookPath("openssl")
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS CMD…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if stderr := ts.ReadFile("stderr"); strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("%s panicked", args[1])
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupted TEXT CMD…")
	}
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = []string{
		"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR"),
		"MUTUAL_HOME=" + ts.Getenv("MUTUAL_HOME"), "NO_COLOR=1",
	}
	both, err := cmd.StderrPipe()
	ts.Check(err)
	cmd.Stdout = cmd.Stderr
	ts.Check(cmd.Start())
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(both)
	seen, sent := "", false
	for lines.Scan() {
		seen += lines.Text() + "\n"
		if !sent && strings.Contains(seen, args[0]) {
			sent = true
			ts.Check(cmd.Process.Signal(os.Interrupt))
		}
	}
	ts.Logf("%s", seen)
	ts.Check(lines.Err())
	err = cmd.Wait()
	if !sent {
		ts.Fatalf("%q was never printed; ended with %v", args[0], err)
	}
	if code := cmd.ProcessState.ExitCode(); code != statusInterrupted {
		ts.Fatalf("exit status %d (%v), want %d", code, err, statusInterrupted)
	}
}

func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH VALUE")
	}
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	decoder.UseNumber()
	var value any
	ts.Check(decoder.Decode(&value))
	if _, err := decoder.Token(); err != io.EOF {
		ts.Fatalf("standard output holds more than one JSON object")
	}
	got := lookUp(ts, value, args[0])
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

// lookUp walks along a path of names and indexes; "count" is the length of a list.
func lookUp(ts *testscript.TestScript, value any, path string) string {
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			inside, ok := v[step]
			if !ok {
				ts.Fatalf("%s: no %q in the object", path, step)
			}
			value = inside
		case []any:
			if step == "count" {
				value = len(v)
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return "(none)"
			}
			value = v[i]
		default:
			return "(none)"
		}
	}
	if text, ok := value.(string); ok {
		return text
	}
	data, err := json.Marshal(value)
	ts.Check(err)
	return string(data)
}

func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	for _, line := range lines {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("%q: %v", line, err)
		}
	}
	if len(lines) != want {
		ts.Fatalf("%d lines, want %d", len(lines), want)
	}
}
