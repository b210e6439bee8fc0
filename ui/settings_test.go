package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// broker is a lab that the window does not know to be one.
func broker(t *testing.T, fault string) *lab.Lab {
	t.Helper()
	l, err := lab.Start(context.Background(), lab.Options{Fault: fault, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// own is a connection to it as a user would have set it up.
func own(l *lab.Lab, name string) profile.Profile {
	p := l.Profile()
	p.ID, p.Name, p.Practice = "", name, false
	return p
}

// TestNewConnection makes a connection by hand: a pasted URL, three files, and Connect.
// TestCAFilesStay: those that were left for public authorities are there when they are wanted again, after a restart too.
func TestCAFilesStay(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Trust.Files = []string{"/a/ca.crt"}
	c := r.add(p)
	r.tabs.Select(settingsPage)
	f := r.settings.form
	f.trust.SetSelected(trustPublic)
	r.settings.leave()
	if len(c.profile.Trust.Files) != 0 {
		t.Fatalf("the files still count: %v", c.profile.Trust.Files)
	}
	delete(r.connections, c.profile.ID) // as the next start finds it
	again := r.connection(c.profile)
	r.selectProfile(c.profile.ID)
	f.trust.SetSelected(trustOwn)
	if got := f.caPaths(); len(got) != 1 || got[0] != "/a/ca.crt" {
		t.Errorf("offered are %v", got)
	}
	r.settings.leave()
	if key := prefCA + c.profile.ID; len(r.app.Preferences().StringList(key)) != 0 || len(again.profile.Trust.Files) != 1 {
		t.Errorf("remembered beside the profile: %v; the profile has %v", r.app.Preferences().StringList(key), again.profile.Trust.Files)
	}
}

func TestNewConnection(t *testing.T) {
	l := broker(t, "")
	want := l.Profile()
	r := newRig(t, nil)
	test.Tap(r.sidebar.add)
	r.until("the new connection", func() bool { return r.current.profile.Name == newName })
	if r.tabs.Selected() != settingsPage {
		t.Fatal("the settings are not shown")
	}
	f := r.settings.form
	f.host.SetText(want.Server.URL())
	if f.host.Text != want.Server.Host || f.port.Text == "" {
		t.Errorf("the URL became host %q, port %q", f.host.Text, f.port.Text)
	}
	f.trust.SetSelected(trustOwn)
	f.caFields[0].Entry.SetText(want.Trust.Files[0])
	f.certificate.Entry.SetText(want.ClientCertificate.CertificateFile)
	f.key.Entry.SetText(want.ClientCertificate.KeyFile)
	for name, field := range map[string]*widgets.FileField{"CA": f.caFields[0], "certificate": f.certificate, "key": f.key} {
		r.until("the check of the "+name, func() bool { tone, text := field.Status(); return tone == widgets.Good && text != "" })
	}
	if _, text := f.caFields[0].Status(); !strings.Contains(text, "CA certificate") {
		t.Errorf("the CA file is called %q", text)
	}
	r.shoot("7-settings")
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	got, ok := r.env.store.Named(r.current.profile.ID)
	if !ok || got.Server.Host != want.Server.Host || got.Name != want.Server.Host {
		t.Errorf("stored as %+v", got)
	}
}

// TestWrongFiles: what is wrong with a file stands beside its field, and it is saved all the same.
func TestWrongFiles(t *testing.T) {
	l, other := broker(t, ""), broker(t, "")
	r := newRig(t, nil)
	r.add(own(l, "mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	wrong := other.Profile().ClientCertificate.KeyFile
	f.key.Entry.SetText(wrong)
	bad := func(field *widgets.FileField) func() bool {
		return func() bool { tone, text := field.Status(); return tone == widgets.Bad && text != "" }
	}
	r.until("the mismatch to be told", func() bool { return bad(f.key)() || bad(f.certificate)() })
	f.caFields[0].Entry.SetText(filepath.Join(t.TempDir(), "nothing.crt"))
	r.until("the missing file to be told", bad(f.caFields[0]))
	r.shoot("8-wrong-files")
	r.tabs.Select(messagesPage) // leaving the page saves
	r.env.async.flush(longest)
	got, _ := r.env.store.Named(r.current.profile.ID)
	if got.ClientCertificate.KeyFile != wrong {
		t.Errorf("the key file stored is %q", got.ClientCertificate.KeyFile)
	}
}

// TestSettingsAreNotLost: changes are saved when another connection is chosen, and can be undone.
func TestSettingsAreNotLost(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("first")
	p.Server.Host = "one.example"
	first := r.add(p)
	p = profile.New("second")
	p.Server.Host = "two.example"
	second := r.add(p)
	r.selectProfile(first.profile.ID)
	r.tabs.Select(settingsPage)
	f := r.settings.form
	f.host.SetText("changed.example")
	f.keepAlive.SetText("17")
	r.selectProfile(second.profile.ID)
	r.selectProfile(first.profile.ID)
	if f.host.Text != "changed.example" || f.keepAlive.Text != "17" {
		t.Errorf("the form shows %q, %q", f.host.Text, f.keepAlive.Text)
	}
	r.env.async.flush(longest)
	if got, _ := r.env.store.Named(first.profile.ID); got.Server.Host != "changed.example" || got.MQTT.KeepAlive != 17 {
		t.Errorf("stored %q, %d", got.Server.Host, got.MQTT.KeepAlive)
	}
	f.host.SetText("again.example")
	test.Tap(r.settings.undo)
	r.until("undo", func() bool {
		return f.host.Text == "changed.example" && r.current.profile.Server.Host == "changed.example"
	})
}

// TestRevocationIsKept: the check is a setting like others, and changing whom to trust leaves it alone.
func TestRevocationIsKept(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	r.add(own(l, "mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	test.Tap(f.revocation)
	f.trust.SetSelected(trustBoth)
	stored := func() profile.Trust { got, _ := r.env.store.Named(r.current.profile.ID); return got.Trust }
	r.until("the check to be saved", func() bool { return stored().CheckRevocation && stored().System })
	test.Tap(f.revocation)
	r.until("the check to be off again", func() bool { return !stored().CheckRevocation })
}

// TestVerifyAsks: the broker's verification is switched off only after a question.
func TestVerifyAsks(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	r.add(own(l, "mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	test.Tap(f.verify)
	if !f.verify.Checked || r.asked == nil {
		t.Fatal("it was switched off without a question")
	}
	r.shoot("9-do-not-verify")
	r.asked.answer(false)
	if !f.verify.Checked {
		t.Fatal("it was switched off though the answer was no")
	}
	test.Tap(f.verify)
	test.Tap(r.asked.yes)
	if f.verify.Checked {
		t.Fatal("it is still on")
	}
	test.Tap(r.header.connect)
	r.badge(widgets.Warn, "Not verified")
}

// TestDrop puts dropped files where they belong by what they are.
func TestDrop(t *testing.T) {
	l := broker(t, "")
	want := own(l, "mine")
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Server = want.Server
	c := r.add(p)
	var uris []fyne.URI
	for _, path := range []string{want.ClientCertificate.KeyFile, want.Trust.Files[0], want.ClientCertificate.CertificateFile} {
		uris = append(uris, storage.NewFileURI(path))
	}
	r.onDropped(fyne.NewPos(1, 1), uris)
	r.until("the files to be used", func() bool { return len(c.profile.Trust.Files) == 1 })
	if c.profile.ClientCertificate != want.ClientCertificate || c.profile.Trust.Files[0] != want.Trust.Files[0] {
		t.Errorf("dropped into %+v and %v", c.profile.ClientCertificate, c.profile.Trust.Files)
	}
	r.shoot("10-dropped")
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
}

// TestWizard makes certificates, and does not write over them unasked.
func TestWizard(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	r.add(profile.New("mine"))
	r.tabs.Select(certificatesPage)
	w := r.certs
	w.folder.Entry.SetText(dir)
	w.names.SetText("broker.example, 192.0.2.7")
	w.preset.algorithm.SetSelectedIndex(3) // ECDSA: the quickest
	test.Tap(w.make)
	r.until("the certificates", func() bool { return w.made != nil })
	r.shoot("11-certificates")
	for _, k := range []pki.Kind{pki.CA, pki.Server, pki.Client} {
		p := pki.Paths(dir, k)
		info, err := os.Stat(p.Key)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", p.Key, info, err)
		}
	}
	test.Tap(w.use)
	if got := r.current.profile.ClientCertificate.CertificateFile; got != pki.Paths(dir, pki.Client).Certificate {
		t.Errorf("the profile uses %q", got)
	}
	before, err := os.ReadFile(pki.Paths(dir, pki.Client).Key)
	if err != nil {
		t.Fatal(err)
	}
	test.Tap(w.make)
	r.until("the question", func() bool { return r.asked != nil })
	r.asked.answer(false)
	if after, _ := os.ReadFile(pki.Paths(dir, pki.Client).Key); string(after) != string(before) {
		t.Error("the key was replaced though the answer was no")
	}
	w.made = nil
	test.Tap(w.make)
	r.until("the question", func() bool { return r.asked != nil })
	test.Tap(r.asked.yes)
	r.until("the certificates", func() bool { return w.made != nil })
	if after, _ := os.ReadFile(pki.Paths(dir, pki.Client).Key); string(after) == string(before) {
		t.Error("the key was not replaced")
	}
}

// TestTypedURL: a URL that is typed letter by letter is taken apart when the field is left, a pasted one at once.
func TestTypedURL(t *testing.T) {
	r := newRig(t, nil)
	r.add(profile.New("mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	test.Type(f.host, "mqtt://broker.example:1884")
	r.win.Canvas().Focus(f.host)
	r.win.Canvas().Unfocus()
	if f.host.Text != "broker.example" || f.port.Text != "1884" || f.chosenTransport() != profile.MQTT {
		t.Errorf("typed: host %q, port %q, %s", f.host.Text, f.port.Text, f.chosenTransport())
	}
	f.host.SetText("mqtts://[2001:db8::1]")
	if f.host.Text != "2001:db8::1" || f.port.Text != "" || f.chosenTransport() != profile.MQTTS {
		t.Errorf("pasted: host %q, port %q, %s", f.host.Text, f.port.Text, f.chosenTransport())
	}
	r.win.Canvas().Focus(f.host)
	r.win.Canvas().Unfocus()
	if f.host.Text != "2001:db8::1" {
		t.Errorf("an IPv6 address became %q, port %q", f.host.Text, f.port.Text)
	}
}

// TestWebSocketAndProxy: the path is there where it means something, and a proxy's password is never saved with its address.
func TestWebSocketAndProxy(t *testing.T) {
	r := newRig(t, nil)
	r.add(profile.New("mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	if f.pathRow.Visible() {
		t.Error("MQTT over TCP shows a path")
	}
	f.host.SetText("wss://broker.example:8084/ws")
	if f.host.Text != "broker.example" || f.path.Text != "/ws" || f.chosenTransport() != profile.WSS || !f.pathRow.Visible() || !f.tls.Visible() {
		t.Errorf("pasted: host %q, path %q, %s, path shown %v", f.host.Text, f.path.Text, f.chosenTransport(), f.pathRow.Visible())
	}
	f.transport.SetSelectedIndex(3)
	if f.chosenTransport() != profile.WS || !f.pathRow.Visible() || f.tls.Visible() {
		t.Errorf("%s: path shown %v, certificates shown %v", f.chosenTransport(), f.pathRow.Visible(), f.tls.Visible())
	}
	f.transport.SetSelectedIndex(2)
	f.advanced.Open(true)
	r.shoot("websocket")
	f.transport.SetSelectedIndex(3)
	f.proxy.SetText("http://me:s3cret@proxy.example:3128")
	if p := f.profile(profile.New("x")); p.Server.Proxy != "" {
		t.Errorf("the proxy would be saved as %q", p.Server.Proxy)
	}
	r.win.Canvas().Focus(f.proxy)
	r.win.Canvas().Unfocus()
	p := f.profile(profile.New("x"))
	if p.Server.URL() != "ws://broker.example:8084/ws" || p.Server.Proxy != "http://me@proxy.example:3128" {
		t.Errorf("the form says %s by way of %s", p.Server.URL(), p.Server.Proxy)
	}
	if f.proxyPassword.Text != "" || r.settings.conn.proxy != "s3cret" {
		t.Errorf("the password stands in its field as %q, and is used as %q", f.proxyPassword.Text, r.settings.conn.proxy)
	}
	f.set(p)
	if again := f.profile(p); again.Server.URL() != p.Server.URL() || again.Server.Proxy != p.Server.Proxy {
		t.Errorf("shown and read back: %+v", again.Server)
	}
}

// TestPointedOutOnce: what has to be filled in is no longer said once it is being filled in, nor beside another connection.
func TestPointedOutOnce(t *testing.T) {
	r := newRig(t, nil)
	practice := r.current
	told := func() bool {
		for _, o := range r.bars.Objects {
			if o.(*widgets.Bar).Label.Text == "The broker's name or address is missing." {
				return true
			}
		}
		return false
	}
	p := profile.New("empty")
	c := r.add(p)
	r.connect(c)
	if !told() {
		t.Fatal("nothing is said about the address")
	}
	r.selectProfile(practice.profile.ID)
	if told() {
		t.Error("it stands beside another connection")
	}
	r.selectProfile(c.profile.ID)
	r.connect(c)
	if !told() {
		t.Fatal("nothing is said the second time")
	}
	r.settings.form.host.SetText("b")
	if told() {
		t.Error("it stands while the address is typed")
	}
}
