package acme

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/core/solver"
)

// killed is what a child of this test program is told to obtain.
type killed struct {
	Folder, Resolver, Port, Solver string
	Settings                       map[string]string
	Request                        Request
	Renew                          bool
}

const killedVariable = "MUTUAL_TEST_KILLED"

// TestKilledChild is no test by itself: it obtains what its parent wants, and is killed on the way.
func TestKilledChild(t *testing.T) {
	text := os.Getenv(killedVariable)
	if text == "" {
		t.Skip("it is the child of TestKilled")
	}
	var k killed
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err)
	}
	r := nameserver.SystemAt(k.Resolver)
	r.Port = k.Port
	s, err := solver.New(t.Context(), k.Solver, k.Settings, r)
	if err != nil {
		t.Fatal(err)
	}
	if r53, ok := s.(solver.Route53); ok {
		r53.Poll = 10 * time.Millisecond
	}
	o := Options{Solver: s, Resolver: r, Report: func(p progress.Event) { fmt.Printf("STEP %s %v\n", p.Step, p.Done) }}
	f := Folder{Path: k.Folder}
	if k.Renew {
		_, _, _, err = f.Renew(t.Context(), k.Request.Names[0], true, o)
	} else {
		_, err = f.Obtain(t.Context(), k.Request, o)
	}
	fmt.Println("END", err)
}

// run starts a child and kills it (SIGKILL) at the nth of its lines, after a moment; 0: never. It returns how many lines there were.
func (k killed) run(t *testing.T, at int, after time.Duration) (lines int) {
	t.Helper()
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$", "-test.v")
	cmd.Env = append(os.Environ(), killedVariable+"="+string(text))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if rest, ok := strings.CutPrefix(scan.Text(), "END "); ok && rest != "<nil>" {
			t.Errorf("the child ended with %s", rest)
		}
		if !strings.HasPrefix(scan.Text(), "STEP ") {
			continue
		}
		if lines++; lines == at {
			time.Sleep(after) // to come at different places of what the step does, not to wait for something
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	return lines
}

// TestKilled kills a program at each step of an order. Whatever it left, the next goes on, and removes its records.
func TestKilled(t *testing.T) {
	const name = "mqtt.example.org"
	for provider, start := range services {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			v := start(t, s)
			k := killed{Folder: s.folder.Path, Resolver: s.world.Address, Port: s.world.Port, Solver: provider, Settings: v.settings, Request: s.request(t, name)}
			total := k.run(t, 0, 0)
			if total < 10 {
				t.Fatalf("an order has only %d steps", total)
			}
			stride := 4 // they differ in the record only
			if provider == "cloudflare" {
				stride = 1
			}
			for at := 1; at <= total; at += stride {
				k.run(t, at, time.Duration(at%4)*time.Millisecond)
				if _, err := s.obtainBy(t, provider, v.settings, name); err != nil {
					t.Fatalf("killed at line %d, it cannot be gone on with: %v", at, err)
				}
				s.whole(t, name)
				s.clean(t, v)
			}
		})
	}
}

// whole says whether what is in the folder belongs together.
func (s *scene) whole(t *testing.T, name string) {
	t.Helper()
	got, err := s.folder.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	key, err := readKey(got.Files.Key)
	if err != nil || !holds(got.Certificates[0], key) {
		t.Errorf("the key is not the certificate's: %v", err)
	}
	for path, want := range map[string][]byte{got.Files.Certificate: pemOf(got.Certificates[:1]), got.Files.Chain: pemOf(got.Certificates[1:])} {
		if text, err := os.ReadFile(path); err != nil || string(text) != string(want) {
			t.Errorf("%s does not belong to fullchain.pem: %v", path, err)
		}
	}
	if _, _, ok := s.folder.Pending(name); ok {
		t.Error("an order is still written down")
	}
	entries, _ := os.ReadDir(s.folder.Dir(name))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.Contains(e.Name(), "key") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", e.Name(), info.Mode())
		}
	}
}

// TestRenewalKilled: a renewal that was asked for before it was due is gone on with, and its record removed, by the next.
func TestRenewalKilled(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	v := services["rfc2136"](t, s)
	first, err := s.obtainBy(t, "rfc2136", v.settings, name)
	if err != nil {
		t.Fatal(err)
	}
	k := killed{Folder: s.folder.Path, Resolver: s.world.Address, Port: s.world.Port, Solver: "rfc2136", Settings: v.settings, Request: s.request(t, name), Renew: true}
	for line := 1; len(s.world.Texts()) == 0; line++ {
		if line > 30 {
			t.Fatal("no record was ever left")
		}
		k.run(t, line, 0)
	}
	o := s.options(t)
	if o.Solver, err = solver.New(t.Context(), "rfc2136", v.settings, o.Resolver); err != nil {
		t.Fatal(err)
	}
	if _, _, renewed, err := s.folder.Renew(t.Context(), name, false, o); err != nil || !renewed {
		t.Errorf("gone on with: %v, %v", renewed, err)
	}
	s.clean(t, v)
	s.whole(t, name)
	if now, err := s.folder.Read(name); err != nil || now.Certificates[0].Equal(first.Certificates[0]) {
		t.Errorf("the certificate is the old one, %v", err)
	}
	if _, _, renewed, err := s.folder.Renew(t.Context(), name, false, o); err != nil || renewed {
		t.Errorf("renewed once more: %v, %v", renewed, err)
	}
}

// TestKilledWhileWriting: a renewal was killed between two of its files, so that the new certificate stands beside the old
// key. The next renewal mends that, although the certificate is not due.
func TestKilledWhileWriting(t *testing.T) {
	const name = "mqtt.example.org"
	s := newScene(t, acmetest.Options{})
	if _, err := s.folder.Obtain(t.Context(), s.request(t, name), s.options(t)); err != nil {
		t.Fatal(err)
	}
	before := contents(t, s.folder.Files(name))
	// What is there at the moment of the files: an order that is valid, and the new key.
	at := s.options(t)
	var order, key []byte
	at.Report = func(p progress.Event) {
		if p.Step == progress.WriteDown && !p.Done {
			order, _ = os.ReadFile(s.folder.Dir(name) + "/" + orderFile)
			key, _ = os.ReadFile(s.folder.Dir(name) + "/" + pendingKey)
		}
	}
	if _, _, _, err := s.folder.Renew(t.Context(), name, true, at); err != nil || order == nil || key == nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{s.folder.Files(name).Key: []byte(before[s.folder.Files(name).Key]),
		s.folder.Dir(name) + "/" + orderFile: order, s.folder.Dir(name) + "/" + pendingKey: key} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, renewed, err := s.folder.Renew(t.Context(), name, false, s.options(t)); err != nil || !renewed {
		t.Errorf("mended %v, %v", renewed, err)
	}
	s.whole(t, name)
}
