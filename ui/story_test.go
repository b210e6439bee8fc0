package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/diagnose"
	"mutual/core/history"
	"mutual/ui/widgets"
)

// TestFirstMinute is what a person does who has never seen the program: one click to the green badge, one to a message.
func TestFirstMinute(t *testing.T) {
	r := newRig(t, nil)
	r.shoot("1-first-sight")
	if !r.current.profile.Practice {
		t.Fatalf("the first profile is %q, not the practice broker", r.current.profile.Name)
	}
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis to end", func() bool { return r.current.trying == "" })
	if n := len(r.current.result.Findings); n != 0 {
		t.Errorf("%d findings on a sound broker: %v", n, r.current.result.Findings)
	}
	r.shoot("2-connected")
	if !r.messages.start.Visible() {
		t.Fatal("the empty state offers nothing")
	}
	test.Tap(r.messages.start)
	r.until("the greeting to come back", func() bool {
		for _, m := range r.messages.stream.shown {
			if m.Direction == history.Received && m.Topic == "demo/hello" {
				return true
			}
		}
		return false
	})
	r.until("the answer", func() bool { return strings.HasPrefix(r.messages.compose.said.Text, "Published") })
	r.shoot("3-greeting")
}

// TestPublishAndSubscribe goes through the fields.
func TestPublishAndSubscribe(t *testing.T) {
	r := connected(t)
	test.Type(r.messages.subscribe.filter, "room/+")
	test.Tap(r.messages.subscribe.button)
	r.until("the chip to say granted", func() bool {
		for _, o := range r.messages.subscribe.chips.Objects {
			if c := o.(*widgets.Chip); c.Text() == "room/+" && c.Tone() == widgets.Good {
				return true
			}
		}
		return false
	})
	c := r.messages.compose
	test.Type(c.topic, "room/1")
	test.Type(c.payload, "warm")
	c.qos.SetSelectedIndex(2)
	c.retain.SetChecked(true)
	c.addProperty("unit", "C")
	test.Tap(c.publish)
	var got history.Message
	r.until("the message", func() bool {
		for _, m := range r.messages.stream.shown {
			if m.Direction == history.Received && m.Topic == "room/1" {
				got = m
				return true
			}
		}
		return false
	})
	if string(got.Payload) != "warm" || !slices.Contains(got.Properties, history.Property{Name: "User Property", Value: "unit: C"}) {
		t.Errorf("received %q with %v", got.Payload, got.Properties)
	}
	r.onOpen(got)
	if text := r.messages.detail.lines.Text(); text != "warm" {
		t.Errorf("the detail shows %q", text)
	}
}

func (r *rig) onOpen(m history.Message) { r.messages.onOpen(m) }

// connected is a window with the practice broker connected.
func connected(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, nil)
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis to end", func() bool { return r.current.trying == "" })
	return r
}

// TestWrongAnchor is the case that the program exists for: it connects, other programs would not, one click mends it,
// one takes it back.
func TestWrongAnchor(t *testing.T) {
	r := newRig(t, nil)
	r.chooseFault("anchor-not-root")
	test.Tap(r.header.connect)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the finding", func() bool { return has(r.current.result, "anchor-not-root") && r.current.trying == "" })
	test.Tap(r.tabs.Tab(diagnosisPage))
	r.shoot("4-anchor-not-root")
	card := r.card("anchor-not-root")
	var automatic int
	for i, f := range card.Finding.Fixes {
		if f.Automatic {
			automatic = i
			break
		}
	}
	before := r.current.effective().Trust.Files[0]
	test.Tap(card.Buttons[automatic])
	r.until("the question", func() bool { return r.asked != nil })
	r.shoot("5-confirm")
	test.Tap(r.asked.yes)
	r.until("the finding to be gone", func() bool {
		return r.current.change != nil && r.current.trying == "" && r.current.result != nil && !has(r.current.result, "anchor-not-root")
	})
	r.shoot("6-repaired")
	after := r.current.effective().Trust.Files[0]
	if after == before {
		t.Fatal("the profile still names the old CA file")
	}
	r.current.undo()
	r.until("the finding to be back", func() bool { return has(r.current.result, "anchor-not-root") && r.current.trying == "" })
	if now := r.current.effective().Trust.Files[0]; now != before {
		t.Errorf("undo left %s instead of %s", now, before)
	}
}

// chooseFault has the practice broker break that way when it is connected next; an empty id: not at all.
func (r *rig) chooseFault(id string) {
	r.t.Helper()
	if lessonOf(id).ID != id {
		r.t.Fatalf("the practice broker has no fault %q", id)
	}
	r.current.fault = id
}

func has(res *diagnose.Result, id string) bool {
	if res == nil {
		return false
	}
	for _, f := range res.Findings {
		if f.ID == id {
			return true
		}
	}
	return false
}

func (r *rig) card(id string) *widgets.FindingCard {
	r.t.Helper()
	for _, c := range r.diagnosis.cards {
		if c.Finding.ID == id {
			return c
		}
	}
	r.t.Fatalf("there is no card for %s", id)
	return nil
}

// TestFaults connects to brokers that are broken in ways that refuse, and sees the cause on the page.
func TestFaults(t *testing.T) {
	for _, id := range []string{"root-unknown", "intermediate-missing", "certificate-expired", "client-certificate-required", "server-speaks-plain-mqtt", "tcp-refused"} {
		t.Run(id, func(t *testing.T) {
			r := newRig(t, nil)
			r.chooseFault(id)
			test.Tap(r.header.connect)
			r.until("the finding", func() bool { return has(r.current.result, id) && r.current.trying == "" })
			r.badge(widgets.Bad, "Not connected")
			if got := r.current.result.Findings[0]; r.header.detail.Text != got.Title {
				t.Errorf("the header says %q, the first finding %q", r.header.detail.Text, got.Title)
			}
			if r.tabs.Selected() != diagnosisPage {
				t.Error("the window stays on the page of messages")
			}
			r.shoot("fault-" + id)
			r.card(id)
			last := r.diagnosis.body.Objects[len(r.diagnosis.body.Objects)-1].(*widgets.Fold)
			test.Tap(last.Button)
			if !last.IsOpen() {
				t.Error("the technical details do not open")
			}
			r.relayout()
			r.diagnosis.scroll.ScrollToBottom()
			r.shoot("fault-" + id + "-below")
		})
	}
}
