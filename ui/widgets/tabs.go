package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Tabs is the row of page names, with a mark beside a name where there is something to see.
type Tabs struct {
	widget.BaseWidget
	OnSelected func(int)
	tabs       []*tab
	row        *fyne.Container
	selected   int
}

// NewTabs returns one tab for each name, the first selected.
func NewTabs(names []string, selected func(int)) *Tabs {
	t := &Tabs{OnSelected: selected, row: container.New(tabRow{})}
	for i, n := range names {
		tb := newTab(n, func() { t.Select(i) }, func(way int) { t.step(i + way) })
		t.tabs = append(t.tabs, tb)
		t.row.Add(tb)
	}
	t.ExtendBaseWidget(t)
	t.tabs[0].setActive(true)
	return t
}

// Select shows tab i and calls OnSelected.
func (t *Tabs) Select(i int) {
	before := t.selected
	t.tabs[before].setActive(false)
	t.selected = i
	t.tabs[i].setActive(true)
	if t.OnSelected != nil {
		t.OnSelected(i)
	}
	if i != before {
		t.leaveHidden()
	}
}

// leaveHidden takes the focus from what is on a page that is hidden now: what is typed would go on into it, unseen. Fyne
// gives the focus back only to what can be seen.
func (t *Tabs) leaveHidden() {
	c := fyne.CurrentApp().Driver().CanvasForObject(t)
	if c == nil {
		return
	}
	if f := c.Focused(); f != nil {
		c.Unfocus()
		c.Focus(f)
	}
}

// step goes on to a tab by its arrow keys.
func (t *Tabs) step(to int) {
	if to < 0 || to >= len(t.tabs) {
		return
	}
	t.Select(to)
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t.tabs[to])
	}
}

// Selected is the index of the page shown.
func (t *Tabs) Selected() int { return t.selected }

// Mark sets the mark beside tab i; an empty text removes it.
func (t *Tabs) Mark(i int, tone Tone, text string) { t.tabs[i].setMark(tone, text) }

// Tab returns tab i, to be tapped.
func (t *Tabs) Tab(i int) fyne.Tappable { return t.tabs[i] }

// CreateRenderer implements fyne.Widget.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.row) }

// tabRow lays tabs side by side. Where there is too little room they move closer together.
type tabRow struct{}

// Between tabs, and how much of its own padding each gives up where there is too little room.
const (
	tabGap  = 2
	tabGive = 20
)

func (tabRow) widths(objects []fyne.CanvasObject) (sum, height float32) {
	for _, o := range objects {
		m := o.MinSize()
		sum, height = sum+m.Width+tabGap, max(height, m.Height)
	}
	return sum, height
}

// Layout implements fyne.Layout.
func (r tabRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	sum, _ := r.widths(objects)
	give := min(max(0, sum-size.Width)/float32(max(1, len(objects))), tabGive)
	x := float32(0)
	for _, o := range objects {
		width := o.MinSize().Width
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(width-give, size.Height))
		x += width - give + tabGap
	}
}

// MinSize implements fyne.Layout.
func (r tabRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	sum, height := r.widths(objects)
	return fyne.NewSize(sum-tabGive*float32(len(objects)), height)
}

type tab struct {
	widget.BaseWidget
	label   *Text
	mark    *Pill
	active  bool
	hovered bool
	focused bool
	tapped  func()
	step    func(way int) // an arrow was typed: 1 right, -1 left
}

func newTab(name string, tapped func(), step func(way int)) *tab {
	t := &tab{label: NewText(name), mark: NewPill(Neutral, ""), tapped: tapped, step: step}
	t.mark.Hide()
	t.label.Color = ColorMuted
	t.ExtendBaseWidget(t)
	return t
}

func (t *tab) setActive(on bool) {
	t.active = on
	t.colour()
}

func (t *tab) setFocused(on bool) {
	t.focused = on
	t.colour()
}

func (t *tab) colour() {
	t.label.Style.Bold = t.active
	t.label.Color = ColorMuted
	if t.active || t.focused {
		t.label.Color = theme.ColorNameForeground
	}
	t.label.Refresh()
	t.Refresh()
}

func (t *tab) setMark(tone Tone, text string) {
	if t.mark.Visible() == (text != "") && t.mark.Text() == text && t.mark.Tone() == tone {
		return
	}
	t.mark.Set(tone, text, nil)
	t.mark.Hidden = text == ""
	t.Refresh()
}

func (t *tab) Tapped(*fyne.PointEvent)        { t.tapped() }
func (t *tab) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.Refresh() }
func (t *tab) MouseMoved(*desktop.MouseEvent) {}
func (t *tab) MouseOut()                      { t.hovered = false; t.Refresh() }
func (t *tab) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (t *tab) FocusGained()                   { t.setFocused(true) }
func (t *tab) FocusLost()                     { t.setFocused(false) }
func (t *tab) TypedRune(rune)                 {}

// TypedKey implements fyne.Focusable.
func (t *tab) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tapped()
	case fyne.KeyLeft:
		t.step(-1)
	case fyne.KeyRight:
		t.step(1)
	}
}

func (t *tab) CreateRenderer() fyne.WidgetRenderer {
	return &tabRenderer{
		t: t, line: canvas.NewRectangle(nil), back: canvas.NewRectangle(nil),
		box: NewPadded(8, 9, 12, 12, NewRow(6, t.label, container.NewCenter(t.mark))),
	}
}

type tabRenderer struct {
	t          *tab
	line, back *canvas.Rectangle
	box        *fyne.Container
}

func (r *tabRenderer) Layout(size fyne.Size) {
	r.paint()
	r.back.Resize(size.SubtractWidthHeight(0, 4))
	r.back.CornerRadius = 7
	r.box.Resize(size)
	r.line.Move(fyne.NewPos(10, size.Height-3))
	r.line.Resize(fyne.NewSize(size.Width-20, 3))
	r.line.CornerRadius = 1.5
}
func (r *tabRenderer) MinSize() fyne.Size {
	// The bold name is the wider one: the row must not move when another tab is chosen.
	bold := fyne.MeasureText(r.t.label.Text, theme.Size(theme.SizeNameText), fyne.TextStyle{Bold: true})
	m := r.box.MinSize()
	m.Width += bold.Width - r.t.label.MinSize().Width
	return m
}
func (r *tabRenderer) paint() {
	r.line.FillColor, r.back.FillColor = rgba(0), rgba(0)
	if r.t.active {
		r.line.FillColor = theme.Color(theme.ColorNamePrimary)
	}
	switch {
	case r.t.focused:
		r.back.FillColor = theme.Color(theme.ColorNameFocus)
	case r.t.hovered:
		r.back.FillColor = theme.Color(theme.ColorNameHover)
	}
}
func (r *tabRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.box.Refresh()
	r.line.Refresh()
	r.back.Refresh()
}
func (r *tabRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.box, r.line}
}
func (r *tabRenderer) Destroy() {}
