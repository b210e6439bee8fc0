package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// beside places an object at the right of another one, or below it where that one would get less room than it needs.
type beside struct {
	least float32 // what the first object needs
	width float32 // of the last layout: the height depends on it
}

// besideGap is between the two.
const besideGap = 4

// NewBeside returns content with aside at its right, or below it where content would be narrower than least.
func NewBeside(least float32, content, aside fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{least: least}, content, aside)
}

// below says whether the second object goes below the first.
func (b *beside) below(objects []fyne.CanvasObject) bool {
	return b.width > 0 && b.width < b.least+besideGap+objects[1].MinSize().Width
}

// Layout implements fyne.Layout.
func (b *beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	b.width = size.Width
	content, aside := objects[0], objects[1]
	least := aside.MinSize()
	if b.below(objects) {
		content.Move(fyne.NewPos(0, 0))
		content.Resize(fyne.NewSize(size.Width, size.Height-least.Height-besideGap))
		aside.Move(fyne.NewPos(0, size.Height-least.Height))
		aside.Resize(fyne.NewSize(min(least.Width, size.Width), least.Height))
		return
	}
	content.Move(fyne.NewPos(0, 0))
	content.Resize(fyne.NewSize(size.Width-least.Width-besideGap, size.Height))
	aside.Move(fyne.NewPos(size.Width-least.Width, 0))
	aside.Resize(least)
}

// MinSize implements fyne.Layout.
func (b *beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	content, aside := objects[0].MinSize(), objects[1].MinSize()
	size := fyne.NewSize(max(content.Width, aside.Width), max(content.Height, aside.Height))
	if b.below(objects) {
		size.Height = content.Height + besideGap + aside.Height
	}
	return size
}
