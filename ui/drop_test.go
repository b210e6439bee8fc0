package ui

import (
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// dropAt drops files onto the middle of o.
func (r *rig) dropAt(o fyne.CanvasObject, paths ...string) {
	r.t.Helper()
	r.relayout()
	at := r.app.Driver().AbsolutePositionForObject(o)
	if at.IsZero() {
		r.t.Fatal("what is to be dropped on is not shown")
	}
	r.dropTo(at.AddXY(o.Size().Width/2, o.Size().Height/2), paths...)
}

func (r *rig) dropTo(at fyne.Position, paths ...string) {
	var uris []fyne.URI
	for _, p := range paths {
		uris = append(uris, storage.NewFileURI(p))
	}
	r.onDropped(at, uris)
}

// TestDropOnField: one file that is dropped on a field goes into that field, whatever it is; several, and one that is
// dropped beside a field, go where they belong.
func TestDropOnField(t *testing.T) {
	dir := toHandOver(t, 365)
	file := func(name string) string { return filepath.Join(dir, name) }
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Trust = profile.Trust{Files: []string{file(pki.CACertificateName)}}
	c := r.add(p)
	r.tabs.Select(settingsPage)
	f := r.settings.form
	holds := func(field *widgets.FileField, path string, tone widgets.Tone) {
		t.Helper()
		if field.Entry.Text != path {
			t.Fatalf("the field holds %q, not %q", field.Entry.Text, path)
		}
		r.until("the field's own line", func() bool {
			is, text := field.Status()
			return text != "" && is == tone
		})
	}
	r.dropAt(f.caFields[0], file("client.key"))
	holds(f.caFields[0], file("client.key"), widgets.Bad)
	r.dropAt(f.caFields[0], file(pki.CACertificateName))
	holds(f.caFields[0], file(pki.CACertificateName), widgets.Good)
	f.advanced.Open(true) // the page is long now
	r.relayout()
	r.settings.scroll.ScrollToOffset(fyne.NewPos(0, 200))
	r.dropAt(f.key, file("client.crt"))
	if f.key.Entry.Text != file("client.crt") || f.certificate.Entry.Text != "" {
		t.Errorf("dropped into %q and %q", f.certificate.Entry.Text, f.key.Entry.Text)
	}
	r.dropAt(f.certificate, file("client.crt"), file("client.key")) // both, on one of the two
	want := profile.ClientCertificate{CertificateFile: file("client.crt"), KeyFile: file("client.key")}
	r.until("both to be used", func() bool { return c.profile.ClientCertificate == want })

	r.settings.scroll.ScrollToTop()
	field, top := r.app.Driver().AbsolutePositionForObject(f.caFields[0]), r.app.Driver().AbsolutePositionForObject(r.settings.scroll)
	r.settings.scroll.ScrollToOffset(fyne.NewPos(0, field.Y-top.Y+40)) // the field now lies under the page's head
	r.relayout()
	hidden := r.app.Driver().AbsolutePositionForObject(f.caFields[0]).AddXY(20, 10)
	if r.covers(r.settings.scroll, hidden) {
		t.Fatal("the field is not scrolled out of sight")
	}
	r.dropTo(hidden, file("server.crt"))
	r.until("the file to be used", func() bool { return c.profile.ClientCertificate.CertificateFile == file("server.crt") })
	if got := f.caFields[0].Entry.Text; got != file(pki.CACertificateName) {
		t.Errorf("a field that cannot be seen took %q", got)
	}
}

// TestDropOnOtherFields: so do the fields of the page Certificates and of dialogs, a folder's with the folder of a file;
// what is dropped while a question waits goes nowhere.
func TestDropOnOtherFields(t *testing.T) {
	dir := toHandOver(t, 365)
	file := func(name string) string { return filepath.Join(dir, name) }
	r := newRig(t, nil)
	c := r.add(profile.New("mine"))
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(wizardPart)
	w := r.certs
	w.origin.SetSelected(haveCA)
	r.dropAt(w.caKey, file("client-ca.key"))
	w.scroll.ScrollToBottom()
	r.dropAt(w.folder, file("server.crt"))
	r.until("the file's folder", func() bool { return w.folder.Entry.Text == dir })
	if w.caKey.Entry.Text != file("client-ca.key") || w.folder.Entry.Text != dir {
		t.Errorf("the wizard has %q and %q", w.caKey.Entry.Text, w.folder.Entry.Text)
	}
	r.certPage.tabs.Select(makePart)
	r.maker.what.SetSelected(makeRevocation)
	r.dropAt(r.maker.revoke, file("client.crt"))
	if got := r.maker.revoke.Entry.Text; got != file("client.crt") || r.certPage.tabs.Selected() != makePart {
		t.Errorf("the maker has %q", got)
	}
	h := r.handover(handoverFrom{Broker: "emqx"})
	r.dropAt(h.files.key, file("client.crt")) // not where it belongs, and told so
	if got := h.files.key.Entry.Text; got != file("client.crt") {
		t.Errorf("the hand-over has %q", got)
	}
	r.question("Sure?", "Yes", "No", paragraph("Really?"), widget.HighImportance, func(bool) {})
	r.dropTo(fyne.NewPos(1, 1), file("server.crt"))
	r.asked.answer(false)
	h.close()
	r.settle()
	if h.files.certificate.Entry.Text != "" || c.profile.ClientCertificate.CertificateFile != "" {
		t.Error("what was dropped on a question was used")
	}
}
