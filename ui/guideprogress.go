package ui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/expression"
	"mutual/core/progress"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// progressTitles name the steps of an order, and of changing a record, for people.
var progressTitles = map[progress.Step]string{
	progress.Account: "Account", progress.Order: "Order", progress.Record: "Record", progress.Seen: "Name servers",
	progress.Validate: "Proof", progress.CleanUp: "Clean-up", progress.Finalize: "Certificate", progress.Download: "Download",
	progress.WriteDown: "Files", progress.RenewInfo: "When to renew", progress.Revoke: "Revocation",
	progress.HostZone: "Hosted zone", progress.Change: "Change", progress.Resolve: "Name servers", progress.Identity: "Identity",
	progress.Permitted: "Permissions",
}

// progressRow is one step for one name.
type progressRow struct {
	p       progress.Event
	begun   bool
	stopped bool
	since   time.Time
	took    *widgets.Text
}

// progressList shows steps with what was said of them last, and how long they took.
type progressList struct {
	rows   []*progressRow
	manual []progress.ByHand // to be created by hand
	needed *solver.CNAMENeededError
	box    *fyne.Container
	copied func(string)
}

func newProgressList() *progressList {
	l := &progressList{box: widgets.NewRows(-8)}
	l.box.Hide()
	return l
}

func (l *progressList) clear() {
	l.rows, l.manual, l.needed = nil, nil, nil
	l.draw()
}

// expect shows steps before they begin.
func (l *progressList) expect(steps []progress.Step) {
	for _, s := range steps {
		l.rows = append(l.rows, &progressRow{p: progress.Event{Step: s}})
	}
	l.draw()
}

func (l *progressList) tell(p progress.Event) {
	r := l.row(p)
	if p.Detail == "" {
		p.Detail = r.p.Detail
	}
	if p.Manual != nil {
		l.manual = append(l.manual, *p.Manual)
	}
	if !r.begun {
		r.since = time.Now()
	}
	p.Detail = withoutRoots(p.Detail)
	if (p.Step == progress.Seen || p.Step == progress.Resolve) && !p.Done && r.begun {
		p.Detail += " Looked at " + time.Now().Format("15:04:05") + "."
	}
	r.p, r.begun = p, true
	l.draw()
}

// need shows the record that has to be created first, if err is about that.
func (l *progressList) need(err error) {
	if errors.As(err, &l.needed) {
		l.draw()
	}
}

// tick says how long what is being done has taken.
func (l *progressList) tick() {
	for _, r := range l.rows {
		if r.begun && !r.p.Done && !r.stopped && r.took != nil {
			r.took.Set(r.elapsed())
		}
	}
}

// elapsed is in whole seconds, as it is looked at while it grows.
func (r *progressRow) elapsed() string {
	if s := int(time.Since(r.since).Seconds()); s > 0 {
		return countText(s) + " s"
	}
	return ""
}

// rootDots are the closing dots of names, which people do not write.
var rootDots = expression.New(`([a-z0-9])\.([.,;:]|\s+[a-z])`)

func withoutRoots(text string) string { return rootDots.ReplaceAllString(text, "$1$2") }

// row is the one that p is about: of the same step and name, or the one that was only expected; else a new one, after
// those of its step.
func (l *progressList) row(p progress.Event) *progressRow {
	at := len(l.rows)
	for i, r := range l.rows {
		if r.p.Step != p.Step {
			continue
		}
		if r.p.Name == p.Name || !r.begun {
			return r
		}
		at = i + 1
	}
	r := &progressRow{}
	l.rows = append(l.rows[:at], append([]*progressRow{r}, l.rows[at:]...)...)
	return r
}

// end marks what did not come to its end.
func (l *progressList) end() {
	for _, r := range l.rows {
		r.stopped = !r.p.Done
	}
	l.manual = nil
	l.draw()
}

func (l *progressList) draw() {
	l.box.Objects = nil
	if l.needed != nil {
		l.add(l.record("Create this CNAME record, once; every renewal goes through it", l.needed.Name, "CNAME, its value", l.needed.Target))
	}
	for _, rec := range l.manual {
		l.add(l.record("Create this TXT record; the order goes on as soon as it is seen", rec.Name, "Value", rec.Value))
	}
	for _, r := range l.rows {
		l.box.Add(r.draw())
	}
	setVisible(l.box, len(l.box.Objects) > 0)
	l.box.Refresh()
}

// add puts a record above the steps, with air below it.
func (l *progressList) add(record fyne.CanvasObject) {
	l.box.Add(widgets.NewPadded(0, 16, 0, 0, record))
}

func (r *progressRow) draw() fyne.CanvasObject {
	tone, took := widgets.Neutral, ""
	switch {
	case r.p.Done:
		tone, took = widgets.Good, fmt.Sprintf("%.1f s", r.p.Took.Seconds())
	case r.begun && r.stopped:
		tone = widgets.Warn
	case r.begun:
		tone, took = widgets.Accent, r.elapsed()
	}
	dot := widgets.NewDot()
	dot.Set(tone)
	detail := widget.NewLabel(r.p.Detail)
	if name := strings.TrimSuffix(r.p.Name, "."); name != "" && !strings.Contains(r.p.Detail, name) {
		detail.SetText(name + ": " + r.p.Detail)
	}
	r.took = widgets.Muted(took)
	detail.Wrapping, detail.Selectable, detail.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	left := widgets.NewRow(8, container.NewVBox(widgets.NewPadded(12, 0, 0, 0, dot)), widgets.NewFixedWidth(110, container.NewVBox(widgets.NewPadded(7, 0, 0, 0, widgets.NewText(progressTitles[r.p.Step])))))
	return container.NewBorder(nil, nil, left, container.NewVBox(widgets.NewPadded(8, 0, 0, 0, r.took)), detail)
}

// record shows what a person has to create.
func (l *progressList) record(title, name, kind, value string) fyne.CanvasObject {
	p := widgets.NewPanel(widgets.NewRows(4, widgets.Heading(title, theme.SizeNameText).CutTo(0),
		labelled("Name", copyRow(strings.TrimSuffix(name, "."), l.copied)), labelled(kind, copyRow(strings.TrimSuffix(value, "."), l.copied))), widgets.Accent.Soft())
	p.PadX, p.PadY = 12, 8
	return p
}

// copyRow is text in the code's type with a button that copies it.
func copyRow(text string, copied func(string)) fyne.CanvasObject {
	l := widget.NewLabel(text)
	l.Selectable, l.Wrapping, l.TextStyle = true, fyne.TextWrapBreak, fyne.TextStyle{Monospace: true}
	b := widget.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { copied(text) })
	b.Importance = widget.LowImportance
	p := widgets.NewPanel(container.NewBorder(nil, nil, nil, container.NewCenter(b), l), widgets.ColorCode)
	p.PadX, p.PadY = 8, 0
	return p
}

// cancelledWords says that something was ended, and what is left of it.
func (s *guideStep) cancelledWords(err error) string {
	var left *acme.LeftoverError
	switch {
	case errors.As(err, &left):
		return "Cancelled. " + acme.Sentence(left)
	case s.stays != "":
		return "Cancelled. " + s.stays
	}
	return "Cancelled. What was created has been removed; the next try goes on from here."
}

// text is everything that the rows say.
func (l *progressList) text() string {
	var b strings.Builder
	for _, r := range l.rows {
		fmt.Fprintln(&b, progressTitles[r.p.Step], r.p.Name, r.p.Detail)
	}
	return b.String()
}
