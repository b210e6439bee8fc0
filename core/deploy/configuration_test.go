package deploy

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The settings of every broker, both ways.
func TestConfigurations(t *testing.T) {
	w := newWorld(t)
	m := read(t, w.sources(t))
	for _, b := range configurations {
		for _, oneWay := range []bool{false, true} {
			h, err := b.prepare(m, Options{Host: "broker.example", At: now, OneWay: oneWay})
			if err != nil {
				t.Fatal(err)
			}
			if failed := outcomes(h, Failed); failed != nil {
				t.Errorf("%s: failed: %q", b.id, failed)
			}
			for _, c := range h.Checks {
				checkWording(t, c)
			}
			if got := commonNames(t, value(t, h, FieldServer)); !slices.Equal(got, []string{"broker.example", "YR1", "Next Root"}) {
				t.Errorf("%s: the broker sends %q", b.id, got)
			}
			name := b.id + ".conf"
			if oneWay {
				name = b.id + "-one-way.conf"
			}
			golden(t, name, value(t, h, FieldConfiguration))
		}
	}
}

// A path that would end its line, or its quotes, is refused.
func TestFolderStaysInItsLine(t *testing.T) {
	w := newWorld(t)
	m := read(t, w.sources(t))
	for id, folder := range map[string]string{"mosquitto": "/etc/a\nlistener 1883", "nats": `/etc/"}`, "emqx-own": "/etc/${x}", "rabbitmq": "/a\r"} {
		b, ok := Named(id)
		if !ok {
			t.Fatal(id)
		}
		if _, err := b.Prepare(m, Options{Folder: folder, At: now}); err == nil {
			t.Errorf("%s: the folder %q is taken", id, folder)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now:\n%s", name, got)
	}
}

// real makes an authority, a server's and a client's certificate for now, as the wizard does.
func real(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	subject := func(s string) pki.Request {
		name, err := pki.ParseSubject(s)
		if err != nil {
			t.Fatal(err)
		}
		return pki.Request{Subject: name, Algorithm: pki.ECDSAP256}
	}
	r := subject("/CN=CA")
	r.Kind = pki.CA
	ca, err := pki.NewAuthority(r)
	if err != nil {
		t.Fatal(err)
	}
	made := map[pki.Kind]pki.Issued{pki.CA: ca}
	for _, kind := range []pki.Kind{pki.Server, pki.Client} {
		r := subject("/CN=" + string(kind))
		r.Kind = kind
		if kind == pki.Server {
			r.Names = []string{"127.0.0.1"}
		}
		if made[kind], err = pki.Issue(ca, r); err != nil {
			t.Fatal(err)
		}
	}
	for kind, i := range made {
		if err := i.Write(pki.Paths(dir, kind), false); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// program finds a broker, which may lie where only root looks.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Skipf("SKIPPED, NOT TESTED: %s is not installed", name)
	return ""
}

// handedOver writes what a broker on this computer is given, with one authority for server and clients.
func handedOver(t *testing.T, id string, port int) (folder string, p profile.Profile) {
	t.Helper()
	made := real(t)
	server, client := pki.Paths(made, pki.Server), pki.Paths(made, pki.Client)
	ca := pki.Paths(made, pki.CA).Certificate
	m := read(t, Sources{Certificate: server.Certificate, Key: server.Key, Chain: []string{ca}, ClientCA: []string{ca}, Client: client.Certificate, Roots: &pki.Roots{}})
	folder = filepath.Join(t.TempDir(), "a folder")
	b, _ := Named(id)
	h, err := b.Prepare(m, Options{Host: "127.0.0.1", Folder: folder, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	if failed := outcomes(h, Failed); failed != nil {
		t.Errorf("failed: %q", failed)
	}
	if _, err := h.Write(folder, false); err != nil {
		t.Fatal(err)
	}
	p = profile.New("test")
	p.Server = profile.Server{Transport: profile.MQTTS, Host: "127.0.0.1", Port: port}
	p.Trust.Files = []string{ca}
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: client.Certificate, KeyFile: client.Key}
	return folder, p
}

// expectTwoWay: the client with a certificate gets in, the one without does not.
func expectTwoWay(t *testing.T, p profile.Profile) {
	t.Helper()
	try := func() *evidence.Attempt {
		material := pki.Load(context.Background(), p, pki.LoadOptions{Roots: &pki.Roots{}})
		return session.Try(context.Background(), p, material, "", session.Options{Timeout: 10 * time.Second})
	}
	a := try()
	if a.MQTT == nil || a.MQTT.Status != evidence.OK || !a.TLS.CertificateSent {
		t.Errorf("with a certificate: %+v %+v", a.TLS, a.MQTT)
	}
	p.ClientCertificate = profile.ClientCertificate{}
	if a := try(); a.MQTT != nil && a.MQTT.Status == evidence.OK {
		t.Error("a client without a certificate was let in")
	}
}

// The real broker runs with what is written for it.
func TestMosquittoRunsWithIt(t *testing.T) {
	mosquitto := program(t, "mosquitto")
	folder, p := handedOver(t, "mosquitto", freePort(t))
	main := filepath.Join(t.TempDir(), "main.conf")
	text := "include_dir " + folder + "\n"
	if os.Getuid() == 0 {
		text = "user root\n" + text // it would give up its rights, and with them the key
	}
	if err := os.WriteFile(main, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "running", mosquitto, "-c", main)
	expectTwoWay(t, p)
}

// NATS speaks MQTT 3.1.1, and needs a name and JetStream for it.
func TestNATSRunsWithIt(t *testing.T) {
	nats := program(t, "nats-server")
	folder, p := handedOver(t, "nats", freePort(t))
	main := filepath.Join(folder, "main.conf") // include is relative to it
	text := fmt.Sprintf("listen: \"127.0.0.1:%d\"\nserver_name: test\njetstream { store_dir: \"%s\" }\ninclude nats-tls.conf\n", freePort(t), t.TempDir())
	if err := os.WriteFile(main, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "Server is ready", nats, "-c", main)
	p.MQTT.Version = profile.Version311
	expectTwoWay(t, p)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start starts a broker, and waits until it says that it runs.
func start(t *testing.T, runs, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = cmd.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	seen := ""
	for lines := bufio.NewScanner(logs); lines.Scan(); {
		seen += lines.Text() + "\n"
		if strings.Contains(lines.Text(), runs) {
			go io.Copy(io.Discard, logs)
			return
		}
	}
	t.Fatalf("%s did not start:\n%s", program, seen)
}

func TestAWSIoT(t *testing.T) {
	w := newWorld(t)
	amazon := draft{name: "Amazon Root CA 1", ca: true}.make(t, nil)
	roots := pki.NewRoots(nil, []pki.Root{pki.NewRoot(amazon.Certificate.Raw, nil)}, nil)
	device := func(d draft) Sources {
		d.name = "sensor"
		e := d.make(t, w.clientCA)
		return Sources{Certificate: file(t, "c.pem", e), Key: file(t, "c.key", e.key), ClientCA: []string{file(t, "ca.pem", w.clientCA)}, At: now, Roots: roots}
	}
	for _, c := range []struct {
		name string
		s    Sources
		want []string
	}{
		{"sound", device(draft{}), nil},
		{"RSA 3072", device(draft{kind: "RSA 3072"}), nil},
		{"RSA 1024", device(draft{kind: "RSA 1024"}), []string{"key-type"}},
		{"Ed25519", device(draft{kind: "Ed25519"}), []string{"key-type"}},
		{"a server's", device(draft{usages: w.server.ExtKeyUsage}), []string{"client-auth"}},
		{"expired", device(draft{until: now.Add(-time.Hour)}), []string{"validity"}},
	} {
		h, err := AWSIoT(read(t, c.s), Options{At: now})
		if err != nil {
			t.Fatal(err)
		}
		if got := outcomes(h, Failed); !slices.Equal(got, c.want) {
			t.Errorf("%s: failed %q, want %q", c.name, got, c.want)
		}
		for _, check := range h.Checks {
			checkWording(t, check)
		}
		if c.want == nil {
			for id, name := range map[string]string{FieldDevice: "sensor", FieldCA: "Client CA", FieldRoot: "Amazon Root CA 1"} {
				if got := commonNames(t, value(t, h, id)); !slices.Equal(got, []string{name}) {
					t.Errorf("%s: %s holds %q", c.name, id, got)
				}
			}
			golden(t, "aws-iot.sh", value(t, h, FieldCommands))
		}
	}
	alone := device(draft{})
	alone.ClientCA = nil
	h, err := AWSIoT(read(t, alone), Options{At: now})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "aws-iot-without-ca.sh", value(t, h, FieldCommands))
	if got := outcomes(h, Warning); !slices.Equal(got, []string{"signer"}) {
		t.Errorf("without the authority: warnings %q", got)
	}
}

// Containers hold the same as text files.
func TestContainers(t *testing.T) {
	w := newWorld(t)
	plain := w.sources(t)
	want := value(t, emqx(t, plain, Options{}), FieldMerged)
	dir := t.TempDir()
	p12, p7, der := filepath.Join(dir, "server.p12"), filepath.Join(dir, "chain.p7b"), filepath.Join(dir, "server.der")
	openssl(t, "pkcs12", "-export", "-in", plain.Certificate, "-inkey", plain.Key, "-out", p12, "-passout", "pass:secret")
	openssl(t, "crl2pkcs7", "-nocrl", "-certfile", plain.Certificate, "-out", p7)
	openssl(t, "x509", "-in", plain.Certificate, "-outform", "DER", "-out", der)
	derKey := filepath.Join(dir, "key.der")
	openssl(t, "pkey", "-in", plain.Key, "-outform", "DER", "-out", derKey)
	for name, s := range map[string]Sources{
		"PKCS #12":        {Certificate: p12, Passphrase: "secret"},
		"PKCS #7":         {Certificate: p7, Key: plain.Key},
		"DER and PKCS #7": {Certificate: der, Key: derKey, Chain: []string{p7}},
	} {
		s.At, s.Roots = now, w.roots
		h := emqx(t, s, Options{OneWay: true})
		if got := value(t, h, FieldMerged); got != want || h.Failed() {
			t.Errorf("%s: merged %q, failed %q", name, commonNames(t, got), outcomes(h, Failed))
		}
	}
	_, err := Read(context.Background(), Sources{Certificate: p12, At: now, Roots: w.roots})
	var file *pki.FileError
	if !errors.As(err, &file) || file.File.Problem != evidence.PassphraseNone {
		t.Errorf("PKCS #12 without its passphrase: %v", err)
	}
}

// A file that cannot be used is named, with what is wrong with it.
func TestUnusableFiles(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*Sources){
		"missing":             func(s *Sources) { s.Certificate = "no-such-file" },
		"no certificate":      func(s *Sources) { s.Certificate = s.Key },
		"chain without any":   func(s *Sources) { s.Chain = []string{s.Key} },
		"key is none":         func(s *Sources) { s.Key = s.ClientCA[0] },
		"text":                func(s *Sources) { s.ClientCA = []string{file(t, "x", "hello")} },
		"key lacks its words": func(s *Sources) { s.Key = encryptedKey(t, s.Key) },
		"wrong passphrase":    func(s *Sources) { s.Key, s.Passphrase = encryptedKey(t, s.Key), "wrong" },
	} {
		s := w.sources(t)
		change(&s)
		_, err := Read(context.Background(), s)
		if _, ok := err.(*pki.FileError); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	var many []any
	for i := range maxCertificates {
		many = append(many, draft{name: fmt.Sprint("CA ", i%3), ca: true}.make(t, nil))
	}
	s := w.sources(t)
	s.Chain = []string{file(t, "many.pem", many...)}
	if _, err := Read(context.Background(), s); err == nil {
		t.Error("a bundle of hundreds is taken for a chain")
	}
}

func encryptedKey(t *testing.T, key string) string {
	path := filepath.Join(t.TempDir(), "encrypted.key")
	openssl(t, "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", path)
	return path
}
