package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Chip is a small named thing with a ✕: an active subscription.
type Chip struct {
	widget.BaseWidget
	Remove *widget.Button
	text   *Text
	tone   Tone
	panel  *Panel
}

// NewChip returns a chip; removed is called by its ✕.
func NewChip(tone Tone, text, note string, removed func()) *Chip {
	c := &Chip{text: NewText(text), tone: tone}
	c.text.Style.Bold = true
	c.text.Cut, c.text.Limit = true, 320
	c.text.Color = tone.Strong()
	n := NewText(note)
	n.SizeName, n.Color = theme.SizeNameCaptionText, tone.Strong()
	c.Remove = widget.NewButtonWithIcon("", theme.CancelIcon(), removed)
	c.Remove.Importance = widget.LowImportance
	c.panel = NewPanel(NewRow(8, c.text, n, container.NewGridWrap(fyne.NewSize(26, 26), c.Remove)), tone.Soft())
	c.panel.Radius, c.panel.PadX, c.panel.PadY = 15, 12, 2
	c.ExtendBaseWidget(c)
	return c
}

// Text is the chip's name.
func (c *Chip) Text() string { return c.text.Text }

// Tone is the chip's tone.
func (c *Chip) Tone() Tone { return c.tone }

// CreateRenderer implements fyne.Widget.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.panel) }
