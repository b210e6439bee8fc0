package ui

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/ui/widgets"
)

// TestPassphrase: an encrypted key is told, and its passphrase asked for on the page that tells it.
func TestPassphrase(t *testing.T) {
	r := newRig(t, nil)
	r.chooseFault("key-encrypted")
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(r.current.result, "key-encrypted") && r.current.trying == "" })
	card := r.card("key-encrypted")
	test.Tap(card.Buttons[0])
	if r.secret == nil || r.asked == nil {
		t.Fatal("nothing is asked")
	}
	r.shoot("18-passphrase")
	test.Type(r.secret, r.current.practice.lab.Passphrase())
	test.Tap(r.asked.yes)
	r.badge(widgets.Good, "Two-way TLS")
}

// TestAskedWhileConnecting: a profile of one's own asks when it connects, and can be refused.
func TestAskedWhileConnecting(t *testing.T) {
	l := broker(t, "key-encrypted")
	r := newRig(t, nil)
	r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.until("the question", func() bool { return r.asked != nil })
	r.asked.answer(false)
	r.until("the finding", func() bool { return has(r.current.result, "key-encrypted") && r.current.trying == "" })
	test.Tap(r.header.connect)
	r.until("the question", func() bool { return r.asked != nil })
	test.Type(r.secret, l.Passphrase())
	test.Tap(r.asked.yes)
	r.badge(widgets.Good, "Two-way TLS")
}

// TestPassword: without a keyring a typed password goes into a file that is encrypted with a passphrase of the user's,
// and from there to the broker; never into the profile.
func TestPassword(t *testing.T) {
	t.Setenv("MUTUAL_KEYRING", "off")
	l := broker(t, "")
	r := newRig(t, nil)
	c := r.add(own(l, "mine"))
	r.tabs.Select(settingsPage)
	f := r.settings.form
	f.user.SetText("ada")
	f.password.SetText("sesame")
	r.tabs.Select(messagesPage)
	r.until("the question", func() bool { return r.asked != nil })
	r.shoot("19-protect")
	test.Type(r.secret, "horse battery")
	if !r.asked.yes.Disabled() {
		t.Error("it can be answered before the passphrase was repeated")
	}
	test.Type(r.secretAgain, "horse battery")
	c.env.tell = func(text string) { t.Errorf("told %q", text) }
	test.Tap(r.asked.yes)
	r.until("the secrets file", func() bool { return len(secretFiles(t, r.dir)) > 0 })
	c.password = "" // as in the next run of the program
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	if c.profile.MQTT.UserName != "ada" {
		t.Errorf("the user name is %q", c.profile.MQTT.UserName)
	}
	for _, path := range secretFiles(t, r.dir) {
		if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte("sesame")) {
			t.Errorf("%s holds the password, or cannot be read: %v", path, err)
		}
	}
	if r.tabs.Select(settingsPage); f.password.Text == "sesame" {
		t.Error("the password is shown again")
	}
}

// secretFiles are the encrypted files below dir.
func secretFiles(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".age") {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
