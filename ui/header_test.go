package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// TestHeaderShowsTheSession: what is edited meanwhile is not what the connection runs with.
func TestHeaderShowsTheSession(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	c := r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis to end", func() bool { return c.trying == "" })
	at := r.header.address.Text
	c.remember(func(p *profile.Profile) { p.Trust.DoNotVerify, p.Server.Host = true, "other.example" })
	if r.header.badge.Text() != "Two-way TLS" || r.header.address.Text != at {
		t.Errorf("while it stands: %q, %q", r.header.badge.Text(), r.header.address.Text)
	}
	if _, note := r.row(c).Shown(); note != at {
		t.Errorf("the list says %q, the header %q", note, at)
	}
	test.Tap(r.header.off)
	r.badge(widgets.Neutral, "Not connected")
	if r.header.address.Text == at {
		t.Errorf("after its end still %q", at)
	}
}

// TestUnverifiedStaysAmber: verification that is switched on again counts from the next connection.
func TestUnverifiedStaysAmber(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	p := own(l, "mine")
	p.Trust.DoNotVerify = true
	c := r.add(p)
	test.Tap(r.header.connect)
	r.badge(widgets.Warn, "Not verified")
	c.remember(func(p *profile.Profile) { p.Server.Transport = profile.MQTT })
	if r.header.badge.Text() != "Not verified" {
		t.Errorf("the badge says %q of an encrypted connection", r.header.badge.Text())
	}
}

// TestLongNameNarrow: a long name gives way in the narrowest window; badge, buttons and page stay whole.
func TestLongNameNarrow(t *testing.T) {
	l := broker(t, "certificate-expired")
	r := newRig(t, nil)
	r.win.Resize(fyne.NewSize(leastWidth, leastHeight))
	p := own(l, "Assembly hall 3, line 12: energy meters of the cold store and the loading docks")
	c := r.add(p)
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return c.result != nil && c.trying == "" })
	for i, name := range []string{"messages", "diagnosis", "certificates", "settings", "practice", "letsencrypt"} {
		r.tabs.Select(i)
		r.relayout()
		if width := r.win.Content().MinSize().Width; width > leastWidth {
			t.Errorf("with the page %s the window cannot be narrower than %v", name, width)
		}
		r.shoot("narrow-long-" + name)
	}
}
