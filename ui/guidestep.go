package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/ui/widgets"
)

// guideStep is one step of the guide: a card that opens when it is its turn, or when it is to be changed.
type guideStep struct {
	g       *guide
	stage   acme.Stage
	load    func()        // fills the fields from the plan
	opened  func()        // it opens; nil: nothing to do
	summary func() string // what came of it, in a line
	ended   func()        // something was done, or ended; nil: nothing to do
	gaveUp  func()        // what was being done was cancelled; nil: nothing to do
	stays   string        // what is left of it then, in a sentence; empty: what was created is removed
	draft   func()        // takes what was filled in over into the plan before the step is passed; nil: there is nothing
	awaits  func() bool   // a person creates what is being waited for, and may say that it is there; nil: never

	pill    *widgets.Pill
	number  string
	note    *widgets.Text
	change  *widget.Button
	body    *fyne.Container // the step's own rows
	buttons *fyne.Container
	foot    *fyne.Container
	folds   bool // what is to be filled in is hidden while something is done
	cancel  *widget.Button
	look    *widget.Button // ends a wait early
	nudge   chan struct{}
	spinner *widget.Activity
	steps   *progressList
	said    *widget.Label
	whole   *fyne.Container
	box     *widgets.Panel

	chosen  bool               // it is open because it is to be changed
	wasOpen bool               // it was, when it was last shown
	stop    context.CancelFunc // nil: nothing is being done
	turned  int                // how often it has come to be about something else
}

func newGuideStep(g *guide, number, title string, stage acme.Stage) *guideStep {
	s := &guideStep{g: g, stage: stage, number: number, load: func() {}, summary: func() string { return "" }}
	s.pill, s.note = widgets.NewPill(widgets.Accent, number), widgets.Muted("").CutTo(0)
	s.change = widget.NewButton("Change", s.onChange)
	s.change.Importance = widget.LowImportance
	s.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), s.onCancel)
	s.look = widget.NewButtonWithIcon("Check now", theme.ViewRefreshIcon(), s.onLookAgain)
	s.spinner = widget.NewActivity()
	s.steps = newProgressList()
	s.steps.copied = g.copy
	s.said = widget.NewLabel("")
	s.said.Wrapping, s.said.Selectable = fyne.TextWrapWord, true
	s.body = widgets.NewRows(8)
	s.buttons = widgets.NewFlow(8)
	work := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(26), s.spinner))
	s.foot = container.NewBorder(nil, nil, nil, container.NewVBox(widgets.NewRow(8, work, s.look, s.cancel)), s.buttons)
	s.foot.Hide()
	s.whole = widgets.NewRows(8, s.body, s.foot, s.steps.box, s.said)
	left := widgets.NewRow(8, container.NewCenter(s.pill), widgets.Heading(title, theme.SizeNameText))
	head := container.NewBorder(nil, nil, left, s.change, widgets.NewPadded(0, 0, 8, 0, s.note))
	s.box = widgets.NewCard(widgets.NewRows(8, widgets.NewFixedHeight(30, head), s.whole))
	s.cancel.Hide()
	s.look.Hide()
	s.spinner.Hide()
	s.said.Hide()
	return s
}

// add puts rows into the step.
func (s *guideStep) add(rows ...fyne.CanvasObject) {
	for _, r := range rows {
		s.body.Add(r)
	}
}

// set shows the step: passed, at hand, or to come.
func (s *guideStep) set(passed, next, later bool) {
	switch {
	case passed:
		s.pill.Set(widgets.Good, "", theme.ConfirmIcon())
	case later:
		s.pill.Set(widgets.Neutral, s.number, nil)
	default:
		s.pill.Set(widgets.Accent, s.number, nil)
	}
	note := ""
	if passed {
		note = s.summary()
	}
	s.note.Set(note)
	open := next || s.chosen || s.stop != nil
	s.foot.Hidden = s.stop == nil && len(s.buttons.Objects) == 0
	setVisible(s.change, passed)
	s.change.SetText("Change")
	if s.chosen {
		s.change.SetText("Close")
	}
	setVisible(s.whole, open)
	opens := open && s.g.shown && !s.wasOpen
	s.wasOpen = open && s.g.shown
	if opens && s.opened != nil {
		s.opened()
	}
	s.box.Refresh()
}

func (s *guideStep) onChange() {
	s.chosen = !s.chosen
	s.g.refresh()
	if s.chosen {
		s.g.reveal(s)
	}
}

func (s *guideStep) onCancel() {
	if s.stop != nil {
		s.stop()
		s.cancel.Disable() // what was created is being removed again
	}
}

// onLookAgain ends the pause before the next look.
func (s *guideStep) onLookAgain() {
	select {
	case s.nudge <- struct{}{}:
	default: // it looks already
	}
}

// refuse says what kept something from being done, with the record that somebody has to create first, if that is why.
func (s *guideStep) refuse(err error, more string) {
	s.steps.need(err)
	s.say(widgets.Bad, problemWords(err)+more)
}

// ask says what is still to be filled in, and puts the cursor there.
func (s *guideStep) ask(text string, at fyne.Focusable) {
	s.say(widgets.Warn, text)
	if at != nil {
		s.g.w.win.Canvas().Focus(at)
	}
}

// say shows what came of it; empty: nothing.
func (s *guideStep) say(tone widgets.Tone, text string) {
	s.said.Importance = map[widgets.Tone]widget.Importance{widgets.Bad: widget.DangerImportance, widgets.Warn: widget.WarningImportance,
		widgets.Good: widget.SuccessImportance}[tone]
	s.said.SetText(text)
	setVisible(s.said, text != "")
	s.g.refreshSoon()
	if text != "" {
		s.g.w.env.async.post(func() { s.g.revealEnd(s) }) // when it has been laid out
	}
}

func (s *guideStep) busy(on bool) {
	setVisible(s.cancel, on)
	setVisible(s.look, on && s.awaits != nil && s.awaits())
	setVisible(s.spinner, on)
	s.cancel.Enable()
	for _, o := range s.buttons.Objects {
		if b, ok := o.(*widget.Button); ok {
			if on {
				b.Disable()
			} else {
				b.Enable()
			}
		}
	}
	s.foot.Hidden = !on && len(s.buttons.Objects) == 0
	if s.folds { // the progress stands where the form was
		setVisible(s.body, !on)
		setVisible(s.buttons, !on)
	}
	if on {
		s.spinner.Start()
	} else {
		s.spinner.Stop()
	}
	s.box.Refresh()
	s.g.refreshSoon()
}

// turn makes the step be about something else, which its load may then fill in: what is being done for what it was about
// ends, and nothing of it is shown any more. When the step is next shown, it opens as if for the first time.
func (s *guideStep) turn() {
	s.turned++
	s.wasOpen = false
	if s.stop != nil {
		s.stop()
		return
	}
	s.clear()
}

// clear takes away what was said and what was done.
func (s *guideStep) clear() {
	s.steps.clear()
	s.say(widgets.Neutral, "")
}

// endedElsewhere is called when something has ended that was begun for what the step is not about any more.
func (s *guideStep) endedElsewhere(err error) {
	if left := (*acme.LeftoverError)(nil); errors.As(err, &left) {
		s.g.w.tell(widgets.Warn, acme.Sentence(left))
	}
	s.clear()
	s.wasOpen = false
	s.g.refresh()
	s.g.kept.read() // it may have been obtained
}

// begin carries out work off the window's goroutine, with its progress shown, one thing of a step at a time. done is not
// called where the user ended it, nor where the step is about something else by then.
func begin[T any](s *guideStep, work func(context.Context, progress.Report) (T, error), done func(T, error)) {
	if s.stop != nil || s.g.w.closed {
		return
	}
	ctx, cancel := context.WithCancel(s.g.w.env.ctx)
	s.stop, s.nudge = cancel, make(chan struct{}, 1)
	turned, report := s.turned, s.report()
	s.clear()
	s.busy(true)
	type outcome struct {
		v   T
		err error
	}
	s.g.w.env.async.every(ctx, time.Second, s.steps.tick)
	s.g.working.Add(1)
	run(s.g.w.env.async, nameserver.WithNudge(ctx, s.nudge), func(ctx context.Context) outcome {
		defer s.g.working.Done()
		v, err := work(ctx, report)
		return outcome{v, err}
	}, func(o outcome) {
		cancelled := ctx.Err() != nil && o.err != nil
		cancel()
		s.end()
		switch {
		case s.g.w.closed:
		case s.turned != turned:
			s.endedElsewhere(o.err)
		case cancelled:
			s.say(widgets.Neutral, s.cancelledWords(o.err))
			if s.gaveUp != nil {
				s.gaveUp()
			}
		default:
			done(o.v, o.err)
		}
	})
}

// report shows the progress of what is begun now, from whichever goroutine, as long as the step is about the same.
func (s *guideStep) report() progress.Report {
	post, turned := s.g.w.env.async.post, s.turned
	return func(p progress.Event) {
		post(func() {
			if s.turned == turned {
				s.steps.tell(p)
				s.g.scroll.Refresh()
			}
		})
	}
}

// end shows that nothing is being done any more.
func (s *guideStep) end() {
	s.stop = nil
	s.busy(false)
	s.steps.end()
	if s.ended != nil {
		s.ended()
	}
}
