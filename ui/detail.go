package ui

import (
	"context"
	"encoding/hex"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/history"
	"mutual/ui/widgets"
)

// Ways to show a payload.
const (
	asText = "Text"
	asJSON = "JSON"
	asHex  = "Hex"
)

// detail shows one message whole.
type detail struct {
	m       *messages
	message history.Message
	drawing int // counts draw, so that a late text is not shown
	topic   *widget.Label
	facts   *widget.Label
	as      *widget.RadioGroup
	lines   *widgets.Lines
	again   *widget.Button // hidden where the payload cannot be written as text
	close   *widget.Button
	box     *fyne.Container
}

func newDetail(m *messages) *detail {
	d := &detail{m: m, topic: widget.NewLabel(""), facts: widget.NewLabel(""), lines: widgets.NewLines()}
	d.topic.TextStyle.Bold, d.topic.Wrapping, d.topic.Selectable = true, fyne.TextWrapBreak, true
	d.facts.Wrapping, d.facts.SizeName, d.facts.Selectable = fyne.TextWrapWord, theme.SizeNameCaptionText, true
	d.as = widget.NewRadioGroup([]string{asText, asHex}, func(string) { d.draw() })
	d.as.Horizontal, d.as.Required = true, true
	d.again = widget.NewButton("Publish again…", func() { m.compose.take(d.message) })
	d.again.Importance = widget.LowImportance
	d.close = widget.NewButtonWithIcon("", theme.CancelIcon(), m.closeDetail)
	d.close.Importance = widget.LowImportance
	copyPayload := widget.NewButtonWithIcon("Copy payload", theme.ContentCopyIcon(), func() {
		m.w.app.Clipboard().SetContent(d.copyText())
	})
	top := widgets.NewRows(0,
		container.NewBorder(nil, nil, nil, container.NewVBox(d.close), d.topic),
		widgets.NewPadded(-8, 0, 0, 0, d.facts),
		container.NewHBox(d.as))
	bottom := widgets.NewPadded(4, 0, 0, 0, container.NewHBox(layout.NewSpacer(), d.again, copyPayload))
	card := widgets.NewCard(container.NewBorder(top, bottom, nil, nil, d.lines))
	card.PadX, card.PadY = 8, 6
	d.box = widgets.NewPadded(0, 0, 6, 0, card)
	return d
}

func (d *detail) show(m history.Message) {
	d.message = m
	d.topic.SetText(m.Topic)
	d.facts.SetText(facts(m))
	_, isJSON := widgets.PrettyJSON(m.Payload[:min(len(m.Payload), quickBytes)])
	if len(m.Payload) > quickBytes {
		isJSON = m.Payload[0] == '{' || m.Payload[0] == '['
	}
	d.as.Options = []string{asText, asHex}
	way := asText
	if isJSON {
		d.as.Options, way = []string{asJSON, asText, asHex}, asJSON
	}
	text := widgets.Textual(m.Payload[:min(len(m.Payload), quickBytes)])
	if !text {
		way = asHex
	}
	setVisible(d.again, text && len(m.Payload) <= quickBytes)
	if d.as.Selected == way {
		d.as.Refresh()
		d.draw()
		return
	}
	d.as.SetSelected(way)
}

func facts(m history.Message) string {
	direction := "Received"
	if m.Direction == history.SentOut {
		direction = "Sent"
	}
	text := fmt.Sprintf("%s %s  ·  QoS %d  ·  %s", direction, m.Time.Local().Format("2006-01-02 15:04:05.000"), m.QoS, size(len(m.Payload)))
	if m.Retained {
		text += "  ·  retained"
	}
	if m.Duplicate {
		text += "  ·  duplicate"
	}
	if m.Reason != "" {
		text += "\nThe broker answered: " + m.Reason
	}
	for _, p := range m.Properties {
		text += "\n" + p.Name + ": " + p.Value
	}
	return text
}

func size(n int) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}

// Payloads longer than this are prepared off the window's goroutine, and no more than shownBytes of them are drawn: a
// list's positions are exact to about a million rows, and nobody reads further. Copy copies everything.
const (
	quickBytes = 128 << 10
	shownBytes = 4 << 20
	shownHex   = 1 << 20
)

// draw shows the payload the way that is chosen.
func (d *detail) draw() {
	d.drawing++
	ticket, m, way := d.drawing, d.message, d.as.Selected
	if len(m.Payload) <= quickBytes {
		d.lines.Set(render(m.Payload, way))
		return
	}
	d.lines.Set("Preparing " + size(len(m.Payload)) + "…")
	run(d.m.w.env.async, d.m.w.env.ctx, func(context.Context) string { return render(m.Payload, way) }, func(text string) {
		if d.drawing == ticket {
			d.lines.Set(text)
		}
	})
}

// render is the payload as text, cut where there is too much of it.
func render(payload []byte, way string) string {
	limit := shownBytes
	if way == asHex {
		limit = shownHex
	}
	head, rest := payload[:min(len(payload), limit)], max(len(payload)-limit, 0)
	text := string(head)
	switch way {
	case asJSON:
		if pretty, ok := widgets.PrettyJSON(payload); ok && rest == 0 {
			text = pretty
		}
	case asHex:
		text = widgets.HexDump(head)
	}
	if rest > 0 {
		text += "\n… and " + size(rest) + " more, which Copy payload copies."
	}
	return text
}

// copyText is the whole payload as it is shown, without a cut.
func (d *detail) copyText() string {
	if len(d.message.Payload) <= shownHex {
		return render(d.message.Payload, d.as.Selected)
	}
	if d.as.Selected == asHex {
		return hex.EncodeToString(d.message.Payload)
	}
	return string(d.message.Payload)
}
