package explain

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// erlangLog gathers what an Erlang broker writes, for a test to wait for.
type erlangLog struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (l *erlangLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

// after waits for what is written after from and names an alert.
func (l *erlangLog) after(t *testing.T, from int) (said string, end int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		all := l.text.String()
		l.mu.Unlock()
		if said := all[from:]; strings.Contains(said, "ALERT") && strings.HasSuffix(said, "\n") {
			return said, len(all)
		}
		select {
		case <-l.more:
		case <-deadline:
			return all[from:], len(all)
		}
	}
}

// TestProvokedInErlang is what the TLS stack of EMQX, VerneMQ and RabbitMQ writes about clients that it refuses, and
// about one that refuses it.
func TestProvokedInErlang(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("escript"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: Erlang (erlang-base and erlang-ssl) is not installed; make setup installs it")
	}
	a, other := newAuthority(t, time.Now().Add(47*time.Hour)), newAuthority(t, time.Now().Add(47*time.Hour))
	write(t, a.dir, "server.crt", a.certificate.Certificate[0])
	key, err := x509.MarshalPKCS8PrivateKey(a.certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, "server.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600); err != nil {
		t.Fatal(err)
	}
	log := &erlangLog{more: make(chan struct{}, 1)}
	ports := startErlangBroker(t, a.dir, log)
	trusted := x509.NewCertPool()
	trusted.AddCert(a.root)
	end := 0 // of what the log held before a case
	for _, c := range []struct {
		fault string
		roots *x509.CertPool
		own   *tls.Certificate
		want  string
	}{
		{"no certificate", trusted, nil, "client-certificate-required"},
		{"another authority's", trusted, clientOf(t, other, nil), "client-certificate-unknown-ca"},
		{"self-signed", trusted, clientOf(t, authority{}, nil), "client-certificate-unknown-ca"},
		{"expired", trusted, clientOf(t, a, func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Hour) }), "client-certificate-expired"},
		{"for servers", trusted, clientOf(t, a, func(x *x509.Certificate) { x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), "client-certificate-usage"},
		{"the client refuses", x509.NewCertPool(), nil, "root-unknown"},
	} {
		for version, port := range map[uint16]int{tls.VersionTLS12: ports[0], tls.VersionTLS13: ports[1]} {
			t.Run(fmt.Sprintf("%s/%s", c.fault, tls.VersionName(version)), func(t *testing.T) {
				config := &tls.Config{RootCAs: c.roots, ServerName: "localhost", MinVersion: version, MaxVersion: version}
				if c.own != nil {
					config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.own, nil }
				}
				conn, err := tls.Dial("tcp", fmt.Sprint("127.0.0.1:", port), config)
				if err == nil {
					_, err = conn.Read(make([]byte, 1))
					conn.Close()
				}
				var said string
				said, end = log.after(t, end)
				if got := first(said); got != c.want {
					t.Errorf("first is %q, want %q: %s%v (the client: %v)", got, c.want, said, ids(Explain(said)), err)
				} else {
					t.Logf("%s: %s", got, said)
				}
			})
		}
	}
}

// startErlangBroker returns the ports of TLS 1.2 and TLS 1.3.
func startErlangBroker(t *testing.T, dir string, log *erlangLog) (ports [2]int) {
	t.Helper()
	broker := exec.Command("escript", filepath.Join("..", "diagnose", "testdata", "erlang", "broker.escript"), dir, "notice")
	input, err := broker.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := broker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	broker.Stderr = log
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	copied := make(chan struct{})
	t.Cleanup(func() { input.Close(); broker.Process.Kill(); <-copied; broker.Wait() })
	if _, err := fmt.Fscanf(output, "ready %d %d\n", &ports[0], &ports[1]); err != nil {
		close(copied)
		t.Fatalf("the broker: %v %s", err, log.text.String())
	}
	go func() { io.Copy(log, output); close(copied) }()
	return ports
}

// clientOf makes a client certificate; from nobody: signed by itself.
func clientOf(t *testing.T, a authority, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key := newKey(t)
	x := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "client"},
		NotBefore: time.Now().Add(-47 * time.Hour), NotAfter: time.Now().Add(47 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(x)
	}
	parent, signer := a.root, a.key
	if parent == nil {
		parent, signer = x, key
	}
	return &tls.Certificate{Certificate: [][]byte{sign(t, x, parent, key.Public(), signer)}, PrivateKey: key}
}
