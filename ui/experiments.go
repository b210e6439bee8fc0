package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// probeDoing says what is being asked by a probe, as a sentence without its end.
func probeDoing(name string) string {
	kind, of, _ := strings.Cut(name, ":")
	switch {
	case name == "plain-connect":
		return "Asking the broker whether it speaks MQTT without TLS"
	case name == "server-hello":
		return "Asking the broker whether it speaks TLS"
	case name == "small-hello":
		return "Trying a smaller TLS hello"
	case name == "no-server-name":
		return "Trying without a server name"
	case kind == "alpn" && of == "":
		return "Trying without an application protocol"
	case kind == "alpn":
		return "Trying with the application protocol " + of
	}
	switch kind {
	case "issuer":
		return "Fetching a certificate that the broker leaves out, from " + hostOf(of)
	case "crl":
		return "Fetching the revocation list from " + hostOf(of)
	case "ocsp":
		return "Asking " + hostOf(of) + " whether a certificate was revoked"
	}
	if v, ok := strings.CutPrefix(name, "version-"); ok {
		return "Asking the broker whether it accepts TLS " + v
	}
	if v, ok := strings.CutPrefix(name, "mqtt-"); ok {
		return "Asking the broker whether it speaks MQTT " + v
	}
	if n, ok := strings.CutPrefix(name, "port-"); ok {
		return "Looking whether anything listens on port " + n
	}
	return "Looking further: " + strings.ReplaceAll(name, "-", " ")
}

// showAsking lists the probes under way, when there is more to say than fits beside the buttons.
func (d *diagnosis) showAsking(c *connection) {
	if len(c.asking) == d.askingShown {
		return
	}
	d.askingShown = len(c.asking)
	d.asking.Objects = nil
	for _, name := range c.asking {
		d.asking.Add(widgets.NewRow(6, widget.NewIcon(widgets.Tinted(theme.SearchIcon(), widgets.Accent.Strong())),
			widgets.NewText(probeDoing(name)+"…")))
	}
	setVisible(d.asking, len(c.asking) > 0)
	d.asking.Refresh()
}

// experiments shows what each probe came to; nil: there was none.
func experiments(probes []evidence.Probe) fyne.CanvasObject {
	if len(probes) == 0 {
		return nil
	}
	rows := widgets.NewRows(0)
	for _, p := range probes {
		icon, tone := theme.CancelIcon(), widgets.Neutral
		if p.Status == evidence.OK {
			icon, tone = theme.ConfirmIcon(), widgets.Good
		}
		text := widget.NewLabel(p.Detail)
		text.Wrapping, text.Selectable = fyne.TextWrapWord, true
		if text.Text == "" {
			text.Text = probeDoing(p.Name) + ": no answer."
		}
		rows.Add(container.NewBorder(nil, nil, widgets.NewPadded(9, 0, 4, 0, container.NewVBox(widget.NewIcon(widgets.Tinted(icon, tone.Strong())))),
			widgets.NewPadded(9, 0, 0, 4, container.NewVBox(widgets.Muted(report.Took(p.Duration)))), text))
	}
	card := widgets.NewCard(rows)
	card.PadY = 4
	return card
}
