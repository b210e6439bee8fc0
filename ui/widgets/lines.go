package widgets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineRunes is the longest line drawn: a longer one is continued on the next row. A payload of a megabyte in a label
// takes over ten seconds; a list of such lines 28 ms.
const lineRunes = 110

// Lines shows a long text, line by line, in monospace.
type Lines struct {
	widget.BaseWidget
	text  string
	lines []string
	list  *widget.List
}

// NewLines returns an empty text.
func NewLines() *Lines {
	l := &Lines{}
	l.list = widget.NewList(func() int { return len(l.lines) }, func() fyne.CanvasObject { return newCodeLine() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*codeLine).set(l.lines[i]) })
	l.list.HideSeparators = true
	l.list.OnSelected = func(widget.ListItemID) { l.list.UnselectAll() }
	l.ExtendBaseWidget(l)
	return l
}

// Set shows text.
func (l *Lines) Set(text string) {
	l.text, l.lines = text, SplitLines(text, lineRunes)
	l.list.MinSize() // makes its renderer, without which scrolling panics
	l.list.ScrollToTop()
	l.list.Refresh()
}

// Text is what was set, whole.
func (l *Lines) Text() string { return l.text }

// CreateRenderer implements fyne.Widget.
func (l *Lines) CreateRenderer() fyne.WidgetRenderer {
	p := NewPanel(l.list, ColorCode)
	p.PadX, p.PadY = 4, 4
	return widget.NewSimpleRenderer(p)
}

// SplitLines splits text into lines of at most limit runes.
func SplitLines(text string, limit int) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", "    ")
		start, n := 0, 0
		for i := range line {
			if n == limit {
				out, start, n = append(out, line[start:i]), i, 0
			}
			n++
		}
		out = append(out, line[start:])
	}
	return out
}

// PrettyJSON indents b; ok is false when it is not a JSON object or array.
func PrettyJSON(b []byte) (string, bool) {
	trimmed := bytes.TrimSpace(b)
	if len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') {
		return "", false
	}
	var out bytes.Buffer
	if json.Indent(&out, trimmed, "", "  ") != nil {
		return "", false
	}
	return out.String(), true
}

// HexDump shows b eight bytes a line with offsets and the printable letters: twice as many leave the letters out of sight
// beside the list.
func HexDump(b []byte) string {
	var out strings.Builder
	for at := 0; at < len(b); at += 8 {
		part := b[at:min(at+8, len(b))]
		letters := bytes.Clone(part)
		for i, c := range letters {
			if c < ' ' || c > '~' {
				letters[i] = '.'
			}
		}
		if at > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%08x  %-23s  |%s|", at, fmt.Sprintf("% x", part), letters)
	}
	return out.String()
}

// codeLine is one row of Lines.
type codeLine struct {
	widget.BaseWidget
	line *canvas.Text
}

func newCodeLine() *codeLine {
	c := &codeLine{line: canvas.NewText("", theme.Color(theme.ColorNameForeground))}
	c.line.TextStyle.Monospace = true
	c.ExtendBaseWidget(c)
	return c
}

func (c *codeLine) set(s string) {
	c.line.Text = s
	c.Refresh()
}

func (c *codeLine) CreateRenderer() fyne.WidgetRenderer { return &codeRenderer{c} }

type codeRenderer struct{ c *codeLine }

func (r *codeRenderer) MinSize() fyne.Size {
	return fyne.NewSize(40, fyne.MeasureText("M", theme.Size(theme.SizeNameCaptionText), fyne.TextStyle{Monospace: true}).Height)
}
func (r *codeRenderer) Layout(size fyne.Size) {
	r.c.line.TextSize = theme.Size(theme.SizeNameCaptionText)
	r.c.line.Color = theme.Color(theme.ColorNameForeground)
	r.c.line.Move(fyne.NewPos(4, 0))
	r.c.line.Resize(size)
}
func (r *codeRenderer) Refresh() {
	r.Layout(r.c.Size())
	r.c.line.Refresh()
}
func (r *codeRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.c.line} }
func (r *codeRenderer) Destroy()                     {}
