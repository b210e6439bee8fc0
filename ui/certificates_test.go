package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

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
	w.algorithm.SetSelectedIndex(3) // ECDSA: the quickest
	test.Tap(w.make)
	r.until("the certificates", func() bool { return w.made != nil })
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
