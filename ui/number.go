package ui

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"mutual/ui/widgets"
)

// numberField is an entry for a whole number; its label says so when it holds something else.
type numberField struct {
	name     string // as the label has it
	entry    *widgets.Entry
	label    *widgets.Text
	min, max uint64
}

// number makes a labelled field of the form; an empty one means 0.
func (f *form) number(name string, entry *widgets.Entry, least, most uint64) fyne.CanvasObject {
	n := &numberField{name: name, entry: entry, label: widgets.Muted(name).CutTo(0), min: least, max: most}
	f.numbers = append(f.numbers, n)
	entry.OnChanged = func(string) {
		n.mark()
		f.touched()
	}
	return labelledBy(n.label, entry)
}

// numberOf returns what an entry made by number holds, or before when that is no number in range.
func (f *form) numberOf(entry *widgets.Entry, before uint64) uint64 {
	for _, n := range f.numbers {
		if v, ok := n.value(); n.entry == entry && ok {
			return v
		}
	}
	return before
}

func (n *numberField) value() (v uint64, ok bool) {
	text := strings.TrimSpace(n.entry.Text)
	if text == "" {
		return 0, true
	}
	v, err := strconv.ParseUint(text, 10, 64)
	return v, err == nil && v >= n.min && v <= n.max
}

// problem is a sentence about what the entry holds; empty: nothing is wrong.
func (n *numberField) problem() string {
	if _, ok := n.value(); ok {
		return ""
	}
	return fmt.Sprintf("“%s” under “%s” is not a whole number from %d to %d.", n.entry.Text, n.name, n.min, n.max)
}

func (n *numberField) mark() {
	text, color := n.name, widgets.ColorMuted
	if n.problem() != "" {
		text, color = fmt.Sprintf("%s: %d to %d", n.name, n.min, n.max), widgets.Bad.Strong()
	}
	n.label.Text, n.label.Color = text, color
	n.label.Refresh()
}

// badNumber is the first field that holds no number in range; nil: there is none.
func (f *form) badNumber() *numberField {
	for _, n := range f.numbers {
		if n.problem() != "" {
			return n
		}
	}
	return nil
}
