package ui

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// TestMet: what a broker sends is kept for the list of certificates that end; what the practice broker sends is not.
func TestMet(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	practice := profile.Practice()
	practice.ID, practice.Name = "", "another practice"
	r.add(practice)
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis", func() bool { return r.current.result != nil })
	if met, err := r.env.store.Met(); err != nil || len(met) != 0 {
		t.Errorf("of the practice broker %d are kept (%v)", len(met), err)
	}
	r.add(own(l, "mine"))
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis", func() bool { return r.current.result != nil })
	met, err := r.env.store.Met()
	if err != nil || len(met) != 2 {
		t.Errorf("%d are kept (%v), want the broker's own and its intermediate", len(met), err)
	}
}
