//go:build xvfb

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds each wait: a machine without a graphics card and with other work to do is slow.
const patience = 60 * time.Second

// Places in the window at its first size. There is no accessibility tree to ask, so the test looks at pixels.
var (
	connectButton = image.Pt(1190, 58)
	greetButton   = image.Pt(779, 467)
	badge         = image.Rect(474, 46, 620, 72)
	messageEdges  = image.Rect(298, 300, 308, 440) // the bars at the left of the first rows
)

// binary is the program: the one that MUTUAL_BINARY names, else built here.
func binary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("MUTUAL_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "mutual")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-tags", "x11,migrated_fynedo", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return path
}

// environment is that of a user who has never run the program.
func environment(t *testing.T, more ...string) []string {
	t.Helper()
	home := t.TempDir()
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "DISPLAY", "WAYLAND_DISPLAY", "HOME", "MUTUAL_HOME", "DBUS_SESSION_BUS_ADDRESS", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "FYNE_SCALE":
		default:
			env = append(env, v)
		}
	}
	return append(append(env, "HOME="+home, "MUTUAL_HOME="+filepath.Join(home, "mutual"), "LIBGL_ALWAYS_SOFTWARE=1"), more...)
}

// TestConnectInTheRealWindow clicks Connect on the practice broker and waits for the green badge, then sends the
// greeting and waits for it to be in the list.
func TestConnectInTheRealWindow(t *testing.T) {
	path := binary(t)
	display := startDisplay(t)
	program := exec.Command(path)
	program.Env = environment(t, "DISPLAY="+display)
	var said bytes.Buffer
	program.Stderr = &said
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	t.Cleanup(func() {
		_ = program.Process.Kill()
		<-ended
		if strings.Contains(said.String(), "DATA RACE") { // of a program that was built with the race detector
			t.Error("a data race")
		}
		if t.Failed() {
			t.Logf("the program said: %s", &said)
		}
	})

	s := &screen{t: t, display: display}
	s.findWindow(ended)
	s.wait("the button Connect to be drawn", connectDrawn)
	s.click(connectButton)
	s.wait("the badge to be green", func(p image.Image) bool { return count(p, badge, isGreen) > badge.Dx()*badge.Dy()/3 })
	s.click(greetButton)
	s.wait("the greeting to be in the list", func(p image.Image) bool { return count(p, messageEdges, isBlue) > 50 })
}

// connectDrawn says whether the accent colour stands where the button is.
func connectDrawn(p image.Image) bool {
	around := image.Rectangle{connectButton.Sub(image.Pt(50, 10)), connectButton.Add(image.Pt(50, 10))}
	return count(p, around, isBlue) > around.Dx()*around.Dy()/3
}

// Both themes' greens and blues, and nothing else in these places.
func isGreen(r, g, b int) bool { return g-r >= 18 && g-b >= 8 }
func isBlue(r, g, b int) bool  { return b-r >= 60 && b-g >= 30 }

func count(p image.Image, in image.Rectangle, is func(r, g, b int) bool) int {
	n := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			c := color.NRGBAModel.Convert(p.At(x, y)).(color.NRGBA)
			if is(int(c.R), int(c.G), int(c.B)) {
				n++
			}
		}
	}
	return n
}

// startDisplay starts Xvfb on a display that it finds free itself.
func startDisplay(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Fatal("Xvfb is not installed: `make setup` does that")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1400x900x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{write}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	write.Close()
	if err := read.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// screen is the display with the program's window on it.
type screen struct {
	t       *testing.T
	display string
	window  string
}

// run calls an X program.
func (s *screen) run(name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	return cmd.Output()
}

// findWindow waits for the window.
func (s *screen) findWindow(ended chan error) {
	s.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			s.t.Fatalf("the program ended before its window was there: %v", err)
		default:
		}
		out, err := s.run("xdotool", "search", "--onlyvisible", "--name", "^Mutual$")
		if err != nil || len(out) == 0 {
			continue
		}
		s.window = strings.Fields(string(out))[0]
		return
	}
	s.t.Fatal("no window was opened")
}

func number(out []byte, name string) int {
	for _, line := range strings.Split(string(out), "\n") {
		if v, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(v))
			return n
		}
	}
	return 0
}

// click asks first where the window is: it is shown before it is moved to the middle of the screen.
func (s *screen) click(at image.Point) {
	s.t.Helper()
	out, err := s.run("xdotool", "getwindowgeometry", "--shell", s.window)
	if err != nil {
		s.t.Fatalf("where the window is: %v", err)
	}
	at = at.Add(image.Pt(number(out, "X="), number(out, "Y=")))
	if _, err := s.run("xdotool", "mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y), "sleep", "0.2", "click", "1"); err != nil {
		s.t.Fatalf("clicking at %v: %v", at, err)
	}
}

// picture is the window's content now.
func (s *screen) picture() (image.Image, error) {
	out, err := s.run("import", "-silent", "-window", s.window, "png:-")
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(out))
}

// wait looks at the window until done; on failure it leaves a picture.
func (s *screen) wait(what string, done func(image.Image) bool) {
	s.t.Helper()
	var last image.Image
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(200 * time.Millisecond) {
		p, err := s.picture()
		if errors.Is(err, exec.ErrNotFound) {
			s.t.Fatalf("%v: it comes with ImageMagick, which make test installs", err)
		}
		if err != nil {
			continue
		}
		if last = p; done(p) {
			return
		}
	}
	s.t.Fatalf("waited %s for %s; the window's last picture is %s", patience, what, keep(last))
}

// keep writes a picture where it can be looked at after the test.
func keep(p image.Image) string {
	if p == nil {
		return "none"
	}
	f, err := os.CreateTemp("", "mutual-window-*.png")
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if err := png.Encode(f, p); err != nil {
		return err.Error()
	}
	return f.Name()
}

// TestNoDisplay: a message that says what to do, and the exit status that `make run` knows.
func TestNoDisplay(t *testing.T) {
	path := binary(t)
	for name, more := range map[string][]string{"not set": nil, "nobody answers": {"DISPLAY=:4711"}} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(path)
			cmd.Env = environment(t, more...)
			var errs bytes.Buffer
			cmd.Stderr = &errs
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != exitNoDisplay {
				t.Errorf("ended with %v, want exit status %d", err, exitNoDisplay)
			}
			for _, want := range []string{"no window can be opened", "hint:", "mutualctl lab --tour"} {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("the message lacks %q:\n%s", want, &errs)
				}
			}
		})
	}
}
