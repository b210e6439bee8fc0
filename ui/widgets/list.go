package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// List is Fyne's list, which also tells when Escape, Enter, Delete or an arrow is typed in it: a row that was tapped has the focus.
type List struct {
	widget.List
	OnEscape func()
	OnReturn func()
	OnStep   func(step int) // 1 down, -1 up; nil: as Fyne does
	OnDelete func()
}

// NewList is widget.NewList.
func NewList(length func() int, create func() fyne.CanvasObject, update func(widget.ListItemID, fyne.CanvasObject)) *List {
	l := &List{}
	l.Length, l.CreateItem, l.UpdateItem = length, create, update
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && l.OnEscape != nil {
		l.OnEscape()
		return
	}
	if k.Name == fyne.KeyDelete && l.OnDelete != nil {
		l.OnDelete()
		return
	}
	if stepped(k, l.OnStep) || returned(k, l.OnReturn) {
		return
	}
	l.List.TypedKey(k)
}

// stepped calls step, if not nil, for the arrow keys.
func stepped(k *fyne.KeyEvent, step func(int)) bool {
	way := map[fyne.KeyName]int{fyne.KeyDown: 1, fyne.KeyUp: -1}[k.Name]
	if way == 0 || step == nil {
		return false
	}
	step(way)
	return true
}

// returned calls do, if not nil, for either Enter.
func returned(k *fyne.KeyEvent, do func()) bool {
	if do == nil || k.Name != fyne.KeyReturn && k.Name != fyne.KeyEnter {
		return false
	}
	do()
	return true
}
