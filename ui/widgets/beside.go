package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// beside places an object at the right of another one, or below it where that one would get less room than it needs; or at
// its left, or above it.
type beside struct {
	first bool    // the second object comes first
	least float32 // what the first object needs
	width float32 // of the last layout: the height depends on it
}

// besideGap is between the two.
const besideGap = 4

// NewBeside returns content with aside at its right, or below it where content would be narrower than least.
func NewBeside(least float32, content, aside fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{least: least}, content, aside)
}

// NewBehind returns content with aside at its left, or above it where content would be narrower than least.
func NewBehind(least float32, aside, content fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{least: least, first: true}, content, aside)
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
	room := fyne.NewSize(size.Width-least.Width-besideGap, size.Height)
	first, second := fyne.NewPos(0, 0), fyne.NewPos(room.Width+besideGap, 0)
	if b.first {
		second.X = least.Width + besideGap
	}
	if b.below(objects) {
		room = fyne.NewSize(size.Width, size.Height-least.Height-besideGap)
		least.Width = min(least.Width, size.Width)
		second = fyne.NewPos(0, room.Height+besideGap)
		if b.first {
			second.Y = least.Height + besideGap
		}
	}
	if b.first {
		first, second = second, first
	}
	content.Move(first)
	content.Resize(room)
	aside.Move(second)
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
