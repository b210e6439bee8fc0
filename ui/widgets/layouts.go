package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Flow lays objects in lines, as words are.
type Flow struct {
	Gap   float32
	width float32 // of the last layout: the height depends on it
}

// NewFlow returns a container whose objects wrap.
func NewFlow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&Flow{Gap: gap}, objects...)
}

// Layout implements fyne.Layout.
func (f *Flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, p fyne.Position, s fyne.Size) {
		o.Move(p)
		o.Resize(s)
	})
}

// MinSize implements fyne.Layout.
func (f *Flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	widest := float32(0)
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, o.MinSize().Width)
		}
	}
	width := f.width
	if width == 0 {
		width = 400
	}
	return fyne.NewSize(min(widest, max(width, 1)), f.place(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}

// place calls put for each object and returns the height used.
func (f *Flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := o.MinSize()
		s.Width = min(s.Width, width)
		if x > 0 && x+s.Width > width {
			x, y, line = 0, y+line+f.Gap, 0
		}
		put(o, fyne.NewPos(x, y), s)
		x += s.Width + f.Gap
		line = max(line, s.Height)
	}
	return y + line
}

// column keeps its one object to a readable width, at the left.
type column struct{ limit float32 }

// NewColumn returns content no wider than limit.
func NewColumn(limit float32, content fyne.CanvasObject) *fyne.Container {
	return container.New(column{limit}, content)
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(fyne.NewSize(min(size.Width, c.limit), size.Height))
	}
}

func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return m
}

// fixedWidth gives its objects one width.
type fixedWidth struct{ width float32 }

// NewFixedWidth returns content of exactly that width.
func NewFixedWidth(width float32, content fyne.CanvasObject) *fyne.Container {
	return container.New(fixedWidth{width}, content)
}

func (f fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
}

func (f fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	m.Width = f.width
	return m
}

// NewMiddle centres content vertically and gives it the whole width.
func NewMiddle(content fyne.CanvasObject) *fyne.Container {
	return container.NewVBox(layout.NewSpacer(), content, layout.NewSpacer())
}

// NewPadded returns content with space around it.
func NewPadded(top, bottom, left, right float32, content fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), content)
}

// NewRows stacks objects with gap between them.
func NewRows(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// NewRow places objects side by side with gap between them.
func NewRow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), objects...)
}

// lead is a row whose first object gives way to the others.
type lead struct{ gap, least float32 }

// NewLead returns a row in which the first object is narrowed, down to least, where there is not room for all.
func NewLead(gap, least float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(lead{gap, least}, objects...)
}

// others is the width of all objects but the first, with the gaps before them.
func (l lead) others(objects []fyne.CanvasObject) (width float32) {
	for _, o := range objects[1:] {
		if o.Visible() {
			width += l.gap + o.MinSize().Width
		}
	}
	return width
}

func (l lead) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		width := o.MinSize().Width
		if i == 0 {
			width = min(width, max(l.least, size.Width-l.others(objects)))
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(width, size.Height))
		x += width + l.gap
	}
}

func (l lead) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var height float32
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(min(objects[0].MinSize().Width, l.least)+l.others(objects), height)
}

// fixedHeight gives its objects one height.
type fixedHeight struct{ height float32 }

// NewFixedHeight returns content of exactly that height.
func NewFixedHeight(height float32, content fyne.CanvasObject) *fyne.Container {
	return container.New(fixedHeight{height}, content)
}

func (f fixedHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
}

func (f fixedHeight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	m.Height = f.height
	return m
}
