package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	message history.Message
	topic   *widget.Label
	facts   *widget.Label
	as      *widget.RadioGroup
	lines   *widgets.Lines
	close   *widget.Button
	box     *fyne.Container
}

func newDetail(m *messages) *detail {
	d := &detail{topic: widget.NewLabel(""), facts: widget.NewLabel(""), lines: widgets.NewLines()}
	d.topic.TextStyle.Bold, d.topic.Wrapping, d.topic.Selectable = true, fyne.TextWrapBreak, true
	d.facts.Wrapping, d.facts.SizeName, d.facts.Selectable = fyne.TextWrapWord, theme.SizeNameCaptionText, true
	d.as = widget.NewRadioGroup([]string{asText, asHex}, func(string) { d.draw() })
	d.as.Horizontal, d.as.Required = true, true
	d.close = widget.NewButtonWithIcon("", theme.CancelIcon(), m.closeDetail)
	d.close.Importance = widget.LowImportance
	copyPayload := widget.NewButtonWithIcon("Copy payload", theme.ContentCopyIcon(), func() {
		m.w.app.Clipboard().SetContent(d.lines.Text())
	})
	top := widgets.NewRows(0,
		container.NewBorder(nil, nil, nil, container.NewVBox(d.close), d.topic),
		widgets.NewPadded(-8, 0, 0, 0, d.facts),
		container.NewBorder(nil, nil, d.as, copyPayload))
	card := widgets.NewCard(container.NewBorder(top, nil, nil, nil, d.lines))
	card.PadX, card.PadY = 8, 6
	d.box = widgets.NewPadded(0, 0, 6, 0, card)
	return d
}

func (d *detail) show(m history.Message) {
	d.message = m
	d.topic.SetText(m.Topic)
	d.facts.SetText(facts(m))
	_, isJSON := widgets.PrettyJSON(m.Payload)
	d.as.Options = []string{asText, asHex}
	way := asText
	if isJSON {
		d.as.Options, way = []string{asJSON, asText, asHex}, asJSON
	}
	if !widgets.Textual(m.Payload) {
		way = asHex
	}
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

func (d *detail) draw() {
	switch d.as.Selected {
	case asJSON:
		text, _ := widgets.PrettyJSON(d.message.Payload)
		d.lines.Set(text)
	case asHex:
		d.lines.Set(widgets.HexDump(d.message.Payload))
	default:
		d.lines.Set(string(d.message.Payload))
	}
}
