package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"mutual/assets"
	"mutual/core/evidence"
	"mutual/core/profile"
)

func poolOf(roots []Root) *x509.CertPool {
	pool := x509.NewCertPool()
	addRoots(pool, roots)
	return pool
}

// Go's own loader of system roots is the oracle: the process reads it once, with its own environment.
func TestSystemRootsAreGos(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("SKIPPED: Go asks the platform's verifier here")
	}
	want, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	roots := LoadRoots().System()
	if !poolOf(roots).Equal(want) {
		t.Errorf("%d roots, which are not those of crypto/x509", len(roots))
	}
}

func TestSystemRootsFromTheEnvironment(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("SKIPPED: no such variables here")
	}
	a, b, c := newCA(t, "/CN=A"), newCA(t, "/CN=B"), newCA(t, "/CN=C")
	dir, folder := t.TempDir(), t.TempDir()
	file := writeFile(t, dir, "bundle.crt", join(a.CertificatePEM, a.CertificatePEM, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), b.CertificatePEM, b.KeyPEM))
	writeFile(t, folder, "c.pem", c.CertificatePEM)
	if err := os.Symlink("c.pem", filepath.Join(folder, "1234.0")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	t.Setenv("SSL_CERT_DIR", filepath.Join(dir, "missing")+":"+folder)
	var got []string
	for _, r := range LoadRoots().System() {
		got = append(got, CommonName(r.Certificate()))
	}
	if !slices.Equal(got, []string{"A", "B", "C"}) {
		t.Errorf("got %v", got)
	}
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "missing"))
	t.Setenv("SSL_CERT_DIR", filepath.Join(dir, "missing"))
	if got := LoadRoots().System(); len(got) > 0 {
		t.Errorf("%d roots of a missing file", len(got))
	}
}

func TestMozillaRootsKeepTheirConstraints(t *testing.T) {
	constrained, total := 0, 0
	for r := range bundle.Roots() {
		total++
		if r.Constraint != nil {
			constrained++
		}
	}
	got := 0
	roots := PublicRoots().Mozilla()
	for _, r := range roots {
		if r.Constraint != nil {
			got++
		}
	}
	if len(roots) != total || got != constrained || constrained == 0 {
		t.Errorf("%d roots with %d constraints, want %d with %d", len(roots), got, total, constrained)
	}
}

func builtIn(t *testing.T, name string) evidence.Certificate {
	t.Helper()
	for _, f := range assets.Certificates() {
		if strings.HasSuffix(f.Name, "/"+name) {
			block, _ := pem.Decode(f.PEM)
			return evidence.Certificate{Source: evidence.Sent, DER: block.Bytes}
		}
	}
	t.Fatalf("%s is not built in", name)
	return evidence.Certificate{}
}

// describe lists certificates as source:subject<issuer.
func describe(t *testing.T, cs []evidence.Certificate) []string {
	t.Helper()
	var out []string
	for _, e := range cs {
		c, err := x509.ParseCertificate(e.DER)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(e.Source)+":"+c.Subject.CommonName+"<"+c.Issuer.CommonName)
	}
	slices.Sort(out)
	return out
}

func TestCandidatesOfLetsEncrypt(t *testing.T) {
	roots := NewRoots(nil, PublicRoots().Mozilla(), PublicRoots().BuiltIn())
	x1 := []string{"built-in:ISRG Root X1<ISRG Root X1", "mozilla:ISRG Root X1<ISRG Root X1"}
	yr := append([]string{"built-in:Root YR<ISRG Root X1", "built-in:Root YR<Root YR"}, x1...)
	x2 := append([]string{"built-in:ISRG Root X2<ISRG Root X1", "built-in:ISRG Root X2<ISRG Root X2", "mozilla:ISRG Root X2<ISRG Root X2"}, x1...)
	ye := append([]string{"built-in:Root YE<ISRG Root X2", "built-in:Root YE<Root YE"}, x2...)
	for name, want := range map[string][]string{
		"gen-y_int-yr1.pem":       append([]string{"built-in:YR1<Root YR"}, yr...),
		"gen-y_root-yr-by-x1.pem": yr, // its own twin and what signed it
		"gen-y_root-yr.pem":       yr,
		"gen-y_int-ye2.pem":       append([]string{"built-in:YE2<Root YE"}, ye...),
		"isrgrootx1.pem":          x1,
	} {
		got := describe(t, roots.Candidates([]evidence.Certificate{builtIn(t, name)}))
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", name, got, want)
		}
	}
	if got := roots.Candidates([]evidence.Certificate{{DER: newCA(t, "/CN=Private").Certificate.Raw}, {DER: []byte("junk")}, {}}); len(got) > 0 {
		t.Errorf("candidates for a private root: %v", describe(t, got))
	}
	if got := (*Roots)(nil).Candidates([]evidence.Certificate{builtIn(t, "isrgrootx1.pem")}); got != nil {
		t.Error("candidates without roots")
	}
}

// A certificate that Go refuses still has an issuer, and a name whose encoding or case differs is still that issuer's.
func TestCandidatesOfOddCertificates(t *testing.T) {
	dir := t.TempDir()
	openssl(t, dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-subj", "/O=Odd  Org/CN=Root", "-out", "ca.crt")
	openssl(t, dir, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-nodes", "-keyout", "k.key", "-subj", "/CN=leaf", "-out", "k.csr")
	openssl(t, dir, "x509", "-req", "-in", "k.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "k.crt")
	ca := certificateIn(t, filepath.Join(dir, "ca.crt"))
	leaf, _ := pem.Decode(readBytes(t, filepath.Join(dir, "k.crt")))
	if _, err := x509.ParseCertificate(leaf.Bytes); err == nil {
		t.Fatal("Go parses this certificate by now: choose another curve")
	}
	roots := NewRoots([]Root{NewRoot(ca.Raw, nil)}, nil, nil)
	if got := roots.Candidates([]evidence.Certificate{{DER: leaf.Bytes}}); len(got) != 1 {
		t.Errorf("%d candidates for a leaf on secp256k1", len(got))
	}
	openssl(t, dir, "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "o.key", "-subj", "/O=odd org/CN=ROOT", "-out", "o.crt")
	other := certificateIn(t, filepath.Join(dir, "o.crt"))
	if got := roots.Candidates([]evidence.Certificate{{DER: other.Raw}}); len(got) != 1 {
		t.Errorf("%d candidates for a name in another case", len(got))
	}
}

func TestAnchors(t *testing.T) {
	file, system, mozilla := newCA(t, "/CN=File"), newCA(t, "/CN=System"), newCA(t, "/CN=Mozilla")
	errConstraint := errors.New("distrusted")
	roots := NewRoots([]Root{NewRoot(system.Certificate.Raw, nil)}, []Root{NewRoot(mozilla.Certificate.Raw, func([]*x509.Certificate) error { return errConstraint })}, nil)
	path := writeFile(t, t.TempDir(), "ca.pem", join(file.KeyPEM, file.CertificatePEM))
	for _, c := range []struct {
		name  string
		trust profile.Trust
		want  []string
	}{
		{"nothing chosen", profile.Trust{}, []string{"mozilla:Mozilla<Mozilla", "system:System<System"}},
		{"files", profile.Trust{Files: []string{path}}, []string{"ca-file:File<File"}},
		{"system", profile.Trust{System: true}, []string{"system:System<System"}},
		{"all", profile.Trust{Files: []string{path}, System: true, Mozilla: true}, []string{"ca-file:File<File", "mozilla:Mozilla<Mozilla", "system:System<System"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := profile.New("x")
			p.Trust = c.trust
			m := Load(t.Context(), p, LoadOptions{Roots: roots})
			anchors := m.Anchors()
			if got := describe(t, anchors); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for _, a := range anchors {
				if a.Source == evidence.CAFile && (a.File != path || a.Block != 1) {
					t.Errorf("file %q, block %d", a.File, a.Block)
				}
			}
			for _, i := range []Issued{file, system, mozilla} {
				leaf := issue(t, i, Server, "", "a.example").Certificate
				_, err := leaf.Verify(x509.VerifyOptions{Roots: m.Pool(), DNSName: "a.example"})
				trusted := i.Certificate.Subject.CommonName != "Mozilla" && slices.ContainsFunc(c.want, func(w string) bool {
					return strings.Contains(w, ":"+i.Certificate.Subject.CommonName)
				})
				if (err == nil) != trusted {
					t.Errorf("%s: %v", i, err)
				}
			}
		})
	}
}
