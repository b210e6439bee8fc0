package chain

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Where nobody knows the issuer, the names are all there is: a server that sends only its own certificate either leaves
// out an intermediate, or belongs to another authority.
func TestUnknownIssuerIsWeighed(t *testing.T) {
	for _, test := range []struct{ issuer, anchor, want string }{
		{"CN=Middle CA", "CN=Test CA", "intermediate-missing"},
		{"CN=Plant 7 Issuing CA", "CN=Works Root", "intermediate-missing"},
		{"CN=Acme TLS 3", "CN=Acme Root", "intermediate-missing"},
		{"O=Test Org,CN=CA 2", "O=Test Org,CN=CA 1", "intermediate-missing"},
		{"O=Test Org,CN=Test CA", "O=Other Org,CN=Other CA", "root-unknown"},
		{"CN=Acme Root 2", "CN=Acme Root 1", "root-unknown"},
		{"CN=Practice CA", "CN=Plant CA", "root-unknown"},
	} {
		leaf := endEntity(root(test.issuer))
		if a := Analyse(question(chainOf(leaf), root(test.anchor))); len(a.Faults) == 0 || a.Faults[0].ID != test.want {
			t.Errorf("issued by %s, trusting %s: %v, want %s first", test.issuer, test.anchor, faultIDs(a), test.want)
		}
	}
}

// A server that sends the upper part of its chain, and its own certificate, leaves out what lies between.
func TestGapBetweenSentCertificates(t *testing.T) {
	top := root("CN=CA-17c6")
	upper := intermediate("CN=CA-22", top)
	lower := intermediate("CN=CA-31", upper)
	lowest := intermediate("CN=CA-4f", lower)
	for name, sent := range map[string][]*forged{
		"the lower of two":      chainOf(endEntity(lower), upper),
		"one, the root is sent": chainOf(endEntity(upper), top),
		"the middle of three":   chainOf(endEntity(lowest), lowest, upper),
	} {
		if a := Analyse(question(sent, top)); len(a.Faults) == 0 || a.Faults[0].ID != "intermediate-missing" {
			t.Errorf("%s: %v", name, faultIDs(a))
		}
	}
}

// An authority key identifier that contradicts the certificate which signed: OpenSSL looks no further, and go does not
// mind. Nothing is missing, and nobody is without a reason.
func TestIssuerThatIsSaidToBeAnother(t *testing.T) {
	authority := [][]byte{ca(true, -1), ku(keyCertSign | 2)}
	top := root("CN=Works Root")
	strayed := forge(spec{subject: dn("CN=Works Issuing"), by: top, ext: append(authority, akidExt([]byte("elsewhere")))})
	lower := intermediate("CN=Works Issuing", top)
	leaf := forge(spec{subject: dn("CN=" + host), by: lower, ext: [][]byte{ku(digitalSignature), san(host), akidExt([]byte("nowhere"))}})
	for name, test := range map[string]struct {
		q  Question
		at *forged
	}{
		"the intermediate": {question(chainOf(endEntity(strayed), strayed), top), strayed},
		"the end entity":   {question(chainOf(leaf, lower), top), leaf},
	} {
		a := Analyse(test.q)
		i := slices.IndexFunc(a.Faults, func(f Fault) bool {
			return f.ID == "certificate-malformed" && f.Detail == IssuerIDContradicts && slices.Contains(f.Clients, "openssl")
		})
		if i < 0 || string(a.Faults[i].Certificate.DER) != string(test.at.der) || slices.Contains(a.Faults[i].Clients, "go") {
			t.Errorf("%s: %+v", name, faultIDs(a))
		}
		if slices.ContainsFunc(a.Faults, func(f Fault) bool { return f.ID == "intermediate-missing" || f.ID == "root-unknown" }) {
			t.Errorf("%s: %v, though nothing is missing", name, faultIDs(a))
		}
	}
}

// Go reads no extensions of a version 1 certificate, so that a name which stands only there counts for nothing.
func TestNamesOfVersion1(t *testing.T) {
	top := root("CN=Works Root")
	for subject, want := range map[string]string{"CN=" + host: "name-only-in-common-name", "CN=Gauge 7": "name-missing"} {
		leaf := forge(spec{subject: dn(subject), by: top, version: 1, ext: [][]byte{san(host)}})
		if a := Analyse(question(chainOf(leaf), top)); len(a.Faults) == 0 || a.Faults[0].ID != want {
			t.Errorf("%s: %v, want %s", subject, faultIDs(a), want)
		}
	}
}

// An issuer that was sent is not missing, if nobody can read its key.
func TestIssuerWhoseKeyNobodyCanRead(t *testing.T) {
	h := newHierarchy()
	none := build(func(b *cryptobyte.Builder) { // rsaEncryption with an empty bit string
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidOf("1.2.840.113549.1.1.1"))
				b.AddASN1NULL()
			})
			b.AddASN1BitString(nil)
		})
	})
	inter := forge(spec{subject: dn("O=Acme,CN=Acme Issuing CA N"), by: h.root, key: oddKey{Signer: freshKey(), spki: none}, auto: true,
		ext: [][]byte{ca(true, -1), ku(keyCertSign)}})
	a := Analyse(question(chainOf(endEntity(inter), inter), h.root))
	if len(a.Faults) == 0 || a.Faults[0].ID != "certificate-malformed" || !bytes.Equal(a.Faults[0].Certificate.DER, inter.der) {
		t.Errorf("first is not the intermediate: %v", faultIDs(a))
	}
	if ids := strings.Join(faultIDs(a), " "); strings.Contains(ids, "missing") || strings.Contains(ids, "unknown@") {
		t.Errorf("something is said to be missing: %s", ids)
	}
}
