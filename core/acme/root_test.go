package acme

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mutual/core/pki"
)

// letsEncrypt reads one of Let's Encrypt's own certificates.
func letsEncrypt(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "assets", "certificates", "letsencrypt", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := certificates(text)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// TestRootOfLetsEncrypt: of each chain that Let's Encrypt serves, root.pem is the self-signed root that clients know, by
// key and signature, and never the last certificate, which is a cross-certificate. The leaf in front is of a test's key:
// only what is above it counts.
func TestRootOfLetsEncrypt(t *testing.T) {
	for name, c := range map[string]struct {
		chain []string
		root  string
	}{
		"ECDSA, default":          {[]string{"gen-y_int-ye1", "gen-y_root-ye-by-x2", "gen-y_root-x2-by-x1"}, "isrgrootx1"},
		"ECDSA, to X2":            {[]string{"gen-y_int-ye2", "gen-y_root-ye-by-x2"}, "isrg-root-x2"},
		"ECDSA, to the new root":  {[]string{"gen-y_int-ye1"}, "gen-y_root-ye"},
		"RSA, default":            {[]string{"gen-y_int-yr1", "gen-y_root-yr-by-x1"}, "isrgrootx1"},
		"RSA, to the new root":    {[]string{"gen-y_int-yr2"}, "gen-y_root-yr"},
		"an older chain":          {[]string{"2024_e7"}, "isrg-root-x2"},
		"one that ends in a root": {[]string{"gen-y_int-yr1", "gen-y_root-yr"}, "gen-y_root-yr"},
	} {
		var chain []*x509.Certificate
		for _, file := range c.chain {
			chain = append(chain, letsEncrypt(t, file))
		}
		root := RootOf(chain)
		want := letsEncrypt(t, c.root)
		switch {
		case root == nil:
			t.Errorf("%s: no root is found, want %s", name, want.Subject)
		case !root.Equal(want):
			t.Errorf("%s: the root is %s by %s, want %s", name, root.Subject, root.Issuer, want.Subject)
		case !selfSigned(root):
			t.Errorf("%s: %s is not self-signed", name, root.Subject)
		}
	}
}

// TestRootOfImpostor: a root of the same name with another key is none.
func TestRootOfImpostor(t *testing.T) {
	x1 := letsEncrypt(t, "isrgrootx1")
	subject, err := pki.ParseSubject("/C=US/O=Internet Security Research Group/CN=ISRG Root X1")
	if err != nil {
		t.Fatal(err)
	}
	made, err := pki.NewAuthority(pki.Request{Kind: pki.CA, Subject: subject, Algorithm: pki.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	list, err := certificates(made.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	if root := RootOf([]*x509.Certificate{letsEncrypt(t, "gen-y_root-yr-by-x1")}, list...); root == nil || !root.Equal(x1) {
		t.Errorf("the root is %v", root)
	}
}

// TestVerdictsOfLetsEncrypt: a chain is judged with its root, or with the public ones, at the time that is asked for.
func TestVerdictsOfLetsEncrypt(t *testing.T) {
	chain := []*x509.Certificate{letsEncrypt(t, "gen-y_int-yr1"), letsEncrypt(t, "gen-y_root-yr-by-x1")}
	own, now := RootOf(chain), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what     string
		root     *x509.Certificate
		at       time.Time
		accepted bool
	}{
		{"its root", own, now, true}, {"the public roots", nil, now, true},
		{"another root", letsEncrypt(t, "isrg-root-x2"), now, false}, {"its root, when it has expired", own, now.AddDate(10, 0, 0), false},
	} {
		list := Alternate{Certificates: chain}.Verdicts("", c.root, c.at)
		if len(list) < 5 || list[0].Client != "go" || list[0].Accepted != c.accepted {
			t.Errorf("%s: the verdicts are %+v", c.what, list)
		}
	}
}

// TestNamesOf: all names are told, the common name first and none twice; of very many, the first ones.
func TestNamesOf(t *testing.T) {
	for want, names := range map[string][]string{
		"a.example": {"a.example"}, "a.example, b.example and c.example": {"b.example", "a.example", "c.example"},
		"a.example, b, c, d, e, f and 2 more names": {"b", "c", "d", "e", "f", "g", "h"},
	} {
		c := &x509.Certificate{Subject: pkix.Name{CommonName: "a.example"}, DNSNames: names}
		if got := namesOf(c); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

// TestExplainAlone: a certificate that the root itself has signed needs no further ones, and its file ends in no cross-certificate.
func TestExplainAlone(t *testing.T) {
	subject, err := pki.ParseSubject("/CN=Test Root")
	if err != nil {
		t.Fatal(err)
	}
	top, err := pki.NewAuthority(pki.Request{Kind: pki.CA, Subject: subject, Algorithm: pki.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = pki.ParseSubject("/CN=mqtt.example.org"); err != nil {
		t.Fatal(err)
	}
	made, err := pki.Issue(top, pki.Request{Kind: pki.Server, Subject: subject, Names: []string{"mqtt.example.org"}, Algorithm: pki.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	chain, err := certificates(made.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	root, err := certificates(top.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	lines := Explain(Obtained{Files: Folder{}.Files("mqtt.example.org"), Certificates: chain[:1], Root: root[0]})
	if text := lines[1].Text; !strings.HasSuffix(text, "none, as the root itself has signed.") {
		t.Errorf("of chain.pem it says %q", text)
	}
	if text := lines[2].Text; strings.Contains(text, "not a root") {
		t.Errorf("of fullchain.pem it says %q", text)
	}
}
