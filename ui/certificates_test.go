package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/pki"
	"mutual/core/profile"
)

// TestUseFollowsTheConnection: certificates made while the practice broker is shown can be used in a new connection.
func TestUseFollowsTheConnection(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, nil)
	practice := r.current
	r.tabs.Select(certificatesPage)
	w := r.certs
	w.folder.Entry.SetText(dir)
	w.preset.algorithm.SetSelectedIndex(3) // ECDSA: the quickest
	test.Tap(w.make)
	r.until("the certificates", func() bool { return w.made != nil })
	want := pki.Paths(dir, pki.CA)
	r.until("the authority just made to be suggested for further things", func() bool {
		return r.maker.caFile.Entry.Text == want.Certificate && r.maker.caKey.Entry.Text == want.Key
	})
	if !w.use.Disabled() || !w.whyNot.Visible() || w.whyNot.Text == "" {
		t.Errorf("on the practice broker: grey %v, %q", w.use.Disabled(), w.whyNot.Text)
	}
	r.relayout()
	if need := fyne.MeasureText(w.whyNot.Text, 12, fyne.TextStyle{}).Width; w.whyNot.Size().Width < need {
		t.Errorf("the reason has %v pixels of %v", w.whyNot.Size().Width, need)
	}
	c := r.add(profile.New("mine"))
	if w.use.Disabled() || w.whyNot.Visible() {
		t.Error("on a new connection the button stays grey")
	}
	r.selectProfile(practice.profile.ID)
	if !w.use.Disabled() || !w.whyNot.Visible() {
		t.Error("back on the practice broker the button is active")
	}
	r.selectProfile(c.profile.ID)
	test.Tap(w.use)
	if !c.profile.ClientCertificate.Named() {
		t.Error("the certificate was not used")
	}
}

// TestWizardPresets: what the certificates are made for decides on the kind of key and the validity, and what it would
// not take is said before anything is written.
func TestWizardPresets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	r := newRig(t, nil)
	r.tabs.Select(certificatesPage)
	r.certPage.tabs.Select(wizardPart)
	w := r.certs
	w.folder.Entry.SetText(dir)
	for _, name := range w.preset.algorithm.Options {
		if name == "" {
			t.Errorf("a kind of key has no name: %q", w.preset.algorithm.Options)
		}
	}
	w.preset.preset.SetSelected("For EMQX Cloud")
	w.scroll.ScrollToBottom()
	r.shoot("13-presets")
	if got := w.preset.algorithm.Options; slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "3072") || strings.Contains(s, "Ed25519") }) {
		t.Errorf("it offers %q", got)
	}
	if !strings.Contains(w.files.Text, "last 60 days") {
		t.Errorf("it says %q", w.files.Text)
	}
	refused := func(want string) {
		t.Helper()
		w.said.Hide()
		test.Tap(w.make)
		r.until("the refusal", func() bool { return w.said.Visible() })
		if _, err := os.Stat(filepath.Join(dir, "server.crt")); !strings.Contains(w.said.Text, want) || err == nil {
			t.Errorf("it says %q, and the file: %v", w.said.Text, err)
		}
	}
	w.preset.days.SetText("60")
	refused("61 days")
	w.preset.days.SetText("365")
	other := toHandOver(t, 365) // its authority has an ECDSA key
	w.origin.SetSelected(haveCA)
	w.caFile.Entry.SetText(filepath.Join(other, pki.CACertificateName))
	w.caKey.Entry.SetText(filepath.Join(other, "client-ca.key"))
	refused("authority's kind")
	w.preset.algorithm.SetSelectedIndex(1)
	test.Tap(w.make)
	r.until("the certificates", func() bool { return w.made != nil })
	if m := r.maker; m.caFile.Entry.Text != "" {
		t.Errorf("%q is suggested as authority, and is not there", m.caFile.Entry.Text)
	}

	w.preset.preset.SetSelected("For AWS IoT")
	if w.server.Checked || strings.Contains(w.files.Text, "server.crt") {
		t.Errorf("a certificate would be made for somebody else's broker: %q", w.files.Text)
	}
	w.preset.preset.SetSelected(anyPreset)
	if !w.server.Checked || w.preset.algorithm.SelectedIndex() < 0 {
		t.Error("back at any broker, no broker's certificate is made")
	}
	// What the user has chosen survives both ways, also where it was chosen against the preset.
	for _, c := range []struct {
		at string // the preset at which it is chosen
		on bool
	}{{anyPreset, false}, {"For AWS IoT", true}, {"For EMQX Cloud", false}} {
		w.preset.preset.SetSelected(c.at)
		w.server.SetChecked(!c.on)
		w.server.SetChecked(c.on)
		w.preset.preset.SetSelected("For AWS IoT")
		w.preset.preset.SetSelected(anyPreset)
		if w.server.Checked != c.on {
			t.Errorf("chosen at %q: %v; after another preset and back: %v", c.at, c.on, w.server.Checked)
		}
	}
}
