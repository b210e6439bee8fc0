package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// TestReveal: a field that gets the focus is scrolled into sight, both ways, and one in sight stays where it is.
func TestReveal(t *testing.T) {
	test.NewTempApp(t)
	var fields []*Entry
	rows := NewRows(8)
	for range 30 {
		e := NewEntry()
		fields = append(fields, e)
		rows.Add(NewCard(e))
	}
	page := container.NewVScroll(rows)
	w := test.NewTempWindow(t, container.NewBorder(widget.NewLabel("top"), widget.NewLabel("bottom"), nil, nil, page))
	w.Resize(fyne.NewSize(400, 300))

	inSight := func(o fyne.CanvasObject) bool {
		driver := fyne.CurrentApp().Driver()
		y := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(page).Y
		return y >= 0 && y+o.Size().Height <= page.Size().Height
	}
	w.Canvas().Focus(fields[1])
	if page.Offset.Y != 0 {
		t.Errorf("the page moved to %v although the field was in sight", page.Offset)
	}
	for _, i := range []int{20, 29, 3, 0} {
		if w.Canvas().Focus(fields[i]); !inSight(fields[i]) {
			t.Errorf("field %d has the focus out of sight, at %v", i, page.Offset)
		}
	}

	// A click, on a line that is only half in sight, and the window that comes back, do not move what is under the pointer.
	w.Canvas().Unfocus()
	page.ScrollToOffset(fyne.NewPos(0, fields[0].Size().Height/2))
	before := page.Offset
	fields[0].MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if w.Canvas().Focused() != fields[0] || page.Offset != before {
		t.Errorf("clicked on, the page went from %v to %v", before, page.Offset)
	}
	w.Canvas().Focus(fields[1])
	w.Canvas().Focus(fields[0])
	if !inSight(fields[0]) {
		t.Error("after a click it is no longer scrolled to")
	}
	page.ScrollToBottom()
	before = page.Offset
	fields[0].FocusLost()
	fields[0].Away()
	fields[0].FocusGained()
	if page.Offset != before {
		t.Errorf("when the window came back, the page went from %v to %v", before, page.Offset)
	}
	if w.Canvas().Focus(fields[1]); !inSight(fields[1]) {
		t.Error("after the window came back it is not scrolled to any longer")
	}
}
