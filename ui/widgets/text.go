package widgets

import (
	"image/color"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Text is one line of text in a theme colour and size. With Cut it gives way: it shows as much as there is room for and
// ends in "…", which Fyne's own truncating label does at fifty times the cost.
type Text struct {
	widget.BaseWidget
	Text     string
	Color    fyne.ThemeColorName // empty: foreground
	SizeName fyne.ThemeSizeName  // empty: text
	Style    fyne.TextStyle
	Align    fyne.TextAlign
	Cut      bool
	Limit    float32 // the greatest width asked for with Cut; 0: only what the layout gives
}

// NewText returns a line of ordinary text.
func NewText(s string) *Text {
	t := &Text{Text: s}
	t.ExtendBaseWidget(t)
	return t
}

// Muted returns a small, secondary line.
func Muted(s string) *Text {
	t := NewText(s)
	t.Color, t.SizeName = ColorMuted, theme.SizeNameCaptionText
	return t
}

// Quiet returns a secondary line that can be selected and copied. A label's own low importance is the colour of what is
// disabled, which is too pale to read (WCAG 2.1 §1.4.3); here it is that of all secondary text.
func Quiet(s string) fyne.CanvasObject {
	l := widget.NewLabel(s)
	l.SizeName, l.Importance, l.Selectable = theme.SizeNameCaptionText, widget.LowImportance, true
	l.Truncation = fyne.TextTruncateEllipsis
	return container.NewThemeOverride(l, quiet{})
}

// quiet is the theme of the application, with secondary text in place of disabled text.
type quiet struct{}

func ours() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

func (quiet) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameDisabled {
		name = ColorMuted
	}
	return ours().Color(name, v)
}

func (quiet) Font(s fyne.TextStyle) fyne.Resource     { return ours().Font(s) }
func (quiet) Icon(n fyne.ThemeIconName) fyne.Resource { return ours().Icon(n) }
func (quiet) Size(n fyne.ThemeSizeName) float32       { return ours().Size(n) }

// Heading returns a bold line.
func Heading(s string, size fyne.ThemeSizeName) *Text {
	t := NewText(s)
	t.SizeName, t.Style = size, fyne.TextStyle{Bold: true}
	return t
}

// CutTo lets t give way: it asks for no more than limit pixels, and for what fits where limit is 0.
func (t *Text) CutTo(limit float32) *Text {
	t.Cut, t.Limit = true, limit
	return t
}

// Set changes the text.
func (t *Text) Set(s string) {
	if t.Text != s {
		t.Text = s
		t.Refresh()
	}
}

func (t *Text) size() float32 {
	if t.SizeName == "" {
		return theme.Size(theme.SizeNameText)
	}
	return theme.Size(t.SizeName)
}

// CreateRenderer implements fyne.Widget.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{t: t, line: canvas.NewText("", nil)}
	r.apply()
	return r
}

type textRenderer struct {
	t    *Text
	line *canvas.Text
}

func (r *textRenderer) apply() {
	r.line.TextSize, r.line.TextStyle, r.line.Alignment = r.t.size(), r.t.Style, r.t.Align
	name := r.t.Color
	if name == "" {
		name = theme.ColorNameForeground
	}
	r.line.Color = theme.Color(name)
	r.line.Text = r.t.Text
	if r.t.Cut {
		r.line.Text = cut(r.t.Text, r.t.Size().Width, r.line.TextSize, r.t.Style)
	}
}

func (r *textRenderer) Layout(size fyne.Size) {
	r.apply()
	h := r.line.MinSize().Height
	r.line.Move(fyne.NewPos(0, (size.Height-h)/2))
	r.line.Resize(fyne.NewSize(size.Width, h))
}

func (r *textRenderer) MinSize() fyne.Size {
	full := fyne.MeasureText(r.t.Text, r.t.size(), r.t.Style)
	if !r.t.Cut {
		return full
	}
	w := min(full.Width, max(r.t.Limit, 3*r.t.size()))
	return fyne.NewSize(w, fyne.MeasureText("Mg", r.t.size(), r.t.Style).Height)
}

func (r *textRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.line.Refresh()
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *textRenderer) Destroy()                     {}

// cutLimit bounds the measuring of long texts: no window is wider than so many letters.
const cutLimit = 600

// cut shortens s to width and marks the cut with "…".
func cut(s string, width, size float32, style fyne.TextStyle) string {
	runes := []rune(s)
	whole := len(runes) <= cutLimit
	if !whole {
		runes = runes[:cutLimit]
	}
	if whole && fyne.MeasureText(s, size, style).Width <= width+0.5 {
		return s
	}
	n := sort.Search(len(runes), func(n int) bool {
		return fyne.MeasureText(string(runes[:n+1])+"…", size, style).Width > width
	})
	if n == 0 {
		return ""
	}
	return string(runes[:n]) + "…"
}
