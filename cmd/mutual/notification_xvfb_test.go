//go:build xvfb

package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"image"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

// TestReminderOnTheDesktop: a certificate that is about to end is told of on the desktop's own bus at the start, once:
// the next start on the same day says nothing more.
func TestReminderOnTheDesktop(t *testing.T) {
	for _, name := range []string{"dbus-daemon", "dbus-monitor"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is not installed: `make setup` does that", name)
		}
	}
	path := binary(t)
	display, bus := startDisplay(t), startBus(t)
	env := environment(t, "DISPLAY="+display, "DBUS_SESSION_BUS_ADDRESS="+bus)
	endingProfile(t, env)
	told := listen(t, bus)
	for start := 1; start <= 2; start++ {
		program := exec.Command(path)
		program.Env = env
		var said bytes.Buffer
		program.Stderr = &said
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- program.Wait() }()
		t.Cleanup(func() { _ = program.Process.Kill() })
		s := &screen{t: t, display: display}
		s.findWindow(ended)
		if start == 1 {
			select {
			case text := <-told:
				for _, want := range []string{"A certificate is about to expire", "“sensor”", "“plant”"} {
					if !strings.Contains(text, want) {
						t.Errorf("the desktop is told %q, which lacks %s", text, want)
					}
				}
			case <-time.After(patience):
				t.Fatalf("the desktop was told nothing; the program said: %s", &said)
			}
		}
		s.wait("the list of connections to be drawn", reminderDrawn)
		if err := program.Process.Signal(os.Interrupt); err != nil { // it remembers what it told
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("the program does not end")
		}
	}
	select {
	case text := <-told:
		t.Errorf("the second start told it again: %q", text)
	default:
	}
}

// renewButton is what counts the certificates that need something done, at the left of the window.
var renewButton = image.Rect(12, 720, 262, 742)

// reminderDrawn says whether the button has its colour, amber in both themes.
func reminderDrawn(p image.Image) bool {
	return count(p, renewButton, func(r, g, b int) bool { return r-b >= 60 && g > b && r > g }) > renewButton.Dx()*renewButton.Dy()/3
}

// endingProfile saves a connection whose certificate ends in 20 days.
func endingProfile(t *testing.T, env []string) {
	t.Helper()
	home := ""
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "MUTUAL_HOME="); ok {
			home = value
		}
	}
	s, _, err := store.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "sensor"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(0, 0, 20)}
	certificate, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := pki.EncodeKey(key, pki.PEM, "", true)
	if err != nil {
		t.Fatal(err)
	}
	paths := pki.Paths(home, pki.Client)
	files := []pki.OutputFile{{Path: paths.Certificate, Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})}, {Path: paths.Key, Data: private, Private: true}}
	if err := pki.WriteFiles(files, false); err != nil {
		t.Fatal(err)
	}
	p := profile.New("plant")
	p.Server.Host = "broker.example"
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: paths.Certificate, KeyFile: paths.Key}
	if _, err := s.Save(p); err != nil {
		t.Fatal(err)
	}
}

// startBus starts a session bus of its own and returns its address.
func startBus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "bus.conf")
	config := `<busconfig><type>session</type><listen>unix:path=` + filepath.Join(dir, "bus") + `</listen>
		<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--nofork", "--print-address", "--config-file="+file)
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus did not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// listen returns what is sent as notifications over the bus, each with its texts. It returns when it hears.
func listen(t *testing.T, bus string) <-chan string {
	t.Helper()
	monitor := exec.Command("dbus-monitor", "--address", bus, "interface=org.freedesktop.Notifications,member=Notify")
	out, err := monitor.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := monitor.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = monitor.Process.Kill()
		_ = monitor.Wait()
	})
	told, hears := make(chan string, 16), make(chan struct{})
	go func() {
		lines, text := bufio.NewScanner(out), ""
		for begun := false; lines.Scan(); {
			line := lines.Text()
			if !begun {
				begun = true
				close(hears)
			}
			switch {
			case strings.Contains(line, "member=Notify"):
				text = "begun"
			case text != "" && strings.HasPrefix(line, "   string "):
				text += " " + strings.TrimPrefix(line, "   string ")
			case text != "" && strings.HasPrefix(line, "   array "): // the actions come after the texts
				told <- text
				text = ""
			}
		}
	}()
	select {
	case <-hears: // its first lines are about itself
	case <-time.After(patience):
		t.Fatal("dbus-monitor says nothing")
	}
	return told
}
