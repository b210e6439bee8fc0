package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/ui/widgets"
)

// handoverChecks is the part that says what the broker demands and how it is met, the unmet first.
type handoverChecks struct {
	h    *handover
	copy *widget.Button
	rows *fyne.Container
	box  *fyne.Container
}

func newHandoverChecks(h *handover) *handoverChecks {
	c := &handoverChecks{h: h, rows: widgets.NewRows(8)}
	c.copy = widget.NewButtonWithIcon("Copy all", theme.ContentCopyIcon(), func() {
		h.w.app.Clipboard().SetContent(checksText(*h.result))
		h.say(widgets.Good, "The checks are on the clipboard.")
	})
	c.box = widgets.NewRows(8, c.rows, container.NewHBox(c.copy))
	return c
}

// outcomeLook is how a check that ended so is shown.
type outcomeLook struct {
	outcome deploy.Outcome
	tone    widgets.Tone
	sign    string
	word    string
}

// outcomes are the ways a check ends, the gravest first.
var outcomes = []outcomeLook{
	{deploy.Failed, widgets.Bad, "✗", "Not met"},
	{deploy.Warning, widgets.Warn, "!", "To know"},
	{deploy.Skipped, widgets.Neutral, "–", "Not checked"},
	{deploy.Passed, widgets.Good, "✓", "Met"},
}

// byGravity orders checks, keeping deploy's order among equals.
func byGravity(checks []deploy.Check) []deploy.Check {
	var out []deploy.Check
	for _, o := range outcomes {
		for _, c := range checks {
			if c.Outcome == o.outcome {
				out = append(out, c)
			}
		}
	}
	return out
}

func (c *handoverChecks) show(made *deploy.Handover) {
	c.rows.RemoveAll()
	setEnabled(c.copy, made != nil)
	if made == nil {
		text := c.h.problem
		if text == "" {
			text = c.h.files.invitation() + " What the broker demands of them is checked here."
		}
		c.rows.Add(words(text))
	} else {
		for _, check := range byGravity(made.Checks) {
			c.rows.Add(checkCard(check))
		}
	}
	c.rows.Refresh()
}

// words is wrapped text that can be copied.
func words(text string) fyne.CanvasObject {
	l := widget.NewLabel(text)
	l.Wrapping, l.Selectable = fyne.TextWrapWord, true
	return l
}

// checkCard shows one check: how it ended, what was found, what to do, and the demand with its source.
func checkCard(check deploy.Check) fyne.CanvasObject {
	o := outcomes[max(slices.IndexFunc(outcomes, func(o outcomeLook) bool { return o.outcome == check.Outcome }), 0)]
	mark := widgets.NewPill(o.tone, "")
	mark.Set(o.tone, o.word, widgets.ToneIcon(o.tone)) // the bold font has no ✓
	pill := widgets.NewFixedWidth(136, container.NewHBox(mark))
	rows := widgets.NewRows(-8, words(check.Text))
	if check.Do != "" {
		do := widget.NewLabel(check.Do)
		do.Wrapping, do.Selectable, do.TextStyle.Bold = fyne.TextWrapWord, true, true
		rows.Add(do)
	}
	wanted := widget.NewLabel("Wanted: " + check.Rule + " " + check.Source)
	wanted.Wrapping, wanted.Selectable, wanted.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	if check.Outcome != deploy.Passed {
		rows.Add(wanted)
	}
	card := widgets.NewCard(container.NewBorder(nil, nil, container.NewVBox(widgets.NewPadded(8, 0, 0, 0, pill)), nil, rows))
	card.PadY = 2
	if check.Outcome == deploy.Failed {
		card.Edge = o.tone.Strong()
	}
	return card
}

// checksText is the checks for pasting: no field is in it.
func checksText(made deploy.Handover) string {
	var b strings.Builder
	b.WriteString(made.Title + "\n")
	for _, check := range byGravity(made.Checks) {
		for _, o := range outcomes {
			if o.outcome == check.Outcome {
				b.WriteString(o.sign + " " + o.word + ": " + check.Text)
			}
		}
		if check.Do != "" {
			b.WriteString(" " + check.Do)
		}
		b.WriteString("\n    " + check.Rule + " " + check.Source + "\n")
	}
	return b.String()
}
