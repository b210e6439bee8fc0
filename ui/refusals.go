package ui

import (
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/diagnose"
	"mutual/ui/widgets"
)

// refusal is what the broker refused while a connection stood, with the judgement that it is explained by: the attempt
// that follows a lost connection knows nothing of it.
type refusal struct {
	finding diagnose.Finding
	in      judged
	times   int // in how many connections
	last    time.Time
	hidden  bool // the user has closed it, or the broker has agreed since
}

// topic is the topic or topic filter that was refused; empty: it was the connection.
func (r *refusal) topic() string {
	for _, f := range r.finding.Evidence {
		if f.Name == "topic" {
			return f.Value
		}
	}
	return ""
}

// text is the sentence for people.
func (r *refusal) text() string {
	if r.times == 1 {
		return r.finding.Title
	}
	return fmt.Sprintf("%s It has happened %d times, the last time at %s.", r.finding.Title, r.times, r.last.Format("15:04:05"))
}

// maxRefusals bounds what is remembered of one connection.
const maxRefusals = 50

// noteRefusals remembers what was refused in the attempt that j is about.
func (c *connection) noteRefusals(j judged) {
	for _, f := range j.result.Findings {
		if !diagnose.InSession(f.ID) {
			continue
		}
		i := slices.IndexFunc(c.refusals, func(r *refusal) bool { return r.finding.ID == f.ID && r.finding.Title == f.Title })
		switch {
		case i < 0 && len(c.refusals) < maxRefusals:
			c.refusals = append(c.refusals, &refusal{finding: f, in: j, times: 1, last: c.env.now()})
		case i >= 0 && !c.refusals[i].in.attempt.Started.Equal(j.attempt.Started):
			r := c.refusals[i]
			r.finding, r.in, r.times, r.last, r.hidden = f, j, r.times+1, c.env.now(), false
		case i >= 0:
			c.refusals[i].in = j
		}
	}
}

// answeredAbout shows again what the broker refuses once more, and puts away what it has agreed to.
func (c *connection) answeredAbout(topic string, a answered) {
	for _, r := range c.refusals {
		if a.err == nil && r.topic() == topic && topic != "" {
			r.hidden = !a.answer.Refused
		}
	}
}

// shownRefusals are those to be seen, the newest first.
func (c *connection) shownRefusals() []*refusal {
	var shown []*refusal
	for _, r := range slices.Backward(c.refusals) {
		if !r.hidden {
			shown = append(shown, r)
		}
	}
	return shown
}

// refusalBars shows on the page of the messages what the broker has refused, each with the way to its explanation.
type refusalBars struct {
	w     *Window
	drawn string
	box   *fyne.Container
}

// mostBars is how many stand one below the other; the others follow when those are closed.
const mostBars = 2

func newRefusalBars(w *Window) *refusalBars {
	b := &refusalBars{w: w, box: widgets.NewRows(5)}
	b.box.Hide()
	return b
}

func (b *refusalBars) show(c *connection) {
	shown := c.shownRefusals()
	key := c.profile.ID
	for _, r := range shown {
		key += "|" + r.text()
	}
	if key == b.drawn {
		return
	}
	b.drawn = key
	b.box.Objects = nil
	for _, r := range shown[:min(len(shown), mostBars)] {
		explain := widget.NewButtonWithIcon("Explain", theme.QuestionIcon(), func() { b.w.explainRefusal(c, r) })
		b.box.Add(widgets.NewBar(widgets.SeverityTone(r.finding.Severity), r.text(), func() {
			r.hidden = true
			c.changed()
		}, explain))
	}
	if more := len(shown) - mostBars; more > 0 {
		b.box.Add(widgets.Muted(fmt.Sprintf("and %d more", more)))
	}
	setVisible(b.box, len(shown) > 0)
	b.box.Refresh()
}

// explainRefusal shows the finding of a refusal on the page of the diagnosis.
func (w *Window) explainRefusal(c *connection, r *refusal) {
	c.attempt, c.result, c.contacts, c.pinned = r.in.attempt, &r.in.result, r.in.contacts, true
	w.tabs.Select(diagnosisPage)
	c.changed()
	w.diagnosis.reveal(r.finding)
}

// reveal scrolls to the card of a finding.
func (d *diagnosis) reveal(f diagnose.Finding) {
	i := slices.IndexFunc(d.conn.result.Findings, func(x diagnose.Finding) bool { return x.ID == f.ID && x.Title == f.Title })
	if i > 0 && i < len(d.cards) {
		d.scroll.ScrollToOffset(fyne.NewPos(0, d.cards[i].Position().Y))
	}
}
