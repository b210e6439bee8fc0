package ui

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/store"
	"mutual/ui/widgets"
)

// tell shows a message above the page until it is dismissed.
func (w *Window) tell(tone widgets.Tone, text string, actions ...*widget.Button) *widgets.Bar {
	for _, o := range w.bars.Objects {
		if b, ok := o.(*widgets.Bar); ok && b.Label.Text == text && len(actions) == 0 {
			return b
		}
	}
	var bar *widgets.Bar
	bar = widgets.NewBar(tone, text, func() { w.dismiss(bar) }, actions...)
	w.bars.Add(bar)
	if len(w.bars.Objects) > maxBars {
		w.bars.Remove(w.bars.Objects[0])
	}
	w.right.Refresh()
	if tone == widgets.Good || tone == widgets.Neutral {
		w.env.async.after(barLife, func() { w.dismiss(bar) })
	}
	return bar
}

// barLife is how long good news stays: long enough to read it and to reach for Undo.
const barLife = 15 * time.Second

// maxBars keeps messages from pushing the page away.
const maxBars = 3

func (w *Window) dismiss(b *widgets.Bar) {
	w.bars.Remove(b)
	w.right.Refresh()
}

// notices shows what the store came upon.
func (w *Window) notices(ns []store.Notice) {
	for _, n := range ns {
		w.tell(widgets.Warn, n.Text)
	}
}

func countText(n int) string { return strconv.Itoa(n) }

var lockIcon = theme.NewThemedResource(lockSVG)
