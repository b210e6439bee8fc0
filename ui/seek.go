package ui

import (
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/diagnose"
	"mutual/core/explain"
	"mutual/ui/widgets"
)

// sought is a finding that the user wants the connection to be checked for.
type sought struct {
	id     string
	conn   *connection
	before *diagnose.Result // what was known when it was asked
	begun  bool             // the attempt has been seen to run
}

func newExplainButton(d *diagnosis) *widget.Button {
	return widget.NewButtonWithIcon("Explain message…", theme.QuestionIcon(), d.onExplain)
}

func (d *diagnosis) onExplain() {
	var seek func(explain.Match)
	if d.w.current != nil {
		seek = func(m explain.Match) { d.seek(m.ID) }
	}
	d.explainer = d.w.explainMessage(seek)
}

// seek tries the connection and, once that is judged, shows whether it has the finding.
func (d *diagnosis) seek(id string) {
	if d.conn == nil {
		return
	}
	d.answer(widgets.Neutral, "")
	d.sought = &sought{id: id, conn: d.conn, before: d.conn.result}
	d.onTry()
}

// showSought answers when the attempt has ended. One that was cancelled, or could not be made, answers nothing.
func (d *diagnosis) showSought(c *connection) {
	s := d.sought
	if s == nil || s.conn != c {
		return
	}
	if c.trying != "" || c.busy() {
		s.begun = s.begun || c.trying != ""
		return
	}
	if !s.begun && c.result == s.before {
		return
	}
	d.sought = nil
	if c.result == nil || c.result == s.before {
		return
	}
	var first *widgets.FindingCard
	for _, card := range d.cards {
		if card.Finding.ID == s.id {
			card.Mark("what the message means")
			if first == nil {
				first = card
			}
		}
	}
	name := explain.Title(s.id)
	switch {
	case first != nil:
		d.answer(widgets.Accent, "This connection shows what the message means: "+name)
		d.w.env.async.post(func() { d.scrollTo(first) }) // when the page has its new height
	case len(c.result.Findings) == 0:
		d.answer(widgets.Good, "This connection does not show what the message means: "+name+" Nothing is wrong with it.")
	default:
		d.answer(widgets.Neutral, "This connection does not show what the message means: "+name+" What it does show stands below.")
	}
}

// scrollTo brings a card to the top of the page, with a little air above.
func (d *diagnosis) scrollTo(card *widgets.FindingCard) {
	d.scroll.Refresh()
	d.scroll.ScrollToOffset(card.Position().AddXY(-card.Position().X, -8))
}

// answer shows a bar above the findings; an empty text takes it away.
func (d *diagnosis) answer(tone widgets.Tone, text string) {
	d.answered.Objects = nil
	if text != "" {
		d.answered.Add(widgets.NewBar(tone, text, func() { d.answer(tone, "") }))
	}
	setVisible(d.answered, text != "")
	d.answered.Refresh()
	d.box.Refresh()
}
