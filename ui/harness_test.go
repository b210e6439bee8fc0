package ui

import (
	"context"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// rig is a window on a store of its own, whose goroutine is the test's: what the program would post to the window's
// goroutine stands in a queue that the test drains.
type rig struct {
	*Window
	t     testing.TB
	queue chan func()
}

// longest is how long a test waits for something that must come. Machines that do much else at the same time stand still for
// long; nothing is lost where it comes soon.
const longest = 2 * time.Minute

// newRig opens the window. prepare, if not nil, fills the store first.
func newRig(t testing.TB, prepare func(*store.Store)) *rig {
	t.Helper()
	return rigOn(t, t.TempDir(), prepare, nil)
}

// rigOn opens the window on dir. change, if not nil, changes its options.
func rigOn(t testing.TB, dir string, prepare func(*store.Store), change func(*Options)) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	s, notices, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.SetPassphraseWork(10)
	if prepare != nil {
		prepare(s)
	}
	r := &rig{t: t, queue: make(chan func(), 100_000)}
	o := Options{Store: s, Dir: dir, Notices: notices, Poster: func(f func()) { r.queue <- f }, Redraw: 50 * time.Millisecond,
		Notify: func(string, string) {}}
	if change != nil {
		change(&o)
	}
	r.Window = New(app, o)
	r.win.Resize(fyne.NewSize(1280, 800))
	t.Cleanup(r.shut)
	return r
}

// shut closes the window as a user does and waits until everything has ended.
func (r *rig) shut() {
	if r.closed {
		return
	}
	ended := false
	context.AfterFunc(r.env.ctx, func() { r.queue <- func() { ended = true } })
	r.Close()
	r.until("the window to close", func() bool { return ended })
}

// until drains the queue until done.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	limit := time.After(longest)
	for !done() {
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatalf("waited %s for %s; badge %q, detail %q", longest, what, r.header.badge.Text(), r.header.detail.Text)
		}
	}
}

// settle runs what stands in the queue now.
func (r *rig) settle() {
	for n := len(r.queue); n > 0; n-- {
		(<-r.queue)()
	}
}

// relayout lets the test canvas see changed minimum sizes, which it does not by itself.
func (r *rig) relayout() {
	size := r.win.Canvas().Size()
	r.win.Resize(size.AddWidthHeight(1, 1))
	r.win.Resize(size)
}

// add stores a profile through the window.
func (r *rig) add(p profile.Profile) *connection {
	r.t.Helper()
	r.added(p, nil)
	r.until("the profile to be shown", func() bool { return r.current != nil && r.current.profile.Name == p.Name })
	return r.current
}

// row is what the list at the left shows of a connection.
func (r *rig) row(c *connection) *widgets.ProfileRow {
	r.t.Helper()
	row := widgets.NewProfileRow()
	i := slices.Index(r.sidebar.shown, c)
	if i < 0 {
		r.t.Fatalf("%q is not listed", c.profile.Name)
	}
	r.sidebar.update(i, row)
	return row
}

func (r *rig) badge(tone widgets.Tone, text string) {
	r.t.Helper()
	r.until("the badge "+text, func() bool { return r.header.badge.Text() == text && r.header.badge.Tone() == tone })
}
