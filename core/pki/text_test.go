package pki

import (
	"bytes"
	"crypto/x509"
	"os/exec"
	"strings"
	"testing"
)

// opensslText is what the real program prints, with the spacing of OpenSSL 3.0's names.
func opensslText(t *testing.T, c *x509.Certificate) []string {
	t.Helper()
	requireOpenSSL(t)
	cmd := exec.Command("openssl", "x509", "-inform", "der", "-noout", "-text")
	cmd.Stdin = bytes.NewReader(c.Raw)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return comparable(string(out))
}

func comparable(text string) []string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.Contains(l, "Issuer:") || strings.Contains(l, "Subject:") {
			l = spaceEquals.ReplaceAllString(l, "=")
		}
		lines[i] = l
	}
	return lines
}

func wantSameText(t *testing.T, c *x509.Certificate) {
	t.Helper()
	want, got := opensslText(t, c), comparable(Text(c))
	for i := range max(len(want), len(got)) {
		w, g := "(end)", "(end)"
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			t.Errorf("%s: line %d is %q, openssl's %q", CommonName(c), i+1, g, w)
			return
		}
	}
}

func TestTextIsOpenSSLs(t *testing.T) {
	t.Parallel()
	t.Run("built in", func(t *testing.T) {
		for _, r := range PublicRoots().BuiltIn() {
			wantSameText(t, r.Certificate())
		}
		for _, r := range PublicRoots().Mozilla() {
			wantSameText(t, r.Certificate())
		}
	})
	t.Run("made here", func(t *testing.T) {
		for _, algorithm := range []KeyAlgorithm{RSA2048, ECDSAP256, ECDSAP384, Ed25519} {
			r := mustSubject(t, `/C=US/O=Test, "Org"/CN=Test CA`)
			r.Algorithm = algorithm
			ca, err := NewAuthority(r)
			if err != nil {
				t.Fatal(err)
			}
			wantSameText(t, ca.Certificate)
			wantSameText(t, issue(t, ca, Server, "", "a.example", "*.a.example", "192.0.2.1", "2001:db8::1").Certificate)
			wantSameText(t, issue(t, ca, Client, "/CN=Client").Certificate)
			wantSameText(t, issue(t, ca, CA, "/CN=Intermediate").Certificate)
		}
	})
	t.Run("openssl's own", func(t *testing.T) {
		dir := sixCommands(t)
		wantSameText(t, certificateIn(t, dir+"/client-ca.crt"))
		wantSameText(t, certificateIn(t, dir+"/client.crt"))
	})
	t.Run("extensions", func(t *testing.T) {
		dir := t.TempDir()
		args := []string{"req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=x", "-set_serial", "4711"}
		for _, e := range []string{
			"basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=keyAgreement,encipherOnly,nonRepudiation",
			"extendedKeyUsage=critical,codeSigning,anyExtendedKeyUsage,1.2.3.4", "nameConstraints=critical,permitted;DNS:.example,excluded;IP:10.0.0.0/255.0.0.0",
			"subjectAltName=email:a@b.example,URI:mqtts://a,IP:::1,dirName:dn,RID:1.2.3.4", "crlDistributionPoints=URI:http://a/crl,URI:http://b/crl",
			"authorityInfoAccess=OCSP;URI:http://o,caIssuers;URI:http://i", "certificatePolicies=1.2.3.4,2.5.29.32.0,@policy", "authorityKeyIdentifier=keyid:always,issuer:always", "nsComment=hello", "1.2.3.4.5=ASN1:UTF8String:own",
		} {
			args = append(args, "-addext", e)
		}
		config := "[req]\ndistinguished_name=d\n[d]\n[dn]\nC=US\nCN=In A Directory\n[policy]\npolicyIdentifier=1.2.3.5\nCPS.1=http://cps/\nuserNotice.1=@notice\n[notice]\nexplicitText=Hello\norganization=Org\nnoticeNumbers=1,2\n"
		writeFile(t, dir, "conf", []byte(config))
		openssl(t, dir, append(args, "-config", "conf")...)
		wantSameText(t, certificateIn(t, dir+"/c"))
	})
}
