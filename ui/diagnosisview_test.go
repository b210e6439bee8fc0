package ui

import (
	"context"
	"testing"

	"mutual/core/diagnose"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// Each card of the chain has the colour and the words of the gravest finding about its certificate, and no bare id.
func TestChainCards(t *testing.T) {
	for _, test := range []struct {
		fault string
		card  int
		tone  widgets.Tone
		id    string // the finding whose title stands on the card; "": none
	}{
		{"", 0, widgets.Good, ""},
		{"root-sent-untrusted", 2, widgets.Bad, "root-sent-untrusted"},
		{"self-signed-leaf", 0, widgets.Bad, "self-signed-leaf"},
		{"certificate-expired", 0, widgets.Bad, "certificate-expired"},
		{"root-included", 2, widgets.Good, ""},
		{"anchor-not-root", 2, widgets.Warn, "anchor-not-root"},
	} {
		t.Run(test.fault, func(t *testing.T) {
			l, err := lab.Start(context.Background(), lab.Options{Fault: test.fault})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			p := l.Profile()
			a := session.Try(context.Background(), p, pki.Load(context.Background(), p, pki.LoadOptions{Roots: l.Roots()}), "", session.Options{})
			r := diagnose.Diagnose(a, nil)
			links := drawn(report.Links(a, r))
			if len(links) <= test.card {
				t.Fatalf("cards %+v", links)
			}
			card, title := links[test.card], ""
			for _, f := range r.Findings {
				if f.ID == test.id {
					title = f.Title
				}
			}
			if card.Tone != test.tone || card.Fault != title {
				t.Errorf("card %+v, want tone %v and %q", card, test.tone, title)
			}
		})
	}
}
