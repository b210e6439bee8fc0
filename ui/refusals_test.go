package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/ui/widgets"
)

// bars are the sentences about refusals on the page of the messages.
func (b *refusalBars) bars() (all []*widgets.Bar) {
	for _, o := range b.box.Objects {
		if x, ok := o.(*widgets.Bar); ok && b.box.Visible() {
			all = append(all, x)
		}
	}
	return all
}

func (r *rig) refused(words string) *widgets.Bar {
	r.t.Helper()
	var found *widgets.Bar
	r.until("the bar "+words, func() bool {
		for _, b := range r.messages.refusals.bars() {
			if strings.Contains(b.Label.Text, words) {
				found = b
			}
		}
		return found != nil
	})
	return found
}

// TestRefusedInSession: what a broker refuses while the connection stands is seen where it happens, and explained.
func TestRefusedInSession(t *testing.T) {
	for _, c := range []struct {
		fault, variant, words string
		do                    func(*rig)
	}{
		{"mqtt-subscribe-refused", "", `The broker refused the subscription to "room/+": not authorized.`, func(r *rig) {
			test.Type(r.messages.subscribe.filter, "room/+")
			test.Tap(r.messages.subscribe.button)
		}},
		{"mqtt-publish-refused", "", `The broker refused a message to "room/1": not authorized.`, func(r *rig) {
			test.Type(r.messages.compose.topic, "room/1")
			test.Tap(r.messages.compose.publish)
		}},
		{"mqtt-disconnected", "shutting-down", "The broker ended the connection: server shutting down.", func(*rig) {}},
		{"mqtt-client-id-in-use", "", "another client came with the same client identifier", func(*rig) {}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := newRig(t, nil)
			r.practise(c.fault, c.variant)
			if r.tabs.Selected() != messagesPage {
				t.Errorf("page %d is shown, not that of the messages", r.tabs.Selected())
			}
			r.until("the connection", func() bool { return r.current.connected() || len(r.current.refusals) > 0 })
			c.do(r)
			bar := r.refused(c.words)
			r.shoot("refused-" + c.fault)
			test.Tap(bar.Actions[0])
			if r.tabs.Selected() != diagnosisPage || !has(r.current.result, c.fault) {
				t.Fatalf("page %d shows %+v", r.tabs.Selected(), r.current.result.Findings)
			}
			r.shoot("refused-explained-" + c.fault)
			if !slices.ContainsFunc(r.diagnosis.cards, func(card *widgets.FindingCard) bool { return card.Visible() }) {
				t.Error("no card is shown")
			}
			r.tabs.Select(messagesPage)
			bar = r.refused(c.words)
			test.Tap(bar.Close)
			for _, b := range r.messages.refusals.bars() {
				if b == bar {
					t.Error("it was closed and is still shown")
				}
			}
		})
	}
}

// TestExplanationStays while sound connections follow, as they do where a broker ends each after a while.
func TestExplanationStays(t *testing.T) {
	r := newRig(t, nil)
	r.practise("mqtt-disconnected", "")
	test.Tap(r.refused("The broker ended the connection").Actions[0])
	shown := r.current.result
	r.until("a further connection to be judged", func() bool { return r.current.judged != r.current.attempt && r.current.trying == "" })
	if !has(r.current.result, "mqtt-disconnected") {
		t.Errorf("it was replaced by %+v", r.current.result.Findings)
	}
	r.until("it to happen again", func() bool { return r.current.result != shown || r.current.refusals[0].times > 1 })
	r.tabs.Select(messagesPage)
	r.refused("It has happened")
	r.win.Resize(fyne.NewSize(860, 640))
	r.shoot("refused-narrow")
}
