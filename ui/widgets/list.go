package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// List is Fyne's list, which also tells when Escape is typed in it: a row that was tapped has the focus.
type List struct {
	widget.List
	OnEscape func()
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
	l.List.TypedKey(k)
}
