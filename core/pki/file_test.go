package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"mutual/core/evidence"
)

// blocksOf is the kinds of a file's blocks, those with an error marked.
func blocksOf(f evidence.File) string {
	var out []string
	for _, b := range f.Blocks {
		kind := b.Kind
		if b.Error != "" {
			kind += "!"
		}
		out = append(out, kind)
	}
	return strings.Join(out, " ")
}

func utf16LE(s []byte) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(string(s))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestReadFile(t *testing.T) {
	ca := newCA(t, "/CN=Test CA")
	client := issue(t, ca, Client, "/CN=Client")
	cert, key, csr := client.CertificatePEM, client.KeyPEM, client.RequestPEM
	damaged := bytes.Replace(ca.CertificatePEM, []byte("\nMII"), []byte("\nM!I"), 1)
	changed := bytes.Replace(ca.CertificatePEM, []byte("\nMII"), []byte("\nNII"), 1)
	lines := bytes.SplitAfter(cert, []byte("\n"))
	noEnd := bytes.Join(lines[:len(lines)-2], nil)
	type roles = map[evidence.Role]evidence.Problem
	none := evidence.Readable
	for _, c := range []struct {
		name   string
		data   []byte
		format string
		blocks string
		want   roles
	}{
		{"certificate", cert, "pem", "certificate", roles{"ca": none, "client-certificate": none, "client-key": evidence.WrongContent, "chain": none, "untrusted": none, "": none}},
		{"key", key, "pem", "private-key", roles{"ca": evidence.WrongContent, "client-certificate": evidence.WrongContent, "client-key": none, "": none}},
		{"request", csr, "pem", "certificate-request", roles{"ca": evidence.WrongContent, "client-certificate": evidence.WrongContent, "client-key": evidence.WrongContent, "": none}},
		{"text around", join([]byte("Bag Attributes\n  friendlyName: x\n"), cert, []byte("\nmore text\n"), key, []byte("end")), "pem", "certificate private-key", roles{"ca": none, "client-certificate": none, "client-key": none}},
		{"CRLF", bytes.ReplaceAll(cert, []byte("\n"), []byte("\r\n")), "pem", "certificate", roles{"ca": none}},
		{"trailing spaces", bytes.ReplaceAll(cert, []byte("\n"), []byte(" \n")), "pem", "certificate", roles{"ca": none}},
		{"no last newline", bytes.TrimSpace(cert), "pem", "certificate", roles{"ca": none}},
		{"broken base64 first", join(damaged, cert), "pem", "certificate! certificate", roles{"ca": none}},
		{"broken DER last", join(cert, changed), "pem", "certificate certificate!", roles{"ca": none}},
		{"only a broken one", damaged, "pem", "certificate!", roles{"ca": evidence.WrongContent, "client-certificate": evidence.WrongContent, "client-key": evidence.WrongContent}},
		{"lost END", join(noEnd, cert), "pem", "certificate! certificate", roles{"ca": none}},
		{"lost END at the end", join(cert, noEnd), "pem", "certificate certificate!", roles{"ca": none}},
		{"glued together", join(bytes.TrimSpace(cert), cert), "pem", "certificate! certificate!", roles{"ca": evidence.BadEncoding}},
		{"wrong END", bytes.Replace(cert, []byte("END CERT"), []byte("END X509 CERT"), 1), "pem", "certificate!", roles{"ca": evidence.BadEncoding}},
		{"nothing between", []byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), "pem", "certificate!", roles{"ca": evidence.WrongContent}},
		{"unknown label", bytes.ReplaceAll(cert, []byte("CERTIFICATE"), []byte("SOMETHING")), "pem", "unknown", roles{"ca": evidence.WrongContent, "": none}},
		{"byte order mark", join([]byte("\xef\xbb\xbf"), cert), "unknown", "certificate!", roles{"ca": evidence.BadEncoding, "client-key": evidence.BadEncoding, "": evidence.BadEncoding}},
		{"byte order mark, two", join([]byte("\xef\xbb\xbf"), cert, cert), "pem", "certificate! certificate", roles{"ca": none}},
		{"indented", bytes.ReplaceAll(cert, []byte("-----BEGIN"), []byte("  -----BEGIN")), "unknown", "certificate!", roles{"ca": evidence.BadEncoding}},
		{"backslash n", bytes.ReplaceAll(cert, []byte("\n"), []byte(`\n`)), "pem", "certificate!", roles{"ca": evidence.BadEncoding}},
		{"UTF-16", utf16LE(cert), "utf-16", "", roles{"ca": evidence.BadEncoding, "client-key": evidence.BadEncoding}},
		{"UTF-16 without mark", utf16LE(cert)[2:], "utf-16", "", roles{"ca": evidence.BadEncoding}},
		{"DER certificate", client.Certificate.Raw, "der-certificate", "certificate", roles{"ca": evidence.NotPEM, "client-key": evidence.NotPEM, "": none}},
		{"DER certificate, newline", append(bytes.Clone(client.Certificate.Raw), '\n'), "der-certificate", "certificate", roles{"ca": evidence.NotPEM}},
		{"HTML", []byte("\n<!DOCTYPE html>\n<html><body>Log in</body></html>"), "html", "", roles{"ca": evidence.NotPEM, "": none}},
		{"RTF", []byte(`{\rtf1\ansi -----BEGIN CERTIFICATE-----\`), "rtf", "", roles{"ca": evidence.NotPEM}},
		{"JKS", []byte{0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2}, "jks", "", roles{"ca": evidence.NotPEM, "client-key": evidence.NotPEM}},
		{"JCEKS", []byte{0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0, 2}, "jceks", "", roles{"ca": evidence.NotPEM}},
		{"OpenSSH public key", []byte("ssh-ed25519 AAAAC3NzaC1 me@here"), "openssh", "", roles{"ca": evidence.NotPEM, "client-key": evidence.NotPEM}},
		{"OpenSSH key", []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"), "openssh", "private-key!", roles{"ca": evidence.NotPEM, "client-key": evidence.KeyUnsupported}},
		{"text", []byte("hello"), "unknown", "", roles{"ca": evidence.NotPEM, "": evidence.NotPEM}},
		{"bytes", []byte{0x30, 0x82, 1}, "unknown", "", roles{"ca": evidence.NotPEM}},
		{"empty", nil, "", "", roles{"ca": evidence.Empty, "": evidence.Empty}},
		{"white space", []byte(" \n\t\n"), "", "", roles{"client-key": evidence.Empty}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeFile(t, t.TempDir(), "file", c.data)
			for role, want := range c.want {
				f := ReadFile(path, role, "")
				if f.Problem != want || f.Format != c.format || blocksOf(f) != c.blocks {
					t.Errorf("as %q: problem %q, format %q, blocks %q; want %q, %q, %q (detail %q)", role, f.Problem, f.Format, blocksOf(f), want, c.format, c.blocks, f.Detail)
				}
				if f.Role != role || f.Path != path {
					t.Errorf("role %q, path %q", f.Role, f.Path)
				}
				if s := Summary(f); s == "" || strings.Contains(s, "\n") {
					t.Errorf("summary %q", s)
				}
			}
		})
	}
}

func TestReadFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	big := writeFile(t, dir, "big", nil)
	if err := os.Truncate(big, MaxFileSize+1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want evidence.Problem
	}{
		{filepath.Join(dir, "missing"), evidence.Missing},
		{"", evidence.Missing},
		{dir, evidence.Unreadable},
		{filepath.Join(big, "below-a-file"), evidence.Unreadable},
		{"bad\x00name", evidence.Unreadable},
		{big, evidence.TooLarge},
	} {
		f := ReadFile(c.path, evidence.RoleCA, "")
		if f.Problem != c.want || f.Detail == "" {
			t.Errorf("%q: %q, detail %q; want %q", c.path, f.Problem, f.Detail, c.want)
		}
	}
	t.Run("permission", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("SKIPPED: root may read everything")
		}
		locked := writeFile(t, dir, "locked", []byte("x"))
		if err := os.Chmod(locked, 0); err != nil {
			t.Fatal(err)
		}
		if f := ReadFile(locked, evidence.RoleCA, ""); f.Problem != evidence.Unreadable {
			t.Errorf("problem %q", f.Problem)
		}
	})
}

func TestReadFileDoesNotWaitForPipes(t *testing.T) {
	if _, err := exec.LookPath("mkfifo"); err != nil {
		t.Skip("SKIPPED: mkfifo is not there")
	}
	path := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		t.Fatal(err)
	}
	if f := ReadFile(path, evidence.RoleKey, ""); f.Problem != evidence.Empty { // nobody writes into it
		t.Errorf("problem %q", f.Problem)
	}
}

// Evidence goes into reports: no private key may ever be in it.
func TestFileHoldsNoKey(t *testing.T) {
	ca := newCA(t, "/CN=CA")
	path := writeFile(t, t.TempDir(), "f", join(ca.KeyPEM, ca.CertificatePEM))
	f := ReadFile(path, evidence.RoleKey, "")
	encoded, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Split(string(ca.KeyPEM), "\n")[1]
	if strings.Contains(string(encoded), secret) || f.Blocks[0].Certificate != nil {
		t.Errorf("the key is in %s", encoded)
	}
	if !bytes.Equal(f.Blocks[0].PublicKeySHA256, f.Blocks[1].PublicKeySHA256) || len(f.Blocks[0].PublicKeySHA256) != 32 {
		t.Errorf("key and certificate have %x and %x", f.Blocks[0].PublicKeySHA256, f.Blocks[1].PublicKeySHA256)
	}
}

// Each form in which openssl writes keys, requests and containers.
func TestReadOpenSSLKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openssl(t, dir, "genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem")
	openssl(t, dir, "ecparam", "-name", "prime256v1", "-genkey", "-out", "ec.pem")
	none, wrong, unsupported := evidence.PassphraseNone, evidence.PassphraseBad, evidence.KeyUnsupported
	for _, c := range []struct {
		name, command string
		keyType       string
		// What is said without a passphrase, with the right one (secret) and with another.
		without, with, other evidence.Problem
	}{
		{"PKCS #8", "pkey -in rsa.pem", "RSA 2048", "", "", ""},
		{"PKCS #1", "rsa -in rsa.pem -traditional", "RSA 2048", "", "", ""},
		{"SEC 1 with parameters", "ec -in ec.pem -param_out", "", evidence.WrongContent, evidence.WrongContent, evidence.WrongContent},
		{"SEC 1", "ec -in ec.pem", "ECDSA P-256", "", "", ""},
		{"PBES2 AES", "pkcs8 -topk8 -in rsa.pem -v2 aes-256-cbc -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES2 AES-128, SHA-1", "pkcs8 -topk8 -in rsa.pem -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES2 SHA-512", "pkcs8 -topk8 -in ec.pem -v2 aes-192-cbc -v2prf hmacWithSHA512 -iter 20000 -passout pass:secret", "ECDSA P-256", none, "", wrong},
		{"PBES2 3DES", "pkcs8 -topk8 -in rsa.pem -v2 des3 -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES2 scrypt", "pkcs8 -topk8 -in rsa.pem -scrypt -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 3DES", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-3DES -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 2DES", "pkcs8 -topk8 -in ec.pem -v1 PBE-SHA1-2DES -passout pass:secret", "ECDSA P-256", none, "", wrong},
		{"PBES1 RC2-40", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-RC2-40 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 RC2-128", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-RC2-128 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 RC4-128", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-RC4-128 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 RC4-40", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-RC4-40 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 MD5, DES", "pkcs8 -topk8 -in rsa.pem -v1 PBE-MD5-DES -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 SHA-1, DES", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-DES -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 SHA-1, RC2-64", "pkcs8 -topk8 -in rsa.pem -v1 PBE-SHA1-RC2-64 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"PBES1 MD5, RC2-64", "pkcs8 -topk8 -in rsa.pem -v1 PBE-MD5-RC2-64 -provider legacy -provider default -passout pass:secret", "RSA 2048", none, "", wrong},
		{"legacy AES", "rsa -in rsa.pem -traditional -aes128 -passout pass:secret", "RSA 2048", none, "", wrong},
		{"legacy 3DES", "ec -in ec.pem -des3 -passout pass:secret", "ECDSA P-256", none, "", wrong},
		{"Ed25519", "genpkey -algorithm ed25519", "Ed25519", "", "", ""},
		{"Ed448", "genpkey -algorithm ed448", "Ed448", unsupported, unsupported, unsupported},
		{"X25519", "genpkey -algorithm x25519", "X25519", unsupported, unsupported, unsupported},
		{"RSA-PSS", "genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048", "RSA-PSS", unsupported, unsupported, unsupported},
		{"RSA 512", "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:512", "RSA 512", unsupported, unsupported, unsupported},
		{"RSA 1024", "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024", "RSA 1024", "", "", ""},
		{"secp256k1", "ecparam -name secp256k1 -genkey -noout", "ECDSA secp256k1", unsupported, unsupported, unsupported},
		{"brainpool", "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:brainpoolP256r1", "ECDSA brainpoolP256r1", unsupported, unsupported, unsupported},
		{"P-224", "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-224", "ECDSA P-224", unsupported, unsupported, unsupported},
		{"P-521", "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-521", "ECDSA P-521", "", "", ""},
		{"encrypted Ed448", "genpkey -algorithm ed448 -aes-256-cbc -pass pass:secret", "Ed448", none, unsupported, wrong},
		{"PKCS #1 public key", "rsa -in rsa.pem -RSAPublicKey_out", "RSA 2048", evidence.WrongContent, evidence.WrongContent, evidence.WrongContent},
		{"public key", "pkey -in rsa.pem -pubout", "RSA 2048", evidence.WrongContent, evidence.WrongContent, evidence.WrongContent},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Fields(c.command)
			openssl(t, dir, append(args, "-out", "k.pem")...)
			path := filepath.Join(dir, "k.pem")
			for passphrase, want := range map[string]evidence.Problem{"": c.without, "secret": c.with, "guess": c.other} {
				f := ReadFile(path, evidence.RoleKey, passphrase)
				if f.Problem != want {
					t.Errorf("with passphrase %q: %q (%s), want %q", passphrase, f.Problem, f.Detail, want)
				}
				if passphrase == "secret" && c.keyType != "" && f.Blocks[len(f.Blocks)-1].KeyType != c.keyType {
					t.Errorf("key type %q, want %q", f.Blocks[len(f.Blocks)-1].KeyType, c.keyType)
				}
				if f.Problem == "" {
					wantSPKI(t, dir, f)
				}
			}
		})
	}
}

// wantSPKI compares the digest with the one of openssl's public key.
func wantSPKI(t *testing.T, dir string, f evidence.File) {
	t.Helper()
	openssl(t, dir, "pkey", "-in", "k.pem", "-passin", "pass:secret", "-provider", "legacy", "-provider", "default", "-pubout", "-outform", "der", "-out", "k.pub")
	want := publicKeySHA256(nil, readBytes(t, filepath.Join(dir, "k.pub")))
	if !slices.ContainsFunc(f.Blocks, func(b evidence.Block) bool { return bytes.Equal(b.PublicKeySHA256, want) }) {
		t.Errorf("no block has the digest %x", want)
	}
}

func TestReadOpenSSLFiles(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	openssl(t, dir, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-nodes", "-keyout", "koblitz.key", "-subj", "/CN=k", "-out", "koblitz.crt")
	openssl(t, dir, "req", "-x509", "-newkey", "ed448", "-nodes", "-keyout", "ed448.key", "-subj", "/CN=e", "-out", "ed448.crt")
	writeCRL(t, dir)
	readable, notPEM, wrong := evidence.Readable, evidence.NotPEM, evidence.WrongContent
	for _, c := range []struct {
		name, command, format, blocks string
		ca, client                    evidence.Problem
	}{
		{"version 1", "x509 -in client.crt", "pem", "certificate", readable, readable},
		{"with text", "x509 -in client.crt -text", "pem", "certificate", readable, readable},
		{"trusted", "x509 -in client-ca.crt -trustout", "pem", "trusted-certificate", readable, readable},
		{"trusted for servers", "x509 -in client-ca.crt -addtrust serverAuth", "pem", "trusted-certificate", readable, readable},
		{"trusted for clients", "x509 -in client-ca.crt -addtrust clientAuth", "pem", "trusted-certificate!", wrong, wrong},
		{"rejected for servers", "x509 -in client-ca.crt -addreject serverAuth", "pem", "trusted-certificate!", wrong, wrong},
		{"DER", "x509 -in client.crt -outform der", "der-certificate", "certificate", notPEM, notPEM},
		{"DER request", "req -in client.csr -outform der", "der-csr", "certificate-request", notPEM, notPEM},
		{"DER key", "pkey -in client.key -outform der", "der-key", "private-key", notPEM, notPEM},
		{"DER PKCS #1", "rsa -in client.key -traditional -outform der", "der-key", "private-key", notPEM, notPEM},
		{"DER encrypted key", "pkcs8 -topk8 -in client.key -outform der -passout pass:x", "der-key", "encrypted-private-key", notPEM, notPEM},
		{"DER public key", "pkey -in client.key -pubout -outform der", "der-key", "public-key", notPEM, notPEM},
		{"PKCS #7", "crl2pkcs7 -nocrl -certfile client.crt", "pem", "pkcs7", wrong, wrong},
		{"DER PKCS #7", "crl2pkcs7 -nocrl -certfile client.crt -outform der", "pkcs7", "", notPEM, notPEM},
		{"BER PKCS #7", "cms -sign -binary -nodetach -stream -in client.crt -signer client.crt -inkey client.key -outform der", "pkcs7", "", notPEM, notPEM},
		{"CRL in DER", "crl -in crl.pem -outform der", "der-crl", "crl", notPEM, notPEM},
		{"CRL", "crl -in crl.pem", "pem", "crl", wrong, wrong},
		{"PKCS #12", "pkcs12 -export -in client.crt -inkey client.key -passout pass:x", "pkcs12", "", notPEM, evidence.PassphraseNone},
		{"unknown curve", "x509 -in koblitz.crt", "pem", "certificate!", evidence.KeyUnsupported, evidence.KeyUnsupported},
		{"Ed448", "x509 -in ed448.crt", "pem", "certificate", readable, evidence.KeyUnsupported},
		{"parameters", "ecparam -name prime256v1", "pem", "parameters", wrong, wrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			openssl(t, dir, append(strings.Fields(c.command), "-out", "f")...)
			path := filepath.Join(dir, "f")
			for role, want := range map[evidence.Role]evidence.Problem{evidence.RoleCA: c.ca, evidence.RoleCertificate: c.client} {
				f := ReadFile(path, role, "")
				if f.Problem != want || f.Format != c.format || blocksOf(f) != c.blocks {
					t.Errorf("as %s: problem %q (%s), format %q, blocks %q; want %q, %q, %q", role, f.Problem, f.Detail, f.Format, blocksOf(f), want, c.format, c.blocks)
				}
			}
		})
	}
}

// writeCRL makes crl.pem, signed by the authority in dir.
func writeCRL(t *testing.T, dir string) {
	t.Helper()
	ca, err := ReadAuthority(dir+"/client-ca.crt", dir+"/client-ca.key", "")
	if err != nil {
		t.Fatal(err)
	}
	signer := *ca.Certificate
	signer.KeyUsage = x509.KeyUsageCRLSign
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), NextUpdate: signer.NotAfter}, &signer, ca.Key.(crypto.Signer))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "crl.pem", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
}

func TestReadJavaKeystore(t *testing.T) {
	if _, err := exec.LookPath("keytool"); err != nil {
		t.Skip("SKIPPED: keytool is not installed")
	}
	t.Parallel()
	for kind, problem := range map[string]evidence.Problem{"jks": evidence.NotPEM, "pkcs12": evidence.PassphraseNone} {
		path := filepath.Join(t.TempDir(), "store")
		out, err := exec.Command("keytool", "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=x", "-storetype", kind,
			"-keystore", path, "-storepass", "changeit", "-keypass", "changeit").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if f := ReadFile(path, evidence.RoleCertificate, ""); f.Format != kind || f.Problem != problem {
			t.Errorf("%s is read as %q, %q", kind, f.Format, f.Problem)
		}
	}
}
