package pki

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
)

// The name that openssl encodes for the same -subj must be the same bytes.
func TestSubjectAsOpenSSLEncodesIt(t *testing.T) {
	dir := t.TempDir()
	openssl(t, dir, "genpkey", "-algorithm", "ed25519", "-out", "k")
	for _, subject := range []string{
		"/C=US/O=Test Org/CN=Test CA",
		"/CN=Client",
		"/CN=last/C=DE/O=first comes later",
		"/O=a/O=b/OU=c/OU=d/CN=e",
		`/CN=with \/ slash and \\ backslash`,
		"/emailAddress=a@b.example/CN=x",
		"/DC=org/DC=example/CN=x",
		"/ST=Bayern/L=Some Place/street=Long Road 1/postalCode=12345/CN=x",
		"/serialNumber=0042/SN=Sur/GN=Given/title=Dr/CN=x",
		"/UID=me/CN=x",
		"/CN=",
		"/CN=a*_@&",
		"/commonName=long name/countryName=FR",
	} {
		t.Run(subject, func(t *testing.T) {
			openssl(t, dir, "req", "-new", "-key", "k", "-utf8", "-subj", subject, "-out", "r")
			block, _ := pem.Decode(readBytes(t, dir+"/r"))
			request, err := x509.ParseCertificateRequest(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			name, err := ParseSubject(subject)
			if err != nil {
				t.Fatal(err)
			}
			got, err := encodeName(name)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(request.RawSubject) {
				t.Errorf("got  %x (%s)\nwant %x (%s)", got, nameText(got), request.RawSubject, nameText(request.RawSubject))
			}
		})
	}
}

func TestParseSubject(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Client", "CN = Client"},
		{"  Client 7 ", "CN = Client 7"},
		{"a=b", "CN = a=b"},
		{"/CN=a+b", `CN = "a+b"`},
		{"/O=x+CN=y", "O = x, CN = y"},
		{"/", ""},
		{"//CN=x", "CN = x"},
		{"/cn=x/c=US", "CN = x, C = US"},
		{"/O=/CN=x", "CN = x"},
		{"/CN=Jörg", `CN = J\C3\B6rg`},                 // as openssl x509 -text writes it
		{"/1.2.3.4=odd/CN=x", "1.2.3.4 = odd, CN = x"}, // openssl leaves out what it has no name for
	} {
		name, err := ParseSubject(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		der, err := encodeName(name)
		if got := nameText(der); got != c.want || err != nil {
			t.Errorf("%q is %q (%v), want %q", c.in, got, err, c.want)
		}
	}
}

func TestParseSubjectRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "empty",
		"  ":                              "empty",
		"/CN":                             "no =",
		"/CN=x/Test":                      "no =",
		"/Nonsense=x":                     "not a name attribute",
		"/C=USA/CN=x":                     "two letters",
		"/CN=" + strings.Repeat("x", 65):  "more than 64",
		strings.Repeat("x", 65):           "more than 64",
		"CN=Test CA":                      "slash before each",
		"C=US, O=Test Org, CN=Test CA":    "slash before each",
		"/CN=a\nb":                        "control character",
		"/CN=a\x00b":                      "control character",
		"/CN=\xff":                        "not UTF-8",
		`/CN=x\`:                          "backslash",
		"/emailAddress=jörg@example/CN=x": "ASCII",
		"/serialNumber=a_b":               "letters, digits",
	} {
		if _, err := ParseSubject(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", in, err, want)
		}
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"/C=US/O=Test Org/CN=Test CA", "Client", `/CN=a\/b+O=c`, "/1.2.3=x", "/=", "//", "/CN=x+", "+", `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseSubject(s)
		if err != nil {
			return
		}
		der, err := encodeName(name)
		if err != nil {
			t.Fatalf("%q is read as %v, which cannot be encoded: %v", s, name, err)
		}
		if text := nameText(der); strings.Contains(text, "not readable") {
			t.Fatalf("%q is encoded as %x, which cannot be read", s, der)
		}
	})
}
