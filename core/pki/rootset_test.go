package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"slices"
	"testing"

	"mutual/assets"
	"mutual/core/evidence"
)

// asPEM is what encoding/pem finds, which certificatesOf must find too.
func asPEM(data []byte) [][]byte {
	var all [][]byte
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return all
		}
		if block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
			all = append(all, block.Bytes)
		}
	}
}

func FuzzCertificatesOf(f *testing.F) {
	plain := assets.Certificates()[0].PEM
	f.Add(plain)
	f.Add(slices.Concat([]byte("# Some authority\n"), plain, []byte("\n"), plain))
	f.Add(bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")))
	f.Add(bytes.TrimSpace(plain))
	f.Add(bytes.Replace(plain, []byte("-----\n"), []byte("----- \n"), 1))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nA: B\n\nAAAA\n-----END CERTIFICATE-----x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"))
	f.Add([]byte("x-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, want := certificatesOf(data, texts{}.has), asPEM(data); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%x, and encoding/pem finds %x", got, want)
		}
	})
}

func FuzzCanonicalName(f *testing.F) {
	for _, from := range PublicRoots().bySource() {
		for _, r := range from.roots {
			o, _ := outlineOf(r.DER)
			f.Add(o.subject)
		}
	}
	f.Add([]byte{})
	f.Add([]byte{0x30, 0x00})
	f.Add([]byte{0x30, 0x02, 0x31, 0x00})
	f.Add([]byte{0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x02, ' ', ' '})
	f.Add([]byte{0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x02, '"', '\\'})
	f.Fuzz(func(t *testing.T, der []byte) {
		if got, want := canonicalName(der), canonicalOf(der); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// What is glanced at is what Go reads, for every root there is.
func TestGlance(t *testing.T) {
	for _, from := range PublicRoots().bySource() {
		for _, r := range from.roots {
			c, err := x509.ParseCertificate(r.DER)
			if err != nil {
				t.Errorf("%s: %v", from.source, err)
				continue
			}
			got, ok := glance(r.DER)
			want := identity{
				canonicalOf(c.RawSubject), canonicalOf(c.RawIssuer), string(c.SubjectKeyId), string(c.AuthorityKeyId),
				string(c.RawSubjectPublicKeyInfo),
			}
			if !ok || got != want {
				t.Errorf("%s: %+v, want %+v", c.Subject, got, want)
			}
		}
	}
}

// A root that Go cannot parse is no anchor and no candidate.
func TestUnreadableRoot(t *testing.T) {
	ca := newCA(t, "/CN=A").Certificate
	broken := bytes.Clone(ca.Raw)
	i := bytes.Index(broken, []byte{0x55, 0x1d, 0x13}) // basicConstraints, whose value comes to nothing
	copy(broken[i:], []byte{0x55, 0x1d, 0x0e})
	if _, err := x509.ParseCertificate(broken); err == nil {
		t.Fatal("Go reads this certificate")
	}
	roots := NewRoots([]Root{NewRoot(broken, nil), NewRoot(ca.Raw, nil), {}}, nil, nil)
	m := Material{Roots: roots}
	m.Trust.System = true
	if got := m.Anchors(); len(got) != 1 {
		t.Errorf("%d anchors", len(got))
	}
	if want := poolOf(roots.System()[1:2]); !m.Pool().Equal(want) {
		t.Error("the pool holds something else")
	}
	if got := roots.Candidates([]evidence.Certificate{{DER: ca.Raw}}); len(got) != 1 {
		t.Errorf("%d candidates", len(got))
	}
}

// BenchmarkRoots reads the roots of this machine, Mozilla's and the built-in ones, and looks one up: what every start of
// mutualctl diagnose costs.
func BenchmarkRoots(b *testing.B) {
	of := []evidence.Certificate{{DER: PublicRoots().Mozilla()[0].DER}}
	b.ReportAllocs()
	for b.Loop() {
		if len(LoadRoots().Candidates(of)) == 0 {
			b.Fatal("no candidates")
		}
	}
}

func BenchmarkCertificatesOf(b *testing.B) {
	data, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		b.Skip("SKIPPED: ", err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		certificatesOf(data, texts{}.has)
	}
}
