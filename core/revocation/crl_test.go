package revocation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/revocation"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type identity struct {
	*x509.Certificate
	key crypto.Signer
}

var now = time.Now().Truncate(time.Second)

// forge makes a certificate for name; shape may change what is signed.
func forge(name string, issuer *identity, shape func(*x509.Certificate)) *identity {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name)) + 1000), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), BasicConstraintsValid: true,
		IsCA: strings.HasSuffix(name, "CA"), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	if shape != nil {
		shape(template)
	}
	parent := &identity{template, key}
	if issuer != nil {
		parent = issuer
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent.Certificate, key.Public(), parent.key))
	return &identity{must(x509.ParseCertificate(der)), key}
}

func listOf(issuer *identity, shape func(*x509.RevocationList), revoked ...*identity) []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour)}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.SerialNumber, RevocationTime: now.Add(-2 * time.Hour), ReasonCode: 1})
	}
	if shape != nil {
		shape(list)
	}
	return must(x509.CreateRevocationList(rand.Reader, list, issuer.Certificate, issuer.key))
}

// scopeOf is an issuing distribution point with these fields.
func scopeOf(fields ...byte) func(*x509.RevocationList) {
	value := append([]byte{0x30, byte(len(fields))}, fields...)
	return func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value})
	}
}

// pointAt is the field of a distribution point with that address.
func pointAt(address string) []byte {
	uri := append([]byte{0x86, byte(len(address))}, address...)
	full := append([]byte{0xa0, byte(len(uri))}, uri...)
	return append([]byte{0xa0, byte(len(full))}, full...)
}

const address = "http://a.example/1.crl"

type crlCase struct {
	name  string
	list  []byte
	leaf  *identity
	want  revocation.State
	why   string // of the doubt
	lists bool
}

func crlCases() (issuer *identity, cases []crlCase) {
	ca := forge("Test CA", nil, nil)
	other := forge("Other CA", nil, nil)
	twin := forge("Test CA", nil, nil)
	leaf := forge("leaf", ca, func(c *x509.Certificate) { c.CRLDistributionPoints = []string{address} })
	neighbour := forge("neighbour", ca, nil)
	dated := func(this, next time.Duration) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = now.Add(this), now.Add(next) }
	}
	extra := func(critical bool, id ...int) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: []byte{2, 1, 1}})
		}
	}
	return ca, []crlCase{
		{"listed", listOf(ca, nil, neighbour, leaf), leaf, revocation.Revoked, "", false},
		{"not listed", listOf(ca, nil, neighbour), leaf, revocation.Good, "", false},
		{"empty", listOf(ca, nil), leaf, revocation.Good, "", false},
		{"expired", listOf(ca, dated(-48*time.Hour, -24*time.Hour), leaf), leaf, revocation.Unknown, "expired on ", true},
		{"expired, not listed", listOf(ca, dated(-48*time.Hour, -24*time.Hour)), leaf, revocation.Unknown, "expired on ", false},
		{"of tomorrow", listOf(ca, dated(24*time.Hour, 48*time.Hour)), leaf, revocation.Unknown, "is of a later date", false},
		{"of a namesake", listOf(twin, nil, leaf), leaf, revocation.Unknown, "is not signed by the certificate's issuer", false},
		{"unknown critical extension", listOf(ca, extra(true, 1, 2, 3), leaf), leaf, revocation.Unknown, "critical extension", true},
		{"unknown extension", listOf(ca, extra(false, 1, 2, 3), leaf), leaf, revocation.Revoked, "", false},
		{"its own distribution point", listOf(ca, scopeOf(pointAt(address)...), leaf), leaf, revocation.Revoked, "", false},
		{"another distribution point", listOf(ca, scopeOf(pointAt("http://a.example/2.crl")...)), leaf, revocation.Unknown, "other certificates of the same", false},
		{"a distribution point, and it names none", listOf(ca, scopeOf(pointAt(address)...)), neighbour, revocation.Unknown, "other certificates of the same", false},
		{"users only", listOf(ca, scopeOf(0x81, 1, 0xff), leaf), leaf, revocation.Revoked, "", false},
		{"authorities only", listOf(ca, scopeOf(0x82, 1, 0xff), leaf), leaf, revocation.Unknown, "authorities' certificates only", true},
		{"attributes only", listOf(ca, scopeOf(0x85, 1, 0xff), leaf), leaf, revocation.Unknown, "attribute", true},
		{"another authority's", listOf(other, nil, leaf), leaf, revocation.Unknown, "", false},
	}
}

func TestCRL(t *testing.T) {
	ca, cases := crlCases()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			v := revocation.Judge(revocation.Link{Certificate: tt.leaf.Certificate, Issuer: ca.Certificate},
				[]evidence.Answer{{Kind: evidence.CRLAnswer, From: "list.crl", Body: tt.list}}, now)
			if v.State != tt.want {
				t.Fatalf("%+v", v)
			}
			if tt.want == revocation.Revoked && (v.Reason != "the key was compromised" || !v.When.Equal(now.Add(-2*time.Hour))) {
				t.Errorf("%q at %s", v.Reason, v.When)
			}
			if tt.why == "" {
				if len(v.Doubts) > 0 {
					t.Errorf("%+v", v.Doubts)
				}
			} else if len(v.Doubts) != 1 || !strings.Contains(v.Doubts[0].Why, tt.why) || v.Doubts[0].Lists != tt.lists {
				t.Errorf("%+v", v.Doubts)
			}
		})
	}
}

// An issuer whose key usage leaves out cRLSign signs no lists that count: OpenSSL's error 35.
func TestIssuerMayNotSignLists(t *testing.T) {
	shape := func(usage x509.KeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.KeyUsage = usage }
	}
	signer := forge("Test CA", nil, nil)
	issuer := *signer.Certificate
	issuer.KeyUsage = x509.KeyUsageCertSign
	leaf := forge("leaf", signer, shape(x509.KeyUsageDigitalSignature))
	v := revocation.Judge(revocation.Link{Certificate: leaf.Certificate, Issuer: &issuer},
		[]evidence.Answer{{Kind: evidence.CRLAnswer, Body: listOf(signer, nil, leaf)}}, now)
	if v.State != revocation.Unknown || len(v.Doubts) != 1 || !strings.Contains(v.Doubts[0].Why, "key usage") {
		t.Errorf("%+v", v)
	}
}

// noRevAvail (RFC 9608): there is nothing to be asked.
func TestExempt(t *testing.T) {
	ca := forge("Test CA", nil, nil)
	leaf := forge("leaf", ca, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 56}, Value: []byte{5, 0}}}
	})
	if v := revocation.Judge(revocation.Link{Certificate: leaf.Certificate, Issuer: ca.Certificate}, nil, now); v.State != revocation.Exempt {
		t.Errorf("%+v", v)
	}
}

var opensslError = regexp.MustCompile(`(?m)^error (\d+) at 0 depth lookup`)

// TestAgainstOpenSSL has openssl verify -crl_check look at each list: error 23 is revoked, none is good, and whatever
// else it says is that it does not know.
func TestAgainstOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl program")
	}
	ca, cases := crlCases()
	dir := t.TempDir()
	write := func(name, label string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root := write("ca.pem", "CERTIFICATE", ca.Raw)
	for _, tt := range cases {
		args := []string{"verify", "-no-CApath", "-no-CAstore", "-CAfile", root, "-crl_check", "-CRLfile", write("list.crl", "X509 CRL", tt.list), write("leaf.pem", "CERTIFICATE", tt.leaf.Raw)}
		out, err := exec.Command(openssl, args...).CombinedOutput()
		said, match := revocation.Unknown, opensslError.FindSubmatch(out)
		switch {
		case err == nil:
			said = revocation.Good
		case match != nil && string(match[1]) == "23":
			said = revocation.Revoked
		}
		if said != tt.want {
			t.Errorf("%s: %d here, and openssl says: %s", tt.name, tt.want, out)
		}
	}
}
