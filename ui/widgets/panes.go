package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// panes places two objects side by side where there is room, else one above the other.
type panes struct{ wide, left float32 }

// NewPanes returns first at the left with the part left of the width (0 to 1), and second beside it; where there are fewer
// than wide pixels, first above second.
func NewPanes(wide, left float32, first, second fyne.CanvasObject) *fyne.Container {
	return container.New(panes{wide, left}, first, second)
}

// Gap between the two, and the part of the height that the upper one has.
const (
	paneGap   = 10
	paneUpper = 0.4
)

func (p panes) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, second := objects[0], objects[1]
	first.Move(fyne.NewPos(0, 0))
	if size.Width < p.wide {
		upper := (size.Height - paneGap) * paneUpper
		first.Resize(fyne.NewSize(size.Width, upper))
		second.Move(fyne.NewPos(0, upper+paneGap))
		second.Resize(fyne.NewSize(size.Width, size.Height-upper-paneGap))
		return
	}
	left := (size.Width - paneGap) * p.left
	first.Resize(fyne.NewSize(left, size.Height))
	second.Move(fyne.NewPos(left+paneGap, 0))
	second.Resize(fyne.NewSize(size.Width-left-paneGap, size.Height))
}

func (p panes) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), max(a.Height, b.Height))
}
