package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Bar is a message across the page, with what can be done about it, that can be dismissed.
type Bar struct {
	widget.BaseWidget
	Label   *widget.Label
	Actions []*widget.Button
	Close   *widget.Button
	panel   *Panel
}

// NewBar returns a bar that calls dismissed, once hidden, when its ✕ is tapped; nil: it cannot be dismissed.
func NewBar(tone Tone, text string, dismissed func(), actions ...*widget.Button) *Bar {
	b := &Bar{Label: widget.NewLabel(text), Actions: actions}
	b.Label.Wrapping = fyne.TextWrapWord
	right := container.NewHBox()
	for _, a := range actions {
		right.Add(a)
	}
	if dismissed != nil {
		b.Close = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { b.Hide(); dismissed() })
		b.Close.Importance = widget.LowImportance
		right.Add(b.Close)
	}
	icon := widget.NewIcon(Tinted(ToneIcon(tone), tone.Strong()))
	b.panel = NewPanel(container.NewBorder(nil, nil, icon, container.NewCenter(right), b.Label), tone.Soft())
	b.panel.PadX, b.panel.PadY = 12, 2
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.panel) }

// ToneIcon is the sign that goes with a tone, so that colour is never the only difference.
func ToneIcon(t Tone) fyne.Resource {
	switch t {
	case Good:
		return theme.ConfirmIcon()
	case Warn:
		return theme.WarningIcon()
	case Bad:
		return theme.ErrorIcon()
	default:
		return theme.InfoIcon()
	}
}

// Fold is a line that opens to show more.
type Fold struct {
	widget.BaseWidget
	Button  *widget.Button
	content fyne.CanvasObject
	box     *fyne.Container
	opened  func()
}

// NewFold returns content, folded under title. opened, if not nil, is called the first time, to fill it.
func NewFold(title string, content fyne.CanvasObject, opened func()) *Fold {
	f := &Fold{content: content, opened: opened}
	f.Button = widget.NewButtonWithIcon(title, theme.MenuExpandIcon(), f.toggle)
	f.Button.Importance = widget.LowImportance
	f.Button.Alignment = widget.ButtonAlignLeading
	content.Hide()
	f.box = NewRows(4, container.NewHBox(f.Button), content)
	f.ExtendBaseWidget(f)
	return f
}

func (f *Fold) toggle() { f.Open(!f.content.Visible()) }

// Beside puts left into the line of the fold's button, which then stands at the right.
func (f *Fold) Beside(left fyne.CanvasObject) *Fold {
	f.box.Objects[0] = container.NewBorder(nil, nil, nil, f.Button, left)
	return f
}

// Above puts right at the other end of the line of the fold's button.
func (f *Fold) Above(right fyne.CanvasObject) *Fold {
	f.box.Objects[0] = container.NewBorder(nil, nil, f.Button, right)
	return f
}

// Open shows or hides the content.
func (f *Fold) Open(on bool) {
	if on && f.opened != nil {
		f.opened()
		f.opened = nil
	}
	if on {
		f.content.Show()
		f.Button.SetIcon(theme.MenuDropDownIcon())
	} else {
		f.content.Hide()
		f.Button.SetIcon(theme.MenuExpandIcon())
	}
	f.box.Refresh()
	f.Refresh()
}

// IsOpen says whether the content is shown.
func (f *Fold) IsOpen() bool { return f.content.Visible() }

// CreateRenderer implements fyne.Widget.
func (f *Fold) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }
