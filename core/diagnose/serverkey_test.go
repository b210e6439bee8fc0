package diagnose_test

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/session"
)

// TestServersThatGoCannotRead meets OpenSSL's server with certificates that crypto/tls cannot use or crypto/x509 cannot
// read: the certificate is recovered and shown, and the finding says who refuses it and who does not.
func TestServersThatGoCannotRead(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		absent(t, "openssl")
	}
	curve := func(name string) []string {
		return []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + name}
	}
	for _, c := range []struct {
		name             string
		key, request     []string
		versions         string
		id, title        string
		refuses, accepts []string // some of those who do
	}{
		{"RSA-PSS", []string{"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}, nil, "2 3", "server-key-unsupported", "RSA-PSS", []string{"go", "mbedtls"}, []string{"openssl", "java"}},
		{"Ed448", []string{"-algorithm", "ED448"}, nil, "2 3", "server-key-unsupported", "Ed448", []string{"go"}, []string{"openssl"}},
		{"P-224", curve("P-224"), nil, "2", "server-key-unsupported", "P-224", []string{"go", "openssl"}, nil},
		{"secp256k1", curve("secp256k1"), nil, "2", "server-key-unsupported", "secp256k1", []string{"go", "openssl", "java"}, []string{"mbedtls"}},
		{"brainpool", curve("brainpoolP256r1"), nil, "2", "server-key-unsupported", "brainpoolP256r1", []string{"go", "gnutls"}, []string{"mbedtls"}},
		{"RSA of 512 bits", []string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"}, nil, "2", "key-too-weak", "512 bits", []string{"go", "openssl", "java"}, nil},
		{"negative serial", curve("P-256"), []string{"-set_serial", "-77"}, "2 3", "certificate-malformed", "", []string{"go"}, []string{"openssl", "java"}},
		{"extension twice as long as it is", curve("P-256"), []string{"-addext", "1.3.6.1.5.5.7.1.1=DER:30820100"}, "2 3", "certificate-malformed", "", []string{"go"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := func(name string) string { return filepath.Join(dir, name) }
			for _, args := range [][]string{
				{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file("ca.key"), "-out", file("ca.pem"), "-subj", "/CN=Test Root", "-addext", "keyUsage=critical,keyCertSign"},
				append([]string{"genpkey", "-out", file("key.pem")}, c.key...),
				append([]string{"req", "-x509", "-new", "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-key", file("key.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
					"-addext", "basicConstraints=critical,CA:FALSE", "-out", file("crt.pem")}, c.request...),
			} {
				if out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput(); err != nil {
					t.Fatalf("openssl %v: %v %s", args, err, out)
				}
			}
			for _, version := range strings.Fields(c.versions) {
				address := serveOpenSSL(t, openssl, file("crt.pem"), file("key.pem"), version)
				p := profile.New("test")
				p.Server.Host, p.Server.Port = "localhost", address.Port
				p.Trust.Files = []string{file("ca.pem")}
				m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: &pki.Roots{}})
				a := session.Try(t.Context(), p, m, "", session.Options{Timeout: 30 * time.Second})
				probe.RunAsked(t.Context(), a, probe.Asked{Roots: &pki.Roots{}}, nil)
				result := diagnose.Diagnose(a, nil)
				found := result.Findings
				if len(found) == 0 || found[0].ID != c.id || !strings.Contains(found[0].Title, c.title) || found[0].Severity != diagnose.Error {
					t.Fatalf("TLS 1.%s: %+v", version, found)
				}
				f := found[0]
				diagnose.Readable(t, f)
				if q, ok := chain.FromAttempt(a); ok {
					offline := diagnose.Verify(q, nil, nil).Findings
					if len(offline) == 0 || offline[0].ID != c.id || offline[0].Severity != diagnose.Error || !slices.Contains(offline[0].Clients, "go") {
						t.Errorf("offline: %+v", offline)
					}
				}
				if len(a.TLS.Sent) != 1 || f.Subject.SHA256 == "" {
					t.Errorf("TLS 1.%s: %d certificates were recovered, the subject is %+v", version, len(a.TLS.Sent), f.Subject)
				}
				for _, client := range c.refuses {
					if !slices.Contains(f.Clients, client) {
						t.Errorf("TLS 1.%s: %s is not said to refuse it: %v", version, client, f.Clients)
					}
				}
				for _, client := range c.accepts {
					if slices.Contains(f.Clients, client) {
						t.Errorf("TLS 1.%s: %s is said to refuse it: %v", version, client, f.Clients)
					}
				}
				for _, v := range result.Verdicts {
					if a.TLS.SentToProbe && v.Accepted && slices.Contains(f.Clients, v.Client) {
						t.Errorf("TLS 1.%s: %s accepts by its verdict, and refuses by the finding", version, v.Client)
					}
				}
				for _, other := range found[1:] {
					if other.Severity == diagnose.Error {
						t.Errorf("TLS 1.%s: %s as well: %s", version, other.ID, other.Title)
					}
				}
			}
		})
	}
}

// serveOpenSSL starts OpenSSL's server with one version of TLS.
func serveOpenSSL(t *testing.T, openssl, certificate, key, version string) *net.TCPAddr {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	server := exec.Command(openssl, "s_server", "-accept", address.String(), "-cert", certificate, "-key", key, "-quiet", "-cipher", "DEFAULT:@SECLEVEL=0", fmt.Sprintf("-tls1_%s", version))
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", address.String()); err == nil {
			c.Close()
			return address
		}
	}
	t.Fatal("openssl s_server does not listen")
	return nil
}
