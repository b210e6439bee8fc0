package widgets

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/history"
)

// MessageRow is one line of the message list. It is drawn from five canvas.Text and cuts its texts itself: labels that
// truncate cost fifty times as much, and there are thirty rows ten times a second.
type MessageRow struct {
	widget.BaseWidget
	topic, payload, marks, time string
	color                       fyne.ThemeColorName
	sent                        bool
}

// NewMessageRow returns an empty row.
func NewMessageRow() *MessageRow {
	r := &MessageRow{color: colorAccent}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows m.
func (r *MessageRow) Set(m history.Message) {
	r.topic, r.payload, r.marks = m.Topic, firstLine(m.Payload), marks(m)
	r.time, r.sent = m.Time.Local().Format("15:04:05.000"), m.Direction == history.SentOut
	switch {
	case m.Refused:
		r.color = colorBad
	case r.sent:
		r.color = colorNeutral
	default:
		r.color = colorAccent
	}
	r.Refresh()
}

// Texts returns what the row says, for tests.
func (r *MessageRow) Texts() (topic, payload, marks string) { return r.topic, r.payload, r.marks }

func marks(m history.Message) string {
	var s []string
	if m.Direction == history.SentOut {
		switch {
		case m.Refused:
			s = append(s, m.Reason)
		case m.Reason == "" && m.QoS > 0:
			s = append(s, "sending…")
		default:
			s = append(s, "sent")
		}
	}
	if m.Retained {
		s = append(s, "retained")
	}
	if m.Duplicate {
		s = append(s, "duplicate")
	}
	return strings.Join(append(s, fmt.Sprintf("QoS %d", m.QoS)), "  ·  ")
}

// previewBytes is more than a row can show.
const previewBytes = 400

// firstLine is the payload's first line as it can be shown in a row.
func firstLine(payload []byte) string {
	if len(payload) == 0 {
		return "(empty)"
	}
	head := payload[:min(len(payload), previewBytes)]
	if !Textual(head) {
		return fmt.Sprintf("% x", head[:min(len(head), 48)])
	}
	s := strings.TrimLeft(string(head), "\r\n\t ")
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i] + " …"
	}
	return strings.ReplaceAll(s, "\t", " ")
}

// Textual says whether b can be read as text: UTF-8, cut anywhere, with no control characters but white space.
func Textual(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// CreateRenderer implements fyne.Widget.
func (r *MessageRow) CreateRenderer() fyne.WidgetRenderer {
	text := func() *canvas.Text { return canvas.NewText("", nil) }
	return &messageRenderer{r: r, edge: canvas.NewRectangle(nil), icon: &canvas.Image{FillMode: canvas.ImageFillContain}, topic: text(), payload: text(), marks: text(), time: text()}
}

type messageRenderer struct {
	r                           *MessageRow
	edge                        *canvas.Rectangle
	icon                        *canvas.Image
	topic, payload, marks, time *canvas.Text
	drawn                       [5]string // what was cut last, so that an unchanged row costs nothing
	width                       float32
}

const messageRowHeight = 46

func (m *messageRenderer) MinSize() fyne.Size { return fyne.NewSize(200, messageRowHeight) }

func (m *messageRenderer) Layout(size fyne.Size) {
	small, normal := theme.Size(theme.SizeNameCaptionText), theme.Size(theme.SizeNameText)
	m.style(m.topic, normal, theme.ColorNameForeground, fyne.TextStyle{Bold: true})
	m.style(m.payload, normal-1, ColorMuted, fyne.TextStyle{Monospace: true})
	m.style(m.time, small, ColorMuted, fyne.TextStyle{})
	m.style(m.marks, small, m.r.color, fyne.TextStyle{})
	m.edge.FillColor = theme.Color(m.r.color)
	m.edge.CornerRadius = 2
	m.icon.Resource = directionIcon(m.r.sent, m.r.color)
	m.icon.Move(fyne.NewPos(14, (size.Height-18)/2))
	m.icon.Resize(fyne.NewSquareSize(18))
	m.edge.Move(fyne.NewPos(2, 7))
	m.edge.Resize(fyne.NewSize(4, size.Height-14))

	key := [5]string{m.r.topic, m.r.payload, m.r.time, m.r.marks, string(m.r.color)}
	if key != m.drawn || size.Width != m.width {
		m.drawn, m.width = key, size.Width
		m.time.Text, m.marks.Text = m.r.time, m.r.marks
		m.topic.Text = cut(m.r.topic, size.Width-60-m.time.MinSize().Width, m.topic.TextSize, m.topic.TextStyle)
		m.payload.Text = cut(m.r.payload, size.Width-60-m.marks.MinSize().Width, m.payload.TextSize, m.payload.TextStyle)
	}
	place(m.topic, 40, 4, size.Width)
	place(m.payload, 40, 24, size.Width)
	trailing(m.time, 6, size.Width-12)
	trailing(m.marks, 25, size.Width-12)
}

// directionIcon shows where the message went.
func directionIcon(sent bool, c fyne.ThemeColorName) fyne.Resource {
	if sent {
		return Tinted(theme.MoveUpIcon(), c)
	}
	return Tinted(theme.MoveDownIcon(), c)
}

func (m *messageRenderer) style(t *canvas.Text, size float32, c fyne.ThemeColorName, s fyne.TextStyle) {
	t.TextSize, t.Color, t.TextStyle = size, theme.Color(c), s
}

func place(t *canvas.Text, x, y, w float32) {
	t.Move(fyne.NewPos(x, y))
	t.Resize(fyne.NewSize(w-x, t.MinSize().Height))
}

func trailing(t *canvas.Text, y, right float32) {
	s := t.MinSize()
	t.Move(fyne.NewPos(right-s.Width, y))
	t.Resize(s)
}

func (m *messageRenderer) Refresh() {
	m.Layout(m.r.Size())
	for _, o := range m.Objects() {
		o.Refresh()
	}
}

func (m *messageRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{m.edge, m.icon, m.topic, m.payload, m.time, m.marks}
}
func (m *messageRenderer) Destroy() {}
