package ui

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// openssl runs openssl in dir.
func openssl(t testing.TB, dir string, arguments ...string) string {
	t.Helper()
	return program(t, dir, "openssl", arguments...)
}

func program(t testing.TB, dir, name string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("there is no %s", name)
	}
	cmd := exec.Command(name, arguments...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// house makes, with openssl, an authority, one below it, and a broker's certificate; the files are in the folder returned.
func house(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
	write("leaf.ext", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:broker.example,DNS:*.broker.example\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
	key := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
	openssl(t, dir, append([]string{"req", "-x509", "-nodes", "-days", "900", "-subj", "/CN=House Root", "-keyout", "root.key", "-out", "root.crt",
		"-addext", "keyUsage=critical,keyCertSign,cRLSign"}, key...)...)
	openssl(t, dir, append([]string{"req", "-nodes", "-subj", "/CN=House Issuer", "-keyout", "issuer.key", "-out", "issuer.csr"}, key...)...)
	openssl(t, dir, "x509", "-req", "-in", "issuer.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "800", "-extfile", "ca.ext", "-out", "issuer.crt")
	openssl(t, dir, append([]string{"req", "-nodes", "-subj", "/CN=broker.example", "-keyout", "broker.key", "-out", "broker.csr"}, key...)...)
	openssl(t, dir, "x509", "-req", "-in", "broker.csr", "-CA", "issuer.crt", "-CAkey", "issuer.key", "-CAcreateserial", "-days", "90", "-extfile", "leaf.ext", "-out", "broker.crt")
	return dir
}

// drop drops files of dir on the page Certificates and waits until they are shown.
func (r *rig) drop(dir string, files ...string) {
	r.t.Helper()
	r.tabs.Select(certificatesPage)
	var uris []fyne.URI
	for _, f := range files {
		uris = append(uris, storage.NewFileURI(filepath.Join(dir, f)))
	}
	r.onDropped(fyne.NewPos(1, 1), uris)
	r.read()
}

// read waits until the files were read and what is chosen is described.
func (r *rig) read() {
	r.t.Helper()
	s := r.workshop
	r.until("the files", func() bool { return s.reading == nil })
	r.until("the description", func() bool { return s.detail.drawn == s.detail.showing })
	r.settle()
}

// pick chooses the row whose title has those words.
func (r *rig) pick(title string) certRow {
	r.t.Helper()
	for _, row := range r.workshop.rows {
		if !row.group && strings.Contains(row.title, title) {
			r.workshop.choose(row.id)
			r.until("the description", func() bool { return r.workshop.detail.drawn == r.workshop.detail.showing })
			r.settle()
			return row
		}
	}
	r.t.Fatalf("no row has %q:\n%s", title, r.tree())
	return certRow{}
}

// tree is what the list shows, as text.
func (r *rig) tree() string {
	var b strings.Builder
	for _, row := range r.workshop.rows {
		b.WriteString(strings.Repeat("  ", row.depth) + strings.Trim(row.kind+": "+row.title, ": ") + " | " + row.mark + "\n")
	}
	return b.String()
}

// save has an action done and its files written to dir.
func (r *rig) save(actions []action, title, dir, passphrase string) {
	r.t.Helper()
	n := slices.IndexFunc(actions, func(a action) bool { return strings.HasPrefix(a.title, title) })
	if n < 0 {
		r.t.Fatalf("nothing is called %q", title)
	}
	r.offered = nil
	r.workshop.do(actions[n])
	r.saveOffer(dir, passphrase)
}

func (r *rig) saveOffer(dir, passphrase string) {
	r.t.Helper()
	r.until("the offer", func() bool { return r.offered != nil })
	d := r.offered
	d.folder.Entry.SetText(dir)
	d.secret.SetText(passphrase)
	d.again.SetText(passphrase)
	test.Tap(d.save)
	r.until("the files to be written", func() bool { return !d.writing })
	if d.said.Visible() {
		r.t.Fatalf("saving says %q", d.said.Text)
	}
}

// TestWorkshopShowsATree: any number of files, what belongs together, and words for each thing.
func TestWorkshopShowsATree(t *testing.T) {
	dir := house(t)
	text, err := os.ReadFile(filepath.Join(dir, "issuer.crt"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := "  " + strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n  ")
	if err := os.WriteFile(filepath.Join(dir, "indented.pem"), []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "holiday.txt"), []byte("see you in June"), 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, dir, "x509", "-in", "broker.crt", "-outform", "DER", "-out", "broker.der")
	r := newRig(t, nil)
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(filesPart)
	r.shoot("40-workshop-empty")
	r.drop(dir, "broker.der", "broker.key", "root.crt", "indented.pem", "root.key", "holiday.txt", "gone.pem")
	day := func(name string) string { return expiryOf(t, filepath.Join(dir, name)).UTC().Format(time.DateOnly) }
	want := "CA: House Root | until " + day("root.crt") + "\n" +
		"  key: Private key ECDSA P-256 | \n" +
		"  CA: House Issuer | until " + day("issuer.crt") + "\n" +
		"    cert: broker.example | until " + day("broker.crt") + "\n" +
		"      key: Private key ECDSA P-256 | \n" +
		"Of these files nothing can be shown | \n" +
		"file: holiday.txt | cannot be read\n" +
		"file: gone.pem | cannot be read\n"
	if got := r.tree(); got != want {
		t.Errorf("the tree is\n%s\nwant\n%s", got, want)
	}
	r.pick("broker.example")
	d := r.workshop.detail
	for _, words := range []string{"A broker's certificate, broker.example, for broker.example, *.broker.example, issued by House Issuer.",
		"The chain is complete: broker.example, signed by House Issuer, signed by House Root.", "Its private key is here, in broker.key."} {
		if !strings.Contains(d.summary.Text, words) {
			t.Errorf("%q does not say %q", d.summary.Text, words)
		}
	}
	r.shoot("41-workshop-tree")
	sum := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(after(openssl(t, dir, "x509", "-in", "broker.crt", "-noout", "-fingerprint", "-sha256"), "=")), ":", ""))
	test.Tap(d.sha256.copy)
	if got := r.app.Clipboard().Content(); got != sum {
		t.Errorf("the fingerprint is %s, and openssl's %s", got, sum)
	}
	test.Tap(d.text.copy)
	if got, want := strings.TrimSpace(r.app.Clipboard().Content()), strings.TrimSpace(openssl(t, dir, "x509", "-in", "broker.crt", "-noout", "-text")); got != want {
		t.Errorf("the text is not openssl's:\n%s\nwant\n%s", got, want)
	}
	d.fields.fold.Open(true)
	if !strings.Contains(d.fields.lines.Text(), "serverAuth") {
		t.Error("the fields lack the extended key usage")
	}
	r.shoot("42-workshop-fields")
	r.win.Resize(fyne.NewSize(860, 640))
	r.shoot("43-workshop-narrow")
	r.win.Resize(fyne.NewSize(1280, 800))
	r.pick("House Issuer")
	if !d.repaired.Visible() || !strings.Contains(d.repaired.Text, "its lines are indented") {
		t.Errorf("what was repaired: %q", d.repaired.Text)
	}
	r.pick("gone.pem")
	if !strings.Contains(d.summary.Text, "There is no such file.") {
		t.Errorf("the missing file: %q", d.summary.Text)
	}
	r.win.Canvas().Focus(r.workshop.list)
	r.workshop.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	r.read()
	if strings.Contains(r.tree(), "gone.pem") {
		t.Error("Delete does not remove the file from the list")
	}
	r.workshop.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	test.Tap(r.workshop.clear)
	if len(r.workshop.rows) > 0 || !r.workshop.empty.Visible() {
		t.Error("the list is not empty")
	}
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

func expiryOf(t testing.TB, path string) time.Time {
	t.Helper()
	return certificateIn(t, path).NotAfter
}

func certificateIn(t testing.TB, path string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWorkshopPassphrase: a wrong passphrase can be tried again, and nothing is lost.
func TestWorkshopPassphrase(t *testing.T) {
	dir := house(t)
	openssl(t, dir, "pkcs12", "-export", "-in", "broker.crt", "-inkey", "broker.key", "-certfile", "issuer.crt", "-passout", "pass:right", "-out", "broker.p12")
	program(t, dir, "keytool", "-importkeystore", "-srckeystore", "broker.p12", "-srcstoretype", "PKCS12", "-srcstorepass", "right",
		"-destkeystore", "broker.jks", "-deststoretype", "JKS", "-deststorepass", "changeit", "-destkeypass", "changeit")
	openssl(t, dir, "pkcs8", "-topk8", "-in", "root.key", "-passout", "pass:other", "-out", "root.enc.key")
	r := newRig(t, nil)
	r.drop(dir, "root.crt", "broker.p12", "root.enc.key")
	r.pick("broker.p12")
	d := r.workshop.detail
	if !d.lock.Visible() {
		t.Fatal("nobody asks for the passphrase")
	}
	unlock := func(p string) {
		d.secret.SetText(p)
		d.secret.OnSubmitted(p)
		r.read()
	}
	unlock("wrong")
	if !d.lock.Visible() || !strings.Contains(d.lockText.Text, "That passphrase does not open broker.p12. Try another one.") || !strings.Contains(r.tree(), "House Root") {
		t.Errorf("after a wrong passphrase: %q\n%s", d.lockText.Text, r.tree())
	}
	r.shoot("44-workshop-wrong-passphrase")
	unlock("right")
	if got := r.tree(); strings.Contains(got, "broker.p12 | locked") || !strings.Contains(got, "    cert: broker.example") {
		t.Errorf("the right passphrase shows\n%s", got)
	}
	r.pick("root.enc.key")
	unlock("other")
	if !strings.Contains(r.tree(), "unlocked") || strings.Contains(r.tree(), "| locked") {
		t.Errorf("the key stays locked:\n%s", r.tree())
	}
	r.drop(dir, "broker.jks")
	r.pick("broker.jks")
	unlock("changeit")
	if strings.Contains(r.tree(), "broker.jks | locked") {
		t.Errorf("the Java keystore stays locked:\n%s", r.tree())
	}
}

// TestWorkshopWrites: everything that is written is read back by openssl and keytool; keys are 0600; nothing is replaced unasked.
func TestWorkshopWrites(t *testing.T) {
	dir, out := house(t), t.TempDir()
	r := newRig(t, nil)
	r.drop(dir, "broker.crt", "issuer.crt", "root.crt", "broker.key")
	r.pick("broker.example")
	s := r.workshop
	r.save(s.rowActions(), "Split", out, "")
	for _, name := range []string{"cert.pem", "chain.pem", "root.pem", "key.pem"} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); name == "key.pem" && mode != 0o600 {
			t.Errorf("the key has mode %o", mode)
		}
	}
	openssl(t, out, "verify", "-CAfile", "root.pem", "-untrusted", "chain.pem", "cert.pem")
	r.save(s.rowActions(), "The certificate alone, as DER", out, "")
	openssl(t, out, "x509", "-inform", "DER", "-in", "broker.example.der", "-noout")
	r.save(s.rowActions(), "Chain in order", out, "")
	if n := bytes.Count(mustRead(t, filepath.Join(out, "broker.example-fullchain.pem")), []byte("BEGIN CERTIFICATE")); n != 2 {
		t.Errorf("the chain has %d certificates", n)
	}
	r.save(s.rowActions(), "With key and chain, as PKCS #12…", out, "geheim")
	openssl(t, out, "pkcs12", "-in", "broker.example.p12", "-passin", "pass:geheim", "-nodes")
	if list := program(t, out, "keytool", "-list", "-keystore", "broker.example.p12", "-storepass", "geheim"); !strings.Contains(list, "PrivateKeyEntry") {
		t.Errorf("keytool lists %s", list)
	}
	r.save(s.allActions(), "A CA bundle", out, "")
	openssl(t, out, "verify", "-CAfile", "ca-bundle.pem", filepath.Join(dir, "issuer.crt"))
	r.pick("Private key")
	r.save(s.rowActions(), "As PEM, with a new passphrase", out, "geheim")
	openssl(t, out, "pkey", "-in", "broker-key.pem", "-passin", "pass:geheim", "-noout")

	before := mustRead(t, filepath.Join(out, "cert.pem"))
	r.pick("House Issuer")
	r.offered = nil
	s.do(s.rowActions()[3])
	r.until("the offer", func() bool { return r.offered != nil })
	r.shoot("45-workshop-offer")
	r.offered.folder.Entry.SetText(out)
	test.Tap(r.offered.save)
	r.until("the question", func() bool { return r.asked != nil })
	r.asked.answer(false)
	if !bytes.Equal(before, mustRead(t, filepath.Join(out, "cert.pem"))) {
		t.Error("a file was replaced though the answer was no")
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestWorkshopJudges: what a client would refuse is said, and why, before anything is saved.
func TestWorkshopJudges(t *testing.T) {
	dir := house(t)
	r := newRig(t, nil)
	r.drop(dir, "broker.crt", "issuer.crt")
	r.pick("broker.example")
	r.workshop.do(r.workshop.rowActions()[2])
	r.until("the offer", func() bool { return r.offered != nil })
	if notes := strings.Join(r.offered.o.notes, " "); !strings.Contains(notes, "would continue with House Root") {
		t.Errorf("without the root: %q", notes)
	}
	r.offered.dialog.Hide()
	r.offered = nil
	r.drop(dir, "root.crt")
	r.pick("broker.example")
	r.workshop.do(r.workshop.rowActions()[2])
	r.until("the offer", func() bool { return r.offered != nil })
	if n := refusals(r.offered.o.judged); len(r.offered.o.judged) != 1 || n != 0 {
		t.Errorf("%d clients refuse the chain of %d", n, len(r.offered.o.judged))
	}
}

// TestWorkshopKeyToClipboard: a key goes there by its own button and by nothing else.
func TestWorkshopKeyToClipboard(t *testing.T) {
	dir := house(t)
	r := newRig(t, nil)
	r.drop(dir, "broker.crt", "broker.key")
	r.pick("broker.example")
	if r.workshop.detail.copyKey.Visible() {
		t.Error("a certificate offers to copy a key")
	}
	r.pick("Private key")
	test.Tap(r.workshop.detail.copyKey)
	r.until("the key", func() bool { return strings.Contains(r.app.Clipboard().Content(), "PRIVATE KEY") })
}

// TestWorkshopPaste: pasted text is read like a file and can be used in a profile once it is saved.
func TestWorkshopPaste(t *testing.T) {
	dir := house(t)
	r := newRig(t, nil)
	c := r.add(profile.New("mine"))
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(filesPart)
	r.app.Clipboard().SetContent("Here it is:\n" + string(mustRead(t, filepath.Join(dir, "root.crt"))))
	r.certPage.onPaste()
	r.read()
	r.pick("House Root")
	test.Tap(r.workshop.detail.use)
	out := t.TempDir()
	r.saveOffer(out, "")
	r.until("the profile", func() bool { return len(c.profile.Trust.Files) == 1 })
	if got := c.profile.Trust.Files[0]; got != filepath.Join(out, "House-Root.crt") {
		t.Errorf("the profile trusts %s", got)
	}
}

// TestWorkshopUse: a certificate with its key becomes the profile's without being copied.
func TestWorkshopUse(t *testing.T) {
	dir := house(t)
	r := newRig(t, nil)
	c := r.add(profile.New("mine"))
	r.drop(dir, "broker.crt", "broker.key")
	r.pick("broker.example")
	test.Tap(r.workshop.detail.use)
	want := profile.ClientCertificate{CertificateFile: filepath.Join(dir, "broker.crt"), KeyFile: filepath.Join(dir, "broker.key")}
	if c.profile.ClientCertificate != want {
		t.Errorf("the profile has %+v", c.profile.ClientCertificate)
	}
	bar := r.bars.Objects[len(r.bars.Objects)-1].(*widgets.Bar)
	test.Tap(bar.Actions[0])
	if c.profile.ClientCertificate.Named() {
		t.Error("Undo leaves it")
	}
}

// TestWorkshopLarge: ten thousand blocks are read while the window goes on.
func TestWorkshopLarge(t *testing.T) {
	dir := house(t)
	one := mustRead(t, filepath.Join(dir, "root.crt"))
	large := bytes.Repeat(append(one, mustRead(t, filepath.Join(dir, "broker.crt"))...), 5000)
	if err := os.WriteFile(filepath.Join(dir, "large.pem"), large, 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	r.drop(dir, "large.pem")
	if got := len(r.workshop.inv.Items); got != 10_000 || len(r.workshop.rows) != 2 {
		t.Errorf("%d blocks, %d rows", got, len(r.workshop.rows))
	}
	r.pick("House Root")
	if text := r.workshop.detail.summary.Text; !strings.Contains(text, "and in 4994 more places") || len(text) > 2000 {
		t.Errorf("the summary has %d bytes: %.200q", len(text), text)
	}
	if !strings.Contains(r.workshop.count.Text, "block") {
		t.Errorf("the count says %q", r.workshop.count.Text)
	}
}

// TestMergeFolders: a folder stands for the files in it, and no file comes twice.
func TestMergeFolders(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.pem", "b.pem"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	paths, first, cut := merge([]string{filepath.Join(dir, "b.pem")}, []string{dir, "Pasted text 1"}, map[string][]byte{"Pasted text 1": nil})
	want := []string{filepath.Join(dir, "b.pem"), filepath.Join(dir, "a.pem"), "Pasted text 1"}
	if !slices.Equal(paths, want) || first != want[1] || cut {
		t.Errorf("got %q, first %q, cut %v", paths, first, cut)
	}
}

// TestDescribeWithoutRoots: an incomplete chain says what it would continue with.
func TestDescribeWithoutRoots(t *testing.T) {
	dir := house(t)
	inv := pki.ReadInventory(context.Background(), []string{filepath.Join(dir, "broker.crt")}, pki.InventoryOptions{})
	rows := rowsOf(inv, time.Now())
	d := describe(context.Background(), inv, rows[0], nil, time.Now())
	if text := joinSentences(d.summary); !strings.Contains(text, "it would continue with House Issuer with the key identifier ") {
		t.Error(text)
	}
	if _, mark := expiryMark(inv.Items[0].Certificate, inv.Items[0].Certificate.NotAfter.Add(time.Hour)); !strings.HasPrefix(mark, "expired ") {
		t.Error(mark)
	}
	if tone, mark := expiryMark(inv.Items[0].Certificate, inv.Items[0].Certificate.NotAfter.Add(-50*time.Hour)); tone != widgets.Warn || mark != "ends in 2 days" {
		t.Error(mark)
	}
}
