package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Link is one certificate of the chain as it is drawn.
type Link struct {
	Role    string // "Broker's certificate"
	Name    string
	Issuer  string
	Dates   string
	From    string // where it was met
	Fault   string // what is wrong with it; empty: nothing
	Tone    Tone
	Missing bool // it is not there: drawn dashed
}

// Chain draws certificates from the end-entity certificate to the root.
type Chain struct {
	widget.BaseWidget
	box *fyne.Container
}

// NewChain returns an empty drawing.
func NewChain() *Chain {
	c := &Chain{box: NewRows(0)}
	c.ExtendBaseWidget(c)
	return c
}

// Set draws links.
func (c *Chain) Set(links []Link) {
	c.box.Objects = nil
	for i, l := range links {
		if i > 0 {
			c.box.Add(arrow(l.Tone))
		}
		c.box.Add(linkCard(l))
	}
	c.box.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *Chain) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.box) }

func linkCard(l Link) fyne.CanvasObject {
	role := Muted(l.Role)
	name := Heading(l.Name, theme.SizeNameText).CutTo(0)
	lines := NewRows(2, role, name)
	if l.Issuer != "" {
		lines.Add(Muted("Issued by " + l.Issuer).CutTo(0))
	}
	if l.Fault != "" {
		fault := widget.NewLabel(l.Fault)
		fault.Wrapping = fyne.TextWrapWord
		fault.Importance = toneImportance(l.Tone)
		lines.Add(NewPadded(0, -4, -8, 0, fault))
	}
	right := NewRows(4)
	if l.From != "" {
		from := NewPill(Neutral, l.From)
		if l.Missing {
			from.Set(l.Tone, l.From, nil)
		}
		from.CutTo(260)
		right.Add(container.NewBorder(nil, nil, nil, from))
	}
	if l.Dates != "" {
		dates := Muted(l.Dates)
		dates.Align = fyne.TextAlignTrailing
		right.Add(dates)
	}
	res := ToneIcon(l.Tone)
	icon := widget.NewIcon(Tinted(res, l.Tone.Strong()))
	body := container.NewBorder(nil, nil, NewPadded(2, 0, 0, 8, container.NewVBox(icon)), right, lines)
	p := NewCard(body)
	p.PadY = 9
	p.Edge = l.Tone.Strong()
	if l.Missing {
		p.Fill, p.Edge, p.Dashed, p.Radius = "", "", true, 0
		p.Stroke = l.Tone.Strong()
	} else if l.Tone == Bad || l.Tone == Warn {
		p.Fill, p.Stroke = l.Tone.Soft(), l.Tone.Strong()
	}
	return p
}

func toneImportance(t Tone) widget.Importance {
	switch t {
	case Bad:
		return widget.DangerImportance
	case Warn:
		return widget.WarningImportance
	case Good:
		return widget.SuccessImportance
	}
	return widget.MediumImportance
}

// arrow is the line between two certificates: the lower one signed the upper one.
func arrow(t Tone) fyne.CanvasObject {
	room := canvas.NewRectangle(rgba(0))
	room.SetMinSize(fyne.NewSize(2, 12))
	line := NewPanel(room, theme.ColorNameSeparator)
	if t == Bad || t == Warn {
		line.Fill = t.Strong()
	}
	line.PadX, line.PadY, line.Radius = 0, 0, 0
	return NewPadded(0, 0, 24, 0, container.NewHBox(line))
}
