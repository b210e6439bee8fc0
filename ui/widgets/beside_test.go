package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// TestBeside places the second object where the first one has the room that it needs.
func TestBeside(t *testing.T) {
	content, aside := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	content.SetMinSize(fyne.NewSize(10, 40))
	aside.SetMinSize(fyne.NewSize(100, 30))
	c := NewBeside(200, content, aside)
	for _, x := range []struct {
		width, height, content float32
		at                     fyne.Position
	}{{400, 40, 296, fyne.NewPos(300, 0)}, {304, 40, 200, fyne.NewPos(204, 0)}, {303, 74, 303, fyne.NewPos(0, 44)}, {400, 40, 296, fyne.NewPos(300, 0)}} {
		c.Resize(fyne.NewSize(x.width, 10))
		c.Resize(fyne.NewSize(x.width, c.MinSize().Height))
		if c.Size().Height != x.height || content.Size().Width != x.content || aside.Position() != x.at || c.MinSize().Width != 100 {
			t.Errorf("%v wide: %v high, the first is %v wide, the second is at %v", x.width, c.Size().Height, content.Size().Width, aside.Position())
		}
	}
}

// TestBehind places one object at the left of the content or above it, and the keyboard comes to it first.
func TestBehind(t *testing.T) {
	content, aside := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	content.SetMinSize(fyne.NewSize(10, 40))
	aside.SetMinSize(fyne.NewSize(100, 30))
	c := NewBehind(200, aside, content)
	if c.Objects[0] != aside {
		t.Error("Tab comes to the right one first")
	}
	for _, x := range []struct {
		width, height, content float32
		at                     fyne.Position
	}{{400, 40, 296, fyne.NewPos(104, 0)}, {303, 74, 303, fyne.NewPos(0, 34)}} {
		c.Resize(fyne.NewSize(x.width, 10))
		c.Resize(fyne.NewSize(x.width, c.MinSize().Height))
		if c.Size().Height != x.height || content.Size().Width != x.content || content.Position() != x.at || aside.Position() != fyne.NewPos(0, 0) {
			t.Errorf("%v wide: %v high, the content is %v wide at %v, the other at %v", x.width, c.Size().Height, content.Size().Width, content.Position(), aside.Position())
		}
	}
}
