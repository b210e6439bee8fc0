package pki

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writePair writes an authority and a client with keys of that algorithm: ca.pem, c.pem, c.key, c.csr, crl.pem.
func writePair(t *testing.T, dir string, a KeyAlgorithm) {
	t.Helper()
	r := mustSubject(t, "/O=Test Org/CN=Test CA")
	r.Algorithm = a
	ca, err := NewAuthority(r)
	if err != nil {
		t.Fatal(err)
	}
	r = mustSubject(t, "/CN=Client")
	r.Kind, r.Algorithm = Client, a
	c, err := Issue(ca, r)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "client-ca.crt", ca.CertificatePEM)
	writeFile(t, dir, "client-ca.key", ca.KeyPEM)
	writeCRL(t, dir)
	for name, data := range map[string][]byte{"ca.pem": ca.CertificatePEM, "c.pem": c.CertificatePEM, "c.key": c.KeyPEM, "c.csr": c.RequestPEM} {
		writeFile(t, dir, name, data)
	}
}

// run runs another program in dir.
func run(t *testing.T, dir, command string, args ...string) string {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func installed(programs ...string) bool {
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			return false
		}
	}
	return true
}

// matrix is every kind of content in every format, with the commands that read it back. FILE is the file. Where a
// command has =text, its output has to have that in it; where it has !text, the program cannot read this format at all, and
// says so in those words. The passphrase is secret. Of keys, only what is a certificate's is in keytool's world, and node
// has nothing for requests.
var matrix = []struct {
	name, files string
	format      Format
	protection  Protection
	readers     []string
}{
	{"certificate", "c.pem", PEM, Protection{}, []string{"openssl x509 -noout -subject -in FILE", "certtool -i --infile FILE", "keytool -printcert -file FILE", "node CERT FILE"}},
	{"certificate", "c.pem", DER, Protection{}, []string{"openssl x509 -inform der -noout -subject -in FILE", "certtool -i --inder --infile FILE", "keytool -printcert -file FILE", "node CERT FILE"}},
	{"certificates", "c.pem ca.pem", PEM, Protection{}, []string{"openssl storeutl -noout -certs FILE", "certtool -i --infile FILE", "keytool -printcert -file FILE", "node CERT FILE"}},
	{"certificates", "c.pem ca.pem", PKCS7, Protection{}, []string{"openssl pkcs7 -inform der -print_certs -in FILE", "certtool --p7-info --inder --infile FILE", "keytool -printcert -file FILE", "node CERT FILE !wrong tag"}},
	{"certificates and list", "c.pem ca.pem crl.pem", PKCS7, Protection{}, []string{"openssl pkcs7 -inform der -print_certs -in FILE", "certtool --p7-info --inder --infile FILE", "keytool -printcert -file FILE", "node CERT FILE !wrong tag"}},
	{"list", "crl.pem", PKCS7, Protection{}, []string{"openssl pkcs7 -inform der -print -in FILE", "certtool --p7-info --inder --infile FILE", "keytool -printcrl -file FILE =Issuer", "node CRL FILE !Failed to parse CRL"}},
	{"trust store", "c.pem ca.pem", PKCS12, Protection{Passphrase: "secret"}, []string{"openssl pkcs12 -info -nokeys -in FILE -passin pass:secret", "certtool --p12-info --inder --infile FILE --password secret", "keytool -list -keystore FILE -storepass secret =2 entries", "node PFX FILE !Unable to load private key|passed a null parameter"}},
	{"trust store", "c.pem ca.pem", PKCS12Java, Protection{Passphrase: "secret"}, []string{"openssl pkcs12 -info -nokeys -in FILE -passin pass:secret", "certtool --p12-info --inder --infile FILE --password secret", "keytool -list -keystore FILE -storepass secret =trustedCertEntry", "node PFX FILE !Unable to load private key|passed a null parameter"}},
	{"key", "c.key", PEM, Protection{}, []string{"openssl pkey -noout -check -in FILE", "certtool -k --infile FILE", "node KEY FILE", "keytool -printcert -file FILE !Failed to parse input"}},
	{"key", "c.key", DER, Protection{}, []string{"openssl pkey -inform der -noout -check -in FILE", "certtool -k --inder --infile FILE", "node PKCS8 FILE"}},
	{"encrypted key", "c.key", PEM, Protection{Passphrase: "secret"}, []string{"openssl pkey -noout -check -in FILE -passin pass:secret", "certtool -k --infile FILE --password secret", "node KEY FILE"}},
	{"encrypted key", "c.key", DER, Protection{Passphrase: "secret"}, []string{"openssl pkey -inform der -noout -check -in FILE -passin pass:secret", "certtool -k --inder --infile FILE --password secret", "node PKCS8 FILE"}},
	{"traditional key", "c.key", PEM, Protection{Traditional: true}, []string{"openssl pkey -noout -check -in FILE", "certtool -k --infile FILE", "node KEY FILE"}},
	{"traditional key", "c.key", DER, Protection{Traditional: true}, []string{"openssl pkey -inform der -noout -check -in FILE", "certtool -k --inder --infile FILE", "node TRADITIONAL FILE"}},
	{"request", "c.csr", PEM, Protection{}, []string{"openssl req -noout -verify -in FILE", "certtool --crq-info --infile FILE", "keytool -printcertreq -file FILE"}},
	{"request", "c.csr", DER, Protection{}, []string{"openssl req -inform der -noout -verify -in FILE", "certtool --crq-info --inder --infile FILE", "keytool -printcertreq -file FILE !keytool error"}},
	{"list", "crl.pem", PEM, Protection{}, []string{"openssl crl -noout -CAfile ca.pem -in FILE", "certtool --crl-info --infile FILE", "keytool -printcrl -file FILE", "node CRL FILE"}},
	{"list", "crl.pem", DER, Protection{}, []string{"openssl crl -inform der -noout -CAfile ca.pem -in FILE", "certtool --crl-info --inder --infile FILE", "keytool -printcrl -file FILE", "node CRL FILE !Failed to parse CRL"}},
	{"everything", "c.pem ca.pem c.key", PEM, Protection{}, []string{"openssl storeutl -noout FILE", "certtool -i --infile FILE", "node KEY FILE", "node CERT FILE", "keytool -printcert -file FILE !Failed to parse input"}},
	{"everything", "c.pem ca.pem c.key", PKCS12, Protection{Passphrase: "secret"}, []string{"openssl pkcs12 -nodes -in FILE -passin pass:secret", "certtool --p12-info --inder --infile FILE --password secret", "keytool -list -keystore FILE -storepass secret =PrivateKeyEntry", "node PFX FILE"}},
	{"everything", "c.pem ca.pem c.key", PKCS12Java, Protection{Passphrase: "secret"}, []string{"openssl pkcs12 -nodes -in FILE -passin pass:secret", "certtool --p12-info --inder --infile FILE --password secret", "keytool -list -keystore FILE -storepass secret =PrivateKeyEntry", "node PFX FILE"}},
	{"without passphrase", "c.pem c.key", PKCS12, Protection{Plain: true}, []string{"openssl pkcs12 -nodes -in FILE -passin pass:", "certtool --p12-info --inder --infile FILE --empty-password", "node EMPTY FILE"}},
}

// nodePrograms read a file with Node.js; a pfx and a key also have to make a TLS context.
var nodePrograms = map[string]string{
	"CERT":        `new (require('crypto').X509Certificate)(require('fs').readFileSync(process.argv[1]))`,
	"KEY":         `require('crypto').createPrivateKey({key: require('fs').readFileSync(process.argv[1]), passphrase: 'secret'})`,
	"PKCS8":       `require('crypto').createPrivateKey({key: require('fs').readFileSync(process.argv[1]), format: 'der', type: 'pkcs8', passphrase: 'secret'})`,
	"TRADITIONAL": `const c = require('crypto'), key = require('fs').readFileSync(process.argv[1]); try { c.createPrivateKey({key, format: 'der', type: 'pkcs1'}) } catch { c.createPrivateKey({key, format: 'der', type: 'sec1'}) }`,
	"CRL":         `require('tls').createSecureContext({crl: require('fs').readFileSync(process.argv[1])})`,
	"EMPTY":       `require('tls').createSecureContext({pfx: require('fs').readFileSync(process.argv[1]), passphrase: ''})`,
	"PFX":         `require('tls').createSecureContext({pfx: require('fs').readFileSync(process.argv[1]), passphrase: 'secret'})`,
}

// Every kind of content in every format and with every kind of key is read back by openssl, certtool, keytool and node,
// and by this program.
func TestConversionMatrix(t *testing.T) {
	requireOpenSSL(t)
	t.Parallel()
	for _, a := range KeyAlgorithms {
		dir := t.TempDir()
		writePair(t, dir, a)
		for _, c := range matrix {
			t.Run(fmt.Sprintf("%s/%s as %s", a, c.name, c.format), func(t *testing.T) {
				inv := read(dir, InventoryOptions{}, strings.Fields(c.files)...)
				if a != ECDSAP256 { // the work of the passphrase is the same for every kind of key
					c.protection.iterations = 10_000
				}
				out, err := inv.Convert(c.format, c.protection)
				if c.protection.Traditional && a == Ed25519 {
					if err == nil {
						t.Error("a traditional form of Ed25519")
					}
					return
				}
				if err != nil || len(out.Left) > 0 {
					t.Fatalf("%v, left out %v", err, out.Left)
				}
				if want := strings.Contains(c.files, ".key"); out.Private != want {
					t.Errorf("private %v", out.Private)
				}
				writeFile(t, dir, "out", out.Data)
				wantSameThings(t, inv, read(dir, InventoryOptions{Passphrases: []string{"secret"}}, "out"))
				for _, reader := range c.readers {
					if strings.Contains(reader, " !") && a != ECDSAP256 {
						continue // what is not read because of its format is not read with any kind of key
					}
					readBack(t, dir, reader)
				}
			})
		}
	}
}

// readBack runs one command of the matrix. What is said for a refusal differs from one version of Node.js to the next.
func readBack(t *testing.T, dir, reader string) {
	t.Helper()
	reader, refusal, cannot := strings.Cut(reader, " !")
	reader, want, _ := strings.Cut(reader, " =")
	args := strings.Fields(strings.ReplaceAll(reader, "FILE", "out"))
	if !installed(args[0]) {
		t.Logf("SKIPPED: %s is not installed", args[0])
		return
	}
	switch args[0] {
	case "node":
		args = []string{"node", "-e", nodePrograms[args[1]], filepath.Join(dir, "out")}
	case "keytool": // a Java machine that lives for a moment is better off without its second compiler
		args = append(args, "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
	}
	if !cannot {
		if out := run(t, dir, args[0], args[1:]...); !strings.Contains(out, want) {
			t.Errorf("%s prints no %q but\n%s", reader, want, out)
		}
		return
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if says := func(words string) bool { return strings.Contains(string(out), words) }; err == nil || !slices.ContainsFunc(strings.Split(refusal, "|"), says) {
		t.Errorf("%s does not refuse with %q: %v\n%s", reader, refusal, err, out)
	}
}

// wantSameThings compares what two inventories hold, whatever the order.
func wantSameThings(t *testing.T, want, got *Inventory) {
	t.Helper()
	digest := func(inv *Inventory) []string {
		var out []string
		for _, i := range inv.Items {
			kind := i.Block.Kind
			if i.opened {
				kind = "key"
				if i.key != nil {
					out = append(out, fmt.Sprintf("%s %x", kind, publicKeySHA256(i.key.Public(), nil)))
					continue
				}
			}
			out = append(out, fmt.Sprintf("%s %x", kind, i.der))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	if w, g := digest(want), digest(got); !slices.Equal(w, g) {
		t.Errorf("%d things were written and %d are read: %s; %s", len(w), len(g), kindsOf(want), kindsOf(got))
	}
}

// A key keeps the passphrase that it had, unless something else is wanted.
func TestConvertKeepsThePassphrase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writePair(t, dir, ECDSAP256)
	openssl(t, dir, "pkey", "-in", "c.key", "-aes256", "-passout", "pass:old", "-out", "locked.key")
	openssl(t, dir, "pkcs12", "-export", "-in", "c.pem", "-inkey", "c.key", "-passout", "pass:old", "-out", "c.p12")
	for _, c := range []struct {
		name, file string
		format     Format
		p          Protection
		opens      string // the passphrase that opens what is written; "-": none is needed
	}{
		{"PEM again", "locked.key", PEM, Protection{}, "old"},
		{"out of PKCS #12", "c.p12", PEM, Protection{}, "old"},
		{"changed", "locked.key", PEM, Protection{Passphrase: "new"}, "new"},
		{"taken off", "locked.key", PEM, Protection{Plain: true}, "-"},
		{"taken off, traditional", "locked.key", PEM, Protection{Plain: true, Traditional: true}, "-"},
		{"PKCS #12 again", "c.p12", PKCS12Java, Protection{}, "old"},
		{"PKCS #12 changed", "c.p12", PKCS12, Protection{Passphrase: "new"}, "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := read(dir, InventoryOptions{Passphrases: []string{"old"}}, c.file).Convert(c.format, c.p)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, "out", out.Data)
			if got := read(dir, InventoryOptions{Passphrases: []string{"other"}}, "out"); got.Files[0].Locked == (c.opens == "-") {
				t.Errorf("locked: %v", got.Files[0].Locked)
			}
			if got := read(dir, InventoryOptions{Passphrases: []string{c.opens}}, "out"); got.Files[0].Locked || !strings.Contains(kindsOf(got), "private-key") {
				t.Errorf("%s; locked: %v", kindsOf(got), got.Files[0].Locked)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writePair(t, dir, ECDSAP256)
	var many *ManyError
	if _, err := read(dir, InventoryOptions{}, "c.pem", "ca.pem").Convert(DER, Protection{}); !errors.As(err, &many) || many.Things != 2 {
		t.Error(err)
	}
	if _, err := read(dir, InventoryOptions{}, "c.pem", "c.key", "client-ca.key").Convert(PKCS12, Protection{Passphrase: "x"}); !errors.As(err, &many) {
		t.Error(err)
	}
	if _, err := read(dir, InventoryOptions{}, "c.pem", "c.key").Convert(PKCS12, Protection{}); !errors.Is(err, ErrNeedsPassphrase) {
		t.Error(err)
	}
	for _, files := range []string{"missing", "ca.pem c.key"} {
		if _, err := read(dir, InventoryOptions{}, strings.Fields(files)...).Convert(PKCS12, Protection{Passphrase: "x"}); err == nil {
			t.Errorf("%s was converted", files)
		}
	}
	if _, err := read(dir, InventoryOptions{}, "c.key").Convert(PEM, Protection{Traditional: true, Passphrase: "x"}); err == nil {
		t.Error("the traditional form was encrypted")
	}
	if _, err := read(dir, InventoryOptions{}, "c.key").Convert(PKCS7, Protection{}); err == nil {
		t.Error("a key was written as PKCS #7")
	}
}

// Today's chains end in a cross-certificate, whatever the order of the file; the root comes from Mozilla.
func TestPathOfLetsEncrypt(t *testing.T) {
	t.Parallel()
	authority := func(name string) *Inventory {
		return ReadInventory(context.Background(), []string{"../../assets/certificates/letsencrypt/" + name}, InventoryOptions{})
	}
	entries, err := os.ReadDir("../../assets/certificates/letsencrypt")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range entries {
		inv := authority(e.Name())
		for n, i := range inv.Items {
			if i.Certificate == nil || CommonName(i.Certificate) != "YR1" {
				continue
			}
			found = true
			p := inv.Path(n, PublicRoots())
			root := p.Root()
			if root == nil || root.Source != "mozilla" || CommonName(root.Certificate) != "ISRG Root X1" || p.Missing() != "" {
				t.Errorf("the path of YR1 is %s", p.Describe())
			}
		}
	}
	if !found {
		t.Fatal("YR1 is not among the built-in certificates")
	}
}

func TestPathOfOwnChain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := newCA(t, "/CN=Test CA")
	middle := issue(t, ca, CA, "/CN=Intermediate")
	server := issue(t, middle, Server, "", "a.example")
	stray := newCA(t, "/CN=Stray")
	writeFile(t, dir, "shuffled.pem", join(stray.CertificatePEM, ca.CertificatePEM, server.CertificatePEM, middle.CertificatePEM, server.CertificatePEM))
	writeFile(t, dir, "short.pem", join(server.CertificatePEM))
	inv := read(dir, InventoryOptions{}, "shuffled.pem")
	ends := inv.EndEntities()
	if len(ends) != 1 || ends[0] != 2 {
		t.Fatalf("end entities %v", ends)
	}
	p := inv.Path(ends[0], nil)
	if got := p.Describe(); got != "a.example, Intermediate, Test CA" || len(p.Chain()) != 1 || !slices.Equal(p.Left, []int{0}) {
		t.Errorf("the path is %s, left %v", got, p.Left)
	}
	short := read(dir, InventoryOptions{}, "short.pem")
	if p := short.Path(0, &Roots{}); p.Root() != nil || !strings.HasPrefix(p.Missing(), "Intermediate with the key identifier ") {
		t.Errorf("missing %q", p.Missing())
	}
}
