package diagnose_test

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// oddRoot is a self-signed authority whose authority key identifier is marked critical (RFC 5280 §4.2.1.1 forbids it),
// which makes Go refuse to parse it; and an end-entity certificate that it issued.
func oddRoot(t *testing.T) (der []byte, leaf *holder) {
	t.Helper()
	ca := issue(t, "Odd Root", nil, true)
	leaf = issue(t, "broker.example", ca, false)
	keyID, err := asn1.Marshal(struct {
		ID []byte `asn1:"tag:0"`
	}{ca.SubjectKeyId})
	if err != nil {
		t.Fatal(err)
	}
	ca.Certificate.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Critical: true, Value: keyID}}
	der, err = x509.CreateCertificate(rand.Reader, ca.Certificate, ca.Certificate, ca.key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Fatal("Go parses it, so this test proves nothing")
	}
	return der, leaf
}

func caFile(t *testing.T, ders ...[]byte) *evidence.Files {
	t.Helper()
	var text []byte
	for _, der := range ders {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	file := pki.ReadFile(path, evidence.RoleCA, "")
	files := &evidence.Files{Files: []evidence.File{file}}
	if file.Problem != evidence.Readable {
		files.Status = evidence.Failed
	}
	return files
}

// A CA file of which only Go can make nothing is not damaged: the certificate is at fault, by itself and on the path.
func TestAnchorThatOnlyGoCannotParse(t *testing.T) {
	der, leaf := oddRoot(t)
	files := caFile(t, der)
	if files.Status != evidence.Failed || !diagnose.Judgeable(files) {
		t.Fatalf("status %q, judgeable: %v", files.Status, diagnose.Judgeable(files))
	}
	want := fmt.Sprintf("%x", sha256.Sum256(der))
	check := func(r diagnose.Result) {
		t.Helper()
		f := one(t, r, "certificate-malformed")
		if f.Severity != diagnose.Error || f.Subject.SHA256 != want || f.Subject.Source != evidence.CAFile {
			t.Errorf("%s on %+v", f.Severity, f.Subject)
		}
		for _, f := range r.Findings[1:] {
			if f.Severity == diagnose.Error || f.ID == "file-partly-bad" || f.ID == "root-unknown" {
				t.Errorf("%s says what follows: %s", f.ID, f.Title)
			}
		}
	}
	check(diagnose.Diagnose(&evidence.Attempt{Started: time.Now(), Files: files}, nil))
	anchor := chain.Parse(evidence.Certificate{Source: evidence.CAFile, File: files.Files[0].Path, DER: der})
	q := question(certificates(evidence.Sent, leaf), []chain.Certificate{anchor}, nil)
	check(diagnose.Verify(q, files, nil))
}

// What was cut off is a fault of the file, and nothing can be judged by it.
func TestAnchorThatNobodyCanRead(t *testing.T) {
	der, _ := oddRoot(t)
	files := caFile(t, der[:len(der)-9])
	if diagnose.Judgeable(files) {
		t.Error("a chain would be judged by half a certificate")
	}
	f := one(t, diagnose.Diagnose(&evidence.Attempt{Started: time.Now(), Files: files}, nil), "file-partly-bad")
	if f.Severity != diagnose.Error {
		t.Errorf("%s: %s", f.Severity, f.Title)
	}
}

// What an error says of a certificate, the file in which it stands need not say again; of others it does.
func TestFileIsNotToldTwice(t *testing.T) {
	der, leaf := oddRoot(t)
	sound := issue(t, "Another Root", nil, true)
	for _, c := range []struct {
		name string
		sent []*holder
		told bool
	}{{"on the path", []*holder{leaf}, true}, {"beside the path", []*holder{issue(t, "broker.example", sound, false)}, false}} {
		files := caFile(t, sound.Raw, der)
		anchors := append(certificates(evidence.CAFile, sound), chain.Parse(evidence.Certificate{
			Source: evidence.CAFile, File: files.Files[0].Path, Block: 1, DER: der,
		}))
		found := diagnose.Verify(question(certificates(evidence.Sent, c.sent...), anchors, nil), files, nil).Findings
		partly := slices.ContainsFunc(found, func(f diagnose.Finding) bool { return f.ID == "file-partly-bad" })
		if partly == c.told {
			t.Errorf("%s: file-partly-bad is there: %v", c.name, partly)
		}
	}
}

// A wildcard that Go follows and others do not is the certificate's weakness, and is named as such.
func TestWildcardThatSomeDoNotFollow(t *testing.T) {
	ca := issue(t, "Test CA", nil, true)
	leaf := issue(t, "*.example", ca, false)
	q := question(certificates(evidence.Sent, leaf), certificates(evidence.CAFile, ca), nil)
	f := one(t, diagnose.Verify(q, nil, nil), "wildcard-mismatch")
	if f.Severity != diagnose.Warning || !slices.Contains(f.Clients, "openssl") || slices.Contains(f.Clients, "go") ||
		f.Title != "The wildcard in the broker's certificate does not reach broker.example for some clients." {
		t.Errorf("%s for %v: %s", f.Severity, f.Clients, f.Title)
	}
	if f := one(t, diagnose.Verify(q, nil, []string{"openssl"}), "wildcard-mismatch"); f.Severity != diagnose.Error {
		t.Errorf("%s for who needs OpenSSL", f.Severity)
	}
}
