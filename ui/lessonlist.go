package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"mutual/core/lab"
	"mutual/ui/widgets"
)

// lesson is what can be practised: one of the lab's faults, or, without an ID, the sound broker.
type lesson = lab.Fault

// soundLesson breaks nothing.
var soundLesson = lesson{Group: "Start here", Title: "Sound practice broker",
	Lesson: "How a connection with two-way TLS looks when nothing is wrong: every stage, the chain, and a message that comes back."}

// lessonOf is the one with that ID.
func lessonOf(id string) lesson {
	for _, f := range lab.Faults() {
		if f.ID == id {
			return f
		}
	}
	return soundLesson
}

// lessonRow is one row of the list: a lesson, or the group that begins there.
type lessonRow struct {
	group bool
	lesson
}

// lessonList is the list of what can be practised, grouped, that can be searched.
type lessonList struct {
	search  *widgets.Entry
	list    *widgets.List
	none    *widget.Label
	all     []lesson
	rows    []lessonRow
	chosen  string // the ID
	mark    func(id string) (widgets.Tone, string)
	changed func()
	quiet   bool // a selection made by the program
}

// newLessonList returns it with the sound broker chosen. mark says what stands beside a lesson; changed is called when another one
// is chosen, and start when Enter is typed.
func newLessonList(mark func(id string) (widgets.Tone, string), changed, start func()) *lessonList {
	l := &lessonList{search: widgets.NewEntry(), mark: mark, changed: changed, all: append([]lesson{soundLesson}, lab.Faults()...)}
	l.search.SetPlaceHolder("Search faults")
	l.search.OnChanged = func(string) { l.fill() }
	l.search.OnEscape = func() { l.search.SetText("") }
	l.search.OnStep = l.step
	l.search.OnSubmitted = func(string) { start() }
	l.list = widgets.NewList(func() int { return len(l.rows) }, func() fyne.CanvasObject { return widgets.NewChoiceRow() }, l.update)
	l.list.HideSeparators = true
	l.list.OnSelected = l.onSelected
	l.list.OnStep, l.list.OnReturn, l.list.OnEscape = l.step, start, l.search.OnEscape
	l.none = widget.NewLabel("No fault has these words. The words of an error message belong into Explain a message, on the page Diagnosis.")
	l.none.Wrapping = fyne.TextWrapWord
	l.fill()
	return l
}

// fill shows what has all the words searched for, and chooses the first of it where the one chosen is not among them.
func (l *lessonList) fill() {
	words := strings.Fields(strings.ToLower(l.search.Text))
	l.rows = l.rows[:0]
	var found []lesson
	for _, x := range l.all {
		if !hasWords(x, words) {
			continue
		}
		if len(found) == 0 || found[len(found)-1].Group != x.Group {
			l.rows = append(l.rows, lessonRow{group: true, lesson: x})
		}
		l.rows, found = append(l.rows, lessonRow{lesson: x}), append(found, x)
	}
	l.none.Hidden = len(found) > 0
	l.none.Refresh()
	l.list.Refresh()
	if len(found) > 0 && l.at(l.chosen) < 0 {
		l.choose(found[0].ID)
		return
	}
	l.highlight()
}

func hasWords(x lesson, words []string) bool {
	text := strings.ToLower(strings.Join([]string{x.ID, string(x.Group), x.Title, x.Lesson}, " "))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// at is the row of a lesson; -1: it is not shown.
func (l *lessonList) at(id string) int {
	for i, r := range l.rows {
		if !r.group && r.ID == id {
			return i
		}
	}
	return -1
}

func (l *lessonList) choose(id string) {
	other := l.chosen != id
	l.chosen = id
	l.highlight()
	if other {
		l.changed()
	}
}

// highlight marks the row of the lesson that is chosen.
func (l *lessonList) highlight() {
	l.quiet = true
	defer func() { l.quiet = false }()
	switch i := l.at(l.chosen); {
	case i == 1: // with its group's name above
		l.list.Select(i)
		l.list.ScrollToTop()
	case i >= 0:
		l.list.Select(i)
		l.list.ScrollTo(i)
	default:
		l.list.UnselectAll()
	}
}

func (l *lessonList) onSelected(i widget.ListItemID) {
	if l.quiet || i >= len(l.rows) {
		return
	}
	if l.rows[i].group { // its first lesson
		i++
	}
	l.choose(l.rows[i].ID)
}

// step chooses the next lesson in that direction.
func (l *lessonList) step(way int) {
	for i := l.at(l.chosen) + way; i >= 0 && i < len(l.rows); i += way {
		if !l.rows[i].group {
			l.choose(l.rows[i].ID)
			return
		}
	}
}

func (l *lessonList) update(i widget.ListItemID, o fyne.CanvasObject) {
	if i >= len(l.rows) {
		return
	}
	row := o.(*widgets.ChoiceRow)
	if l.rows[i].group {
		row.SetGroup(string(l.rows[i].Group))
		return
	}
	tone, mark := l.mark(l.rows[i].ID)
	row.SetChoice(l.rows[i].Title, tone, mark)
}
