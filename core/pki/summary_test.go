package pki

import (
	"crypto/x509"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"mutual/core/evidence"
)

// dates stand for themselves in the wanted sentences.
var dates = regexp.MustCompile(`\d{4}-\d\d-\d\d`)

func TestSummary(t *testing.T) {
	dir := t.TempDir()
	ca := newCA(t, "/C=US/O=Test Org/CN=Test CA")
	middle := issue(t, ca, CA, "/CN=R13")
	server := issue(t, middle, Server, "", "broker.example")
	client := issue(t, ca, Client, "/CN=Client")
	old := mustSubject(t, "/CN=Old CA")
	old.NotBefore, old.Days, old.Algorithm = time.Now().AddDate(-2, 0, 0), 30, Ed25519
	expired, err := NewAuthority(old)
	if err != nil {
		t.Fatal(err)
	}
	old.NotBefore = time.Now().AddDate(1, 0, 0)
	future, err := NewAuthority(old)
	if err != nil {
		t.Fatal(err)
	}
	broken := []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	for _, c := range []struct {
		name string
		role evidence.Role
		data []byte
		want string
	}{
		{"CA", "ca", ca.CertificatePEM, "CA certificate Test CA, until DATE"},
		{"client", "client-certificate", client.CertificatePEM, "client certificate Client, issued by Test CA, until DATE"},
		{"server", "ca", server.CertificatePEM, "server certificate broker.example, issued by R13, until DATE"},
		{"intermediate", "ca", middle.CertificatePEM, "CA certificate R13, issued by Test CA, until DATE"},
		{"expired", "ca", expired.CertificatePEM, "CA certificate Old CA, expired on DATE"},
		{"not yet", "ca", future.CertificatePEM, "CA certificate Old CA, valid from DATE until DATE"},
		{"chain", "chain", join(server.CertificatePEM, middle.CertificatePEM, ca.CertificatePEM), "3 certificates: broker.example (until DATE), R13, Test CA"},
		{"long chain", "ca", join(server.CertificatePEM, middle.CertificatePEM, ca.CertificatePEM, middle.CertificatePEM, ca.CertificatePEM), "5 certificates: broker.example (until DATE), R13, Test CA, R13, and 1 more"},
		{"key", "client-key", client.KeyPEM, "private key ECDSA P-256"},
		{"certificate with key", "client-certificate", join(client.CertificatePEM, client.KeyPEM), "client certificate Client, issued by Test CA, until DATE; private key ECDSA P-256"},
		{"partly broken", "ca", join(broken, ca.CertificatePEM), "CA certificate Test CA, until DATE; 1 of 2 blocks cannot be read"},
		{"request", "client-certificate", client.RequestPEM, "no certificate in it, but: certificate request ECDSA P-256"},
		{"swapped", "client-key", client.CertificatePEM, "no private key in it, but: client certificate Client, issued by Test CA, until DATE"},
		{"only a broken one", "ca", broken, "no certificate in it, but: 1 of 1 blocks cannot be read"},
		{"DER", "ca", ca.Certificate.Raw, "a certificate in DER, not PEM"},
		{"text", "ca", []byte("hello"), "not a certificate or key file"},
		{"byte order mark", "ca", join([]byte("\xef\xbb\xbf"), ca.CertificatePEM), "damaged PEM text (byte-order-mark)"},
		{"keystore", "", []byte{0xFE, 0xED, 0xFE, 0xED}, "a Java keystore (JKS), not PEM: damaged Java keystore"},
		{"keystore as key", "client-key", []byte{0xFE, 0xED, 0xFE, 0xED}, "a Java keystore (JKS), not PEM"},
		{"empty", "ca", nil, "the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeFile(t, dir, "f", c.data)
			if got := dates.ReplaceAllString(Summary(ReadFile(path, c.role, "")), "DATE"); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	if got := Summary(ReadFile(filepath.Join(dir, "none"), "ca", "")); got != "there is no such file" {
		t.Errorf("got %q", got)
	}
	until := ca.Certificate.NotAfter.UTC().Format(time.DateOnly)
	if got := Summary(ReadFile(writeFile(t, dir, "f", ca.CertificatePEM), "ca", "")); got != "CA certificate Test CA, until "+until {
		t.Errorf("got %q", got)
	}
}

// The version 1 certificate of the openssl commands does not say what it is for; the role does.
func TestSummaryOfVersion1(t *testing.T) {
	dir := sixCommands(t)
	got := dates.ReplaceAllString(Summary(ReadFile(dir+"/client.crt", evidence.RoleCertificate, "")), "DATE")
	if got != "client certificate Client, issued by Test CA, until DATE" {
		t.Error(got)
	}
	got = Summary(ReadFile(dir+"/client.key", evidence.RoleKey, ""))
	if got != "private key RSA 2048" {
		t.Error(got)
	}
}

func TestCommonName(t *testing.T) {
	ca := newCA(t, "/O=Org Only")
	if got := CommonName(ca.Certificate); got != "Org Only" {
		t.Error(got)
	}
	if got := CommonName(&x509.Certificate{DNSNames: []string{"a.example"}}); got != "a.example" {
		t.Error(got)
	}
	if got := CommonName(&x509.Certificate{}); got != "unnamed certificate" {
		t.Error(got)
	}
}

// FuzzReadFile reads any bytes as a file of any role. Nothing may panic, and what is found must hold together.
func FuzzReadFile(f *testing.F) {
	ca, err := NewAuthority(Request{Algorithm: Ed25519, Subject: mustName(f, "/CN=Fuzz CA")})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{
		ca.CertificatePEM, ca.KeyPEM, ca.Certificate.Raw, []byte("-----BEGIN "), []byte("-----BEGIN X-----\n-----END X-----"),
		join(ca.CertificatePEM[:100], ca.CertificatePEM), []byte("\xff\xfe-\x00"), {0xFE, 0xED, 0xFE, 0xED}, {0x30, 0x80, 6, 9}, []byte("<html>"), []byte("{\\rtf"),
		[]byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, role := range []evidence.Role{"", evidence.RoleCA, evidence.RoleKey} {
			c := contents{File: evidence.File{Role: role}, work: 50}
			c.parse(data, "x")
			usable := 0
			for i, b := range c.Blocks {
				if b.Index != i || b.Kind == "" {
					t.Fatalf("block %d is %+v", i, b)
				}
				if usableCertificate(b) {
					usable++
				}
			}
			if c.Problem == "" && (role == evidence.RoleCA && usable == 0 || role == evidence.RoleKey && len(c.keys) == 0) {
				t.Fatalf("no problem as %q, and nothing in it: %+v", role, c.File)
			}
			if Summary(c.File) == "" {
				t.Fatalf("no summary of %+v", c.File)
			}
		}
	})
}
