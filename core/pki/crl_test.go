package pki_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// opensslLists makes lists as people's tools do: of version 1 and 2, with several blocks, in DER.
func opensslLists(t testing.TB) map[string]string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: openssl is not installed; make setup installs it")
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	config := "[ca]\ndefault_ca=d\n[d]\ndatabase=" + path("index.txt") + "\ncrlnumber=" + path("number") + "\ndefault_md=sha256\ndefault_crl_days=7\n" +
		"[v2]\nauthorityKeyIdentifier=keyid\n"
	for name, text := range map[string]string{"ca.cnf": config, "number": "1F\n",
		"index.txt": "R\t301122120000Z\t251120120000Z,keyCompromise\t1234\tunknown\t/CN=one\nR\t301122120000Z\t251121120000Z\t00DEADBEEF00000000000000000000000001\tunknown\t/CN=two\n"} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		cmd := exec.Command("openssl", args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=Test CA", "-days", "30")
	gencrl := func(out string, more ...string) {
		run(append([]string{"ca", "-config", path("ca.cnf"), "-gencrl", "-cert", path("ca.pem"), "-keyfile", path("ca.key"), "-out", path(out)}, more...)...)
	}
	if err := os.Rename(path("number"), path("number.away")); err != nil {
		t.Fatal(err)
	}
	withoutNumber := bytes.Replace([]byte(config), []byte("crlnumber="), []byte("#"), 1)
	os.WriteFile(path("ca.cnf"), withoutNumber, 0o600)
	gencrl("v1.pem")
	os.WriteFile(path("ca.cnf"), []byte(config), 0o600)
	os.Rename(path("number.away"), path("number"))
	gencrl("v2.pem", "-crlexts", "v2")
	run("crl", "-in", path("v2.pem"), "-outform", "der", "-out", path("v2.der"))
	v1, _ := os.ReadFile(path("v1.pem"))
	v2, _ := os.ReadFile(path("v2.pem"))
	os.WriteFile(path("both.pem"), append(append(v1, "a line of text\n"...), v2...), 0o600)
	os.WriteFile(path("partly.pem"), append([]byte("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"), v2...), 0o600)
	return map[string]string{"v1": path("v1.pem"), "v2": path("v2.pem"), "der": path("v2.der"), "both": path("both.pem"), "partly": path("partly.pem"), "certificate": path("ca.pem"), "none": path("none.pem")}
}

func TestReadCRLFile(t *testing.T) {
	lists := opensslLists(t)
	read := func(name string) *pki.CRL {
		t.Helper()
		for _, b := range pki.ReadCRLFile(lists[name]).Blocks {
			if b.CRL != nil {
				l, err := pki.ReadCRL(b.CRL)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				return l
			}
		}
		t.Fatalf("%s: no list: %+v", name, pki.ReadCRLFile(lists[name]))
		return nil
	}
	for _, name := range []string{"v1", "v2", "der", "both", "partly"} {
		l := read(name)
		e, ok, readable := l.Find(big.NewInt(0x1234))
		if !ok || !readable || e.Revoked.UTC().Format("2006-01-02") != "2025-11-20" || name != "v1" && e.Reason != 1 {
			t.Errorf("%s: %+v, %v, %v", name, e, ok, readable)
		}
		long, _ := new(big.Int).SetString("00DEADBEEF00000000000000000000000001", 16)
		if _, ok, _ := l.Find(long); !ok || l.Len() != 2 {
			t.Errorf("%s: %v, %d entries", name, ok, l.Len())
		}
		if _, ok, readable := l.Find(big.NewInt(77)); ok || !readable {
			t.Errorf("%s: found what is not there", name)
		}
		if l.NextUpdate.Sub(l.ThisUpdate).Hours() != 7*24 || l.Algorithm != x509.ECDSAWithSHA256 || len(l.Signature) == 0 {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l := read("v2"); l.Number == nil || l.Number.Int64() != 0x1F || len(l.AuthorityKeyID) != 20 {
		t.Errorf("%v, %x", l.Number, l.AuthorityKeyID)
	}
	for name, want := range map[string]evidence.Problem{"v1": "", "der": "", "both": "", "partly": "", "certificate": evidence.WrongContent, "none": evidence.Missing} {
		if f := pki.ReadCRLFile(lists[name]); f.Problem != want || f.Role != evidence.RoleCRL {
			t.Errorf("%s: %q, %q", name, f.Problem, f.Detail)
		}
	}
	if f := pki.ReadCRLFile(lists["both"]); len(f.Blocks) != 2 || f.Format != "pem" {
		t.Errorf("%+v", f)
	}
}

// A list whose end is cut off, or whose lengths lie, is none, or says that it cannot be read to its end.
func TestHostileCRL(t *testing.T) {
	lists := opensslLists(t)
	data, err := os.ReadFile(lists["der"])
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		if _, err := pki.ReadCRL(data[:i]); err == nil {
			t.Errorf("the first %d of %d bytes are a list", i, len(data))
		}
		changed := bytes.Clone(data)
		changed[i] ^= 0x5a
		if l, err := pki.ReadCRL(changed); err == nil {
			l.Find(big.NewInt(0x1234))
			l.Len()
		}
	}
}

func FuzzReadCRL(f *testing.F) {
	lists := opensslLists(f)
	for _, name := range []string{"v1", "v2"} {
		data, _ := os.ReadFile(lists[name])
		if block, _ := pem.Decode(data); block != nil {
			f.Add(block.Bytes)
		}
	}
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := pki.ReadCRL(der)
		if err != nil {
			return
		}
		l.Find(big.NewInt(1))
		if n := l.Len(); n > len(der)/2 {
			t.Errorf("%d entries in %d bytes", n, len(der))
		}
	})
}
