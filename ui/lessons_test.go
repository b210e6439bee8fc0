package ui

import (
	"os"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/evidence"
	"mutual/core/lab"
	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// practising opens the page on a fault.
func (r *rig) practising(id string) *lessons {
	r.t.Helper()
	test.Tap(r.tabs.Tab(practicePage))
	r.lessons.list.choose(id)
	if i := r.lessons.list.at(id); i < 0 {
		r.t.Fatalf("%q is not listed", id)
	}
	return r.lessons
}

// TestPractise is the way from the list to the diagnosis and back.
func TestPractise(t *testing.T) {
	r := newRig(t, nil)
	r.practising("")
	r.shoot("practice-first")
	p := r.practising("name-mismatch")
	if p.title.Text != lessonOf("name-mismatch").Title || p.lesson.Text == "" || p.see.Visible() || p.now.Visible() {
		t.Errorf("chosen: %q, %q", p.title.Text, p.lesson.Text)
	}
	test.Tap(p.start)
	if r.tabs.Selected() != diagnosisPage {
		t.Error("the page of the diagnosis is not shown")
	}
	if r.diagnosis.empty.Visible() || r.diagnosis.doing.Text == "" || !r.diagnosis.cancel.Visible() {
		t.Error("the page does not say what is being done")
	}
	r.until("the finding", func() bool { return has(r.current.result, "name-mismatch") && r.current.trying == "" })
	r.shoot("practice-diagnosis")
	test.Tap(r.tabs.Tab(practicePage))
	if !p.now.Visible() || !p.see.Visible() || p.start.Text != "Start again" {
		t.Errorf("running: %q, the button says %q", p.nowText.Text, p.start.Text)
	}
	r.shoot("practice-running")
	dir := r.current.practice.lab.Dir()
	test.Tap(p.stop)
	r.until("the broker to stop", func() bool { return !r.current.closing && r.lessons.practising() == nil })
	if p.now.Visible() || p.start.Text != "Start" {
		t.Errorf("stopped: %q, the button says %q", p.nowText.Text, p.start.Text)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder of its files: %v", err)
	}
}

// TestPractiseNext starts one broker in the place of another, and the sound one in the place of a broken one.
func TestPractiseNext(t *testing.T) {
	r := newRig(t, nil)
	test.Tap(r.practising("certificate-expired").start)
	r.until("the first finding", func() bool { return has(r.current.result, "certificate-expired") && r.current.trying == "" })
	first := r.current.practice
	p := r.practising("certificate-expired")
	p.form.SetSelectedIndex(slices.Index(p.variants, "root"))
	r.shoot("practice-variant")
	test.Tap(p.start)
	r.until("the second finding", func() bool { return has(r.current.result, "certificate-expired") && r.current.trying == "" })
	if now := r.current.practice; now == first || now.variant != "root" {
		t.Errorf("the broker is still the first, or not the variant: %+v", now)
	}
	test.Tap(r.practising("").start)
	r.badge(widgets.Good, "Two-way TLS")
	if r.tabs.Selected() != messagesPage || r.current.practice.fault != "" {
		t.Errorf("page %d, fault %q", r.tabs.Selected(), r.current.practice.fault)
	}
}

// TestPractiseFromElsewhere: whichever connection is shown, or none, the practice broker's is used.
func TestPractiseFromElsewhere(t *testing.T) {
	r := newRig(t, nil)
	practice := r.current
	r.add(profile.New("mine"))
	test.Tap(r.practising("self-signed-leaf").start)
	r.until("the finding", func() bool { return has(r.current.result, "self-signed-leaf") && r.current.trying == "" })
	if r.current != practice {
		t.Errorf("it is practised with %q", r.current.profile.Name)
	}
	r.onDelete(practice)
	r.until("it to be gone", func() bool { return r.current != practice })
	test.Tap(r.practising("self-signed-leaf").start)
	r.until("the finding", func() bool {
		return r.current.profile.Practice && has(r.current.result, "self-signed-leaf") && r.current.trying == ""
	})
}

// TestPractiseCancel gives up while the broker is being started; nothing of it stays.
func TestPractiseCancel(t *testing.T) {
	r := newRig(t, nil)
	p := r.practising("root-unknown")
	test.Tap(p.start)
	r.until("it to be started", func() bool { return r.current.preparing != "" })
	test.Tap(r.tabs.Tab(practicePage))
	if p.stop.Text != "Cancel" {
		t.Errorf("the button says %q", p.stop.Text)
	}
	test.Tap(p.stop)
	if r.current.busy() || p.now.Visible() {
		t.Error("it is still busy")
	}
	test.Tap(p.start) // and starting at once again works
	r.until("the finding", func() bool { return has(r.current.result, "root-unknown") && r.current.trying == "" })
}

// TestPractiseSearch finds by the words of a title, a lesson or an id, and goes by keyboard.
func TestPractiseSearch(t *testing.T) {
	r := newRig(t, nil)
	l := r.practising("").list
	if len(l.all) != len(lab.Faults())+1 {
		t.Errorf("%d are listed", len(l.all))
	}
	l.search.SetText("OCSP nonsense")
	if len(l.rows) != 0 || !l.none.Visible() {
		t.Errorf("%d rows", len(l.rows))
	}
	r.shoot("practice-nothing")
	r.lessons.onStart()
	if r.current.busy() {
		t.Error("what is not shown was started")
	}
	l.search.SetText("root  FILE anchor")
	if len(l.rows) < 2 || l.chosen != l.rows[1].ID {
		t.Fatalf("%d rows, chosen %q", len(l.rows), l.chosen)
	}
	l.search.SetText("wildcard")
	if l.chosen != "wildcard-mismatch" {
		t.Errorf("chosen %q", l.chosen)
	}
	l.search.SetText("")
	l.choose("")
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyUp} {
		l.search.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if want := lab.Faults()[0].ID; l.chosen != want {
		t.Errorf("the arrows lead to %q, want %q", l.chosen, want)
	}
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until("it to be started", func() bool { return r.current.fault == l.chosen && r.current.result != nil && r.current.trying == "" })
}

// TestPractiseNarrow is for the picture.
func TestPractiseNarrow(t *testing.T) {
	r := newRig(t, func(s *store.Store) {})
	r.win.Resize(fyne.NewSize(leastWidth, leastHeight))
	test.Tap(r.practising("server-speaks-plain-mqtt").start)
	r.until("the finding", func() bool { return has(r.current.result, "server-speaks-plain-mqtt") && r.current.trying == "" })
	r.shoot("narrow-diagnosis")
	r.practising("tls-version-unsupported")
	r.shoot("narrow-practice")
	for i, name := range pageNames {
		r.tabs.Select(i)
		if width := r.win.Content().MinSize().Width; width > leastWidth {
			t.Errorf("with the page %s the window cannot be narrower than %v", name, width)
		}
	}
	test.Tap(r.practising("").start)
	r.badge(widgets.Good, "Two-way TLS")
	r.until("the diagnosis to end", func() bool { return r.current.trying == "" })
	r.relayout()
	if width := r.win.Content().MinSize().Width; width > leastWidth {
		t.Errorf("connected, the window cannot be narrower than %v", width)
	}
	r.shoot("narrow-connected")
}

// TestProbesAreShown: while probes run, each is named; afterwards what each came to can be read.
func TestProbesAreShown(t *testing.T) {
	r := newRig(t, nil)
	var seen []evidence.Probe
	ended := 0 // one of those that were seen struck off while others ran, counted from 1
	r.current.fault = "tls-version-unsupported"
	r.until("the end", func() bool {
		if !r.current.busy() && !r.current.live() && r.current.result == nil && r.current.trying == "" {
			test.Tap(r.header.connect)
			r.tabs.Select(diagnosisPage)
		}
		for i, p := range r.current.asking {
			if p.Status != "" && ended == 0 {
				ended = i + 1
				r.shoot("probes")
			}
		}
		if n := len(r.current.asking); n > len(seen) {
			seen = slices.Clone(r.current.asking)
			if shown := len(r.diagnosis.asking.Objects); shown != n {
				t.Errorf("%d probes are shown of %d", shown, n)
			}
		}
		return r.current.result != nil && r.current.trying == "" && len(r.current.attempt.Probes) > 0
	})
	if len(seen) < 4 {
		t.Errorf("the window named %v", seen)
	}
	if ended == 0 {
		t.Error("none was seen to end")
	}
	if len(r.diagnosis.asking.Objects) != 0 {
		t.Error("the probes that have ended are still shown as running")
	}
	r.relayout()
	r.diagnosis.scroll.ScrollToBottom()
	r.shoot("probes-after")
}
