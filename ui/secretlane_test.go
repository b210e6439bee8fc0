package ui

import (
	"context"
	"fmt"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/core/store"
)

// protected is a window without a keyring, on the settings of a connection, whose first password waits for the answer
// to the question that protects it.
func protected(t *testing.T) (*rig, *connection) {
	t.Helper()
	t.Setenv("MUTUAL_KEYRING", "off")
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Server.Host, p.MQTT.UserName = "broker.example", "ada"
	c := r.add(p)
	r.tabs.Select(settingsPage)
	r.settings.form.password.SetText("first")
	r.settings.saveSecrets()
	r.until("the question", func() bool { return r.asked != nil })
	return r, c
}

// TestLastSecret: of secrets that are given one right after the other the last one counts, and closing the window right
// after it does not lose it.
func TestLastSecret(t *testing.T) {
	r, c := protected(t)
	test.Type(r.secret, "horse battery")
	test.Type(r.secretAgain, "horse battery")
	test.Tap(r.asked.yes)
	f := r.settings.form
	r.until("it to be saved", func() bool { return f.password.PlaceHolder == "Saved. Type to change" })
	const last = 40
	for i := range last {
		f.password.SetText(fmt.Sprint("password ", i))
		r.settings.saveSecrets()
	}
	f.password.SetText("the last one")
	r.shut()
	got, err := r.env.secrets.Get(context.Background(), c.profile.ID, store.Password)
	if err != nil || got != "the last one" {
		t.Errorf("stored is %q, %v", got, err)
	}
}

// TestSavedIsSaid: a secret is called saved when it is.
func TestSavedIsSaid(t *testing.T) {
	r, c := protected(t)
	f := r.settings.form
	if f.password.Text != "" || f.password.PlaceHolder != "Saving…" {
		t.Errorf("before the answer the field says %q, %q", f.password.Text, f.password.PlaceHolder)
	}
	r.asked.answer(false)
	r.until("it to be told", func() bool { return r.told("was not saved") })
	if f.password.PlaceHolder != "Not saved. Used until the program ends" || c.password != "first" {
		t.Errorf("the field says %q, %q is used", f.password.PlaceHolder, c.password)
	}
}
