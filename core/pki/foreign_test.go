package pki

import (
	"path/filepath"
	"strings"
	"testing"
)

// Everything that certtool, keytool and node write is read; for openssl see TestReadOpenSSLFiles, TestReadOpenSSLKeys and
// TestReadPKCS12OfOpenSSL. OUT is the file; want are the kinds of its blocks.
func TestReadWhatOthersWrite(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	writeFile(t, dir, "template", []byte("cn = \"x\"\ndns_name = \"a.example\"\nserial = 7\nexpiration_days = 9\ntls_www_server\ncrl_next_update = 9\ncrl_number = 1\n"))
	const store = " -keystore store.p12 -storepass secret1 -alias device"
	setUp := []string{
		"keytool -genkeypair -keyalg EC -dname CN=Device -storetype pkcs12" + store,
		"certtool --generate-privkey --key-type=ed25519 --no-text --outfile gnutls.key",
	}
	for _, command := range setUp {
		if args := strings.Fields(command); installed(args[0]) {
			run(t, dir, args[0], args[1:]...)
		}
	}
	key := func(kind, options, export string) string {
		return "node -e require('fs').writeFileSync('OUT',require('crypto').generateKeyPairSync('" + kind + "',{" + options + "}).privateKey.export({" + export + "}))"
	}
	const rsa, ec = "modulusLength:2048", "namedCurve:'P-384'"
	for _, c := range []struct{ name, command, want string }{
		{"certtool RSA key", "certtool --generate-privkey --bits 2048 --outfile OUT", "private-key"},
		{"certtool EC key", "certtool --generate-privkey --ecc --curve secp521r1 --outfile OUT", "private-key"},
		{"certtool PKCS #8", "certtool --generate-privkey --pkcs8 --bits 2048 --password secret --outfile OUT", "encrypted-private-key"},
		{"certtool PKCS #8, 3DES", "certtool --to-p8 --load-privkey client.key --pkcs-cipher 3des --password secret --outfile OUT", "encrypted-private-key"},
		{"certtool PKCS #8, PKCS #12's 3DES", "certtool --to-p8 --load-privkey client.key --pkcs-cipher 3des-pkcs12 --password secret --outfile OUT", "encrypted-private-key"},
		{"certtool PKCS #8, RC4", "certtool --to-p8 --load-privkey client.key --pkcs-cipher arcfour --password secret --outfile OUT", "encrypted-private-key"},
		{"certtool PKCS #8, RC2", "certtool --to-p8 --load-privkey client.key --pkcs-cipher rc2-40 --password secret --outfile OUT", "encrypted-private-key"},
		{"certtool PKCS #8, DER", "certtool --to-p8 --load-privkey client.key --pkcs-cipher aes-192 --password secret --outder --outfile OUT", "encrypted-private-key"},
		{"certtool certificate", "certtool --generate-self-signed --load-privkey gnutls.key --template template --outfile OUT", "certificate"},
		{"certtool request", "certtool --generate-request --load-privkey client.key --template template --outfile OUT", "certificate-request"},
		{"certtool public key", "certtool --load-privkey client.key --pubkey-info --outfile OUT", "public-key"},
		{"certtool list", "certtool --generate-crl --load-ca-certificate client-ca.crt --load-ca-privkey client-ca.key --load-certificate client.crt --template template --outfile OUT", "crl"},
		{"certtool PKCS #12", "certtool --to-p12 --load-privkey client.key --load-certificate client.crt --p12-name n --password secret --outder --outfile OUT", "certificate private-key"},
		{"certtool PKCS #12, 3DES", "certtool --to-p12 --load-privkey client.key --load-certificate client.crt --pkcs-cipher 3des-pkcs12 --p12-name n --password secret --outder --outfile OUT", "certificate private-key"},
		{"certtool PKCS #12, PEM", "certtool --to-p12 --load-privkey client.key --load-certificate client.crt --p12-name n --password secret --outfile OUT", "certificate private-key"},
		{"certtool PKCS #7", "certtool --p7-generate --load-certificate client.crt --outfile OUT", "pkcs7 certificate"},
		{"certtool PKCS #7, signed", "certtool --p7-sign --load-certificate client.crt --load-privkey client.key --infile template --outfile OUT", "pkcs7 certificate"},
		{"certtool PKCS #12, arcfour", "certtool --to-p12 --load-privkey client.key --load-certificate client.crt --pkcs-cipher arcfour --p12-name n --password secret --outder --outfile OUT", "certificate private-key"},
		{"certtool PKCS #12, SHA-512", "certtool --to-p12 --hash sha512 --load-privkey client.key --load-certificate client.crt --p12-name n --password secret --outder --outfile OUT", "certificate private-key"},
		{"certtool parameters", "certtool --get-dh-params --outfile OUT", "parameters"},
		{"keytool certificate", "keytool -exportcert -file OUT" + store, "certificate"},
		{"keytool certificate, PEM", "keytool -exportcert -rfc -file OUT" + store, "certificate"},
		{"keytool request", "keytool -certreq -file OUT" + store, "certificate-request"},
		{"keytool list", "keytool -gencrl -id 1 -file OUT" + store, "crl"},
		{"keytool JKS", "keytool -importkeystore -srckeystore store.p12 -srcstorepass secret1 -destkeystore OUT -deststoretype jks -deststorepass secret1", "private-key certificate"},
		{"keytool JCEKS", "keytool -importkeystore -srckeystore store.p12 -srcstorepass secret1 -destkeystore OUT -deststoretype jceks -deststorepass secret1", "private-key certificate"},
		{"keytool PKCS #12 without encryption", "keytool -J-Dkeystore.pkcs12.macAlgorithm=NONE -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -importkeystore -srckeystore store.p12 -srcstorepass secret1 -destkeystore OUT -deststoretype pkcs12 -deststorepass secret1", "private-key certificate"},
		{"keytool PKCS #12, SHA-512", "keytool -J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA512 -J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithHmacSHA512AndAES_256 -importkeystore -srckeystore store.p12 -srcstorepass secret1 -destkeystore OUT -deststoretype pkcs12 -deststorepass secret1", "private-key certificate"},
		{"keytool PKCS #12 of before", "keytool -J-Dkeystore.pkcs12.legacy -importkeystore -srckeystore store.p12 -srcstorepass secret1 -destkeystore OUT -deststoretype pkcs12 -deststorepass secret1", "private-key certificate"},
		{"keytool trust store", "keytool -importcert -noprompt -alias ca -file client-ca.crt -keystore OUT -storetype pkcs12 -storepass secret1", "certificate"},
		{"node PKCS #1", key("rsa", rsa, "type:'pkcs1',format:'pem'"), "private-key"},
		{"node PKCS #1, DER", key("rsa", rsa, "type:'pkcs1',format:'der'"), "private-key"},
		{"node PKCS #1, encrypted", key("rsa", rsa, "type:'pkcs1',format:'pem',cipher:'aes-256-cbc',passphrase:'secret'"), "encrypted-private-key"},
		{"node PKCS #8", key("rsa", rsa, "type:'pkcs8',format:'pem'"), "private-key"},
		{"node PKCS #8, encrypted", key("rsa", rsa, "type:'pkcs8',format:'pem',cipher:'aes-128-cbc',passphrase:'secret'"), "encrypted-private-key"},
		{"node PKCS #8, DER, encrypted", key("ec", ec, "type:'pkcs8',format:'der',cipher:'des-ede3-cbc',passphrase:'secret'"), "encrypted-private-key"},
		{"node SEC 1", key("ec", ec, "type:'sec1',format:'pem'"), "private-key"},
		{"node SEC 1, DER", key("ec", ec, "type:'sec1',format:'der'"), "private-key"},
		{"node public key", "node -e require('fs').writeFileSync('OUT',require('crypto').generateKeyPairSync('rsa',{modulusLength:2048}).publicKey.export({type:'pkcs1',format:'der'}))", "public-key"},
		{"node SEC 1, AES in CFB", key("ec", ec, "type:'sec1',format:'pem',cipher:'aes-256-cfb',passphrase:'secret'"), "encrypted-private-key"},
		{"node Ed25519", key("ed25519", "", "type:'pkcs8',format:'pem'"), "private-key"},
		{"ssh-keygen", "ssh-keygen -q -t ed25519 -N secret -f OUT", "private-key!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := strings.Map(func(r rune) rune {
				if strings.ContainsRune(" ,#'", r) {
					return '-'
				}
				return r
			}, c.name)
			args := strings.Fields(strings.ReplaceAll(c.command, "OUT", name))
			if !installed(args[0]) {
				t.Skipf("SKIPPED: %s is not installed", args[0])
			}
			run(t, dir, args[0], args[1:]...)
			inv := read(dir, InventoryOptions{Passphrases: []string{"secret", "secret1"}}, name)
			if got := kindsOf(inv); got != c.want || inv.Files[0].Locked || len(inv.Files[0].Repaired) > 0 {
				t.Errorf("%s is read as %q, locked %v, not as %q (%s)", filepath.Base(name), got, inv.Files[0].Locked, c.want, inv.Files[0].Detail)
			}
			for _, i := range inv.Items {
				if i.IsPrivateKey() && i.key == nil && i.Block.Error == "" {
					t.Errorf("%v has not been opened", i)
				}
			}
		})
	}
}
