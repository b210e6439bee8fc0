package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/report"
	"mutual/ui/widgets"
)

// TestCertificateAtFaultIsDrawn: whichever certificate a finding is about stands marked in the drawing.
func TestCertificateAtFaultIsDrawn(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct{ fault, variant, section, role string }{
		{"certificate-expires-soon", "intermediate", "broker", "Intermediate"},
		{"certificate-expired", "root", "broker", "Root, trusted"},
		{"client-certificate-expired", "", "client", "Client certificate"},
		{"client-certificate-unknown-ca", "tls-1.2", "client", "Client certificate"},
		{"client-chain-incomplete", "", "client", "Client certificate"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r.practise(c.fault, c.variant)
			r.until("the finding", func() bool { return has(r.current.result, c.fault) && r.current.trying == "" && !r.current.busy() })
			r.tabs.Select(diagnosisPage)
			links := drawn(report.Links(r.current.attempt, *r.current.result))
			if mine := drawn(report.ClientLinks(r.current.attempt, *r.current.result)); c.section == "client" {
				links = mine
			} else if len(mine) > 0 {
				t.Errorf("the client certificate is drawn: %+v", mine)
			}
			faulty := 0
			for _, l := range links {
				if l.Fault != "" {
					faulty++
					if l.Role != c.role || l.Tone != widgets.SeverityTone(r.current.result.Findings[0].Severity) {
						t.Errorf("marked is %+v", l)
					}
				}
			}
			if faulty != 1 {
				t.Errorf("%d of %+v are marked", faulty, links)
			}
			r.shoot("drawn-" + c.fault)
		})
	}
	card := r.diagnosis.cards[0]
	test.Tap(card.Copy)
	if got := r.app.Clipboard().Content(); !strings.Contains(got, card.Finding.Title) || !strings.Contains(got, card.Finding.ID) {
		t.Errorf("copied is %q", got)
	}
}
