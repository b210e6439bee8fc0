package pki

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
)

// read makes an inventory of files in dir.
func read(dir string, o InventoryOptions, names ...string) *Inventory {
	var paths []string
	for _, n := range names {
		paths = append(paths, filepath.Join(dir, n))
	}
	return ReadInventory(context.Background(), paths, o)
}

// kindsOf lists the items, those with an error marked.
func kindsOf(inv *Inventory) string {
	var f evidence.File
	for _, i := range inv.Items {
		f.Blocks = append(f.Blocks, i.Block)
	}
	return blocksOf(f)
}

// draw writes the trees, a certificate on each line.
func draw(inv *Inventory) string {
	var out strings.Builder
	var walk func(nodes []*Node, depth int)
	walk = func(nodes []*Node, depth int) {
		for _, n := range nodes {
			fmt.Fprintf(&out, "%s%s", strings.Repeat(" ", depth), CommonName(inv.Items[n.Item].Certificate))
			for _, part := range []struct {
				name  string
				items []int
			}{{"also", n.Also}, {"key", n.Keys}, {"request", n.Requests}, {"crl", n.CRLs}} {
				if len(part.items) > 0 {
					fmt.Fprintf(&out, " %s%v", part.name, part.items)
				}
			}
			out.WriteByte('\n')
			walk(n.Issued, depth+1)
		}
	}
	walk(inv.Trees, 0)
	return out.String()
}

func TestInventory(t *testing.T) {
	dir := sixCommands(t)
	writeCRL(t, dir)
	openssl(t, dir, "crl", "-in", "crl.pem", "-outform", "der", "-out", "crl.der")
	openssl(t, dir, "crl2pkcs7", "-certfile", "client.crt", "-certfile", "client-ca.crt", "-in", "crl.pem", "-out", "all.p7b")
	openssl(t, dir, "pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:secret", "-out", "client.p12")
	openssl(t, dir, "pkey", "-in", "client.key", "-pubout", "-out", "client.pub")
	openssl(t, dir, "genpkey", "-algorithm", "ed25519", "-out", "stray.key")
	inv := read(dir, InventoryOptions{Passphrases: []string{"guess", "secret"}}, "client.key", "client.crt", "client.csr", "client-ca.crt", "crl.der", "all.p7b", "client.p12", "client.pub", "stray.key", "missing")
	want := "Test CA also[7] crl[4 8]\n Client also[6 9] key[0 10] request[2 11]\n"
	if got := draw(inv); got != want {
		t.Errorf("the tree is\n%swant\n%s", got, want)
	}
	// The PKCS #7 container itself and the key without a certificate.
	if !slices.Equal(inv.Loose, []int{5, 12}) {
		t.Errorf("loose %v of %s", inv.Loose, kindsOf(inv))
	}
	if got := fmt.Sprint(inv.Pairs()); got != "[{0 1} {10 1} {0 6} {10 6} {0 9} {10 9}]" {
		t.Errorf("pairs %s", got)
	}
	if f := inv.Files[len(inv.Files)-1]; f.Problem != evidence.Missing {
		t.Errorf("a missing file is %q", f.Problem)
	}
	if text := fmt.Sprintf("%v %+v %#v", inv.Items[0], inv.Items[0], inv.Items[0]); strings.Contains(text, "PrivateKey") || len(text) > 300 {
		t.Errorf("printed as %.100s", text)
	}
}

// Certificates go below the self-signed certificate of their authority, whatever the order, and cross-certificates below
// their own issuer; two authorities that sign each other make no ring.
func TestInventoryOfCrossCertificates(t *testing.T) {
	files, err := filepath.Glob("../../assets/certificates/*/*.pem")
	if err != nil || len(files) == 0 {
		t.Fatalf("no certificates: %v", err)
	}
	slices.Reverse(files)
	inv := ReadInventory(context.Background(), files, InventoryOptions{})
	got := draw(inv)
	if !strings.Contains(got, "\n Root YR\n") || !strings.Contains(got, "ISRG Root X1\n") || !strings.Contains("\n"+got, "\nRoot YR\n") {
		t.Errorf("the tree is\n%s", got)
	}
	if n := strings.Count(got, "\n"); n != len(inv.Items) {
		t.Errorf("%d certificates in the tree of %d", n, len(inv.Items))
	}
}

// Text that editors and shells have damaged is read all the same, with a note of what was repaired.
func TestInventoryRepairs(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	text := ca.CertificatePEM
	for name, data := range map[string][]byte{
		"byte-order-mark":    join([]byte(byteOrderMark), text),
		"utf-16":             utf16LE(text),
		"carriage-returns":   bytes.ReplaceAll(text, []byte("\n"), []byte("\r")),
		"escaped-line-ends":  bytes.ReplaceAll(text, []byte("\n"), []byte(`\n`)),
		"indented":           bytes.ReplaceAll(text, []byte("-----BEGIN"), []byte("  -----BEGIN")),
		"dashes":             bytes.ReplaceAll(text, []byte("-----"), []byte("—--")),
		"armor-missing":      []byte(base64.StdEncoding.EncodeToString(ca.Certificate.Raw)),
		"foreign-characters": bytes.ReplaceAll(text, []byte("\n"), []byte("\n> ")),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "file", data)
			inv := read(dir, InventoryOptions{}, "file")
			if kindsOf(inv) != "certificate" || !slices.Contains(inv.Files[0].Repaired, name) {
				t.Errorf("%q, repaired %v, %q", kindsOf(inv), inv.Files[0].Repaired, inv.Files[0].Problem)
			}
		})
	}
}

func TestInventoryOfJavaKeystores(t *testing.T) {
	if _, err := exec.LookPath("keytool"); err != nil {
		t.Skip("SKIPPED: keytool is not installed")
	}
	t.Parallel()
	dir := sixCommands(t)
	for _, kind := range []string{"jks", "jceks"} {
		store := []string{"-storetype", kind, "-keystore", filepath.Join(dir, kind), "-storepass", "changeit"}
		keytool(t, append([]string{"-genkeypair", "-alias", "Device", "-keyalg", "EC", "-dname", "CN=Device", "-keypass", "changeit"}, store...)...)
		keytool(t, append([]string{"-importcert", "-noprompt", "-alias", "authority", "-file", filepath.Join(dir, "client-ca.crt")}, store...)...)
	}
	for _, c := range []struct {
		passphrase, kinds string
		problem           evidence.Problem
		locked            bool
	}{
		{"changeit", "private-key certificate certificate", "", false},
		{"guess", "encrypted-private-key certificate certificate", evidence.PassphraseBad, true},
		{"", "encrypted-private-key certificate certificate", "", true},
	} {
		inv := read(dir, InventoryOptions{Passphrases: []string{c.passphrase}}, "jks")
		kinds := strings.Split(kindsOf(inv), " ")
		slices.Sort(kinds)
		want := strings.Split(c.kinds, " ")
		slices.Sort(want)
		if f := inv.Files[0]; f.Format != "jks" || f.Problem != c.problem || f.Locked != c.locked || !slices.Equal(kinds, want) {
			t.Errorf("%q: format %q, problem %q, locked %v: %v", c.passphrase, f.Format, f.Problem, f.Locked, kinds)
		}
		if c.passphrase == "changeit" && len(inv.Pairs()) != 1 {
			t.Errorf("pairs %v", inv.Pairs())
		}
	}
	whole := readBytes(t, filepath.Join(dir, "jks"))
	for _, n := range []int{len(whole) / 2, len(whole) - 1, 33} {
		writeFile(t, dir, "half", whole[:n])
		if f := read(dir, InventoryOptions{}, "half").Files[0]; f.Format != "jks" && f.Problem != evidence.NotPEM {
			t.Errorf("cut after %d bytes: %q, %q", n, f.Format, f.Problem)
		}
	}
	if f := read(dir, InventoryOptions{}, "jceks").Files[0]; f.Format != "jceks" {
		t.Errorf("JCEKS is %q", f.Format)
	}
	bks := append([]byte{0, 0, 0, 2, 0, 0, 0, 20}, make([]byte, 20)...)
	writeFile(t, dir, "bks", append(bks, 0, 0, 5, 0, 1, 2, 3, 4))
	if f := read(dir, InventoryOptions{}, "bks").Files[0]; f.Format != "bks" || Summary(f.File) == "" {
		t.Errorf("BKS is %q", f.Format)
	}
}

// The passphrase is asked for each file until it fits or nobody answers, and a file that stays locked hides no other.
func TestInventoryAsks(t *testing.T) {
	dir := sixCommands(t)
	openssl(t, dir, "pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:one", "-out", "one.p12")
	openssl(t, dir, "pkey", "-in", "client.key", "-aes256", "-passout", "pass:two", "-out", "two.key")
	openssl(t, dir, "pkey", "-in", "client.key", "-aes256", "-passout", "pass:three", "-out", "three.key")
	answers := map[string][]string{"one.p12": {"no", "one"}, "two.key": {"two"}}
	inv := read(dir, InventoryOptions{Prompt: func(_ context.Context, q PassphraseRequest) (string, bool) {
		name := filepath.Base(q.File)
		if len(answers[name]) == 0 {
			return "", false
		}
		next := answers[name][0]
		answers[name] = answers[name][1:]
		return next, true
	}}, "one.p12", "two.key", "three.key", "client.crt")
	if got := kindsOf(inv); got != "certificate private-key encrypted-private-key encrypted-private-key certificate" {
		t.Error(got)
	}
	for n, locked := range []bool{false, false, true, false} {
		if inv.Files[n].Locked != locked {
			t.Errorf("%s: locked %v", inv.Files[n].Path, inv.Files[n].Locked)
		}
	}
	if got := fmt.Sprint(inv.Pairs()); got != "[{1 0} {2 0} {1 4} {2 4}]" {
		t.Error(got)
	}
}

// As many blocks as are looked at, made to be slow to arrange.
func BenchmarkInventoryOfHostileFile(b *testing.B) {
	ca, err := NewAuthority(Request{Algorithm: ECDSAP256, Subject: mustName(b, "/CN=CA")})
	if err != nil {
		b.Fatal(err)
	}
	var sameName, distinct bytes.Buffer
	for n := range maxBlocks {
		der := bytes.Clone(ca.Certificate.Raw)
		der[20]++ // the serial number
		der[21] = byte(n)
		der[22] = byte(n >> 8)
		sameName.Write(pemBlockOf("CERTIFICATE", der))
		distinct.Write(ca.RequestPEM)
		distinct.Write(ca.CertificatePEM)
	}
	for name, data := range map[string][]byte{"same name": sameName.Bytes(), "same certificate": distinct.Bytes()} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			writeFile(b, dir, "f", data)
			b.ReportAllocs()
			for b.Loop() {
				started := time.Now()
				inv := read(dir, InventoryOptions{}, "f")
				b.ReportMetric(time.Since(started).Seconds(), "s")
				b.ReportMetric(float64(len(inv.Items)), "items")
			}
		})
	}
}

func FuzzInventory(f *testing.F) {
	ca, err := NewAuthority(Request{Algorithm: ECDSAP256, Subject: mustName(f, "/CN=CA")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(join(ca.CertificatePEM, ca.KeyPEM))
	f.Add([]byte{0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 'a'})
	f.Fuzz(func(t *testing.T, data []byte) {
		inv := ReadInventory(t.Context(), []string{"f"}, InventoryOptions{Passphrases: []string{"x"}, Texts: map[string][]byte{"f": data}, work: 50})
		_ = Summary(inv.Files[0].File)
		seen := len(inv.Loose)
		var walk func([]*Node)
		walk = func(nodes []*Node) {
			for _, n := range nodes {
				seen += 1 + len(n.Also)
				walk(n.Issued)
			}
		}
		walk(inv.Trees)
		if seen > len(inv.Items) {
			t.Fatalf("%d of %d items", seen, len(inv.Items))
		}
	})
}
