package pki

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// A certificate and its key are found in whatever they are in, and what is missing is said of the file that lacks it.
func TestReadPair(t *testing.T) {
	t.Parallel()
	dir := sixCommands(t)
	for _, command := range []string{
		"pkcs12 -export -in client.crt -inkey client.key -certfile client-ca.crt -passout pass:secret -out both.p12",
		"x509 -in client.crt -outform DER -out client.der",
		"pkcs8 -topk8 -in client.key -passout pass:secret -out encrypted.key",
		"pkcs8 -topk8 -nocrypt -in client.key -outform DER -out key.der",
	} {
		openssl(t, dir, strings.Fields(command)...)
	}
	key, certificate := readBytes(t, filepath.Join(dir, "client.key")), readBytes(t, filepath.Join(dir, "client.crt"))
	writeFile(t, dir, "one.pem", join(key, certificate))
	writeFile(t, dir, "bundle.pem", join(readBytes(t, filepath.Join(dir, "client-ca.crt")), certificate))
	writeFile(t, dir, "values.json", []byte(`{"tls.crt": "`+strings.ReplaceAll(string(certificate), "\n", `\n`)+`", "tls.key": "`+strings.ReplaceAll(string(key), "\n", `\n`)+`"}`))
	if installed("keytool") {
		keytool(t, "-importkeystore", "-srckeystore", filepath.Join(dir, "both.p12"), "-srcstorepass", "secret", "-srcstoretype", "PKCS12",
			"-destkeystore", filepath.Join(dir, "both.jks"), "-deststoretype", "JKS", "-deststorepass", "secret", "-noprompt")
	}
	for _, c := range []struct {
		certificate, key, passphrase string
		problem                      evidence.Problem // of the file at fault; "locked": a *LockedError
		file                         string
	}{
		{"client.crt", "client.key", "", "", ""},
		{"client.der", "key.der", "", "", ""},
		{"bundle.pem", "encrypted.key", "secret", "", ""},
		{"both.p12", "both.p12", "secret", "", ""},
		{"client.crt", "both.p12", "secret", "", ""},
		{"both.jks", "both.jks", "secret", "", ""},
		{"one.pem", "one.pem", "", "", ""},
		{"values.json", "values.json", "", "", ""},
		{"client.crt", "encrypted.key", "", "locked", "encrypted.key"},
		{"client.crt", "encrypted.key", "guess", "locked", "encrypted.key"},
		{"both.p12", "both.p12", "guess", evidence.PassphraseBad, "both.p12"},
		{"client-ca.crt", "client.key", "", evidence.KeyMismatch, "client.key"},
		{"client.key", "client.key", "", evidence.WrongContent, "client.key"},
		{"client.crt", "bundle.pem", "", evidence.WrongContent, "bundle.pem"},
		{"none.crt", "client.key", "", evidence.Missing, "none.crt"},
	} {
		t.Run(c.certificate+" "+c.key+" "+c.passphrase, func(t *testing.T) {
			if strings.HasSuffix(c.certificate, ".jks") && !installed("keytool") {
				t.Skip("no keytool")
			}
			got, signer, err := ReadPair(t.Context(), filepath.Join(dir, c.certificate), filepath.Join(dir, c.key), InventoryOptions{Passphrases: []string{c.passphrase}})
			var file *FileError
			var locked *LockedError
			switch {
			case c.problem == "":
				if err != nil || CommonName(got) != "Client" || !holdsKey(got, signer) {
					t.Errorf("got another pair, or %v", err)
				}
			case c.problem == "locked":
				if !errors.As(err, &locked) || filepath.Base(locked.File) != c.file || locked.Wrong != (c.passphrase != "") {
					t.Errorf("got %v", err)
				}
			case !errors.As(err, &file) || file.File.Problem != c.problem || filepath.Base(file.File.Path) != c.file:
				t.Errorf("got %v", err)
			}
		})
	}
}
