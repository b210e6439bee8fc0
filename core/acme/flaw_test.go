package acme

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mutual/core/acme/acmetest"
	"mutual/core/pki"
)

// obtained puts a certificate into a folder of its own.
func obtained(t *testing.T) (*scene, Obtained) {
	t.Helper()
	s := newScene(t, acmetest.Options{Alternates: 1})
	s.ca.Trust(t)
	got, err := s.folder.Obtain(t.Context(), s.request(t, "mqtt.example.org"), s.options(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, got
}

// TestFlaws: every file that is gone, damaged or another's is named with what brings it back, and that does.
func TestFlaws(t *testing.T) {
	const name = "mqtt.example.org"
	s, got := obtained(t)
	dir := s.folder.Dir(name)
	whole := map[string][]byte{}
	for _, file := range []string{"cert.pem", "chain.pem", "fullchain.pem", "privkey.pem", "root.pem", "renewal.json"} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		whole[file] = data
	}
	if flaws := s.folder.Check(name); len(flaws) != 0 {
		t.Fatalf("of whole files it says %v", flaws)
	}
	foreign, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := keyPEM(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		change map[string]string // by file; empty: it is removed
		mend   Mend
		says   []string
	}{
		{"the key is gone", map[string]string{"privkey.pem": ""}, MendObtain, []string{"privkey.pem is gone"}},
		{"the key is another one", map[string]string{"privkey.pem": string(otherKey)}, MendObtain, []string{"privkey.pem belongs to another certificate"}},
		{"the key is no key", map[string]string{"privkey.pem": "?"}, MendObtain, []string{"privkey.pem does not hold"}},
		{"how it was obtained is gone", map[string]string{"renewal.json": ""}, MendObtain, []string{"renewal.json is gone"}},
		{"it was obtained by a newer version", map[string]string{"renewal.json": `{"schema": 99}`}, MendObtain, []string{"newer version"}},
		{"the whole chain is gone", map[string]string{"fullchain.pem": ""}, MendWrite, []string{"fullchain.pem is gone"}},
		{"so is a part of it", map[string]string{"fullchain.pem": "", "chain.pem": ""}, MendFetch, []string{"fullchain.pem is gone"}},
		{"the parts are no chain", map[string]string{"fullchain.pem": "", "chain.pem": string(whole["cert.pem"])}, MendFetch, []string{"fullchain.pem is gone"}},
		{"it is damaged", map[string]string{"fullchain.pem": "?"}, MendWrite, []string{"fullchain.pem does not hold"}},
		{"parts are gone", map[string]string{"cert.pem": "", "chain.pem": ""}, MendWrite, []string{"cert.pem is gone", "chain.pem is gone"}},
		{"a part is another's", map[string]string{"cert.pem": string(whole["chain.pem"])}, MendWrite, []string{"cert.pem does not hold"}},
		{"the root is gone", map[string]string{"root.pem": ""}, MendWrite, []string{"root.pem is gone"}},
		{"the root is none", map[string]string{"root.pem": string(whole["chain.pem"])}, MendWrite, []string{"root.pem does not hold"}},
	} {
		for file, data := range whole {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for file, text := range c.change {
			path := filepath.Join(dir, file)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if text != "" {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		flaws := s.folder.Check(name)
		if len(flaws) != len(c.says) {
			t.Errorf("%s: it says %v", c.what, flaws)
			continue
		}
		worst := MendWrite
		for i, words := range c.says {
			if !strings.Contains(flaws[i].Text, words) || filepath.Dir(flaws[i].Path) != dir {
				t.Errorf("%s: it says %q of %s", c.what, flaws[i].Text, flaws[i].Path)
			}
			worst = max(worst, flaws[i].Mend)
		}
		if worst != c.mend {
			t.Errorf("%s: it is to be mended by %d", c.what, worst)
			continue
		}
		mended(t, s, c.what, worst, got)
	}
}

// mended carries out what is to bring the files back.
func mended(t *testing.T, s *scene, what string, m Mend, want Obtained) {
	t.Helper()
	const name = "mqtt.example.org"
	switch m {
	case MendWrite:
		if _, err := s.folder.Rewrite(name); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	case MendFetch:
		list, err := s.folder.Chains(t.Context(), name)
		if err != nil || list[0].Chosen {
			t.Fatalf("%s: %v, chosen: %v", what, err, list)
		}
		if _, err := s.folder.Prefer(name, list[0]); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	default:
		return // another certificate is obtained as the first was
	}
	again, err := s.folder.Read(name)
	if flaws := s.folder.Check(name); err != nil || len(flaws) != 0 || !sameChain(again.Certificates, want.Certificates) || !again.Root.Equal(want.Root) {
		t.Errorf("%s: mended it says %v, %v", what, flaws, err)
	}
}

// TestFlawOfFolder: a folder that is gone is one flaw, and a chain of another key is not taken in the place of one that
// is lost.
func TestFlawOfFolder(t *testing.T) {
	const name = "mqtt.example.org"
	s, got := obtained(t)
	foreign := Alternate{Certificates: []*x509.Certificate{got.Certificates[1]}}
	for _, path := range []string{got.Files.FullChain, got.Files.Certificate} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.folder.Prefer(name, foreign); err == nil {
		t.Error("a certificate of another key is taken")
	}
	if err := os.RemoveAll(filepath.Join(s.folder.Path, "accounts")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.folder.Chains(t.Context(), name); err == nil || !strings.Contains(err.Error(), "obtain the certificate again") {
		t.Errorf("without the account it says %v", err)
	}
	if err := os.RemoveAll(s.folder.Dir(name)); err != nil {
		t.Fatal(err)
	}
	if flaws := s.folder.Check(name); len(flaws) != 1 || flaws[0].Mend != MendObtain || !strings.Contains(flaws[0].Text, "The folder of "+name+" is gone") {
		t.Errorf("without the folder it says %v", flaws)
	}
}
