package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// TestTrustIsKept: editing something else leaves the trusted authorities as they were chosen.
func TestTrustIsKept(t *testing.T) {
	for name, trust := range map[string]profile.Trust{
		"none chosen":    {},
		"system only":    {System: true},
		"mozilla only":   {Mozilla: true},
		"both":           {System: true, Mozilla: true},
		"own":            {Files: []string{"/a/ca.crt"}},
		"own and system": {Files: []string{"/a/ca.crt"}, System: true},
		"own and both":   {Files: []string{"/a/ca.crt", "/b/ca.crt"}, System: true, Mozilla: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			p := profile.New("mine")
			p.Server.Host, p.Trust = "broker.example", trust
			c := r.add(p)
			r.tabs.Select(settingsPage)
			f := r.settings.form
			f.clientID.SetText("me")
			r.settings.leave()
			if c.profile.MQTT.ClientID != "me" || !reflect.DeepEqual(c.profile.Trust, trust) {
				t.Errorf("now it trusts %+v", c.profile.Trust)
			}
			before := f.trust.Selected
			for _, choice := range []string{trustPublic, trustOwn, trustBoth, before} {
				f.trust.SetSelected(choice)
			}
			r.settings.leave()
			if !reflect.DeepEqual(c.profile.Trust, trust) {
				t.Errorf("after other choices it trusts %+v", c.profile.Trust)
			}
		})
	}
}

// TestTrustChoices: the choice says which authorities count.
func TestTrustChoices(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Trust = profile.Trust{Files: []string{"/a/ca.crt"}}
	c := r.add(p)
	r.tabs.Select(settingsPage)
	for choice, want := range map[string]profile.Trust{
		trustPublic: {System: true, Mozilla: true},
		trustBoth:   {Files: []string{"/a/ca.crt"}, System: true, Mozilla: true},
		trustOwn:    {Files: []string{"/a/ca.crt"}},
	} {
		r.settings.form.trust.SetSelected(choice)
		r.settings.leave()
		if !reflect.DeepEqual(c.profile.Trust, want) {
			t.Errorf("%s: %+v", choice, c.profile.Trust)
		}
	}
}

// TestCAFilesComeBack: the CA files are offered again after a while with public authorities, also after looking at
// another connection.
func TestCAFilesComeBack(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Trust = profile.Trust{Files: []string{"/a/ca.crt", "/b/ca.crt"}}
	other := r.add(profile.New("other"))
	c := r.add(p)
	r.tabs.Select(settingsPage)
	f := r.settings.form
	f.trust.SetSelected(trustPublic)
	r.selectProfile(other.profile.ID)
	f.trust.SetSelected(trustOwn)
	if len(f.caFields) != 1 || f.caFields[0].Entry.Text != "" {
		t.Errorf("the other connection is offered %d files", len(f.caFields))
	}
	r.selectProfile(c.profile.ID)
	if len(c.profile.Trust.Files) != 0 || f.caBox.Visible() {
		t.Errorf("public authorities are chosen, and it trusts %v", c.profile.Trust.Files)
	}
	f.trust.SetSelected(trustOwn)
	r.settings.leave()
	if !slices.Equal(c.profile.Trust.Files, p.Trust.Files) {
		t.Errorf("the CA files are now %v", c.profile.Trust.Files)
	}
}

// TestBadNumbers: what is no number is named at its field, and the number before stays.
func TestBadNumbers(t *testing.T) {
	r := newRig(t, nil)
	p := profile.New("mine")
	p.Server.Host, p.Server.Port = "broker.example", 8883
	c := r.add(p)
	r.tabs.Select(settingsPage)
	f := r.settings.form
	for _, n := range f.numbers {
		good := n.entry.Text
		for _, bad := range []string{"88x3", "-1", "1.5", "99999999999"} {
			n.entry.SetText(bad)
			r.settings.saveTyped()
			if n.label.Color != widgets.Bad.Strong() || !strings.Contains(r.settings.state.Text, n.name) || !strings.Contains(r.settings.state.Text, bad) {
				t.Errorf("%s %q: the page says %q, the label %q", n.name, bad, r.settings.state.Text, n.label.Text)
			}
		}
		n.entry.SetText(good)
		r.settings.saveTyped()
		if n.label.Color != widgets.ColorMuted || n.label.Text != n.name || strings.Contains(r.settings.state.Text, "whole number") {
			t.Errorf("%s mended: the page says %q, the label %q", n.name, r.settings.state.Text, n.label.Text)
		}
	}
	f.keepAlive.SetText("sixty")
	r.tabs.Select(messagesPage)
	test.Tap(r.header.connect)
	if r.tabs.Selected() != settingsPage || !r.told("sixty") || c.busy() || r.win.Canvas().Focused() != f.keepAlive {
		t.Errorf("Connect went ahead: page %d, focus on %T", r.tabs.Selected(), r.win.Canvas().Focused())
	}
	if len(f.numbers) != 3 || !reflect.DeepEqual(c.profile.MQTT, p.MQTT) || c.profile.Server.Port != 8883 {
		t.Errorf("%d fields; now %+v, port %d", len(f.numbers), c.profile.MQTT, c.profile.Server.Port)
	}
}
