package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// openssl runs the real program in dir and returns what it printed.
func openssl(t *testing.T, dir string, args ...string) string {
	t.Helper()
	requireOpenSSL(t)
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func requireOpenSSL(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: the openssl program is not installed; make test installs it")
	}
}

// sixCommands returns a folder with the files of the openssl commands that the wizard stands for, run with openssl's own
// defaults.
func sixCommands(t *testing.T) string {
	t.Helper()
	requireOpenSSL(t)
	files, err := opensslFiles()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		writeFile(t, dir, name, data)
	}
	return dir
}

// opensslFiles runs the commands once: making RSA keys takes its time.
var opensslFiles = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "openssl")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for _, args := range [][]string{
		{"req", "-new", "-newkey", "rsa:2048", "-days", "365", "-nodes", "-x509", "-subj", "/C=US/O=Test Org/CN=Test CA", "-keyout", "client-ca.key", "-out", "client-ca.crt"},
		{"genrsa", "-out", "client.key", "2048"},
		{"req", "-new", "-key", "client.key", "-out", "client.csr", "-subj", "/CN=Client"},
		{"x509", "-req", "-days", "365", "-sha256", "-in", "client.csr", "-CA", "client-ca.crt", "-CAkey", "client-ca.key", "-CAcreateserial", "-out", "client.crt"},
		{"x509", "-noout", "-text", "-in", "client.crt"},
		{"verify", "-CAfile", "client-ca.crt", "client.crt"},
	} {
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("openssl %s: %w\n%s", args[0], err, out)
		}
	}
	files := map[string][]byte{}
	for _, name := range []string{"client-ca.key", "client-ca.crt", "client.key", "client.csr", "client.crt"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

func writeFile(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readBytes(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func certificateIn(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(readBytes(t, path))
	if block == nil {
		t.Fatalf("%s holds no PEM block", path)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustName(t testing.TB, s string) pkix.Name {
	t.Helper()
	name, err := ParseSubject(s)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func mustSubject(t *testing.T, s string) Request {
	t.Helper()
	return Request{Subject: mustName(t, s)}
}

// newCA makes an authority with a fast key.
func newCA(t *testing.T, subject string) Issued {
	t.Helper()
	r := mustSubject(t, subject)
	r.Algorithm = ECDSAP256
	ca, err := NewAuthority(r)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// issue makes a certificate with a fast key.
func issue(t *testing.T, ca Issued, kind Kind, subject string, names ...string) Issued {
	t.Helper()
	r := Request{}
	if subject != "" {
		r = mustSubject(t, subject)
	}
	r.Kind, r.Names, r.Algorithm = kind, names, ECDSAP256
	i, err := Issue(ca, r)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// opensslTry runs openssl where it may say no.
func opensslTry(dir string, args ...string) (string, error) {
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
