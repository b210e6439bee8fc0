package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/chain"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// clientVerdicts is what every client says of a certificate.
type clientVerdicts struct {
	about    string // whose certificate it is
	verdicts []chain.Verdict
}

// refusals counts the clients that refuse something.
func refusals(all []clientVerdicts) (n int) {
	for _, j := range all {
		for _, v := range j.verdicts {
			if !v.Accepted {
				n++
			}
		}
	}
	return n
}

// wouldAccept are the words before the clients that are asked about what is not in use yet.
const wouldAccept = "would be accepted by"

// judgedLine sums up what the clients say.
func judgedLine(all []clientVerdicts) (widgets.Tone, string) {
	it := "it"
	if len(all) > 1 {
		it = "all of them"
	}
	switch n := refusals(all); {
	case len(all) == 0:
		return widgets.Neutral, ""
	case n == 0:
		return widgets.Good, "Every client accepts " + it + "."
	case len(all) > 1:
		return widgets.Warn, "Not every client accepts " + it + "."
	case n == 1:
		return widgets.Warn, "One client would refuse it."
	default:
		return widgets.Warn, fmt.Sprintf("%d clients would refuse it.", n)
	}
}

// judgedTable says of each client whether it accepts, and why it does not; by are the words before the clients.
func judgedTable(all []clientVerdicts, by string) fyne.CanvasObject {
	rows := widgets.NewRows(3)
	for _, j := range all {
		head := upperFirst(by)
		if len(all) > 1 {
			head = j.about + " " + by
		}
		rows.Add(widgets.Muted(head).CutTo(0))
		for _, v := range j.verdicts {
			rows.Add(judgedRow(v))
		}
	}
	return rows
}

func judgedRow(v chain.Verdict) fyne.CanvasObject {
	tone, text := widgets.Good, "yes"
	if !v.Accepted {
		tone, text = widgets.Bad, "no: "+v.Text
	}
	name := widgets.NewText(report.ClientName(v.Client)).CutTo(250)
	said := widget.NewLabel(text)
	said.Wrapping, said.SizeName, said.Selectable = fyne.TextWrapWord, theme.SizeNameCaptionText, true
	icon := widget.NewIcon(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
	return container.NewBorder(nil, nil, widgets.NewRow(6, icon, widgets.NewFixedWidth(250, name)), nil, widgets.NewPadded(-6, -6, 0, 0, said))
}
