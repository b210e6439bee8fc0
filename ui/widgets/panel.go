package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Panel is content on a rounded background.
type Panel struct {
	widget.BaseWidget
	Content  fyne.CanvasObject
	Fill     fyne.ThemeColorName // empty: none
	Stroke   fyne.ThemeColorName // empty: none
	Edge     fyne.ThemeColorName // a bar at the left; empty: none
	Radius   float32
	PadX     float32
	PadY     float32
	Dashed   bool   // the stroke is dashed: what is drawn is not there
	OnTapped func() // nil: it cannot be tapped
	hovered  bool
}

// NewPanel returns content on the colour named, with the usual padding.
func NewPanel(content fyne.CanvasObject, fill fyne.ThemeColorName) *Panel {
	p := &Panel{Content: content, Fill: fill, Radius: 9, PadX: 14, PadY: 12}
	p.ExtendBaseWidget(p)
	return p
}

// NewCard returns content on a bordered surface.
func NewCard(content fyne.CanvasObject) *Panel {
	p := NewPanel(content, ColorSurface)
	p.Stroke = theme.ColorNameSeparator
	return p
}

// Framed gives a select the border that entries have.
func Framed(content fyne.CanvasObject) *Panel {
	p := NewPanel(content, "")
	p.Stroke, p.Radius, p.PadX, p.PadY = theme.ColorNameInputBorder, 7, 1, 1
	return p
}

// Tap does what OnTapped says; with OnTapped nil nothing.
func (p *Panel) tap() {
	if p.OnTapped != nil {
		p.OnTapped()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, back: canvas.NewRectangle(nil), edge: canvas.NewRectangle(nil), over: canvas.NewRectangle(nil)}
	r.apply()
	return r
}

type panelRenderer struct {
	p                *Panel
	back, edge, over *canvas.Rectangle
	dashes           []fyne.CanvasObject
}

func colorOrNone(name fyne.ThemeColorName) (c interface {
	RGBA() (r, g, b, a uint32)
}) {
	if name == "" {
		return rgba(0)
	}
	return theme.Color(name)
}

func (r *panelRenderer) apply() {
	r.back.FillColor, r.back.CornerRadius = colorOrNone(r.p.Fill), r.p.Radius
	r.back.StrokeWidth = 0
	if r.p.Stroke != "" && !r.p.Dashed {
		r.back.StrokeColor, r.back.StrokeWidth = theme.Color(r.p.Stroke), 1
	}
	r.edge.FillColor = colorOrNone(r.p.Edge)
	r.edge.TopLeftCornerRadius, r.edge.BottomLeftCornerRadius = r.p.Radius, r.p.Radius
	r.over.CornerRadius = r.p.Radius
	r.over.FillColor = rgba(0)
	if r.p.hovered {
		r.over.FillColor = theme.Color(theme.ColorNameHover)
	}
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.over.Resize(size)
	r.edge.Resize(fyne.NewSize(5, size.Height))
	r.p.Content.Move(fyne.NewPos(r.p.PadX, r.p.PadY))
	r.p.Content.Resize(size.SubtractWidthHeight(2*r.p.PadX, 2*r.p.PadY))
	r.dashes = nil
	if r.p.Dashed && r.p.Stroke != "" {
		r.dashes = dashes(size, theme.Color(r.p.Stroke))
	}
}

func (r *panelRenderer) MinSize() fyne.Size {
	return r.p.Content.MinSize().AddWidthHeight(2*r.p.PadX, 2*r.p.PadY)
}

func (r *panelRenderer) Refresh() {
	r.apply()
	r.Layout(r.p.Size())
	r.back.Refresh()
	r.edge.Refresh()
	r.over.Refresh()
	r.p.Content.Refresh()
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.back, r.edge, r.over, r.p.Content}, r.dashes...)
}
func (r *panelRenderer) Destroy() {}

// dashes draws a dashed frame, which Fyne has no stroke for.
func dashes(size fyne.Size, c interface {
	RGBA() (r, g, b, a uint32)
}) []fyne.CanvasObject {
	const dash, gap, thick = 7, 5, 1.5
	var out []fyne.CanvasObject
	add := func(x, y, w, h float32) {
		rect := canvas.NewRectangle(c)
		rect.Move(fyne.NewPos(x, y))
		rect.Resize(fyne.NewSize(w, h))
		out = append(out, rect)
	}
	for x := float32(0); x < size.Width; x += dash + gap {
		w := min(dash, size.Width-x)
		add(x, 0, w, thick)
		add(x, size.Height-thick, w, thick)
	}
	for y := float32(0); y < size.Height; y += dash + gap {
		h := min(dash, size.Height-y)
		add(0, y, thick, h)
		add(size.Width-thick, y, thick, h)
	}
	return out
}

// TapPanel is a Panel that can be tapped.
type TapPanel struct{ Panel }

// NewTapPanel returns a panel that calls tapped.
func NewTapPanel(content fyne.CanvasObject, fill fyne.ThemeColorName, tapped func()) *TapPanel {
	p := &TapPanel{Panel{Content: content, Fill: fill, Radius: 9, PadX: 14, PadY: 12, OnTapped: tapped}}
	p.ExtendBaseWidget(p)
	return p
}

// Tapped implements fyne.Tappable.
func (p *TapPanel) Tapped(*fyne.PointEvent) { p.tap() }

// MouseIn implements desktop.Hoverable.
func (p *TapPanel) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (p *TapPanel) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *TapPanel) MouseOut() { p.hovered = false; p.Refresh() }

// Cursor implements desktop.Cursorable.
func (p *TapPanel) Cursor() desktop.Cursor { return desktop.PointerCursor }
