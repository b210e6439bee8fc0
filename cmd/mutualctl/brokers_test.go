package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"mutual/core/lab"
	"mutual/core/profile"
	"mutual/core/store"
)

func startLab(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: lab PREFIX [FAULT]")
	}
	o := lab.Options{Dir: ts.MkAbs("lab-" + args[0])}
	if len(args) > 1 {
		o.Fault = args[1]
	}
	l, err := lab.Start(context.Background(), o)
	ts.Check(err)
	ts.Defer(l.Close)
	p := l.Profile()
	files, err := newLabObject(l, labFlags{fault: o.Fault, variant: o.Variant})
	ts.Check(err)
	for name, value := range map[string]string{
		"_URL": p.Server.URL(), "_DIR": l.Dir(), "_CA": strings.Join(p.Trust.Files, " "),
		"_CERT": p.ClientCertificate.CertificateFile, "_KEY": p.ClientCertificate.KeyFile, "_PASS": files.PassphraseFile, "_ROOTS": files.PublicRootsFile,
		"_NAME": p.Server.ReferenceName(), "_PORT": strconv.Itoa(p.Server.PortOrDefault()),
	} {
		ts.Setenv(args[0]+name, value)
	}
}

// saveProfile saves the connection to a practice broker as the window does.
func saveProfile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: save NAME PREFIX")
	}
	s, _, err := store.Open(ts.Getenv("MUTUAL_HOME"))
	ts.Check(err)
	p := profile.New(args[0])
	p.Server, err = profile.ParseURL(ts.Getenv(args[1] + "_URL"))
	ts.Check(err)
	p.Trust.Files = []string{ts.Getenv(args[1] + "_CA")}
	p.ClientCertificate = profile.ClientCertificate{
		CertificateFile: ts.Getenv(args[1] + "_CERT"), KeyFile: ts.Getenv(args[1] + "_KEY"),
	}
	_, err = s.Save(p)
	ts.Check(err)
}

// mosquittoPath finds the broker, which Debian installs where only root looks.
func mosquittoPath() string {
	for _, name := range []string{"mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func startMosquitto(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: mosquitto PREFIX [LINE…]")
	}
	freePort(ts, false, []string{args[0] + "_PORT"})
	port := ts.Getenv(args[0] + "_PORT")
	config := "listener " + port + " 127.0.0.1\n" + strings.Join(args[1:], "\n") + "\n"
	if os.Getuid() == 0 {
		config = "user root\n" + config // it would give up its rights, and with them the key files of the test
	}
	file := ts.MkAbs(args[0] + ".conf")
	ts.Check(os.WriteFile(file, []byte(config), 0o600))
	cmd := exec.Command(mosquittoPath(), "-c", file)
	cmd.Dir = ts.Getenv("WORK")
	logs, err := cmd.StderrPipe()
	ts.Check(err)
	cmd.Stdout = cmd.Stderr
	ts.Check(cmd.Start())
	ts.Defer(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(logs)
	seen := ""
	for lines.Scan() {
		seen += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "running") { // "mosquitto version 2.0.11 running"
			go io.Copy(io.Discard, logs)
			return
		}
	}
	ts.Fatalf("mosquitto did not start: %v\n%s", lines.Err(), seen)
}

func freePort(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	ts.Check(l.Close())
}

func silentPort(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	ts.Defer(func() { l.Close() })
	go func() {
		var silent []net.Conn // kept, or the collector would close them
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			silent = append(silent, c)
		}
		for _, c := range silent {
			c.Close()
		}
	}()
}
