package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

// write puts text into a file of dir.
func write(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRevocationListOfVersion1: a list as openssl ca writes it without extensions stands under its authority, what it
// revokes is marked, and once the list has run out, that it counts no more.
func TestRevocationListOfVersion1(t *testing.T) {
	dir := house(t)
	now := time.Now()
	write(t, dir, "conf", "[ca]\ndefault_ca=d\n[d]\ndatabase="+filepath.Join(dir, "index")+"\ndefault_md=sha256\ndefault_crl_days=9\n")
	write(t, dir, "index", "")
	authority := strings.Fields("-config conf -cert issuer.crt -keyfile issuer.key")
	openssl(t, dir, append([]string{"ca", "-revoke", "broker.crt"}, authority...)...)
	openssl(t, dir, append([]string{"ca", "-gencrl", "-out", "v1.crl"}, authority...)...)
	r := rigOn(t, t.TempDir(), nil, func(o *Options) { o.Now = func() time.Time { return now } })
	r.drop(dir, "root.crt", "issuer.crt", "broker.crt", "v1.crl")
	today := now.UTC().Format(time.DateOnly)
	if got := r.tree(); !strings.Contains(got, "CRL: Revoked by House Issuer | until ") || !strings.Contains(got, "cert: broker.example | revoked "+today) ||
		strings.Contains(got, "CA: House Issuer | revoked") {
		t.Errorf("the tree is\n%s", got)
	}
	r.pick("Revoked by House Issuer")
	d := r.workshop.detail
	if !strings.Contains(d.summary.Text, "A revocation list of House Issuer with 1 certificate.") || d.sha256.value.Text == "" {
		t.Errorf("the summary is %q", d.summary.Text)
	}
	serial := certificateIn(t, filepath.Join(dir, "broker.crt")).SerialNumber.Text(16)
	if !strings.Contains(d.fields.text, serial+" on "+today) || !strings.Contains(d.fields.text, "CN=House Issuer") {
		t.Errorf("the fields are\n%s", d.fields.text)
	}
	out := t.TempDir()
	r.save(r.workshop.rowActions(), "As DER", out, "")
	openssl(t, out, "crl", "-inform", "DER", "-in", "House-Issuer.crl", "-noout", "-CAfile", filepath.Join(dir, "issuer.crt"))
	now = now.Add(20 * 24 * time.Hour)
	r.workshop.read(nil, "")
	r.read()
	if got := r.tree(); !strings.Contains(got, "out of date since") || !strings.Contains(got, "cert: broker.example | listed as revoked") {
		t.Errorf("later the tree is\n%s", got)
	}
	r.pick("broker.example")
	if !strings.Contains(d.summary.Text, "that list counts for nothing, because it expired on ") {
		t.Errorf("later the summary is %q", d.summary.Text)
	}
}

// TestLockedGroup: what is locked stands apart, because it may belong to a certificate here; two keys of one certificate
// are told apart.
func TestLockedGroup(t *testing.T) {
	dir := house(t)
	openssl(t, dir, "pkey", "-in", "broker.key", "-aes256", "-passout", "pass:horse", "-out", "sealed.key")
	openssl(t, dir, "pkcs12", "-export", "-in", "root.crt", "-nokeys", "-passout", "pass:cow", "-out", "root.p12")
	r := newRig(t, nil)
	r.drop(dir, "broker.crt", "broker.key", "sealed.key", "root.p12", "ca.ext")
	want := lockedGroup + " | \n" +
		"key: Private key in sealed.key | locked\n" +
		"file: root.p12 | locked\n" +
		"Of these files nothing can be shown | \n" +
		"file: ca.ext | cannot be read\n"
	if got := r.tree(); !strings.HasSuffix(got, want) {
		t.Errorf("the tree is\n%s", got)
	}
	r.pick("Private key in sealed.key")
	r.shoot("46-locked")
	test.Type(r.workshop.detail.secret, "horse")
	r.workshop.detail.onUnlock()
	r.read()
	got := r.tree()
	for _, want := range []string{"  key: Private key ECDSA P-256 in sealed.key | unlocked\n", "  key: Private key ECDSA P-256 in broker.key | \n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// TestPasteFiles: files that were copied in a file manager are read as if they had been dropped.
func TestPasteFiles(t *testing.T) {
	dir := house(t)
	path := filepath.Join(dir, "root crt")
	if err := os.Rename(filepath.Join(dir, "root.crt"), path); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"addresses": {"copy\nfile://" + strings.ReplaceAll(path, " ", "%20") + "\nfile://" + filepath.Join(dir, "issuer.crt"), "CA: House Issuer"},
		"a path":    {path + "\r\n", "CA: House Root"},
		"not there": {filepath.Join(dir, "gone.crt"), "file: Pasted text 1"},
		"PEM":       {string(mustRead(t, path)), "CA: House Root"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.tabs.Select(certificatesPage)
			r.app.Clipboard().SetContent(c.text)
			r.workshop.paste()
			r.until("it to be taken", func() bool { return len(r.workshop.paths) > 0 })
			r.read()
			if got := r.tree(); !strings.Contains(got, c.want) {
				t.Errorf("the tree is\n%s", got)
			}
		})
	}
}
