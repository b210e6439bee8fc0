package pki

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// Every encryption that openssl has for PKCS #12 is read, and another passphrase is told from damage.
func TestReadPKCS12OfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	const all = "certificate certificate private-key"
	const export = "pkcs12 -export -in client.crt -inkey client.key -certfile client-ca.crt -name device "
	const legacy = " -provider legacy -provider default"
	for _, c := range []struct{ name, command, passphrase, blocks string }{
		{"modern", export + "-passout pass:secret", "secret", all},
		{"AES-128", export + "-keypbe AES-128-CBC -certpbe AES-128-CBC -passout pass:secret", "secret", all},
		{"SHA-512", export + "-macalg sha512 -iter 10000 -passout pass:secret", "secret", all},
		{"SHA-384", export + "-macalg sha384 -passout pass:secret", "secret", all},
		{"SHA-224", export + "-macalg sha224 -passout pass:secret", "secret", all},
		{"legacy", export + "-legacy -passout pass:secret", "secret", all},
		{"3DES", export + "-descert -keypbe PBE-SHA1-3DES -macalg sha1 -passout pass:secret", "secret", all},
		{"2DES", export + "-certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES -passout pass:secret", "secret", all},
		{"RC4", export + "-certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-RC4-40 -passout pass:secret" + legacy, "secret", all},
		{"RC2-128", export + "-certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-RC2-40 -passout pass:secret" + legacy, "secret", all},
		{"empty passphrase", export + "-passout pass:", "", all},
		{"empty passphrase, legacy", export + "-legacy -passout pass:", "", all},
		{"not encrypted", export + "-keypbe NONE -certpbe NONE -passout pass:secret", "secret", all},
		{"not encrypted, no MAC", export + "-keypbe NONE -certpbe NONE -nomac -passout pass:", "", all},
		{"no MAC", export + "-nomac -passout pass:secret", "secret", all},
		{"no MAC iterations", export + "-nomaciter -passout pass:secret", "secret", all},
		{"accents", export + "-passout pass:Pässwörd", "Pässwörd", all},
		{"accents, legacy", export + "-legacy -passout pass:Pässwörd", "Pässwörd", all},
		{"beyond the basic plane", export + "-passout pass:a\U0001F511b", "a\U0001F511b", all},
		{"certificates only", "pkcs12 -export -nokeys -in client.crt -certfile client-ca.crt -passout pass:secret", "secret", "certificate certificate"},
		{"key only", "pkcs12 -export -nocerts -inkey client.key -passout pass:secret", "secret", "private-key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			openssl(t, dir, append(strings.Fields(c.command), "-out", "f.p12")...)
			path := filepath.Join(dir, "f.p12")
			f := ReadFile(path, "", c.passphrase)
			if f.Problem != "" || f.Format != "pkcs12" || blocksOf(f) != c.blocks {
				t.Fatalf("%q (%s), format %q, blocks %q", f.Problem, f.Detail, f.Format, blocksOf(f))
			}
			if strings.Contains(c.command, "-name") && (f.Blocks[0].Name != "device" || f.Blocks[2].Name != "device") {
				t.Errorf("the entries are called %q and %q", f.Blocks[0].Name, f.Blocks[2].Name)
			}
			if c.passphrase == "" {
				return
			}
			role := evidence.RoleCertificate
			if c.name == "no MAC" { // only the key is encrypted
				role = evidence.RoleKey
			}
			if f := ReadFile(path, role, "guess"); f.Problem != evidence.PassphraseBad {
				t.Errorf("with another passphrase: %q (%s)", f.Problem, f.Detail)
			}
			if f := ReadFile(path, role, ""); f.Problem != evidence.PassphraseNone {
				t.Errorf("without a passphrase: %q (%s)", f.Problem, f.Detail)
			}
		})
	}
}

// The encoders of the library, one of which writes what no installed program does (RFC 9579).
func TestReadPKCS12OfTheLibrary(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=Test CA")
	client := issue(t, ca, Client, "/CN=Client")
	for name, encoder := range map[string]*pkcs12.Encoder{
		"RC2": pkcs12.LegacyRC2, "DES": pkcs12.LegacyDES, "2023": pkcs12.Modern2023, "2026": pkcs12.Modern2026,
	} {
		for _, passphrase := range []string{"secret", "", "Pässwörd"} {
			data, err := encoder.Encode(client.Key, client.Certificate, []*x509.Certificate{ca.Certificate}, passphrase)
			if err != nil {
				t.Fatal(err)
			}
			var c contents
			c.parse(data, passphrase)
			if got := blocksOf(c.File); c.Problem != "" || got != "certificate certificate private-key" {
				t.Errorf("%s, %q: %q %v, blocks %q", name, passphrase, c.Problem, c.containerError, got)
			}
		}
	}
	data, err := pkcs12.Modern2023.EncodeTrustStore([]*x509.Certificate{ca.Certificate}, "changeit")
	if err != nil {
		t.Fatal(err)
	}
	var c contents
	if c.parse(data, "changeit"); blocksOf(c.File) != "certificate" {
		t.Errorf("a trust store is read as %q", blocksOf(c.File))
	}
}

// Several keys in one store, as keytool makes them; a key of each algorithm.
func TestReadPKCS12OfKeytool(t *testing.T) {
	if _, err := exec.LookPath("keytool"); err != nil {
		t.Skip("SKIPPED: keytool is not installed")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.p12")
	for _, algorithm := range []string{"RSA", "EC", "Ed25519"} {
		keytool(t, "-genkeypair", "-alias", "my-"+algorithm, "-keyalg", algorithm, "-dname", "CN="+algorithm, "-storetype", "pkcs12", "-keystore", path, "-storepass", "changeit")
	}
	f := ReadFile(path, "", "changeit")
	keys, names := 0, ""
	for _, b := range f.Blocks {
		if b.Kind == kindPrivateKey && b.Error == "" {
			keys++
			names += b.Name + " "
		}
	}
	if keys != 3 || !strings.Contains(names, "my-ec") || f.Problem != "" {
		t.Errorf("%q, %d keys, named %q; blocks %q", f.Problem, keys, names, blocksOf(f))
	}
}

func keytool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("keytool", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("keytool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// A PKCS #12 file does as a profile's client certificate and key.
func TestLoadPKCS12(t *testing.T) {
	dir := sixCommands(t)
	openssl(t, dir, "pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-certfile", "client-ca.crt", "-passout", "pass:secret", "-out", "client.p12")
	openssl(t, dir, "pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:", "-out", "open.p12")
	openssl(t, dir, "pkcs12", "-export", "-nokeys", "-in", "client.crt", "-passout", "pass:secret", "-out", "no-key.p12")
	whole := readBytes(t, filepath.Join(dir, "client.p12"))
	writeFile(t, dir, "half.p12", whole[:len(whole)/2])
	for _, c := range []struct{ name, certificate, key, passphrase, want string }{
		{"with the passphrase", "client.p12", "", "secret", "client-certificate: client-key:"},
		{"named twice", "client.p12", "client.p12", "secret", "client-certificate: client-key:"},
		{"no passphrase wanted", "open.p12", "", "", "client-certificate: client-key:"},
		{"no passphrase", "client.p12", "", "", "client-certificate:passphrase-none"},
		{"wrong passphrase", "client.p12", "", "guess", "client-certificate:passphrase-wrong"},
		{"no key in it", "no-key.p12", "", "secret", "client-certificate: client-key:wrong-content"},
		{"damaged", "half.p12", "", "secret", "client-certificate:not-pem client-key:not-pem"},
		{"beside a key file", "client.p12", "client.key", "secret", "client-certificate:not-pem client-key:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := noRoots
			o.Passphrase = c.passphrase
			m := Load(context.Background(), clientProfile(dir, "client-ca.crt", c.certificate, c.key), o)
			m.Files.Files = m.Files.Files[1:]
			if got := problems(m); got != c.want {
				t.Errorf("%q, want %q (%s)", got, c.want, m.Files.Error)
			}
			if ready := c.want == "client-certificate: client-key:"; ready != (m.Certificate != nil) {
				t.Errorf("certificate %v", m.Certificate)
			} else if ready && (CommonName(m.Certificate.Leaf) != "Client" || len(m.Certificate.Certificate) != map[string]int{"client.p12": 2, "open.p12": 1}[c.certificate]) {
				t.Errorf("%s with a chain of %d", CommonName(m.Certificate.Leaf), len(m.Certificate.Certificate))
			}
		})
	}
}

func TestLoadPKCS12AsksForThePassphrase(t *testing.T) {
	dir := sixCommands(t)
	openssl(t, dir, "pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:secret", "-out", "client.pfx")
	var asked []PassphraseRequest
	o := noRoots
	o.Prompt = func(_ context.Context, q PassphraseRequest) (string, bool) {
		asked = append(asked, q)
		return map[bool]string{true: "secret", false: "guess"}[q.Again], true
	}
	m := Load(context.Background(), profile.Profile{
		Server: profile.New("").Server, ClientCertificate: profile.ClientCertificate{CertificateFile: filepath.Join(dir, "client.pfx")},
	}, o)
	if m.Certificate == nil || len(asked) != 2 || asked[0].Again || !asked[1].Again || !strings.HasSuffix(asked[0].File, "client.pfx") {
		t.Errorf("certificate %v, asked %v (%s)", m.Certificate, asked, m.Files.Error)
	}
}

// BER with indefinite lengths and strings in parts, as older programs write it.
func TestReadPKCS12InBER(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	der, err := pkcs12.LegacyDES.Encode(ca.Key, ca.Certificate, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	var c contents
	if c.parse(indefinite(t, der), "secret"); c.Format != "pkcs12" || blocksOf(c.File) != "certificate private-key" {
		t.Errorf("%q %v: %q", c.Format, c.containerError, blocksOf(c.File))
	}
}

// indefinite writes every constructed element with an indefinite length, and each OCTET STRING in two parts.
func indefinite(t *testing.T, der []byte) []byte {
	t.Helper()
	var out []byte
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			t.Fatal(err)
		}
		switch head := v.FullBytes[0]; {
		case v.IsCompound:
			out = append(append(append(out, head, 0x80), indefinite(t, v.Bytes)...), 0, 0)
		case head == 0x04 && len(v.Bytes) > 1:
			half := len(v.Bytes) / 2
			out = append(out, 0x24, 0x80)
			out = append(append(out, derHeader(4, half)...), v.Bytes[:half]...)
			out = append(append(out, derHeader(4, len(v.Bytes)-half)...), v.Bytes[half:]...)
			out = append(out, 0, 0)
		default:
			out = append(out, v.FullBytes...)
		}
		der = rest
	}
	return out
}

// A file cannot ask for more work than is good, however many parts it spreads it over.
func TestPKCS12WorkIsBounded(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	der, err := pkcs12.Modern2023.WithIterations(maxIterations+1).Encode(ca.Key, ca.Certificate, nil, "secret")
	if err != nil {
		t.Skip(err)
	}
	var c contents
	c.parse(der, "secret")
	var unsupported *unsupportedKeyError
	if !errors.As(c.containerError, &unsupported) || c.Problem != evidence.KeyUnsupported {
		t.Errorf("%q: %v", c.Problem, c.containerError)
	}
	o := newOpener(nil, 0)
	for n := 0; ; n++ {
		if o.spend(maxIterations) != nil {
			if n != maxWork/maxIterations {
				t.Errorf("%d times the limit were spent", n)
			}
			break
		}
	}
	if o.spend(0) == nil || o.spend(-1) == nil {
		t.Error("no iterations are accepted")
	}
}

func FuzzReadPKCS12(f *testing.F) {
	ca, err := NewAuthority(Request{Algorithm: ECDSAP256, Subject: mustName(f, "/CN=CA")})
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range []*pkcs12.Encoder{pkcs12.LegacyRC2, pkcs12.Modern2023, pkcs12.Modern2026} {
		der, err := e.WithIterations(1).Encode(ca.Key, ca.Certificate, nil, "x")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		var c contents
		c.Format, c.work = formatPKCS12, 50 // with the 1 of the seeds; more would only burn time
		c.addPKCS12(data, "x")
		for _, b := range c.Blocks {
			if b.Error == "" && b.Kind == kindPrivateKey {
				if c.keys[b.Index] == nil {
					t.Fatalf("block %d has no key", b.Index)
				}
			}
		}
	})
}
