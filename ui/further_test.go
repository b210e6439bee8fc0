package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

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
