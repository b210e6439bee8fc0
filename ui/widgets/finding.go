package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/diagnose"
)

// SeverityTone is the colour of a severity.
func SeverityTone(s diagnose.Severity) Tone {
	switch s {
	case diagnose.Error:
		return Bad
	case diagnose.Warning:
		return Warn
	}
	return Accent
}

// FindingCard shows one finding and its fixes.
type FindingCard struct {
	widget.BaseWidget
	Finding diagnose.Finding
	Buttons []*widget.Button // one a fix
	Copy    *widget.Button
	OnCopy  func() // nil: nothing
	panel   *Panel
	tone    Tone
	mark    *fyne.Container
}

// NewFindingCard returns the card; fix is called with the fix whose button is tapped. refused are the
// words about who refuses because of it, one pill each; more are further buttons.
func NewFindingCard(f diagnose.Finding, refused []string, fix func(diagnose.Fix), more ...*widget.Button) *FindingCard {
	tone := SeverityTone(f.Severity)
	c := &FindingCard{Finding: f, tone: tone, mark: NewPadded(4, 0, 8, 0, container.NewHBox())}
	c.mark.Hide()
	title := widget.NewLabelWithStyle(f.Title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.Wrapping, title.SizeName, title.Selectable = fyne.TextWrapWord, theme.SizeNameSubHeadingText, true
	rows := NewRows(2, c.mark, title)
	if f.Detail != "" {
		detail := widget.NewLabel(f.Detail)
		detail.Wrapping, detail.Selectable = fyne.TextWrapWord, true
		rows.Add(NewPadded(-6, 0, 0, 0, detail))
	}
	if len(refused) > 0 {
		who := NewFlow(4) // a pill for each, so that the longest list fits the narrowest window
		for _, name := range refused {
			who.Add(NewPill(tone, name))
		}
		rows.Add(NewPadded(0, 4, 8, 0, who))
	}
	if len(f.Fixes)+len(more) > 0 {
		rows.Add(NewPadded(4, 4, 8, 0, c.fixRow(f.Fixes, fix, more)))
	}
	if len(f.Evidence) > 0 || f.Spec != "" {
		rows.Add(NewFold("How we know", evidenceRows(f), nil))
	}
	icon := widget.NewIcon(Tinted(ToneIcon(tone), tone.Strong()))
	c.Copy = widget.NewButtonWithIcon("", theme.ContentCopyIcon(), func() {
		if c.OnCopy != nil {
			c.OnCopy()
		}
	})
	c.Copy.Importance = widget.LowImportance
	c.panel = NewCard(container.NewBorder(nil, nil, NewPadded(9, 0, 2, 0, container.NewVBox(icon)), container.NewVBox(c.Copy), rows))
	c.panel.Edge, c.panel.PadY = tone.Strong(), 6
	c.ExtendBaseWidget(c)
	return c
}

// Mark singles the card out from the others, with a word on why.
func (c *FindingCard) Mark(why string) {
	c.mark.Objects = []fyne.CanvasObject{container.NewHBox(NewPill(Accent, why))}
	c.mark.Show()
	c.panel.Stroke = c.tone.Strong()
	c.panel.Refresh()
}

// Marked says whether it is.
func (c *FindingCard) Marked() bool { return c.mark.Visible() }

func (c *FindingCard) fixRow(fixes []diagnose.Fix, fix func(diagnose.Fix), more []*widget.Button) fyne.CanvasObject {
	row := NewFlow(8)
	primary := true
	for _, x := range fixes {
		b := widget.NewButton(shortened(x.Title), func() { fix(x) })
		switch {
		case !x.Automatic:
			b.SetIcon(theme.InfoIcon())
		case primary && x.Risk != diagnose.Weakens:
			b.Importance, primary = widget.HighImportance, false
		}
		c.Buttons = append(c.Buttons, b)
		row.Add(b)
		if label, tone := RiskLabel(x); label != "" && x.Automatic {
			row.Add(NewPadded(8, 0, 0, 6, NewPill(tone, label)))
		}
	}
	for _, b := range more {
		row.Add(b)
	}
	return row
}

// mostOnButton is how many characters of a fix's title its button shows: with more it would not fit the narrowest
// window. The whole of it stands where the fix is confirmed.
const mostOnButton = 46

// shortened leaves out the middle of a title that is too long for a button: a certificate's or host's name is in it.
func shortened(title string) string {
	r := []rune(title)
	if len(r) <= mostOnButton {
		return title
	}
	const end = 16
	return string(r[:mostOnButton-end-1]) + "…" + string(r[len(r)-end:])
}

// RiskLabel says what a fix's risk means; empty: none.
func RiskLabel(f diagnose.Fix) (string, Tone) {
	switch f.Risk {
	case diagnose.AddsTrust:
		for _, s := range f.Action.Set {
			switch s.Field {
			case diagnose.FieldServerName:
				return "trusts another name", Accent
			case diagnose.FieldPublicTrust:
				return "trusts public authorities", Accent
			}
		}
		return "adds a trusted certificate", Accent
	case diagnose.Weakens:
		return "weakens a check", Warn
	case diagnose.SystemRisk:
		return "changes this computer", Warn
	}
	return "", Neutral
}

func evidenceRows(f diagnose.Finding) fyne.CanvasObject {
	var lines []string
	for _, e := range f.Evidence {
		lines = append(lines, e.Name+": "+e.Value)
	}
	if f.Spec != "" {
		lines = append(lines, "rule: "+f.ID+" ("+f.Spec+")")
	} else {
		lines = append(lines, "rule: "+f.ID)
	}
	text := widget.NewLabel(strings.Join(lines, "\n"))
	text.Wrapping, text.Selectable, text.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	return NewPanel(text, ColorCode)
}

// CreateRenderer implements fyne.Widget.
func (c *FindingCard) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.panel) }
