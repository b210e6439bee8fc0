package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry, which also tells when it is left, and when Control+Enter or Escape is typed in it.
type Entry struct {
	widget.Entry
	OnLeft       func()
	OnCtrlReturn func()
	OnEscape     func()
	OnStep       func(step int) // an arrow was typed: 1 down, -1 up; nil: as Fyne does
	stays        bool           // when it gets the focus, the page stays where it is
}

// NewEntry returns a line to type in.
func NewEntry() *Entry {
	e := &Entry{}
	e.ExtendBaseWidget(e)
	return e
}

// NewPassword returns a line whose letters are hidden.
func NewPassword() *Entry {
	e := &Entry{}
	e.Password = true
	e.ExtendBaseWidget(e)
	return e
}

// NewMultiLine returns a field of several lines.
func NewMultiLine(rows int) *Entry {
	e := &Entry{}
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapWord
	e.SetMinRowsVisible(rows)
	e.ExtendBaseWidget(e)
	return e
}

// AcceptsTab implements fyne.Tabbable: Tab goes on to what comes next also from a field of several lines, else the keyboard
// would not get out of it. A tab can be pasted.
func (e *Entry) AcceptsTab() bool { return false }

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if !e.stays {
		Reveal(e)
	}
	e.stays = false
}

// MouseDown implements desktop.Mouseable. The page stays where it is: if the line moved from under the pointer, letting go of
// the button would take the focus from it again.
func (e *Entry) MouseDown(m *desktop.MouseEvent) {
	e.stays = true
	e.Entry.MouseDown(m)
	e.stays = false
}

// Away is called when the window has lost the focus, with which the line's came and goes: when it comes back, the page stays
// as it was scrolled meanwhile, and what is clicked on stays under the pointer.
func (e *Entry) Away() { e.stays = true }

// FocusLost implements fyne.Focusable.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnLeft != nil {
		e.OnLeft()
	}
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && e.OnEscape != nil {
		e.OnEscape()
		return
	}
	if stepped(k, e.OnStep) {
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut implements fyne.Shortcutable.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && e.OnCtrlReturn != nil &&
		c.Modifier == fyne.KeyModifierShortcutDefault && (c.KeyName == fyne.KeyReturn || c.KeyName == fyne.KeyEnter) {
		e.OnCtrlReturn()
		return
	}
	e.Entry.TypedShortcut(s)
}
