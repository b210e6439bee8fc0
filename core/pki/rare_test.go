package pki

import (
	"crypto"
	"path/filepath"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// Keys that Go's TLS does not have are read for what they are, pair with their certificates, and it is said who refuses them; in
// every form in which openssl writes them.
func TestReadRareKeys(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	curve := func(name string) string { return "-algorithm EC -pkeyopt ec_paramgen_curve:" + name }
	for _, c := range []struct {
		name, algorithm string
		keyType, says   string
		pairs           bool // the key says what its public half is, or it can be worked out
	}{
		{"ed448", "-algorithm ED448", "Ed448", "refused by Go, and so by this program, and by mbedTLS", false},
		{"x25519", "-algorithm X25519", "X25519", "cannot sign", true},
		{"x448", "-algorithm X448", "X448", "cannot sign", false},
		{"p224", curve("P-224"), "ECDSA P-224", "refused by Go", true},
		{"p192", curve("prime192v1"), "ECDSA P-192", "OpenSSL", true},
		{"k1", curve("secp256k1"), "ECDSA secp256k1", "mbedTLS takes them", true},
		{"bp320", curve("brainpoolP320r1"), "ECDSA brainpoolP320r1", "mbedTLS takes them", true},
		{"bp256t", curve("brainpoolP256t1"), "ECDSA brainpoolP256t1", "refused by Go", true},
		{"sect", curve("sect283r1"), "ECDSA sect283r1", "refused by Go", true},
		{"explicit", curve("P-256") + " -pkeyopt ec_param_enc:explicit", "ECDSA on a curve that is written out", "refused by Go", true},
		{"pss", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "RSA-PSS", "OpenSSL, Python, Java and GnuTLS take them", true},
		{"short", "-algorithm RSA -pkeyopt rsa_keygen_bits:512", "RSA 512", "too short", true},
		{"dsa", "-paramfile dsa.parameters", "DSA", "TLS 1.3 has no place for them", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "dsa" {
				run(t, dir, "openssl", "dsaparam", "-out", "dsa.parameters", "1024")
			}
			base := filepath.Join(dir, c.name)
			run(t, dir, "openssl", append(strings.Fields("genpkey -out "+base+".key"), strings.Fields(c.algorithm)...)...)
			run(t, dir, "openssl", "pkey", "-in", base+".key", "-outform", "DER", "-out", base+".key.der")
			run(t, dir, "openssl", "pkey", "-in", base+".key", "-pubout", "-out", base+".pub")
			run(t, dir, "openssl", "pkey", "-in", base+".key", "-pubout", "-outform", "DER", "-out", base+".pub.der")
			run(t, dir, "openssl", "x509", "-new", "-force_pubkey", base+".pub", "-subj", "/CN="+c.name, "-CA", "client-ca.crt", "-CAkey", "client-ca.key", "-out", base+".crt")
			run(t, dir, "openssl", "x509", "-in", base+".crt", "-outform", "DER", "-out", base+".crt.der")
			names := []string{".key", ".key.der", ".pub", ".pub.der", ".crt", ".crt.der"}
			if !strings.HasPrefix(c.name, "x") { // these cannot sign a request
				run(t, dir, "openssl", "req", "-new", "-key", base+".key", "-subj", "/CN="+c.name, "-out", base+".csr")
				run(t, dir, "openssl", "req", "-in", base+".csr", "-outform", "DER", "-out", base+".csr.der")
				run(t, dir, "openssl", "pkcs12", "-export", "-inkey", base+".key", "-in", base+".crt", "-passout", "pass:secret", "-out", base+".p12")
				names = append(names, ".csr", ".csr.der", ".p12")
			}
			for _, ending := range names {
				inv := read(dir, InventoryOptions{Passphrases: []string{"secret"}}, c.name+ending)
				if len(inv.Items) == 0 {
					t.Errorf("%s holds nothing: %s", ending, inv.Files[0].Detail)
				}
				for _, i := range inv.Items {
					if i.Block.KeyType != c.keyType || !strings.Contains(RefusedKey(i.Block.KeyType), c.says) {
						t.Errorf("%s: a %s with a key %q: %s", ending, i.Block.Kind, i.Block.KeyType, RefusedKey(i.Block.KeyType))
					}
					if i.IsPrivateKey() && !strings.Contains(i.Block.Error, c.says) {
						t.Errorf("%s: %s", ending, i.Block.Error)
					}
				}
				if s := Summary(inv.Files[0].File); strings.Contains(s, "cannot be read") {
					t.Errorf("%s: %s", ending, s)
				}
			}
			if got := len(read(dir, InventoryOptions{}, c.name+".key", c.name+".crt").Pairs()); got == 1 != c.pairs {
				t.Errorf("%d pairs", got)
			}
			if o, ok := ReadOutline(readBytes(t, base+".crt.der")); !ok || o.NotAfter.IsZero() || o.Serial == nil || len(o.Subject) == 0 {
				t.Errorf("outline %+v", o)
			}
		})
	}
}

// Every encryption that openssl knows is opened, or named; so is every hash.
func TestReadRareEncryptions(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	const legacy = "-provider legacy -provider default "
	key, store := "pkcs8 -topk8 -in client.key -passout pass:secret -out OUT ", legacy+"-export -in client.crt -inkey client.key -passout pass:secret -out OUT "
	for _, c := range []struct{ command, named string }{ // named: the encryption that is not opened; empty: it is
		{key + "-v2 aes-256-cfb", ""}, {key + "-v2 aes-192-ofb", ""}, {key + "-v2 des-cbc " + legacy, ""}, {key + "-v2 aes256 -v2prf hmacWithMD5", ""},
		{key + "-v2 camellia-128-cbc", "Camellia-128"}, {key + "-v2 camellia-256-cbc", "Camellia-256"}, {key + "-v2 aria-192-cbc", "ARIA-192"},
		{key + "-v2 seed " + legacy, "SEED"}, {key + "-v2 sm4-cbc", "SM4"}, {key + "-v2 bf-cbc " + legacy, "Blowfish"}, {key + "-v2 cast5-cbc " + legacy, "CAST5"},
		{"genrsa -traditional -aes256 -passout pass:secret -out OUT 2048", ""}, {"genrsa -traditional -des -passout pass:secret " + legacy + "-out OUT 2048", ""},
		{"rsa -in client.key -traditional -aes-256-cfb -passout pass:secret -out OUT", ""}, {"rsa -in client.key -traditional -aes-128-ctr -passout pass:secret -out OUT", ""},
		{"rsa -in client.key -traditional -aes-192-ofb -passout pass:secret -out OUT", ""},
		{"genrsa -traditional -camellia192 -passout pass:secret -out OUT 2048", "CAMELLIA-192-CBC"}, {"genrsa -traditional -aria128 -passout pass:secret -out OUT 2048", "ARIA-128-CBC"},
		{"pkcs12 " + store + "-macalg md5", ""}, {"pkcs12 " + store + "-macalg sha3-384", ""}, {"pkcs12 " + store + "-macalg sm3", "SM3"},
		{"pkcs12 " + store + "-macalg ripemd160", "RIPEMD-160"}, {"pkcs12 " + store + "-macalg blake2b512", "BLAKE2b"}, {"pkcs12 " + store + "-macalg whirlpool", "Whirlpool"},
		{"pkcs12 " + store + "-keypbe aes-256-cfb -certpbe aes-128-ofb", ""}, {"pkcs12 " + store + "-keypbe camellia-256-cbc -certpbe aria-128-cbc", "ARIA-128"},
	} {
		t.Run(strings.ReplaceAll(c.command, "/", ""), func(t *testing.T) {
			if out, err := opensslTry(dir, strings.Fields(strings.ReplaceAll(c.command, "OUT", "out"))...); err != nil {
				t.Skipf("SKIPPED: this openssl cannot: %s", out)
			}
			inv := read(dir, InventoryOptions{Passphrases: []string{"secret"}}, "out")
			opened, text := false, inv.Files[0].Detail
			for _, i := range inv.Items {
				opened = opened || i.IsPrivateKey() && i.key != nil
				text += " " + i.Block.Error
			}
			if opened != (c.named == "") || !strings.Contains(text, c.named) {
				t.Errorf("opened %v; it says %q", opened, text)
			}
			if c.named == "" {
				if wrong := read(dir, InventoryOptions{Passphrases: []string{"other"}}, "out"); !wrong.Files[0].Locked {
					t.Error("another passphrase opens it as well")
				}
			}
		})
	}
}

// What holds neither certificates nor keys that are read here is named for what it is.
func TestNameForeignFormats(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	writeFile(t, dir, "message", []byte("hello\n"))
	writeFile(t, dir, "index", nil)
	writeFile(t, dir, "key.jwk", []byte(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`))
	writeFile(t, dir, "set.jwk", []byte(`{"keys":[{"kty":"RSA","n":"AA","e":"AQAB"}]}`))
	writeFile(t, dir, "pgp", []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----\n"))
	for _, c := range []struct{ command, format string }{
		{"ocsp -issuer client-ca.crt -cert client.crt -reqout OUT", formatOCSPRequest},
		{"ocsp -index index -rsigner client-ca.crt -rkey client-ca.key -CA client-ca.crt -issuer client-ca.crt -cert client.crt -respout OUT", formatOCSPResponse},
		{"cms -encrypt -in message -outform DER -out OUT client.crt", formatCMS},
		{"cms -data_create -in message -outform DER -out OUT", formatCMS},
		{"cms -sign -in message -signer client.crt -inkey client.key -out OUT", formatSMIME},
		{"spkac -key client.key -out OUT", formatSPKAC},
		{"enc -aes-256-cbc -pbkdf2 -in client.key -out OUT -pass pass:secret", formatOpenSSLEnc},
		{"enc -aes-256-cbc -pbkdf2 -a -in client.key -out OUT -pass pass:secret", formatOpenSSLEnc},
		{"rsa -in client.key -outform MSBLOB -out OUT", formatMSBlob},
		{"rsa -in client.key -pubout -outform MSBLOB -out OUT", formatMSBlob},
		{"rsa -provider legacy -provider default -in client.key -outform PVK -pvk-none -out OUT", formatPVK},
		{"key.jwk", formatJWK}, {"set.jwk", formatJWK}, {"pgp", formatPGP},
	} {
		t.Run(c.command, func(t *testing.T) {
			name := "out"
			if strings.Contains(c.command, " ") {
				if out, err := opensslTry(dir, strings.Fields(strings.ReplaceAll(c.command, "OUT", name))...); err != nil && !strings.HasPrefix(c.command, "ocsp") { // which says that the answer is unknown
					t.Skipf("SKIPPED: this openssl cannot: %s", out)
				}
			} else {
				name = c.command
			}
			for _, role := range []evidence.Role{"", evidence.RoleCA, evidence.RoleKey} {
				f := ReadFile(filepath.Join(dir, name), role, "")
				if f.Format != c.format || !strings.HasPrefix(Summary(f), formatWords[c.format]) {
					t.Errorf("as %q it is %q: %s", role, f.Format, Summary(f))
				}
			}
		})
	}
}

// A block that is not what its label says is named for what it is, and a structure that stops early is said to be cut off.
func TestNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=CA")
	client := issue(t, ca, Client, "/CN=Client")
	certificate, key := client.Certificate.Raw, pemBlocks(client.KeyPEM)[0].Bytes
	request, list := pemBlocks(client.RequestPEM)[0].Bytes, []byte(nil)
	encrypted, err := EncodeKey(client.Key.(crypto.Signer), DER, "secret", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		label string
		der   []byte
		want  string
	}{
		{"PRIVATE KEY", certificate, "a certificate stands in it"}, {"CERTIFICATE", key, "a private key stands in it"},
		{"CERTIFICATE REQUEST", certificate, "a certificate stands in it"}, {"CERTIFICATE", request, "a certificate request stands in it"},
		{"PUBLIC KEY", certificate, "a certificate stands in it"}, {"X509 CRL", key, "a private key stands in it"},
		{"PKCS7", certificate, "a certificate stands in it"}, {"CERTIFICATE", list, "nothing stands between"},
		{"CERTIFICATE", encrypted, "but an encrypted private key stands in it"}, {"PKCS7", encrypted, "but an encrypted private key stands in it"},
		{"CERTIFICATE", certificate[:100], ""}, {"CERTIFICATE REQUEST", certificate[:100], ""}, {"PRIVATE KEY", key[1:], ""},
	} {
		inv := ReadInventory(t.Context(), []string{"f"}, InventoryOptions{Texts: map[string][]byte{"f": pemBlockOf(c.label, c.der)}})
		got := inv.Items[0].Block.Error
		if got == "" || !strings.Contains(got, c.want) || strings.Contains(got, "tags don't match") || strings.Contains(got, "{") {
			t.Errorf("%s: %q", c.label, got)
		}
	}
	store, err := encodePKCS12(PKCS12, nil, certificates(ca), "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range [][]byte{certificate[:len(certificate)-1], key[:40], store[:300]} {
		inv := ReadInventory(t.Context(), []string{"f"}, InventoryOptions{Texts: map[string][]byte{"f": der}})
		if got := inv.Files[0].Detail; !strings.Contains(got, "cut off") {
			t.Errorf("%d bytes: %q", len(der), got)
		}
	}
}

// Text beyond the first plane of Unicode has no place in PKCS #12: a name does without it, and a passphrase is refused.
func TestPKCS12HasNoEmoji(t *testing.T) {
	t.Parallel()
	ca := newCA(t, "/CN=\U0001F512 CA")
	store, err := encodePKCS12(PKCS12, nil, certificates(ca), "secret")
	if err != nil {
		t.Fatal(err)
	}
	inv := ReadInventory(t.Context(), []string{"f"}, InventoryOptions{Texts: map[string][]byte{"f": store}, Passphrases: []string{"secret"}})
	if got := kindsOf(inv); got != "certificate" || inv.Items[0].Block.Name != "? CA" {
		t.Errorf("%s, named %q", got, inv.Items[0].Block.Name)
	}
	if _, err := encodePKCS12(PKCS12, nil, certificates(ca), "\U0001F512"); err == nil || !strings.Contains(err.Error(), "no place for") {
		t.Error(err)
	}
}
