package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// TreeRow is one line of a tree: what kind of thing it is, its name, and a mark. It stands the further to the right the
// deeper it is.
type TreeRow struct {
	widget.BaseWidget
	indent *canvas.Rectangle
	kind   *Pill
	text   *Text
	mark   *Pill
	box    *fyne.Container
}

// indentStep is how far a level stands to the right, in pixels; deeper levels than deepest stand as that one does.
const (
	indentStep = 18
	deepest    = 8
)

// NewTreeRow returns an empty row.
func NewTreeRow() *TreeRow {
	r := &TreeRow{indent: canvas.NewRectangle(rgba(0)), kind: NewPill(Neutral, ""), text: NewText("").CutTo(0), mark: NewPill(Neutral, "")}
	left := NewRow(0, r.indent, container.NewCenter(r.kind))
	r.box = NewPadded(3, 3, 6, 4, container.NewBorder(nil, nil, left, container.NewCenter(r.mark), NewPadded(0, 0, 6, 6, r.text)))
	r.ExtendBaseWidget(r)
	return r
}

// SetGroup shows the name of a part of the tree.
func (r *TreeRow) SetGroup(name string) {
	r.text.SizeName, r.text.Color, r.text.Style.Bold = theme.SizeNameCaptionText, ColorMuted, true
	r.set(0, "", name, Neutral, "")
}

// Set shows a thing; an empty mark is none.
func (r *TreeRow) Set(depth int, kind, text string, tone Tone, mark string) {
	r.text.SizeName, r.text.Color, r.text.Style.Bold = "", "", false
	r.set(depth, kind, text, tone, mark)
}

func (r *TreeRow) set(depth int, kind, text string, tone Tone, mark string) {
	r.indent.SetMinSize(fyne.NewSize(float32(min(depth, deepest))*indentStep, 1))
	r.kind.Set(Accent, kind, nil)
	r.kind.Hidden = kind == ""
	r.text.Text = text
	r.mark.Set(tone, mark, nil)
	r.mark.Hidden = mark == ""
	r.box.Refresh()
	r.text.Refresh()
}

// Text is the name shown, Kind and Mark what stands beside it.
func (r *TreeRow) Text() string { return r.text.Text }
func (r *TreeRow) Kind() string { return r.kind.Text() }
func (r *TreeRow) Mark() string { return r.mark.Text() }

// CreateRenderer implements fyne.Widget.
func (r *TreeRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }
