package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ProfileRow is one line of the list of connections.
type ProfileRow struct {
	widget.BaseWidget
	OnMore func(at fyne.Position) // its "…" was tapped, or it was clicked with the other button
	OnTap  func()
	Dot    *Dot
	name   *Text
	note   *Text
	more   *widget.Button
	box    *fyne.Container
}

// NewProfileRow returns an empty row.
func NewProfileRow() *ProfileRow {
	r := &ProfileRow{Dot: NewDot(), name: Heading("", theme.SizeNameText).CutTo(0), note: Muted("").CutTo(0)}
	r.more = widget.NewButtonWithIcon("", theme.MoreHorizontalIcon(), func() {
		r.menu(fyne.CurrentApp().Driver().AbsolutePositionForObject(r.more).AddXY(0, r.more.Size().Height))
	})
	r.more.Importance = widget.LowImportance
	right := container.NewCenter(container.NewGridWrap(fyne.NewSize(30, 30), r.more))
	r.box = NewPadded(6, 6, 4, 0, container.NewBorder(nil, nil, NewPadded(0, 0, 2, 4, r.Dot), right, NewRows(1, r.name, r.note)))
	r.ExtendBaseWidget(r)
	return r
}

// Set shows a connection.
func (r *ProfileRow) Set(tone Tone, name, note string) {
	r.Dot.Set(tone)
	r.name.Set(name)
	r.note.Set(note)
}

// Shown is the name and the note shown.
func (r *ProfileRow) Shown() (name, note string) { return r.name.Text, r.note.Text }

func (r *ProfileRow) menu(at fyne.Position) {
	if r.OnMore != nil {
		r.OnMore(at)
	}
}

// Tapped implements fyne.Tappable: a widget that takes the second button takes the first from the list too.
func (r *ProfileRow) Tapped(*fyne.PointEvent) {
	if r.OnTap != nil {
		r.OnTap()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (r *ProfileRow) TappedSecondary(e *fyne.PointEvent) { r.menu(e.AbsolutePosition) }

// CreateRenderer implements fyne.Widget.
func (r *ProfileRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }
