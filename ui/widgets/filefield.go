package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// FileField is a file's path, a button to look for it, and one line below that says what the file is.
type FileField struct {
	widget.BaseWidget
	Entry     *Entry
	Browse    *widget.Button
	Remove    *widget.Button // nil unless the field can be removed
	OnChanged func(path string)
	Folder    bool // it names a folder
	status    *widget.Label
	icon      *widget.Icon
	statusRow *fyne.Container
	tone      Tone
	box       *fyne.Container
}

// NewFileField returns an empty field. browse is called when its button is tapped; remove, if not nil, by its ✕.
func NewFileField(hint string, browse, remove func()) *FileField {
	f := &FileField{Entry: NewEntry(), status: widget.NewLabel(""), icon: widget.NewIcon(nil)}
	f.Entry.SetPlaceHolder(hint)
	f.Entry.OnChanged = func(s string) {
		if f.OnChanged != nil {
			f.OnChanged(s)
		}
	}
	f.Browse = widget.NewButtonWithIcon("Browse…", theme.FolderOpenIcon(), browse)
	right := container.NewHBox(f.Browse)
	if remove != nil {
		f.Remove = widget.NewButtonWithIcon("", theme.CancelIcon(), remove)
		f.Remove.Importance = widget.LowImportance
		right.Add(f.Remove)
	}
	f.status.Wrapping, f.status.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	f.statusRow = NewPadded(-4, 0, 0, 0, container.NewBorder(nil, nil, NewPadded(0, 0, 6, 0, f.icon), nil, f.status))
	f.statusRow.Hide()
	f.box = NewRows(0, container.NewBorder(nil, nil, nil, right, f.Entry), f.statusRow)
	f.ExtendBaseWidget(f)
	return f
}

// SetStatus says what the file is; an empty text says nothing.
func (f *FileField) SetStatus(tone Tone, text string) {
	f.tone = tone
	f.status.Text = text
	f.status.Importance = toneImportance(tone)
	f.icon.Resource = Tinted(ToneIcon(tone), tone.Strong())
	f.statusRow.Hidden = text == ""
	f.status.Refresh()
	f.icon.Refresh()
	f.box.Refresh()
	f.Refresh()
}

// Status is the line shown and its tone.
func (f *FileField) Status() (Tone, string) { return f.tone, f.status.Text }

// SetDisabled switches the field on or off.
func (f *FileField) SetDisabled(off bool) {
	for _, w := range []fyne.Disableable{f.Entry, f.Browse, f.Remove} {
		if b, ok := w.(*widget.Button); ok && b == nil {
			continue
		}
		if off {
			w.Disable()
		} else {
			w.Enable()
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (f *FileField) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }
