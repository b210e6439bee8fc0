package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Stage is one step of an attempt as it is drawn.
type Stage struct {
	Name string
	Note string // the time it took, or why it was not reached
	Tone Tone
}

// Stages is the line of steps that a connection takes.
type Stages struct {
	widget.BaseWidget
	row *fyne.Container
}

// NewStages returns an empty line.
func NewStages() *Stages {
	s := &Stages{row: container.NewGridWithRows(1)}
	s.ExtendBaseWidget(s)
	return s
}

// Set draws the steps.
func (s *Stages) Set(stages []Stage) {
	s.row.Objects = nil
	for _, st := range stages {
		s.row.Add(stageCell(st))
	}
	s.row.Refresh()
}

func stageCell(st Stage) fyne.CanvasObject {
	res := ToneIcon(st.Tone)
	if st.Tone == Neutral {
		res = theme.MoreHorizontalIcon()
	}
	icon := widget.NewIcon(Tinted(res, st.Tone.Strong()))
	name := NewText(st.Name)
	name.Style.Bold = true
	name.Cut = true
	name.Limit = 50 // five of them stand side by side in the narrowest window
	if st.Tone == Neutral {
		name.Color = ColorMuted
	}
	p := NewPanel(container.NewBorder(nil, nil, NewPadded(0, 0, 0, 4, icon), nil, NewRows(0, name, Muted(st.Note).CutTo(0))), st.Tone.Soft())
	p.PadX, p.PadY = 8, 7
	return p
}

// CreateRenderer implements fyne.Widget.
func (s *Stages) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.row) }
