package tlsdial

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestAnyKey recovers certificates with keys that crypto/tls has no offer for, from OpenSSL's server.
func TestAnyKey(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: openssl is not installed; make setup installs it")
	}
	for _, c := range []struct {
		name     string
		key      []string
		versions []uint16
	}{
		{"RSA-PSS", []string{"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}, []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		{"Ed448", []string{"-algorithm", "ED448"}, []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		{"P-256", []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		// In TLS 1.3 these have no signature scheme, or none that OpenSSL 3.0 knows.
		{"P-224", []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"}, []uint16{tls.VersionTLS12}},
		{"secp256k1", []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, []uint16{tls.VersionTLS12}},
		{"brainpoolP256r1", []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"}, []uint16{tls.VersionTLS12}},
	} {
		for _, version := range c.versions {
			t.Run(c.name+"/"+tls.VersionName(version), func(t *testing.T) {
				port, der := opensslServer(t, openssl, version, c.key...)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				socket, err := net.Dial("tcp", port)
				if err != nil {
					t.Fatal(err)
				}
				defer socket.Close()
				got, err := AnyKey(ctx, socket, "localhost", nil, version)
				if err != nil || len(got.Certificates) != 1 || string(got.Certificates[0].DER) != string(der) || got.Version != version {
					t.Errorf("%d certificates, version %x, %v", len(got.Certificates), got.Version, err)
				}
			})
		}
	}
}

// opensslServer starts one with a self-signed certificate on a key of that kind, and returns its address and certificate.
func opensslServer(t *testing.T, openssl string, version uint16, key ...string) (address string, der []byte) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, args := range [][]string{
		append([]string{"genpkey", "-out", file("key.pem")}, key...),
		{"req", "-x509", "-new", "-key", file("key.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", file("crt.pem")},
		{"x509", "-in", file("crt.pem"), "-outform", "DER", "-out", file("crt.der")},
	} {
		if out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v %s", args, err, out)
		}
	}
	der, err := os.ReadFile(file("crt.der"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	server := exec.Command(openssl, "s_server", "-accept", address, "-cert", file("crt.pem"), "-key", file("key.pem"), "-quiet",
		fmt.Sprintf("-tls1_%d", version-0x0301))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address, der
		}
	}
	t.Fatal("openssl s_server does not listen")
	return "", nil
}

// FuzzAnyKey starts from recorded answers to a hello with fixedShare (TestRecord).
func FuzzAnyKey(f *testing.F) {
	share := fixedShare()
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"), []byte{})
	f.Add([]byte{21, 3, 3, 0, 2, 2, 40}, []byte{messageClientHello, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in, hello []byte) {
		for _, share := range []*ecdh.PrivateKey{share, nil} {
			r, _ := readUntilCertificates(bytes.NewReader(in), hello, share)
			total := 0
			for _, der := range r.certificates {
				total += len(der)
			}
			if total > len(in) {
				t.Errorf("%d bytes of certificates from %d bytes", total, len(in))
			}
		}
	})
}
