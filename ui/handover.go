package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/ui/widgets"
)

// Keys of what the hand-over remembers.
const (
	prefBroker     = "handover.broker"
	prefPlan       = "handover.plan"
	prefHandFolder = "handover.folder"
	prefAPI        = "handover.api"
)

// Parts of the hand-over, in the order of its tabs.
const (
	handFiles = iota
	handChecks
	handFields
	handUpload
	handCount
)

var handNames = [handCount]string{"Files", "Checks", "Hand over", "Upload"}

// handover is the dialog that prepares what a broker has to be given, checks it, and hands it over: to paste, as files,
// or over EMQX's interface.
type handover struct {
	w      *Window
	ctx    context.Context
	dialog *dialog.CustomDialog
	tabs   *widgets.Tabs
	parts  [handCount]fyne.CanvasObject
	files  *handoverFiles
	checks *handoverChecks
	fields *handoverFields
	upload *handoverUpload
	said   *widget.Label
	icon   *widget.Icon
	busy   *widget.Activity
	back   *widget.Button
	next   *widget.Button

	stop    func() bool        // the preparing that is about to begin
	cancel  context.CancelFunc // the one that runs; nil: none does
	result  *deploy.Handover   // nil: there is none of what is filled in now
	problem string             // why not, a sentence; empty: nothing was chosen yet
}

// handoverDelay is long enough not to prepare at every letter that is typed.
const handoverDelay = 350 * time.Millisecond

// handover opens the dialog. What from leaves empty is filled in from the certificates made last and from the
// connection that is shown.
func (w *Window) handover(from handoverFrom) *handover {
	ctx, stop := context.WithCancel(w.env.ctx)
	h := &handover{w: w, ctx: ctx}
	h.buildUI()
	w.handing = h
	w.showDialog(h.dialog, func() {
		stop()
		h.upload.forget()
		w.handing = nil
	})
	size := w.win.Canvas().Size()
	h.dialog.Resize(fyne.NewSize(min(size.Width-60, 940), size.Height-50)) // before Show it panics
	h.files.fill(from)
	w.win.Canvas().Focus(h.files.certificate.Entry)
	return h
}

// onHandover opens the dialog with nothing given, unless it is open.
func (w *Window) onHandover() {
	if w.handing == nil {
		w.settings.leave()
		w.handover(handoverFrom{})
	}
}

func (h *handover) buildUI() {
	h.said = widget.NewLabel("")
	h.said.Wrapping, h.said.Selectable = fyne.TextWrapWord, true
	h.icon, h.busy = widget.NewIcon(nil), widget.NewActivity()
	h.busy.Hide()
	h.checks, h.fields, h.upload = newHandoverChecks(h), newHandoverFields(h), newHandoverUpload(h)
	h.files = newHandoverFiles(h)
	stack := container.NewStack()
	for i, o := range []fyne.CanvasObject{h.files.box, h.checks.box, h.fields.box, h.upload.box} {
		h.parts[i] = container.NewVScroll(widgets.NewPadded(10, 8, 2, 16, o))
		stack.Add(h.parts[i])
	}
	h.tabs = widgets.NewTabs(handNames[:], h.onTab)
	state := container.NewBorder(nil, nil, container.NewStack(h.icon, container.NewGridWrap(fyne.NewSquareSize(20), h.busy)), nil, h.said)
	content := container.NewBorder(widgets.NewRows(0, h.tabs, widget.NewSeparator()), widgets.NewRows(2, widget.NewSeparator(), state), nil, nil, stack)
	h.back = widget.NewButton("Back", func() { h.tabs.Select(h.tabs.Selected() - 1) })
	h.next = widget.NewButton("Next", func() { h.tabs.Select(h.tabs.Selected() + 1) })
	h.next.Importance = widget.HighImportance
	h.dialog = dialog.NewCustomWithoutButtons("Hand over to a broker", content, h.w.win)
	h.dialog.SetButtons([]fyne.CanvasObject{widget.NewButton("Close", h.close), h.back, h.next})
	h.onTab(handFiles)
}

func (h *handover) close() { h.dialog.Hide() }

func (h *handover) onTab(i int) {
	for n, o := range h.parts {
		setVisible(o, n == i)
	}
	setEnabled(h.back, i > 0)
	setEnabled(h.next, i < handCount-1)
	if i == handUpload {
		h.upload.shown()
	}
}

func setEnabled(o fyne.Disableable, on bool) {
	if on {
		o.Enable()
	} else {
		o.Disable()
	}
}

// say shows one line below all parts.
func (h *handover) say(tone widgets.Tone, text string) {
	h.said.SetText(text)
	h.icon.SetResource(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
	setVisible(h.icon, text != "" && !h.busy.Visible())
}

func (h *handover) working(on bool) {
	if on {
		h.busy.Start()
	} else {
		h.busy.Stop()
	}
	setVisible(h.busy, on)
	setVisible(h.icon, !on && h.said.Text != "")
}

// touched is called whenever what is to be prepared has changed. What was prepared before is no longer offered.
func (h *handover) touched() {
	if h.stop != nil {
		h.stop()
	}
	if h.cancel != nil {
		h.cancel()
		h.cancel = nil
	}
	h.result, h.problem = nil, ""
	h.stop = h.w.env.async.after(handoverDelay, h.prepare)
	h.working(true)
	h.say(widgets.Neutral, "Reading and checking…")
	h.draw()
}

// handedOver is what preparing came to.
type handedOver struct {
	handover deploy.Handover
	err      error
}

// prepare reads the files and makes the hand-over, off the window's goroutine.
func (h *handover) prepare() {
	if h.ctx.Err() != nil {
		return
	}
	broker, sources, options, problem := h.files.order()
	if problem != "" || sources.Certificate == "" {
		h.finish(nil, problem)
		return
	}
	ctx, cancel := context.WithCancel(h.ctx)
	h.cancel = cancel
	roots := h.w.env.roots
	run(h.w.env.async, ctx, func(ctx context.Context) handedOver {
		if roots != nil {
			sources.Roots = roots()
		}
		m, err := deploy.Read(ctx, sources)
		if err != nil {
			return handedOver{err: err}
		}
		made, err := broker.Prepare(m, options)
		return handedOver{made, err}
	}, func(made handedOver) {
		if ctx.Err() != nil {
			return // something was changed meanwhile, or the dialog is closed
		}
		cancel()
		h.cancel = nil
		h.finish(&made.handover, h.files.judge(made.err))
	})
}

// finish shows what was prepared, or why nothing was.
func (h *handover) finish(made *deploy.Handover, problem string) {
	h.working(false)
	h.result, h.problem = made, problem
	if problem != "" {
		h.result = nil
	}
	switch {
	case problem != "":
		h.say(widgets.Bad, problem)
	case made == nil:
		h.say(widgets.Neutral, h.files.invitation())
	default:
		h.say(verdict(*made))
	}
	h.draw()
}

// draw shows the result in all parts.
func (h *handover) draw() {
	tone, text := widgets.Neutral, ""
	if h.result != nil {
		if n := count(h.result.Checks, deploy.Failed); n > 0 {
			tone, text = widgets.Bad, fmt.Sprintf("%d not met", n)
		} else if n := count(h.result.Checks, deploy.Warning); n > 0 {
			tone, text = widgets.Warn, fmt.Sprintf("%d to know", n)
		} else {
			tone, text = widgets.Good, "all met"
		}
	}
	h.tabs.Mark(handChecks, tone, text)
	h.checks.show(h.result)
	h.fields.show(h.result)
	h.upload.show()
}

func count(checks []deploy.Check, o deploy.Outcome) (n int) {
	for _, c := range checks {
		if c.Outcome == o {
			n++
		}
	}
	return n
}

// verdict sums the checks up.
func verdict(made deploy.Handover) (widgets.Tone, string) {
	failed, warned := count(made.Checks, deploy.Failed), count(made.Checks, deploy.Warning)
	first := func(o deploy.Outcome) string {
		i := slices.IndexFunc(made.Checks, func(c deploy.Check) bool { return c.Outcome == o })
		return made.Checks[i].Text
	}
	switch {
	case failed == 1:
		return widgets.Bad, "One demand is not met: " + first(deploy.Failed)
	case failed > 1:
		return widgets.Bad, fmt.Sprintf("%d demands are not met. The first: %s", failed, first(deploy.Failed))
	case warned == 1:
		return widgets.Warn, "It will be taken, and there is one thing to know: " + first(deploy.Warning)
	case warned > 1:
		return widgets.Warn, fmt.Sprintf("It will be taken, and there are %d things to know: see Checks.", warned)
	}
	return widgets.Good, "Every demand of " + made.Title + " is met."
}

// judgeRead words why files could not be read; file is the one at fault, nil when it is none.
func judgeRead(err error, at time.Time) (text string, file *evidence.File) {
	var unread *pki.FileError
	if !errors.As(err, &unread) {
		return upperFirst(err.Error()) + ".", nil
	}
	f := unread.File
	c := judgeFile(f, &evidence.Attempt{Started: at})
	if c.tone == widgets.Good { // no rule is about it
		return upperFirst(err.Error()) + ".", &f
	}
	return c.text, &f
}
