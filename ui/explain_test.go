package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/explain"
	"mutual/ui/widgets"
)

// explained opens the dialog by its button and has text explained, by way of the clipboard.
func (r *rig) explained(text string) *explainer {
	r.t.Helper()
	test.Tap(r.tabs.Tab(diagnosisPage))
	test.Tap(r.diagnosis.explain)
	e := r.diagnosis.explainer
	r.app.Clipboard().SetContent(text)
	test.Tap(e.paste)
	r.until("the explanation", func() bool { return !e.runs && e.asked == e.entry.Text })
	return e
}

// bar is the text of the bar that answers, empty where there is none.
func (d *diagnosis) bar() string {
	if len(d.answered.Objects) == 0 {
		return ""
	}
	return d.answered.Objects[0].(*widgets.Bar).Label.Text
}

// TestExplain pastes a message of another program and finds that this connection has what it means.
func TestExplain(t *testing.T) {
	r := newRig(t, nil)
	r.chooseFault("anchor-not-root")
	test.Tap(r.header.connect)
	r.until("the finding", func() bool { return has(r.current.result, "anchor-not-root") && r.current.trying == "" })
	e := r.explained("")
	if len(e.rows.Objects) != 1 || len(e.checks) != 0 || e.clear.Visible() {
		t.Errorf("the empty state has %d rows, %d buttons", len(e.rows.Objects), len(e.checks))
	}
	r.shoot("explain-empty")
	e.entry.SetText("Error: unable to get issuer certificate")
	r.until("the explanation", func() bool { return len(e.found) > 0 && !e.runs })
	if e.found[0].ID != "anchor-not-root" || len(e.checks) != len(e.found) {
		t.Fatalf("%d buttons for %+v", len(e.checks), e.found)
	}
	r.shoot("explain-found")
	before := r.current.result
	test.Tap(e.checks[0])
	if r.open != nil {
		t.Error("the dialog stays open")
	}
	r.until("the check to end", func() bool { return r.diagnosis.sought == nil })
	r.settle()
	if r.current.result == before {
		t.Error("the connection was not tried again")
	}
	card := r.card("anchor-not-root")
	if !card.Marked() {
		t.Error("the finding is not marked")
	}
	if text := r.diagnosis.bar(); !strings.Contains(text, "shows what the message means: "+explain.Title("anchor-not-root")) {
		t.Errorf("the bar says %q", text)
	}
	r.relayout()
	r.diagnosis.scrollTo(card)
	if top := r.diagnosis.scroll.Offset.Y; card.Position().Y < top || card.Position().Y > top+r.diagnosis.scroll.Size().Height/2 {
		t.Errorf("the card is at %v, the page at %v", card.Position().Y, top)
	}
	r.shoot("explain-checked")
}

// TestExplainNotShown: a connection that does not have what the message means says so.
func TestExplainNotShown(t *testing.T) {
	for _, c := range []struct{ fault, want string }{
		{"", "Nothing is wrong with it."},
		{"name-mismatch", "What it does show stands below."},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r := newRig(t, nil)
			r.chooseFault(c.fault)
			e := r.explained("ssl.SSLCertVerificationError: certificate has expired (_ssl.c:1006)")
			if len(e.found) == 0 || e.found[0].ID != "certificate-expired" {
				t.Fatalf("explained as %+v", e.found)
			}
			test.Tap(e.checks[0])
			r.until("the check to end", func() bool { return r.diagnosis.sought == nil })
			if text := r.diagnosis.bar(); !strings.Contains(text, "does not show") || !strings.HasSuffix(text, c.want) {
				t.Errorf("the bar says %q", text)
			}
			for _, card := range r.diagnosis.cards {
				if card.Marked() {
					t.Errorf("%s is marked", card.Finding.ID)
				}
			}
			r.shoot("explain-not-shown")
			test.Tap(r.diagnosis.tryNow)
			r.until("the next try", func() bool { return r.current.trying == "" })
			if text := r.diagnosis.bar(); text != "" {
				t.Errorf("after another try the bar still says %q", text)
			}
		})
	}
}

// TestExplainCancelled: who cancels the check gets no answer, and none later to another question.
func TestExplainCancelled(t *testing.T) {
	r := newRig(t, nil)
	e := r.explained("certificate has expired")
	test.Tap(e.checks[0])
	if r.current.trying == "" {
		t.Fatal("nothing is tried")
	}
	test.Tap(r.diagnosis.cancel)
	if r.diagnosis.sought != nil {
		t.Error("the question stands")
	}
	test.Tap(r.header.connect)
	r.until("the diagnosis", func() bool { return r.current.result != nil && r.current.trying == "" })
	if text := r.diagnosis.bar(); text != "" {
		t.Errorf("the bar says %q", text)
	}
}

// TestExplainNonsense: a text that means nothing is told so, a long log does not hold the window up, and Escape closes.
func TestExplainNonsense(t *testing.T) {
	r := newRig(t, nil)
	e := r.explained("nothing in particular")
	if len(e.found) != 0 || len(e.checks) != 0 || len(e.rows.Objects) != 1 {
		t.Errorf("explained as %+v", e.found)
	}
	r.shoot("explain-nothing")
	long := strings.Repeat("1700000000: New connection from 192.0.2.1:4711 on port 8883.\n", 2000)
	r.app.Clipboard().SetContent(long)
	began := time.Now()
	test.Tap(e.paste)
	t.Logf("pasting took the window's goroutine %v", time.Since(began))
	if len(e.entry.Text) > maxPasted || !strings.HasPrefix(long, e.entry.Text) {
		t.Errorf("the field holds %d bytes", len(e.entry.Text))
	}
	if !e.runs {
		t.Error("the log was explained on the window's goroutine")
	}
	e.entry.SetText("mosquitto: certificate has expired")
	r.until("what was typed last to be explained", func() bool { return !e.runs && len(e.found) > 0 && e.asked == e.entry.Text })
	e.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.open != nil || r.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the dialog")
	}
}
