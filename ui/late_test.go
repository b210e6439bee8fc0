package ui

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/ui/widgets"
)

// TestLateAnswers: an answer that comes when another connection is shown changes nothing there.
func TestLateAnswers(t *testing.T) {
	l := broker(t, "")
	r := newRig(t, nil)
	p := own(l, "mine")
	p.Subscriptions = nil
	c := r.add(p)
	other := r.add(profile.New("other"))
	r.selectProfile(c.profile.ID)
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis to end", func() bool { return c.trying == "" })
	s, m := r.messages.subscribe, r.messages.compose

	s.filter.SetText("late/#")
	test.Tap(s.button)
	r.selectProfile(other.profile.ID)
	s.filter.SetText("half typ")
	r.until("the subscription", func() bool { return len(c.profile.Subscriptions) == 1 })
	if s.filter.Text != "half typ" || !s.button.Disabled() {
		t.Errorf("the other connection's filter is %q, Subscribe is active: %v", s.filter.Text, !s.button.Disabled())
	}

	r.selectProfile(c.profile.ID)
	m.topic.SetText("late/1")
	test.Tap(m.publish)
	r.selectProfile(other.profile.ID)
	done := false
	c.subscribe(profile.Subscription{Filter: "after/#"}, func(answered) { done = true })
	r.until("the second subscription", func() bool { return done })
	r.settle()
	if m.said.Text != "" {
		t.Errorf("the other connection's page says %q", m.said.Text)
	}

	r.selectProfile(c.profile.ID)
	r.messages.onGreeting()
	r.selectProfile(other.profile.ID)
	r.until("the third subscription", func() bool { return len(c.profile.Subscriptions) == 3 })
	if r.messages.start.Disabled() {
		t.Error("the button stays grey")
	}
}
