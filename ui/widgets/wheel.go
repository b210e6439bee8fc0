package widgets

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// wheel lies over a line to type in and hands the mouse wheel on to the page around it. Fyne's own line takes the wheel
// for itself, so that a page of many fields stops scrolling whenever one comes under the pointer.
type wheel struct {
	widget.BaseWidget
	on fyne.CanvasObject // what it lies over
}

func newWheel(on fyne.CanvasObject) *wheel {
	w := &wheel{on: on}
	w.ExtendBaseWidget(w)
	return w
}

// CreateRenderer implements fyne.Widget: there is nothing to be seen.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(rgba(0)))
}

// Scrolled implements fyne.Scrollable.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(w.on)
	if c == nil {
		return
	}
	root := c.Content()
	if top := c.Overlays().Top(); top != nil {
		root = top
	}
	if s := scrollAt(root, e.AbsolutePosition); s != nil {
		s.Scrolled(e)
	}
}

// scrollAt is the innermost scroller below o that pos, relative to o's parent, lies in and that has more to show than
// fits; nil: there is none.
func scrollAt(o fyne.CanvasObject, pos fyne.Position) *container.Scroll {
	pos = pos.Subtract(o.Position())
	if size := o.Size(); !o.Visible() || pos.X < 0 || pos.Y < 0 || pos.X >= size.Width || pos.Y >= size.Height {
		return nil
	}
	for _, child := range within(o) {
		if s := scrollAt(child, pos); s != nil {
			return s
		}
	}
	if s, ok := o.(*container.Scroll); ok && s.Content.MinSize().Height > s.Size().Height {
		return s
	}
	return nil
}

// within are the parts of o, as far as scrollers can be among them.
func within(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case *container.Scroll:
		return []fyne.CanvasObject{o.Content}
	case *container.Split:
		return []fyne.CanvasObject{o.Leading, o.Trailing}
	}
	// Panels, pop-ups, and what Fyne lays over the window, whose type has no name outside of Fyne.
	v := reflect.Indirect(reflect.ValueOf(o))
	if v.Kind() != reflect.Struct {
		return nil
	}
	if f := v.FieldByName("Content"); f.IsValid() && f.CanInterface() {
		if c, ok := f.Interface().(fyne.CanvasObject); ok && c != nil {
			return []fyne.CanvasObject{c}
		}
	}
	return nil
}

// wheelRenderer is an entry's renderer with a wheel over it.
type wheelRenderer struct {
	fyne.WidgetRenderer
	wheel *wheel
}

// Layout implements fyne.WidgetRenderer.
func (r *wheelRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.wheel.Resize(size)
}

// Objects implements fyne.WidgetRenderer.
func (r *wheelRenderer) Objects() []fyne.CanvasObject {
	objects := r.WidgetRenderer.Objects()
	return append(objects[:len(objects):len(objects)], r.wheel)
}

// CreateRenderer implements fyne.Widget.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	r := e.Entry.CreateRenderer()
	if e.MultiLine { // it has something to scroll itself
		return r
	}
	return &wheelRenderer{r, newWheel(e)}
}
