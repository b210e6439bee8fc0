package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// TestLookFurther asks beyond what was set up only after it was said whom, and judges again with the answers.
func TestLookFurther(t *testing.T) {
	r := newRig(t, nil)
	r.practise("tcp-refused", "")
	r.until("the finding", func() bool { return has(r.current.result, "tcp-refused") && r.current.trying == "" })
	d := r.diagnosis
	if n := len(r.current.attempt.Probes); n != 0 || !d.look.Visible() {
		t.Fatalf("%d probes were made unasked, the button is visible: %v", n, d.look.Visible())
	}
	r.shoot("further-before")
	test.Tap(d.look)
	if d.further.ports == nil || d.further.intermediates != nil || d.further.revocation != nil {
		t.Fatalf("asked is %+v", d.further)
	}
	r.shoot("further-question")
	before := r.current.result
	test.Tap(r.asked.yes)
	if d.doing.Text != "Looking further…" || !d.cancel.Visible() {
		t.Errorf("the page says %q", d.doing.Text)
	}
	var most int
	r.until("the answers", func() bool {
		most = max(most, len(d.asking.Objects))
		return r.current.trying == ""
	})
	ports := 0
	for _, p := range r.current.attempt.Probes {
		if strings.HasPrefix(p.Name, "port-") {
			ports++
		}
	}
	if ports < 4 || most != ports || r.current.result == before {
		t.Errorf("%d ports were tried, %d shown while they were", ports, most)
	}
	r.shoot("further-after")
}

// TestLookFurtherDeclined asks nobody.
func TestLookFurtherDeclined(t *testing.T) {
	r := newRig(t, nil)
	r.practise("tcp-refused", "")
	r.until("the finding", func() bool { return has(r.current.result, "tcp-refused") && r.current.trying == "" })
	test.Tap(r.diagnosis.look)
	r.asked.answer(false)
	if r.current.trying != "" {
		t.Error("it looks further")
	}
	test.Tap(r.diagnosis.look)
	r.diagnosis.further.ports.SetChecked(false)
	test.Tap(r.asked.yes)
	r.until("the end", func() bool { return r.current.trying == "" })
	if n := len(r.current.attempt.Probes); n != 0 {
		t.Errorf("%d probes without a tick", n)
	}
}

// TestLookFurtherCancel: what was known stays, and what comes late is not shown.
func TestLookFurtherCancel(t *testing.T) {
	r := newRig(t, nil)
	r.practise("tcp-refused", "")
	r.until("the finding", func() bool { return has(r.current.result, "tcp-refused") && r.current.trying == "" })
	before := r.current.result
	test.Tap(r.diagnosis.look)
	test.Tap(r.asked.yes)
	test.Tap(r.diagnosis.cancel)
	if r.current.trying != "" || r.current.result != before {
		t.Error("it goes on, or the result is gone")
	}
}

func TestMissingFrom(t *testing.T) {
	now, before := []evidence.Probe{{Name: "a"}}, []evidence.Probe{{Name: "a", Detail: "old"}, {Name: "b"}}
	if got := missingFrom(now, before); len(got) != 1 || got[0].Name != "b" {
		t.Errorf("%+v", got)
	}
	if len(before) != 2 || before[0].Name != "a" {
		t.Errorf("the old ones were changed: %+v", before)
	}
}

// TestLookFurtherForCertificates: the addresses that the certificates name are said before, asked then, and judged with.
func TestLookFurtherForCertificates(t *testing.T) {
	for _, c := range []struct {
		fault, variant, kind, finding string
		fix                           bool
	}{
		{"intermediate-missing", "fetchable", "issuer:", "intermediate-missing", true},
		{"certificate-revoked", "", "", "certificate-revoked", false},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := newRig(t, nil)
			r.practise(c.fault, c.variant)
			r.until("the attempt", func() bool { return r.current.result != nil && r.current.trying == "" && !r.current.busy() })
			if r.current.practice.profile.Trust.CheckRevocation { // what the connection has asked itself is not asked again
				if r.diagnosis.look.Visible() {
					t.Error("there is somebody left to ask")
				}
				r.current.practice.profile.Trust.CheckRevocation = false
				r.current.try()
				r.until("the attempt", func() bool { return r.current.trying == "" })
			}
			r.tabs.Select(diagnosisPage)
			fixes := automatic(r.current.result, c.finding)
			test.Tap(r.diagnosis.look)
			r.shoot("further-" + c.fault + "-question")
			test.Tap(r.asked.yes)
			r.until("the answers", func() bool { return r.current.trying == "" })
			r.shoot("further-" + c.fault + "-after")
			asked := 0
			for _, p := range r.current.attempt.Probes {
				if strings.HasPrefix(p.Name, c.kind) && strings.Contains(p.Name, "://") {
					asked++
				}
			}
			if asked == 0 || !has(r.current.result, c.finding) {
				t.Errorf("%d were asked; found %+v", asked, r.current.result.Findings)
			}
			if now := automatic(r.current.result, c.finding); c.fix && now <= fixes {
				t.Errorf("%d repairs before, %d after", fixes, now)
			}
		})
	}
}

// automatic counts the repairs that one click carries out.
func automatic(res *diagnose.Result, id string) (n int) {
	for _, f := range res.Findings {
		for _, x := range f.Fixes {
			if f.ID == id && x.Automatic {
				n++
			}
		}
	}
	return n
}
