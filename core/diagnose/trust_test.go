package diagnose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// holder is a certificate with its key.
type holder struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate; without an issuer it is self-signed. Issuers are authorities.
func issue(t *testing.T, name string, issuer *holder, authority bool) *holder {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, name, key, issuer, authority)
}

// sign is issue for a key that there is already: a second certificate for it is a cross-certificate.
func sign(t *testing.T, name string, key *ecdsa.PrivateKey, issuer *holder, authority bool) *holder {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true, IsCA: authority,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if authority {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else {
		c.DNSNames, c.ExtKeyUsage = []string{name}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	by := &holder{c, key}
	if issuer != nil {
		by = issuer
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.Certificate, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &holder{x, key}
}

func certificates(source evidence.Source, all ...*holder) (out []chain.Certificate) {
	for i, h := range all {
		out = append(out, chain.Parse(evidence.Certificate{Source: source, File: "ca.pem", Block: i, Position: i, DER: h.Raw}))
	}
	return out
}

// crossed is the chain that the program exists for: leaf, intermediate, and a root that another root has cross-signed.
func crossed(t *testing.T) (leaf, intermediate, cross, root *holder) {
	root = issue(t, "Old Root", nil, true)
	young := issue(t, "Young Root", nil, true)
	cross = sign(t, "Young Root", young.key, root, true)
	intermediate = issue(t, "Issuing CA", young, true)
	return issue(t, "broker.example", intermediate, false), intermediate, cross, root
}

func question(sent, anchors, known []chain.Certificate) chain.Question {
	return chain.Question{Sent: sent, Anchors: anchors, Candidates: known, Name: "broker.example", At: time.Now(), Purpose: chain.ServerAuth}
}

// Without the root at hand there is no fix, but the name and the key identifier to ask for.
func TestAnchorNotRootUnknownIssuer(t *testing.T) {
	leaf, intermediate, cross, root := crossed(t)
	r := diagnose.Verify(question(certificates(evidence.Sent, leaf, intermediate, cross), certificates(evidence.CAFile, cross), nil), nil, nil)
	f := one(t, r, "anchor-not-root")
	if f.Severity != diagnose.Warning || len(f.Fixes) != 0 {
		t.Errorf("severity %s, fixes %+v; want a warning without a fix", f.Severity, f.Fixes)
	}
	id := strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", root.SubjectKeyId), " ", ":"))
	if !strings.Contains(f.Detail, `"CN=Old Root" with the key identifier `+id) {
		t.Errorf("what to ask for is not there: %s", f.Detail)
	}
	if f.Subject.CommonName != "Young Root" || f.Subject.Source != evidence.CAFile || *f.Subject.Block != 0 {
		t.Errorf("subject %+v", f.Subject)
	}
}

// A client that must accept makes an error of it.
func TestAnchorNotRootForOpenSSL(t *testing.T) {
	leaf, intermediate, cross, root := crossed(t)
	q := question(certificates(evidence.Sent, leaf, intermediate, cross), certificates(evidence.CAFile, cross), certificates(evidence.Mozilla, root))
	f := one(t, diagnose.Verify(q, nil, []string{"openssl"}), "anchor-not-root")
	if f.Severity != diagnose.Error || len(f.Fixes) != 1 || f.Fixes[0].Title != "Add Old Root" {
		t.Errorf("severity %s, fixes %+v", f.Severity, f.Fixes)
	}
}

// A namesake of the missing root with another key is not offered, and neither is a root with which OpenSSL would
// still refuse: a broker that omits the cross-certificate needs more than the root.
func TestAnchorNotRootOffersNothingThatDoesNotHelp(t *testing.T) {
	leaf, intermediate, cross, _ := crossed(t)
	namesake := issue(t, "Old Root", nil, true)
	q := question(certificates(evidence.Sent, leaf, intermediate, cross), certificates(evidence.CAFile, cross), certificates(evidence.System, namesake))
	if f := one(t, diagnose.Verify(q, nil, nil), "anchor-not-root"); len(f.Fixes) != 0 {
		t.Errorf("offered: %+v", f.Fixes)
	}
}

// The fix adds: with the root alone, this broker, which omits the cross-certificate, would not be trusted any more.
func TestAnchorNotRootKeepsTheCrossCertificate(t *testing.T) {
	leaf, intermediate, cross, root := crossed(t)
	q := question(certificates(evidence.Sent, leaf, intermediate), certificates(evidence.CAFile, cross), certificates(evidence.BuiltIn, root))
	f := one(t, diagnose.Verify(q, nil, nil), "anchor-not-root")
	if len(f.Fixes) != 1 {
		t.Fatalf("fixes %+v", f.Fixes)
	}
	after := chain.WithAnchors(q, f.Fixes[0].Action.Add...)
	for _, j := range chain.Judges() {
		if v := j.Judge(after); !v.Accepted {
			t.Errorf("%s refuses after the fix: %s", v.Client, v.Text)
		}
	}
	swapped := question(q.Sent, f.Fixes[0].Action.Add, nil)
	if j, _ := chain.Named("openssl"); j.Judge(swapped).Accepted {
		t.Error("swapping works too, so this test proves nothing")
	}
}

// Where the authority that cross-signed is not known but the root itself is (the same key, self-signed), that is
// offered, and the sentence names the true issuer.
func TestAnchorNotRootWithASelfSignedTwin(t *testing.T) {
	leaf, intermediate, cross, _ := crossed(t)
	twin := sign(t, "Young Root", cross.key, nil, true)
	if twin.Issuer.CommonName != "Young Root" {
		t.Fatal("not self-signed")
	}
	q := question(certificates(evidence.Sent, leaf, intermediate, cross), certificates(evidence.CAFile, cross), certificates(evidence.BuiltIn, twin))
	f := one(t, diagnose.Verify(q, nil, []string{"openssl"}), "anchor-not-root")
	if !strings.Contains(f.Title, `issued by "Old Root"`) {
		t.Errorf("title %q", f.Title)
	}
	if len(f.Fixes) != 1 || f.Fixes[0].Title != "Add Young Root" {
		t.Errorf("fixes %+v", f.Fixes)
	}
}

// A broker whose profile does not verify works in spite of its chain: nothing of it is an error then.
func TestNotVerifiedIsNoError(t *testing.T) {
	leaf := issue(t, "broker.example", nil, false)
	a := &evidence.Attempt{Started: time.Now(), Target: evidence.Target{Transport: "mqtts", Host: "broker.example", Port: 8883, Name: "broker.example", DoNotVerify: true}}
	a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Sent: []evidence.Certificate{{Source: evidence.Sent, DER: leaf.Raw}}}
	if f := one(t, diagnose.Diagnose(a, nil), "self-signed-leaf"); f.Severity != diagnose.Warning {
		t.Errorf("severity %s, want a warning", f.Severity)
	}
	if f := one(t, diagnose.Diagnose(a, []string{"openssl"}), "self-signed-leaf"); f.Severity != diagnose.Error {
		t.Errorf("severity %s, want an error: openssl must accept", f.Severity)
	}
}

func one(t *testing.T, r diagnose.Result, id string) diagnose.Finding {
	t.Helper()
	if len(r.Findings) == 0 || r.Findings[0].ID != id {
		t.Fatalf("findings %+v, want %s first", r.Findings, id)
	}
	return r.Findings[0]
}

// Where anchors were looked for is part of the sentence, whatever was trusted.
func TestWhereAnchorsWereLookedFor(t *testing.T) {
	leaf := issue(t, "broker.example", nil, false)
	for _, c := range []struct {
		trust evidence.Trust
		files []string
		want  string
	}{
		{evidence.Trust{File: true}, []string{"/x/ca.pem"}, "and is not in ca.pem."},
		{evidence.Trust{System: true, Mozilla: true}, nil, "and is not in the public roots."},
		{evidence.Trust{File: true, System: true}, []string{"a.pem", "b.pem"}, "and is not in a.pem or b.pem or this computer's public roots."},
	} {
		a := &evidence.Attempt{Started: time.Now(), Target: evidence.Target{Transport: "mqtts", Host: "broker.example", Port: 8883, Name: "broker.example"}, Trust: c.trust, Files: &evidence.Files{}}
		for _, path := range c.files {
			a.Files.Files = append(a.Files.Files, evidence.File{Role: evidence.RoleCA, Path: path})
		}
		a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.Failed}, Failure: evidence.Unverified, Sent: []evidence.Certificate{{Source: evidence.Sent, DER: leaf.Raw}}}
		if f := one(t, diagnose.Diagnose(a, nil), "self-signed-leaf"); !strings.HasSuffix(f.Title, c.want) {
			t.Errorf("title %q, want it to end in %q", f.Title, c.want)
		}
	}
}

// A broker reached by an IP address that its certificate holds as it should: mbedTLS 2 does not look there. That is
// no fault of the certificate's, and no warning; for who must support such clients it is an error all the same.
func TestAddressThatOneClientPassesOver(t *testing.T) {
	ca := issue(t, "Test CA", nil, true)
	leaf := issue(t, "broker.example", ca, false)
	leaf.Certificate.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 7)}
	der, err := x509.CreateCertificate(rand.Reader, leaf.Certificate, ca.Certificate, leaf.key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	q := question(certificates(evidence.Sent, leaf), certificates(evidence.CAFile, ca), nil)
	q.Name = "192.0.2.7"
	for _, f := range diagnose.Verify(q, nil, nil).Findings {
		if f.Severity != diagnose.Info {
			t.Errorf("%s: %s", f.Severity, f.Title)
		}
	}
	if v, ok := chain.Named("mbedtls"); !ok || v.Judge(q).Accepted {
		t.Fatal("mbedTLS accepts, so this test proves nothing")
	}
	f := one(t, diagnose.Verify(q, nil, []string{"mbedtls"}), "name-mismatch")
	if f.Severity != diagnose.Error || strings.Contains(f.Title, "not for") {
		t.Errorf("%s: %s", f.Severity, f.Title)
	}
}

// A chain whose certificates all lack what strict verifiers want is warned of once; for who must support such clients,
// every certificate that has to be reissued is named.
func TestStrictProfileIsSaidOnce(t *testing.T) {
	root := issue(t, "Test Root", nil, true)
	bare := &holder{root.Certificate, root.key}
	bare.Certificate.SubjectKeyId = nil // its issues get no authority key identifier
	first, second := issue(t, "Issuing CA", bare, true), (*holder)(nil)
	first.Certificate.SubjectKeyId = nil
	second = issue(t, "broker.example", first, false)
	q := question(certificates(evidence.Sent, second, first), certificates(evidence.CAFile, root), nil)
	count := func(clients ...string) (n int) {
		for _, f := range diagnose.Verify(q, nil, clients).Findings {
			if f.ID == "strict-profile" {
				n++
			}
		}
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	if n := count("python313"); n < 2 {
		t.Errorf("%d errors, want one for each certificate", n)
	}
}

// What is judged for clients is called so, and the time is the one that was asked for.
func TestSentencesForAClientCertificate(t *testing.T) {
	ca := issue(t, "Test CA", nil, true)
	leaf := issue(t, "device-7", ca, false) // for servers only
	q := question(certificates(evidence.Sent, leaf), certificates(evidence.CAFile, ca), nil)
	q.Purpose, q.Name = chain.ClientAuth, ""
	f := one(t, diagnose.Verify(q, nil, nil), "extended-key-usage")
	if f.Title != "The client certificate is not meant for TLS clients." || !strings.Contains(f.Detail, "clientAuth") {
		t.Errorf("%s %s", f.Title, f.Detail)
	}
	q.Purpose, q.At = chain.ServerAuth, time.Now().Add(72*time.Hour)
	f = one(t, diagnose.Verify(q, nil, nil), "certificate-expired")
	if strings.Contains(f.Detail, "computer's clock") {
		t.Errorf("the clock is blamed for a time that was given: %s", f.Detail)
	}
}
