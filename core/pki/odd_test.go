package pki

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Files that are not quite what their writers' manuals say, as they come out of editors, secrets and shells.
func TestReadOddFiles(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=CA")
	client := issue(t, ca, Client, "/CN=Client")
	der := func(p []byte) []byte {
		block, _ := pem.Decode(p)
		return block.Bytes
	}
	encode := func(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
	p12, err := encodePKCS12(PKCS12Java, client.Key.(crypto.Signer), certificates(client, ca), "secret")
	if err != nil {
		t.Fatal(err)
	}
	one, two, key := der(client.CertificatePEM), der(ca.CertificatePEM), der(client.KeyPEM)
	for _, c := range []struct {
		name     string
		data     []byte
		want     string
		format   string
		repaired string
	}{
		{"DER with something behind it", join(one, []byte("\x00garbage")), "certificate unknown!", "der-certificate", ""},
		{"two in DER", join(one, two), "certificate certificate", "der-certificate", ""},
		{"certificate and key in DER", join(one, key), "certificate private-key", "der-certificate", ""},
		{"DER, then PEM", join(one, []byte("\n"), ca.CertificatePEM), "certificate certificate", "der-certificate", ""},
		{"PKCS #12 in PEM", pemBlockOf("PKCS12", p12), "certificate certificate private-key", "pkcs12", ""},
		{"PKCS #12 in base64", []byte(encode(p12)), "certificate certificate private-key", "pkcs12", "armor-missing"},
		{"PEM in base64", []byte(encode(join(client.CertificatePEM, client.KeyPEM))), "certificate private-key", "pem", "armor-missing"},
		{"Kubernetes secret", []byte("kind: Secret\ndata:\n  tls.crt: " + encode(client.CertificatePEM) + "\n  tls.key: \"" + encode(client.KeyPEM) + "\"\n"), "certificate private-key", "pem", "armor-missing"},
		{"SSH public key", []byte("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n"), "", "openssh", ""},
		{"PuTTY key", []byte("PuTTY-User-Key-File-3: ssh-ed25519\n"), "", "openssh", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "f", c.data)
			inv := read(dir, InventoryOptions{Passphrases: []string{"secret"}}, "f")
			f := inv.Files[0]
			if got := kindsOf(inv); got != c.want || f.Format != c.format || strings.Join(f.Repaired, " ") != c.repaired || f.Locked {
				t.Errorf("%q in %s, repaired %q, locked %v: %s", got, f.Format, f.Repaired, f.Locked, f.Detail)
			}
		})
	}
}

// A key that Go knows nothing about finds its certificate all the same, where it says what its public half is; and so do
// the encryptions and lists that openssl writes when it is asked to.
func TestReadRareOpenSSLFiles(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	for name, args := range map[string]string{
		"secp256k1": "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "brainpool": "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
		"pss": "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "p521": "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
	} {
		run(t, dir, "openssl", append(strings.Fields("genpkey -out "+name+".key"), strings.Fields(args)...)...)
		run(t, dir, "openssl", "req", "-x509", "-key", name+".key", "-subj", "/CN="+name, "-out", name+".crt")
		if got := len(read(dir, InventoryOptions{}, name+".key", name+".crt").Pairs()); got != 1 {
			t.Errorf("%s: %d pairs", name, got)
		}
	}
	run(t, dir, "openssl", "ec", "-in", "secp256k1.key", "-out", "sec1.key")
	if got := len(read(dir, InventoryOptions{}, "sec1.key", "secp256k1.crt").Pairs()); got != 1 {
		t.Errorf("SEC 1: %d pairs", got)
	}

	for _, options := range []string{
		"-v2 aes256 -v2prf hmacWithSHA512-256", "-v2 aes128 -v2prf hmacWithSHA512-224",
		"-provider legacy -provider default -v2 rc2", "-provider legacy -provider default -v2 rc2-40-cbc",
	} {
		args := append(strings.Fields("pkcs8 -topk8 -in client.key -passout pass:secret -out encrypted"), strings.Fields(options)...)
		if out, err := opensslTry(dir, args...); err != nil {
			t.Logf("SKIPPED: this openssl has no %s: %s", options, out)
			continue
		}
		inv := read(dir, InventoryOptions{Passphrases: []string{"secret"}}, "encrypted", "client.crt")
		if inv.Files[0].Locked || len(inv.Pairs()) != 1 {
			t.Errorf("%s: %s %v", options, kindsOf(inv), inv.Items[0].Block.Error)
		}
	}

	writeFile(t, dir, "conf", []byte("[ca]\ndefault_ca=d\n[d]\ndatabase="+filepath.Join(dir, "index")+"\ndefault_md=sha256\ndefault_crl_days=9\n"))
	writeFile(t, dir, "index", nil)
	authority := strings.Fields("-config conf -cert client-ca.crt -keyfile client-ca.key")
	run(t, dir, "openssl", append(authority[:0:0], append([]string{"ca", "-revoke", "client.crt"}, authority...)...)...)
	run(t, dir, "openssl", append([]string{"ca", "-gencrl", "-out", "v1.crl"}, authority...)...)
	if !strings.Contains(run(t, dir, "openssl", "crl", "-in", "v1.crl", "-noout", "-text"), "Version 1") {
		t.Fatal("the list is not of version 1")
	}
	inv := read(dir, InventoryOptions{}, "v1.crl", "client-ca.crt")
	l := inv.Items[0].List
	if l == nil || l.Len() != 1 || len(inv.Trees[0].CRLs) != 1 {
		t.Fatalf("a list of version 1: %+v, under its issuer %d", l, len(inv.Trees[0].CRLs))
	}
	client := read(dir, InventoryOptions{}, "client.crt").Items[0].Certificate
	if e := l.Entries(9); len(e) != 1 || e[0].Serial.Cmp(client.SerialNumber) != 0 || e[0].Revoked.IsZero() || len(l.Entries(0)) != 0 {
		t.Errorf("its entries are %+v", e)
	}
}

// A passphrase that opens nothing is said to be wrong, not that there is nothing to convert.
func TestConvertLocked(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=CA")
	encrypted, err := EncodeKey(ca.Key.(crypto.Signer), PEM, "secret", false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, dir, "key", encrypted)
	writeFile(t, dir, "crt", ca.CertificatePEM)
	for _, c := range []struct {
		passphrases []string
		format      Format
		locked      bool
		wrong       bool
	}{
		{nil, PEM, true, false},
		{[]string{"other"}, PEM, true, true},
		{[]string{"other", "wrong"}, PKCS12, true, true},
		{[]string{"other", "secret"}, PEM, false, false},
		{nil, PKCS7, false, false}, // has no place for keys
	} {
		_, err := read(dir, InventoryOptions{Passphrases: c.passphrases}, "key", "crt").Convert(c.format, Protection{Plain: true})
		var locked *LockedError
		if errors.As(err, &locked) != c.locked || c.locked && locked.Wrong != c.wrong || !c.locked && err != nil {
			t.Errorf("%q to %s: %v", c.passphrases, c.format, err)
		}
	}
}

// A passphrase that was asked for once is tried on the other files before anybody is asked again.
func TestOnePassphraseForSeveral(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=CA")
	encrypted, err := EncodeKey(ca.Key.(crypto.Signer), PEM, "secret", false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, dir, "a", encrypted)
	writeFile(t, dir, "b", encrypted)
	asked := 0
	inv := read(dir, InventoryOptions{Prompt: func(context.Context, PassphraseRequest) (string, bool) { asked++; return "secret", true }}, "a", "b")
	if asked != 1 || inv.Files[1].Locked {
		t.Errorf("asked %d times, locked %v", asked, inv.Files[1].Locked)
	}
}

// Revoking at the same time loses nothing, and leaves no lock behind.
func TestRevokeAtOnce(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=CA")
	dir := t.TempDir()
	file := writeFile(t, dir, "ca.crt", ca.CertificatePEM)
	const n = 12
	var group sync.WaitGroup
	for range n {
		client := issue(t, ca, Client, "/CN=Client")
		group.Go(func() {
			if _, err := Revoke(ca, file, Revocation{Certificates: certificates(client), At: time.Now()}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	_, list := RevocationPaths(file)
	block, _ := pem.Decode(readBytes(t, list))
	l, err := ReadCRL(block.Bytes)
	if err != nil || l.Len() != n {
		t.Errorf("%d of %d are on the list: %v", l.Len(), n, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

// The readers of binary containers meet any bytes; what they give is inside what they were given.
func FuzzPKCS7(f *testing.F) {
	ca, err := NewAuthority(Request{Algorithm: ECDSAP256, Subject: mustName(f, "/CN=CA")})
	if err != nil {
		f.Fatal(err)
	}
	der, err := encodePKCS7([][]byte{ca.Certificate.Raw}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Fuzz(func(t *testing.T, data []byte) {
		certificates, crls, err := signedDataContents(data)
		if err != nil && len(certificates)+len(crls) > 0 {
			t.Fatal("an error, and certificates")
		}
		size := 0
		for _, c := range append(certificates, crls...) {
			size += len(c)
		}
		if size > len(data)+len(data)/2+64 {
			t.Fatalf("%d bytes out of %d", size, len(data))
		}
	})
}

func FuzzJKS(f *testing.F) {
	f.Add([]byte{0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 'a'})
	f.Add(append([]byte{0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x30, 0}, make([]byte, 20)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, _ := readJKS(data)
		size := 0
		for _, e := range entries {
			size += len(e.alias) + len(e.key) + len(bytes.Join(e.chain, nil))
		}
		if size > len(data) {
			t.Fatalf("%d bytes out of %d", size, len(data))
		}
		c := contents{work: 50}
		for _, c.Format = range []string{formatJKS, formatJCEKS} {
			c.addJKS(data, "x")
		}
	})
}

func FuzzToDER(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 4, 1, 'a', 4, 1, 'b', 0, 0, 0, 0})
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 2, 5, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		der, rest, err := toDER(data)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(data, rest) {
			t.Fatal("the rest is not the end of the data")
		}
		again, rest, err := toDER(der)
		if err != nil || len(rest) > 0 || !bytes.Equal(again, der) {
			t.Fatalf("%x is not stable: %x, %v", der, again, err)
		}
	})
}

func FuzzPublicKeyInfo(f *testing.F) {
	f.Add([]byte{0x30, 0x0b, 2, 1, 1, 4, 0, 0xa1, 4, 3, 2, 0, 1})
	f.Fuzz(func(_ *testing.T, data []byte) { publicKeyInfoOf(data) })
}

func certificates(all ...Issued) []*x509.Certificate {
	var out []*x509.Certificate
	for _, i := range all {
		out = append(out, i.Certificate)
	}
	return out
}
