package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Pill is a short text on a coloured, rounded ground: the badge, and small marks beside things.
type Pill struct {
	widget.BaseWidget
	tone  Tone
	text  *Text
	icon  *widget.Icon
	panel *Panel
}

// NewPill returns a small mark.
func NewPill(tone Tone, text string) *Pill {
	p := &Pill{text: NewText(""), icon: widget.NewIcon(nil)}
	p.text.SizeName = theme.SizeNameCaptionText
	p.text.Style = fyne.TextStyle{Bold: true}
	p.icon.Hide()
	p.panel = NewPanel(container.NewHBox(p.icon, p.text), "")
	p.panel.Radius, p.panel.PadX, p.panel.PadY = 9, 8, 2
	p.ExtendBaseWidget(p)
	p.Set(tone, text, nil)
	return p
}

// NewBadge returns the header's badge: larger, with an icon.
func NewBadge() *Pill {
	p := NewPill(Neutral, "")
	p.text.SizeName = ""
	p.panel.Radius, p.panel.PadX, p.panel.PadY = 15, 12, 5
	return p
}

// CutTo lets the pill's text give way beyond width.
func (p *Pill) CutTo(width float32) { p.text.Cut, p.text.Limit = true, width }

// Set shows text in tone, with an icon or none.
func (p *Pill) Set(tone Tone, text string, icon fyne.Resource) {
	p.tone = tone
	p.panel.Fill = tone.Soft()
	p.text.Color = tone.Strong()
	p.text.Text = text
	p.icon.Hidden = icon == nil
	if icon != nil {
		p.icon.Resource = Tinted(icon, tone.Strong())
	}
	p.Refresh()
}

// Tone returns the tone shown, Text the text.
func (p *Pill) Tone() Tone   { return p.tone }
func (p *Pill) Text() string { return p.text.Text }

// CreateRenderer implements fyne.Widget.
func (p *Pill) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.panel) }

// Refresh redraws the parts too.
func (p *Pill) Refresh() {
	p.text.Refresh()
	p.icon.Refresh()
	p.panel.Refresh()
	p.BaseWidget.Refresh()
}

// Tinted returns icon in a theme colour.
func Tinted(icon fyne.Resource, c fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(icon, c)
}

// Dot is a round state mark.
type Dot struct {
	widget.BaseWidget
	tone Tone
}

// NewDot returns a grey dot.
func NewDot() *Dot {
	d := &Dot{}
	d.ExtendBaseWidget(d)
	return d
}

// Set changes its tone.
func (d *Dot) Set(t Tone) {
	if d.tone != t {
		d.tone = t
		d.Refresh()
	}
}

// Tone returns the tone shown.
func (d *Dot) Tone() Tone { return d.tone }

// CreateRenderer implements fyne.Widget.
func (d *Dot) CreateRenderer() fyne.WidgetRenderer {
	r := &dotRenderer{d: d, c: canvas.NewCircle(theme.Color(d.tone.Strong()))}
	return r
}

type dotRenderer struct {
	d *Dot
	c *canvas.Circle
}

const dotSize = 10

func (r *dotRenderer) Layout(size fyne.Size) {
	r.c.Resize(fyne.NewSquareSize(dotSize))
	r.c.Move(fyne.NewPos((size.Width-dotSize)/2, (size.Height-dotSize)/2))
}
func (r *dotRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(dotSize) }
func (r *dotRenderer) Refresh() {
	r.c.FillColor = theme.Color(r.d.tone.Strong())
	r.c.Refresh()
}
func (r *dotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c} }
func (r *dotRenderer) Destroy()                     {}
