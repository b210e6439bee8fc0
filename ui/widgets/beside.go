package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// beside places two objects side by side, or one below the other where the content would get less room than it needs. They
// stand in the order in which they are read, which is also the one that Tab takes.
type beside struct {
	aside int     // which of the two is not the content
	least float32 // what the content needs
	width float32 // of the last layout: the height depends on it
}

// besideGap is between the two.
const besideGap = 4

// NewBeside returns content with aside at its right, or below it where content would be narrower than least.
func NewBeside(least float32, content, aside fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{least: least, aside: 1}, content, aside)
}

// NewBehind returns content with aside at its left, or above it where content would be narrower than least.
func NewBehind(least float32, aside, content fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{least: least, aside: 0}, aside, content)
}

func (b *beside) parts(objects []fyne.CanvasObject) (content, aside fyne.CanvasObject) {
	return objects[1-b.aside], objects[b.aside]
}

// below says whether the second object goes below the first.
func (b *beside) below(objects []fyne.CanvasObject) bool {
	return b.width > 0 && b.width < b.least+besideGap+objects[b.aside].MinSize().Width
}

// Layout implements fyne.Layout.
func (b *beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	b.width = size.Width
	content, aside := b.parts(objects)
	least, below := aside.MinSize(), b.below(objects)
	room := fyne.NewSize(size.Width-least.Width-besideGap, size.Height)
	if below {
		room = fyne.NewSize(size.Width, size.Height-least.Height-besideGap)
		least.Width = min(least.Width, size.Width)
	}
	content.Resize(room)
	aside.Resize(least)
	objects[0].Move(fyne.NewPos(0, 0))
	if below {
		objects[1].Move(fyne.NewPos(0, objects[0].Size().Height+besideGap))
	} else {
		objects[1].Move(fyne.NewPos(objects[0].Size().Width+besideGap, 0))
	}
}

// MinSize implements fyne.Layout.
func (b *beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, second := objects[0].MinSize(), objects[1].MinSize()
	size := fyne.NewSize(max(first.Width, second.Width), max(first.Height, second.Height))
	if b.below(objects) {
		size.Height = first.Height + besideGap + second.Height
	}
	return size
}
