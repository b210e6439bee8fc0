package pki

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the wizard writes must pass openssl's own checks and print the same fields as openssl's own commands, for every
// kind of certificate and key.
func TestOpenSSLAcceptsWhatIsWritten(t *testing.T) {
	for _, algorithm := range KeyAlgorithms {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := mustSubject(t, "/C=US/O=Test Org/CN=Test CA")
			r.Algorithm = algorithm
			ca, err := NewAuthority(r)
			if err != nil {
				t.Fatal(err)
			}
			write(t, ca, dir, CA)
			// The authority as it comes back from its files signs the rest.
			ca, err = ReadAuthority(Paths(dir, CA).Certificate, Paths(dir, CA).Key, "")
			if err != nil {
				t.Fatal(err)
			}
			for kind, r := range map[Kind]Request{
				Server: {Names: []string{"broker.example", "*.broker.example", "192.0.2.7", "2001:db8::1"}},
				Client: {Subject: mustSubject(t, "/CN=Client").Subject},
			} {
				r.Kind, r.Algorithm = kind, algorithm
				if algorithm == RSA3072 && kind == Server || algorithm == RSA4096 && kind == Client {
					r.Algorithm = ECDSAP256 // a long RSA key takes seconds to make
				}
				i, err := Issue(ca, r)
				if err != nil {
					t.Fatal(err)
				}
				write(t, i, dir, kind)
			}
			checkCA(t, dir)
			checkServer(t, dir)
			checkClient(t, dir)
		})
	}
}

func write(t *testing.T, i Issued, dir string, kind Kind) {
	t.Helper()
	if err := i.Write(Paths(dir, kind), false); err != nil {
		t.Fatal(err)
	}
}

func checkCA(t *testing.T, dir string) {
	openssl(t, dir, "pkey", "-check", "-noout", "-in", CAKeyName)
	openssl(t, dir, "verify", "-CAfile", CACertificateName, CACertificateName)
	wantOutput(t, openssl(t, dir, "x509", "-noout", "-subject", "-issuer", "-ext", "basicConstraints,keyUsage", "-in", CACertificateName),
		"subject=C=US, O=Test Org, CN=Test CA", "issuer=C=US, O=Test Org, CN=Test CA",
		"Basic Constraints: critical", "CA:TRUE", "Key Usage: critical", "Certificate Sign, CRL Sign")
}

func checkServer(t *testing.T, dir string) {
	openssl(t, dir, "pkey", "-check", "-noout", "-in", "server.key")
	wantOutput(t, openssl(t, dir, "req", "-verify", "-noout", "-subject", "-text", "-in", "server.csr"),
		"subject=CN=broker.example", "DNS:broker.example, DNS:*.broker.example, IP Address:192.0.2.7")
	for _, name := range []string{"broker.example", "x.broker.example"} {
		openssl(t, dir, "verify", "-CAfile", CACertificateName, "-purpose", "sslserver", "-x509_strict", "-auth_level", "2", "-verify_hostname", name, "server.crt")
	}
	for _, ip := range []string{"192.0.2.7", "2001:db8::1"} {
		openssl(t, dir, "verify", "-CAfile", CACertificateName, "-purpose", "sslserver", "-x509_strict", "-verify_ip", ip, "server.crt")
	}
	wantOutput(t, openssl(t, dir, "x509", "-noout", "-text", "-in", "server.crt"),
		"Version: 3 (0x2)", "Issuer: C=US, O=Test Org, CN=Test CA", "Subject: CN=broker.example", "TLS Web Server Authentication", "Digital Signature")
}

func checkClient(t *testing.T, dir string) {
	openssl(t, dir, "pkey", "-check", "-noout", "-in", "client.key")
	openssl(t, dir, "req", "-verify", "-noout", "-in", "client.csr")
	openssl(t, dir, "verify", "-CAfile", CACertificateName, "-purpose", "sslclient", "-x509_strict", "-auth_level", "2", "client.crt")
	if got := openssl(t, dir, "verify", "-CAfile", CACertificateName, "client.crt"); strings.TrimSpace(got) != "client.crt: OK" {
		t.Errorf("openssl verify says %q", got)
	}
	wantOutput(t, openssl(t, dir, "x509", "-noout", "-text", "-in", "client.crt"),
		"Version: 3 (0x2)", "Subject: CN=Client", "Issuer: C=US, O=Test Org, CN=Test CA", "TLS Web Client Authentication", "Digital Signature")
	for _, key := range []string{CAKeyName, "server.key", "client.key"} {
		if f := ReadFile(dir+"/"+key, "client-key", ""); f.Problem != "" || len(f.Blocks) != 1 {
			t.Errorf("%s reads back as %+v", key, f)
		}
	}
}

// spaceEquals is the spacing in names that differs between OpenSSL 3.0 and 3.2.
var spaceEquals = regexp.MustCompile(` ?= ?`)

func wantOutput(t *testing.T, got string, want ...string) {
	t.Helper()
	got = spaceEquals.ReplaceAllString(got, "=")
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not in openssl's output:\n%s", w, got)
		}
	}
}

// The wizard's CA prints the same main fields as the one of the openssl command, byte for byte in subject, issuer, dates
// but for the time of the call, and signature algorithm.
func TestSameFieldsAsOpenSSL(t *testing.T) {
	dir := sixCommands(t)
	theirCA, theirClient := certificateIn(t, dir+"/client-ca.crt"), certificateIn(t, dir+"/client.crt")
	ours := mustSubject(t, "/C=US/O=Test Org/CN=Test CA")
	ca, err := NewAuthority(ours)
	if err != nil {
		t.Fatal(err)
	}
	request := mustSubject(t, "/CN=Client")
	request.Kind = Client
	client, err := Issue(ca, request)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		name         string
		ours, theirs *x509.Certificate
	}{{"ca", ca.Certificate, theirCA}, {"client", client.Certificate, theirClient}} {
		t.Run(p.name, func(t *testing.T) {
			if string(p.ours.RawSubject) != string(p.theirs.RawSubject) {
				t.Errorf("subject is %x, openssl's %x", p.ours.RawSubject, p.theirs.RawSubject)
			}
			if string(p.ours.RawIssuer) != string(p.theirs.RawIssuer) {
				t.Errorf("issuer is %x, openssl's %x", p.ours.RawIssuer, p.theirs.RawIssuer)
			}
			if p.ours.SignatureAlgorithm != p.theirs.SignatureAlgorithm {
				t.Errorf("signed with %v, openssl with %v", p.ours.SignatureAlgorithm, p.theirs.SignatureAlgorithm)
			}
			ourDays, theirDays := p.ours.NotAfter.Sub(p.ours.NotBefore), p.theirs.NotAfter.Sub(p.theirs.NotBefore)
			if d := theirDays - ourDays; d < 0 || d > time.Minute { // ours ends with its authority at the latest
				t.Errorf("valid for %v, openssl's for %v", ourDays, theirDays)
			}
			if p.ours.Version != 3 || p.ours.SerialNumber.Sign() <= 0 || p.ours.SerialNumber.BitLen() > 159 {
				t.Errorf("version %d, serial number %v", p.ours.Version, p.ours.SerialNumber)
			}
		})
	}
	// openssl computes the key identifier of our key as we did.
	i := newCA(t, "/CN=x")
	writeFile(t, dir, "our.key", i.KeyPEM)
	openssl(t, dir, "req", "-new", "-x509", "-key", "our.key", "-subj", "/CN=x", "-out", "our.crt")
	if got := certificateIn(t, dir+"/our.crt").SubjectKeyId; string(got) != string(i.Certificate.SubjectKeyId) {
		t.Errorf("key identifier is %x, openssl's %x", i.Certificate.SubjectKeyId, got)
	}
}

func TestExtensionsByKind(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	server := issue(t, ca, Server, "", "a.example", "A.example", "192.0.2.1", "[2001:db8::1]", "::ffff:192.0.2.1").Certificate
	if server.Subject.CommonName != "a.example" || !slices.Equal(server.DNSNames, []string{"a.example"}) ||
		len(server.IPAddresses) != 2 || !server.IPAddresses[1].Equal(net.ParseIP("2001:db8::1")) {
		t.Errorf("server has CN %q, %v, %v", server.Subject.CommonName, server.DNSNames, server.IPAddresses)
	}
	fromCN := issue(t, ca, Server, "/O=Org/CN=b.example").Certificate
	if !slices.Equal(fromCN.DNSNames, []string{"b.example"}) {
		t.Errorf("a server named only by its common name has the alternative names %v", fromCN.DNSNames)
	}
	client := issue(t, ca, Client, "/CN=Client").Certificate
	if client.IsCA || !client.BasicConstraintsValid || len(client.DNSNames) > 0 || !slices.Equal(client.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) {
		t.Errorf("client certificate: %+v", client)
	}
	if string(client.AuthorityKeyId) != string(ca.Certificate.SubjectKeyId) || len(client.SubjectKeyId) != 20 {
		t.Errorf("client's key identifiers are %x and %x", client.AuthorityKeyId, client.SubjectKeyId)
	}
	intermediate := issue(t, ca, CA, "/CN=Intermediate")
	leaf := issue(t, intermediate, Client, "/CN=Leaf").Certificate
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(ca.Certificate)
	between.AddCert(intermediate.Certificate)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
}

func TestIssueRefuses(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	notCA := issue(t, ca, Client, "/CN=Client")
	old := ca
	old.Certificate = &x509.Certificate{BasicConstraintsValid: true, IsCA: true, NotAfter: time.Now().Add(-time.Hour)}
	noSign, noBelow := ca, ca
	noSign.Certificate = &x509.Certificate{BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCRLSign, NotAfter: ca.Certificate.NotAfter}
	noBelow.Certificate = &x509.Certificate{BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true, NotAfter: ca.Certificate.NotAfter}
	subject := mustSubject(t, "/CN=x").Subject
	for name, c := range map[string]struct {
		authority Issued
		request   Request
		want      string
	}{
		"no authority":       {Issued{}, Request{Kind: Client, Subject: subject}, "no authority"},
		"not a CA":           {notCA, Request{Kind: Client, Subject: subject}, "not an authority's"},
		"expired authority":  {old, Request{Kind: Client, Subject: subject}, "expired on"},
		"may not sign":       {noSign, Request{Kind: Client, Subject: subject}, "keyCertSign"},
		"may not go below":   {noBelow, Request{Kind: CA, Subject: subject}, "pathLenConstraint"},
		"no kind":            {ca, Request{Subject: subject}, "none of ca, server, client"},
		"no subject":         {ca, Request{Kind: Client}, "a subject is needed"},
		"no names":           {ca, Request{Kind: Server}, "names or addresses"},
		"no common name":     {ca, Request{Kind: Server, Subject: mustSubject(t, "/O=x").Subject}, "names or addresses"},
		"CN is no host name": {ca, Request{Kind: Server, Subject: mustSubject(t, "/CN=My Server").Subject}, "not a host name"},
		"wildcard inside":    {ca, Request{Kind: Server, Names: []string{"a.*.example"}}, "asterisk"},
		"wildcard alone":     {ca, Request{Kind: Server, Names: []string{"*"}}, "not a host name"},
		"URL":                {ca, Request{Kind: Server, Names: []string{"mqtts://broker"}}, "cannot be in it"},
		"umlaut":             {ca, Request{Kind: Server, Names: []string{"bücher.example"}}, "xn--"},
		"unknown algorithm":  {ca, Request{Kind: Client, Subject: subject, Algorithm: "rsa:1024"}, "none of"},
		"negative days":      {ca, Request{Kind: Client, Subject: subject, Days: -1}, "-1 days"},
		"too many days":      {ca, Request{Kind: Client, Subject: subject, Days: 9999999}, "9999999 days"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Issue(c.authority, c.request); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := NewAuthority(Request{Kind: Server, Subject: subject}); err == nil {
		t.Error("a server's certificate was made as an authority")
	}
}

func TestNeverOutlastsTheIssuer(t *testing.T) {
	r := mustSubject(t, "/CN=Short CA")
	r.Days, r.Algorithm = 10, Ed25519
	ca, err := NewAuthority(r)
	if err != nil {
		t.Fatal(err)
	}
	c := mustSubject(t, "/CN=Client")
	c.Kind, c.Days, c.Algorithm = Client, 30, Ed25519
	client, err := Issue(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	if !client.Certificate.NotAfter.Equal(ca.Certificate.NotAfter) || client.Shortened < 20*24*time.Hour-time.Second {
		t.Errorf("client ends %v, CA %v, shortened by %v", client.Certificate.NotAfter, ca.Certificate.NotAfter, client.Shortened)
	}
	c.Days = 9
	if client, err = Issue(ca, c); err != nil || client.Shortened != 0 {
		t.Errorf("shortened by %v, %v", client.Shortened, err)
	}
}

func TestReadAuthority(t *testing.T) {
	dir := sixCommands(t)
	openssl(t, dir, "pkcs8", "-topk8", "-in", "client-ca.key", "-out", "locked.key", "-passout", "pass:secret")
	for _, c := range []struct{ name, certificate, key, passphrase, want string }{
		{"openssl's", "client-ca.crt", "client-ca.key", "", ""},
		{"not a CA", "client.crt", "client.key", "", "not an authority's"},
		{"another key", "client-ca.crt", "client.key", "", "do not belong together"},
		{"missing", "no.crt", "client-ca.key", "", "no such file"},
		{"swapped", "client-ca.key", "client-ca.crt", "", "no certificate in it"},
		{"encrypted", "client-ca.crt", "locked.key", "secret", ""},
		{"no passphrase", "client-ca.crt", "locked.key", "", "passphrase is needed"},
		{"wrong passphrase", "client-ca.crt", "locked.key", "no", "does not open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ReadAuthority(dir+"/"+c.certificate, dir+"/"+c.key, c.passphrase)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			client := issue(t, a, Client, "/CN=Ours")
			writeFile(t, dir, "ours.crt", client.CertificatePEM)
			openssl(t, dir, "verify", "-CAfile", "client-ca.crt", "-purpose", "sslclient", "ours.crt")
		})
	}
}

func TestPrintingShowsNoKey(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	encoded, err := json.Marshal(ca)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(ca), fmt.Sprintf("%+v", ca), fmt.Sprintf("%#v", ca), string(encoded)} {
		if strings.Contains(text, "PRIVATE") || strings.Contains(text, "LS0tLS1CRUdJTiBQUklWQVRF") || len(text) > 2000 {
			t.Errorf("printed as %q", text)
		}
	}
}
