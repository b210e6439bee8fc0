package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// showAsking lists the probes under way, and strikes off those that have ended.
func (d *diagnosis) showAsking(c *connection) {
	shown := ""
	for _, p := range c.asking {
		shown += p.Name + " " + string(p.Status) + "|"
	}
	if shown == d.askingShown {
		return
	}
	d.askingShown = shown
	d.asking.Objects = nil
	for _, p := range c.asking {
		if p.Status == "" {
			d.asking.Add(widgets.NewRow(6, widget.NewIcon(widgets.Tinted(theme.SearchIcon(), widgets.Accent.Strong())),
				widgets.NewText(report.ProbeDoing(p.Name)+"…")))
			continue
		}
		d.asking.Add(widgets.NewRow(6, probeIcon(p), widgets.Muted(report.ProbeDoing(p.Name)), widgets.Muted(report.Took(p.Duration))))
	}
	setVisible(d.asking, len(c.asking) > 0)
	d.asking.Refresh()
}

// probeIcon says whether what a probe asked was answered.
func probeIcon(p evidence.Probe) *widget.Icon {
	if p.Status == evidence.OK {
		return widget.NewIcon(widgets.Tinted(theme.ConfirmIcon(), widgets.Good.Strong()))
	}
	return widget.NewIcon(widgets.Tinted(theme.CancelIcon(), widgets.Neutral.Strong()))
}

// experiments shows what each probe came to; nil: there was none.
func experiments(probes []evidence.Probe) fyne.CanvasObject {
	if len(probes) == 0 {
		return nil
	}
	rows := widgets.NewRows(0)
	for _, p := range probes {
		text := widget.NewLabel(p.Detail)
		text.Wrapping, text.Selectable = fyne.TextWrapWord, true
		if text.Text == "" {
			text.Text = report.ProbeDoing(p.Name) + ": no answer."
		}
		rows.Add(container.NewBorder(nil, nil, widgets.NewPadded(9, 0, 4, 0, container.NewVBox(probeIcon(p))),
			widgets.NewPadded(9, 0, 0, 4, container.NewVBox(widgets.Muted(report.Took(p.Duration)))), text))
	}
	card := widgets.NewCard(rows)
	card.PadY = 4
	return card
}
