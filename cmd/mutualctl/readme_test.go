package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestReadme follows the walk-through of README.md to the letter, with a real mosquitto: with the wizard's
// certificates, and with those of the openssl commands that stand there too. Only the port is another one.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the walk-through is written for a Unix shell")
	}
	if mosquittoPath() == "" {
		t.Fatal("mosquitto is not installed; make test installs it")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	make := block(t, string(text), "On the command line, in an empty folder:")
	byOpenSSL := block(t, string(text), "The CA and the client certificate are those of the usual openssl commands")
	config := block(t, string(text), "A file `mosquitto.conf` in the same folder:")
	connect := block(t, string(text), "On the command line:\n\n```sh\nmutualctl diagnose")
	verify := block(t, string(text), "openssl agrees:")

	for name, commands := range map[string]string{
		"wizard": make + verify,
		// The server's certificate is the wizard's in both: the six commands make none.
		"openssl": make + byOpenSSL + strings.Replace(strings.Split(make, "\n")[1], "cert server", "cert server --force", 1) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWalk(t)
			w.sh(commands)
			port := w.mosquitto(config)
			out := w.sh(strings.NewReplacer("mqtts://localhost", "mqtts://localhost:"+port, " &\n", " --count 1 2>sub.log &\nuntil grep -q Subscribed sub.log; do sleep 0.05; done\n").Replace(connect) + "wait\n")
			if !strings.Contains(out, "demo/hello") || !strings.Contains(out, "Hello") {
				t.Errorf("the message did not arrive:\n%s", out)
			}
			// mosquitto sends its root as well; it is trusted because of the file, not because it was sent
			if !strings.Contains(out, "sent by the broker, and trusted from client-ca.crt") {
				t.Errorf("where the trust comes from is not said:\n%s", out)
			}
		})
	}
}

// block is the content of the first code block at or after a sentence.
func block(t *testing.T, text, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, after)
	if strings.Contains(after, "```") { // the sentence reaches into the block
		start := after[strings.LastIndex(after, "\n")+1:]
		rest = "```sh\n" + start + rest
	}
	m := regexp.MustCompile("(?s)```(?:sh)?\n(.*?)```").FindStringSubmatch(rest)
	if !ok || m == nil {
		t.Fatalf("README.md has no code block after %q", after)
	}
	return m[1]
}

// walk is a folder in which the reader of the README works.
type walk struct {
	t   *testing.T
	dir string
}

func newWalk(t *testing.T) walk {
	w := walk{t, t.TempDir()}
	if err := os.Mkdir(filepath.Join(w.dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(w.dir, "bin", "mutualctl")) // testscript.Main runs main under this name
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sh runs commands as the reader would, and fails if one of them does.
func (w walk) sh(commands string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", commands)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(w.dir, "bin")+":"+os.Getenv("PATH"), "MUTUAL_HOME="+filepath.Join(w.dir, "home"), "MUTUAL_KEYRING=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v\n%s\n%s", err, commands, out)
	}
	return string(out)
}

// mosquitto starts the broker with the README's configuration on a free port.
func (w walk) mosquitto(config string) (port string) {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	port = fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	if !strings.Contains(config, "listener 8883\n") {
		w.t.Fatalf("no listener in %q", config)
	}
	config = strings.Replace(config, "listener 8883", "listener "+port, 1)
	if os.Getuid() == 0 {
		config += "user root\n" // as the README says
	}
	if err := os.WriteFile(filepath.Join(w.dir, "mosquitto.conf"), []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(mosquittoPath(), "-c", "mosquitto.conf")
	cmd.Dir = w.dir
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", "localhost:"+port); err == nil {
			c.Close()
			return port
		}
	}
	w.t.Fatal("mosquitto does not listen")
	return ""
}
