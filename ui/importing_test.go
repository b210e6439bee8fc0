package ui

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"mutual/core/exchange"
	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// mqttxFile is what MQTTX exports of three connections, one of which cannot be used.
const mqttxFile = `[
 {"name": "Plant 7", "clientId": "mqttx_0a1b2c3d", "protocol": "mqtts", "host": "plant7.example", "port": 8883, "ssl": true, "certType": "self",
  "rejectUnauthorized": false, "ca": "/elsewhere/ca.pem", "cert": "", "key": "", "mqttVersion": "5.0", "username": "sensor", "password": "s3cret",
  "will": {"lastWillTopic": "gone"}},
 {"name": "Cloud", "clientId": "c", "protocol": "wss", "host": "cloud.example", "port": 443, "path": "/mqtt", "ssl": true, "certType": "server", "mqttVersion": "5.0", "username": "me"},
 {"name": "Broken", "clientId": "b", "protocol": "mqtt", "host": "broken.example", "port": 70000, "mqttVersion": "5.0"}]`

// explorerFile is what MQTT Explorer exports of one connection, with certificates and a key in it.
func explorerFile(t *testing.T) string {
	t.Helper()
	file := func(text string) map[string]string {
		return map[string]string{"name": "../../evil", "data": base64.StdEncoding.EncodeToString([]byte(text))}
	}
	data, err := json.Marshal(map[string]any{"a1": map[string]any{"type": "mqtt", "name": "Explorer", "protocol": "mqtt", "encryption": true, "host": "explorer.example", "port": 8883,
		"certValidation": true, "username": "sensor", "password": "pässword", "selfSignedCertificate": file("the authority"), "clientCertificate": file("the certificate"), "clientKey": file("the key")}})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exported writes a file as another program would.
func exported(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, name, text)
	return filepath.Join(dir, name)
}

// previewed waits until the import shows what its file holds.
func (r *rig) previewed() *importer {
	r.t.Helper()
	r.until("what is in the file", func() bool { return r.importing != nil && r.importing.reading == nil && len(r.importing.rows) > 0 })
	return r.importing
}

// named is the connection of that name.
func (r *rig) named(name string) *connection {
	i := slices.IndexFunc(r.byName(), func(c *connection) bool { return c.profile.Name == name })
	if i < 0 {
		return nil
	}
	return r.byName()[i]
}

// offerOf is the button of the bar that says so.
func (r *rig) offerOf(part string) *widget.Button {
	r.t.Helper()
	for _, o := range r.bars.Objects {
		if b, ok := o.(*widgets.Bar); ok && strings.Contains(b.Label.Text, part) {
			return b.Actions[0]
		}
	}
	r.t.Fatalf("no bar says %q", part)
	return nil
}

// undo takes the bar's offer that was made last.
func (r *rig) undo() {
	r.t.Helper()
	bar := r.bars.Objects[len(r.bars.Objects)-1].(*widgets.Bar)
	test.Tap(bar.Actions[0])
}

func (i *importer) noted(name string) string {
	for _, r := range i.rows {
		if r.x.Profile.Name == name {
			return strings.Join(slices.Concat(r.x.todo(), r.x.notes()), " ")
		}
	}
	return "not listed"
}

// TestImport: what a file holds is shown before anything is saved, a name that is taken is kept beside the other, and Undo
// takes all of it back.
func TestImport(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	mine := profile.New("plant 7")
	mine.Server.Host = "mine.example"
	before := r.add(mine)
	path := exported(t, "mqttx-data.json", mqttxFile)
	r.onImport()
	r.importing.file.Entry.SetText(path)
	i := r.previewed()
	r.shoot("import")
	for name, want := range map[string][]string{
		"Plant 7 (2)": {"It becomes “Plant 7 (2)”", "MQTTX did not verify this broker; here it is verified", "will message", "/elsewhere/ca.pem is not on this computer", "password is in the file"},
		"Cloud":       {"The password of “me” is not in the file"},
		"Broken":      {"cannot be used", "port 70000"},
	} {
		for _, w := range want {
			if got := i.noted(name); !strings.Contains(got, w) {
				t.Errorf("of %s it says %q, without %q", name, got, w)
			}
		}
	}
	if _, status := i.file.Status(); status != "3 connections of MQTTX, of which 1 cannot be used." || i.take.Text != "Import 2 connections" {
		t.Errorf("the file says %q, the button %q", status, i.take.Text)
	}
	if !i.rows[2].check.Disabled() || i.placing.Visible() || !i.keeping.Visible() || i.secrets.Checked {
		t.Errorf("chosen are %d, files %v, passwords %v, kept %v", len(i.chosen()), i.placing.Visible(), i.keeping.Visible(), i.secrets.Checked)
	}
	if n := len(r.env.store.Profiles()); n != 2 {
		t.Fatalf("%d connections are stored before anything was chosen", n)
	}
	i.rows[0].check.SetChecked(false)
	if i.keeping.Visible() || i.take.Text != "Import 1 connection" {
		t.Errorf("without it, passwords %v, %q", i.keeping.Visible(), i.take.Text)
	}
	i.rows[0].check.SetChecked(true)
	test.Tap(i.take)
	r.until("the connections", func() bool { return len(r.connections) == 4 && r.told("Imported") })
	got := r.named("Plant 7 (2)")
	if got == nil || r.current != got && r.current != r.named("Cloud") || r.open != nil {
		t.Fatalf("shown is %v", r.current.profile)
	}
	if p := got.profile; p.Trust.DoNotVerify || p.MQTT.ClientID != "" || p.Server.Host != "plant7.example" || got.password != "" {
		t.Errorf("imported is %+v, password %q", p, got.password)
	}
	if p := before.profile; p.Server.Host != "mine.example" {
		t.Errorf("the one of that name is now %+v", p)
	}
	r.shoot("import-done")
	if got := r.app.Preferences().String(prefImports); got != filepath.Dir(path) {
		t.Errorf("the folder that is remembered is %q", got)
	}
	r.onDelete(r.named("Cloud"))
	r.until("it to be deleted", func() bool { return r.named("Cloud") == nil })
	test.Tap(r.offerOf("Imported"))
	r.until("the undo", func() bool { return len(r.connections) == 2 })
	if r.told("Not all") {
		t.Error("of what was deleted already it is said that it was not taken back")
	}
	if n := len(r.env.store.Profiles()); n != 2 || r.current != before {
		t.Errorf("stored are %d, shown is %q", n, r.current.profile.Name)
	}
}

// TestImportFiles: certificates and keys that are inside the file are written where that was chosen, the key for its owner
// alone, and go with Undo unless they were changed; the password is kept where that is wanted.
func TestImportFiles(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "Explorer"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := exported(t, "settings.json", explorerFile(t))
	r.importFrom(path)
	i := r.previewed()
	if !i.placing.Visible() || !strings.Contains(i.noted("Explorer"), "private key are in the file") {
		t.Fatalf("it says %q", i.noted("Explorer"))
	}
	i.folder.Entry.SetText("")
	test.Tap(i.take)
	if !i.said.Visible() || i.writing {
		t.Error("it is written to no folder")
	}
	i.folder.Entry.SetText(dir)
	i.secrets.SetChecked(true)
	r.shoot("import-files")
	test.Tap(i.take)
	i.secrets.SetChecked(false) // too late
	r.until("the question for the secrets", func() bool { return r.named("Explorer") != nil && r.asked != nil })
	c := r.named("Explorer")
	p := c.profile.ClientCertificate
	if p.KeyFile != filepath.Join(dir, "Explorer (2)", "client.key") || c.password != "pässword" {
		t.Fatalf("it names %+v, password %q", p, c.password)
	}
	for path, mode := range map[string]os.FileMode{p.KeyFile: 0o600, p.CertificateFile: 0o644, c.profile.Trust.Files[0]: 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	r.secret.SetText("open sesame")
	r.secretAgain.SetText("open sesame")
	r.asked.answer(true)
	r.until("the password to be kept", func() bool {
		kept, err := r.env.secrets.Get(r.env.ctx, c.profile.ID, store.Password)
		return err == nil && kept == "pässword"
	})
	if !r.app.Preferences().Bool(prefSecrets) {
		t.Error("that passwords are kept is not remembered")
	}
	r.until("the offer to take it back", func() bool { return r.told("Imported “Explorer”") })
	write(t, filepath.Dir(p.CertificateFile), "client.crt", "another one")
	r.undo()
	r.until("the undo", func() bool { return r.named("Explorer") == nil })
	if _, err := r.env.secrets.Get(r.env.ctx, c.profile.ID, store.Password); err == nil {
		t.Error("the password is still kept")
	}
	if _, err := os.Stat(p.KeyFile); err == nil {
		t.Error("the key is still there")
	}
	if got, err := os.ReadFile(p.CertificateFile); err != nil || string(got) != "another one" {
		t.Errorf("what was changed is %q, %v", got, err)
	}
}

// TestImportUndoKeepsChanges: Undo leaves what was changed since, and files that something else has come to use.
func TestImportUndoKeepsChanges(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	r.importFrom(exported(t, "a.json", mqttxFile), exported(t, "b.json", explorerFile(t)))
	i := r.previewed()
	i.folder.Entry.SetText(t.TempDir())
	test.Tap(i.take)
	r.until("the connections", func() bool { return r.told("Imported") })
	changed := r.named("Plant 7")
	p := changed.profile.Clone()
	p.Server.Host = "other.example"
	changed.save(p, nil)
	r.named("Cloud").password = "typed"
	files := r.named("Explorer").profile.ClientCertificate
	r.onDuplicate(r.named("Explorer"))
	r.until("the copy", func() bool { return r.named("Explorer (copy)") != nil })
	test.Tap(r.offerOf("Imported"))
	r.until("the undo", func() bool { return r.named("Explorer") == nil })
	if r.named("Plant 7") != changed || r.named("Cloud") == nil || !r.told("“Plant 7” and “Cloud” were changed since, and stay.") {
		t.Error("what was changed is gone, or nothing is said of it")
	}
	if n := len(r.env.store.Profiles()); n != 4 {
		t.Errorf("%d connections are stored", n)
	}
	for _, path := range []string{files.CertificateFile, files.KeyFile} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the copy has lost its file: %v", err)
		}
	}
}

// TestImportUndoRefused: what cannot be removed stays in the list, with its files.
func TestImportUndoRefused(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	dir := t.TempDir()
	r := rigOn(t, dir, nil, nil)
	r.importFrom(exported(t, "b.json", explorerFile(t)))
	i := r.previewed()
	i.folder.Entry.SetText(t.TempDir())
	test.Tap(i.take)
	r.until("the connection", func() bool { return r.told("Imported") })
	write(t, dir, "trash", "no folder")
	r.undo()
	r.until("what is wrong", func() bool { return r.told("Not all of the import was taken back") })
	c := r.named("Explorer")
	if c == nil {
		t.Fatal("what is still stored is not listed")
	}
	if _, err := os.Stat(c.profile.ClientCertificate.KeyFile); err != nil {
		t.Error(err)
	}
}

// TestImportPasswordsNotKept: who gives no passphrase is asked once, not for each password, and told what is not kept.
func TestImportPasswordsNotKept(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	r.importFrom(exported(t, "a.json", mqttxFile), exported(t, "b.json", explorerFile(t)))
	i := r.previewed()
	if i.take.Text != "Import 3 connections" || i.secrets.Text != "Keep the passwords of 2 connections" {
		t.Errorf("both files come to %q, %q", i.take.Text, i.secrets.Text)
	}
	i.folder.Entry.SetText(t.TempDir())
	i.secrets.SetChecked(true)
	test.Tap(i.take)
	r.until("the question for the secrets", func() bool { return r.asked != nil })
	r.asked.answer(false)
	r.until("the end", func() bool { return r.told("are not kept") && r.told("Imported") })
	if r.asked != nil || !r.told("“Plant 7” and “Explorer”") || r.named("Plant 7").password != "s3cret" {
		t.Errorf("asked again: %v; the password is %q", r.asked != nil, r.named("Plant 7").password)
	}
}

// TestImportNothing: a file that holds no connections says what it would have to be, and nothing can be imported of it; nothing
// is left of what was in the field before.
func TestImportNothing(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	r.importFrom(exported(t, "mqttx-data.json", mqttxFile))
	i := r.previewed()
	for name, c := range map[string]struct{ path, want string }{
		"a picture":  {exported(t, "a.png", "\x89PNG"), "a.png is no export of Mutual"},
		"gone":       {filepath.Join(t.TempDir(), "gone.json"), "There is no file gone.json"},
		"a folder":   {t.TempDir(), "choose the one that was exported"},
		"no entries": {exported(t, "empty.json", "[]"), "empty.json holds no connection"},
		"newer":      {exported(t, "newer.json", `{"version": 99, "name": "a", "server": {"host": "a"}}`), "newer version of Mutual"},
	} {
		i.file.Entry.SetText(c.path)
		r.until("what is wrong with "+name, func() bool { return i.reading == nil })
		tone, status := i.file.Status()
		if tone != widgets.Warn || !strings.Contains(status, c.want) || !i.take.Disabled() || len(i.rows) != 0 {
			t.Errorf("%s: %q, %d connections", name, status, len(i.rows))
		}
		i.onImport()
		if i.writing {
			t.Errorf("%s is imported", name)
		}
	}
	r.shoot("import-nothing")
}

// TestImportAllOrNone: where one cannot be saved, nothing is left of the others, and of no file.
func TestImportAllOrNone(t *testing.T) {
	dir := t.TempDir()
	s, _, err := store.Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.Profiles())
	a, b := profile.New("a"), profile.New("b")
	a.ID, b.ID = "", "../b" // which is no name of a file
	list := []exchange.Connection{{Profile: a, Files: []exchange.File{{Part: exchange.Key, Data: []byte("key")}}}, {Profile: b}}
	done := importAll(s, list, dir)
	if done.err == nil || len(done.profiles) > 0 || len(s.Profiles()) != before {
		t.Errorf("%v; saved are %d", done.err, len(s.Profiles()))
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("its file is left")
	}
}

// TestImportAgain: what is there already with the same settings is not ticked.
func TestImportAgain(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	path := exported(t, "mqttx-data.json", mqttxFile)
	r.importFrom(path)
	test.Tap(r.previewed().take)
	r.until("the connections", func() bool { return r.named("Cloud") != nil })
	r.importFrom(path)
	i := r.previewed()
	if len(i.chosen()) != 0 || !i.take.Disabled() || !strings.Contains(i.noted("Cloud (2)"), "You have it already: “Cloud”") {
		t.Errorf("chosen are %d; it says %q", len(i.chosen()), i.noted("Cloud (2)"))
	}
	r.win.Resize(fyne.NewSize(leastWidth, leastHeight))
	r.shoot("import-narrow")
}

// TestDropConnections: exported connections are imported from wherever they are dropped; what is dropped on the list and is
// nothing of the kind is said to be none.
func TestDropConnections(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	path := exported(t, "mqttx-data.json", mqttxFile)
	r := newRig(t, nil)
	r.shoot("import-hint")
	if !r.sidebar.hint.Visible() {
		t.Error("with no connection of one's own, the list says nothing of an import")
	}
	r.tabs.Select(certificatesPage)
	r.dropAt(r.sidebar.list, path)
	i := r.previewed()
	if i.file.Entry.Text != path || len(i.rows) != 3 {
		t.Errorf("the import shows %d of %q", len(i.rows), i.file.Entry.Text)
	}
	other := exported(t, "other.json", explorerFile(t))
	r.dropAt(i.list, other) // on the dialog, where no field is
	r.until("the other file", func() bool { return i.reading == nil && len(i.rows) == 1 })
	write(t, filepath.Dir(other), filepath.Base(other), mqttxFile)
	r.dropAt(i.list, other)
	r.until("what it holds by now", func() bool { return i.reading == nil && len(i.rows) == 3 })
	r.dropAt(i.file, path)
	r.until("the first one again", func() bool { return i.reading == nil && i.file.Entry.Text == path && len(i.rows) == 3 })
	i.close()
	if r.importing != nil {
		t.Error("the passwords of the file are still held")
	}

	r.dropAt(r.sidebar.list, exported(t, "a.png", "\x89PNG"))
	r.until("what it is not", func() bool { return r.told("a.png is no export of Mutual") })
	r.tabs.Select(messagesPage)
	r.dropAt(r.stack, path)
	test.Tap(r.previewed().take)
	r.until("the connections", func() bool { return r.named("Cloud") != nil })
	if r.sidebar.hint.Visible() {
		t.Error("the list still speaks of an import")
	}
}

// TestImportMany: a file with very many connections is shown.
func TestImportMany(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	var all []string
	for range 60 {
		all = append(all, `{"name": "The same name", "clientId": "c", "protocol": "mqtt", "host": "broker.example", "port": 1883, "mqttVersion": "5.0"}`)
	}
	r := newRig(t, nil)
	r.importFrom(exported(t, "many.json", "["+strings.Join(all, ",")+"]"))
	i := r.previewed()
	if last := i.rows[59].x.Profile.Name; last != "The same name (60)" {
		t.Errorf("the last one becomes %q", last)
	}
	r.relayout()
	test.Tap(i.take)
	r.until("the connections", func() bool { return len(r.connections) == 61 })
	r.undo()
	r.until("the undo", func() bool { return len(r.connections) == 1 })
}
