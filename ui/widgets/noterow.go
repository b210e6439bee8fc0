package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// NoteRow is one line of a list: a name with a mark beside it, and a note below.
type NoteRow struct {
	widget.BaseWidget
	name *Text
	note *Text
	mark *Pill
	box  *fyne.Container
}

// NewNoteRow returns an empty row.
func NewNoteRow() *NoteRow {
	r := &NoteRow{name: Heading("", theme.SizeNameText).CutTo(0), note: Muted("").CutTo(0), mark: NewPill(Neutral, "")}
	first := container.NewBorder(nil, nil, nil, container.NewCenter(r.mark), r.name)
	r.box = NewPadded(6, 6, 8, 8, NewRows(2, first, r.note))
	r.ExtendBaseWidget(r)
	return r
}

// Set shows name and note, and the mark in its tone, with the tone's icon.
func (r *NoteRow) Set(name, note string, tone Tone, mark string) {
	r.name.Set(name)
	r.note.Set(note)
	r.mark.Set(tone, mark, ToneIcon(tone))
	r.box.Refresh()
}

// Shown is what the row shows.
func (r *NoteRow) Shown() (name, note, mark string) { return r.name.Text, r.note.Text, r.mark.Text() }

// CreateRenderer implements fyne.Widget.
func (r *NoteRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }
