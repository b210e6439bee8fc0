package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// TestWheelOverEntry: the page scrolls on when a field comes under the pointer, in a window as in a dialog; the innermost
// scroller that has something to scroll takes it.
func TestWheelOverEntry(t *testing.T) {
	test.NewTempApp(t)
	e := NewEntry()
	tall := NewRows(0, NewCard(e), NewFixedHeight(900, widget.NewLabel("")))
	short := container.NewVScroll(NewCard(tall))
	page := container.NewVScroll(NewFixedHeight(2000, container.NewBorder(nil, nil, widget.NewLabel("left"), nil, NewFixedHeight(300, short))))
	w := test.NewTempWindow(t, container.NewBorder(widget.NewLabel("top"), nil, nil, nil, page))
	w.Resize(fyne.NewSize(400, 300))

	roll := func(on *Entry, dy float32) {
		t.Helper()
		objects := test.WidgetRenderer(on).Objects()
		wheel, ok := objects[len(objects)-1].(fyne.Scrollable)
		if !ok || objects[len(objects)-1].Size() != on.Size() {
			t.Fatal("nothing over the field takes the wheel")
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(on).AddXY(20, 10)
		wheel.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}, Scrolled: fyne.NewDelta(0, dy)})
	}
	roll(e, -30)
	if page.Offset.Y == 0 && short.Offset.Y == 0 {
		t.Error("the page does not scroll")
	}
	if short.Size().Height < 1900 && short.Offset.Y != 30 {
		t.Errorf("the inner scroller is at %v, the page at %v", short.Offset, page.Offset)
	}

	inDialog := NewEntry()
	scroll := container.NewVScroll(NewRows(0, inDialog, NewFixedHeight(900, widget.NewLabel(""))))
	pop := widget.NewModalPopUp(container.NewGridWrap(fyne.NewSize(200, 200), scroll), w.Canvas())
	pop.Show()
	before := page.Offset
	roll(inDialog, -40)
	if scroll.Offset.Y != 40 || page.Offset != before {
		t.Errorf("the dialog is at %v, the page below it moved from %v to %v", scroll.Offset, before, page.Offset)
	}
	many := NewMultiLine(3)
	w.SetContent(many)
	for _, o := range test.WidgetRenderer(many).Objects() {
		if _, ok := o.(*wheel); ok {
			t.Error("a field of several lines does not scroll itself")
		}
	}
}
