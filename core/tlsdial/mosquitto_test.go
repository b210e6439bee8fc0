package tlsdial

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"mutual/core/pki"
	"mutual/core/profile"
)

// mosquitto starts Debian's broker with two-way TLS and returns a profile for it.
func mosquitto(t testing.TB) (profile.Profile, pki.Material) {
	t.Helper()
	const program = "/usr/sbin/mosquitto"
	if _, err := os.Stat(program); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %s is not installed", program)
	}
	dir := t.TempDir()
	ca := must(pki.NewAuthority(pki.Request{Kind: pki.CA, Subject: must(pki.ParseSubject("CA"))}))
	for kind, issued := range map[pki.Kind]pki.Issued{
		pki.CA:     ca,
		pki.Server: must(pki.Issue(ca, pki.Request{Kind: pki.Server, Subject: must(pki.ParseSubject("localhost")), Names: []string{"127.0.0.1"}})),
		pki.Client: must(pki.Issue(ca, pki.Request{Kind: pki.Client, Subject: must(pki.ParseSubject("Client"))})),
	} {
		if err := issued.Write(pki.Paths(dir, kind), false); err != nil {
			t.Fatal(err)
		}
	}
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	files := pki.Paths(dir, pki.Server)
	config := fmt.Sprintf("user root\nper_listener_settings false\nallow_anonymous true\nlistener %d 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n",
		port, filepath.Join(dir, pki.CACertificateName), files.Certificate, files.Key)
	file := filepath.Join(dir, "mosquitto.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	broker := exec.Command(program, "-c", file)
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { broker.Process.Kill(); broker.Wait() })
	waitFor(t, func() bool {
		c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	p := profile.New("test")
	p.Server.Host, p.Server.Port = "127.0.0.1", port
	p.Trust.Files = []string{filepath.Join(dir, pki.CACertificateName)}
	client := pki.Paths(dir, pki.Client)
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: client.Certificate, KeyFile: client.Key}
	return p, pki.Load(context.Background(), p, pki.LoadOptions{Roots: &pki.Roots{}})
}

// connect5 is a CONNECT of MQTT 5.0.
const connect5 = "\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03abc"

// exchange connects, says CONNECT and waits for CONNACK.
func exchange(t testing.TB, p profile.Profile, m pki.Material) {
	c, err := Dial(context.Background(), p, m, NewAttempt(p, m), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, connect5); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
}

func TestMosquitto(t *testing.T) {
	p, m := mosquitto(t)
	exchange(t, p, m)
	m.Certificate = nil
	a := NewAttempt(p, m)
	c, err := Dial(t.Context(), p, m, a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, connect5)
	c.Read(make([]byte, 1))
	if c.Judge(a); a.TLS.Alert == nil || *a.TLS.Alert != 116 || !a.TLS.Late {
		t.Errorf("without a client certificate: %+v", a.TLS)
	}
	if len(a.TLS.AcceptableCAs) != 0 || !a.TLS.CertificateRequested || a.TLS.Version != tls.VersionTLS13 {
		t.Errorf("recorded %+v", a.TLS)
	}
}

// BenchmarkMosquitto is the time from dialling to CONNACK. Without quick acknowledgements it is about 45 ms more.
func BenchmarkMosquitto(b *testing.B) {
	p, m := mosquitto(b)
	start := time.Now()
	for b.Loop() {
		exchange(b, p, m)
	}
	b.ReportMetric(float64(time.Since(start).Microseconds())/1000/float64(b.N), "ms/connect")
}
