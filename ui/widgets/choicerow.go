package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ChoiceRow is one line of a grouped list to choose from: the name of a group, or a choice.
type ChoiceRow struct {
	widget.BaseWidget
	text *Text
	mark *Pill
	box  *fyne.Container
}

// NewChoiceRow returns an empty row.
func NewChoiceRow() *ChoiceRow {
	r := &ChoiceRow{text: NewText("").CutTo(0), mark: NewPill(Neutral, "")}
	r.mark.Hide()
	r.box = NewPadded(4, 4, 6, 4, container.NewBorder(nil, nil, nil, container.NewCenter(r.mark), r.text))
	r.ExtendBaseWidget(r)
	return r
}

// SetGroup shows the name of a group.
func (r *ChoiceRow) SetGroup(name string) {
	r.text.SizeName, r.text.Color, r.text.Style.Bold = theme.SizeNameCaptionText, ColorMuted, true
	r.set(name, Neutral, "")
}

// SetChoice shows a choice, with a mark beside it; an empty mark is none.
func (r *ChoiceRow) SetChoice(text string, tone Tone, mark string) {
	r.text.SizeName, r.text.Color, r.text.Style.Bold = "", "", false
	r.set(text, tone, mark)
}

func (r *ChoiceRow) set(text string, tone Tone, mark string) {
	r.text.Text = text
	r.mark.Set(tone, mark, nil)
	r.mark.Hidden = mark == ""
	r.box.Refresh()
}

// Text is what the row shows, Mark the mark beside it.
func (r *ChoiceRow) Text() string { return r.text.Text }
func (r *ChoiceRow) Mark() string { return r.mark.Text() }

// CreateRenderer implements fyne.Widget.
func (r *ChoiceRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }
