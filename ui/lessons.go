package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/lab"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// lessons is the page Practice: brokers that are broken on purpose, to learn from.
type lessons struct {
	w    *Window
	list *lessonList
	seen bool // the page has had a size, so that the list can be scrolled

	group    *widgets.Text
	title    *widget.Label
	lesson   *widget.Label
	form     *widget.Select // the fault's variants
	formRow  *fyne.Container
	variants []string // by the select's index
	start    *widget.Button
	see      *widget.Button
	command  *widgets.Text
	copy     *widget.Button
	terminal *fyne.Container

	now     *fyne.Container // what is running
	nowText *widgets.Text
	stop    *widget.Button
	spinner *widget.Activity
	box     *fyne.Container
}

func newLessons(w *Window) *lessons {
	p := &lessons{w: w}
	p.buildUI()
	p.showLesson()
	return p
}

func (p *lessons) buildUI() {
	p.nowText, p.spinner = widgets.NewText("").CutTo(0), widget.NewActivity()
	p.stop = widget.NewButtonWithIcon("Stop", theme.MediaStopIcon(), p.onStop)
	bar := widgets.NewPanel(container.NewBorder(nil, nil, nil, widgets.NewRow(8,
		container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(22), p.spinner)), p.stop), p.nowText), widgets.Accent.Soft())
	bar.PadX, bar.PadY = 12, 2
	p.now = widgets.NewPadded(0, 8, 0, 0, bar)

	detail := widgets.NewCard(container.NewVScroll(p.buildDetail()))
	p.list = newLessonList(p.mark, p.showLesson, p.onStart)
	left := widgets.NewCard(container.NewBorder(widgets.NewPadded(0, 6, 0, 0, p.list.search), nil, nil, nil,
		container.NewStack(p.list.list, container.NewVBox(p.list.none))))
	left.PadX, left.PadY = 8, 8
	split := container.NewHSplit(left, detail)
	split.Offset = 0.5
	p.box = widgets.NewPadded(12, 14, 16, 16, container.NewBorder(p.now, nil, nil, nil, split))
}

func (p *lessons) buildDetail() fyne.CanvasObject {
	p.group = widgets.Muted("")
	p.title, p.lesson = widget.NewLabel(""), widget.NewLabel("")
	p.title.TextStyle.Bold, p.title.SizeName = true, theme.SizeNameSubHeadingText
	p.title.Wrapping, p.lesson.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	p.title.Selectable, p.lesson.Selectable = true, true
	p.form = widget.NewSelect(nil, nil)
	p.formRow = widgets.NewRows(4, widgets.Muted("In the form"), widgets.Framed(p.form))
	p.start = widget.NewButtonWithIcon("Start", theme.MediaPlayIcon(), p.onStart)
	p.start.Importance = widget.HighImportance
	p.see = widget.NewButton("", func() { p.w.tabs.Select(p.pageOf(p.list.chosen)) })
	p.command = widgets.NewText("").CutTo(0)
	p.command.Style.Monospace, p.command.SizeName = true, theme.SizeNameCaptionText
	p.copy = widget.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { p.w.app.Clipboard().SetContent(p.command.Text) })
	p.copy.Importance = widget.LowImportance
	code := widgets.NewPanel(container.NewBorder(nil, nil, nil, p.copy, p.command), widgets.ColorCode)
	code.PadX, code.PadY = 10, 2
	p.terminal = widgets.NewRows(4, widgets.Muted("The same broker, for any client, in a terminal"), code)
	return widgets.NewRows(10,
		widgets.NewPadded(2, 0, 8, 0, p.group),
		widgets.NewPadded(-12, -16, 0, 0, p.title),
		widgets.NewRows(-8, widgets.NewPadded(6, 0, 8, 0, widgets.Muted("What you learn")), p.lesson),
		widgets.NewPadded(0, 0, 8, 8, p.formRow),
		widgets.NewPadded(4, 4, 8, 8, widgets.NewFlow(8, p.start, p.see)),
		widgets.NewPadded(0, 0, 8, 8, p.terminal))
}

func (p *lessons) content() fyne.CanvasObject { return p.box }

func (p *lessons) show(*connection) {
	if !p.seen && p.list.list.Size().Height > 0 {
		p.seen = true
		p.list.highlight()
	}
	p.showNow()
	p.showButtons()
	p.list.list.Refresh()
}

// practising is the connection whose broker runs or is being started; nil: none does.
func (p *lessons) practising() *connection {
	for _, c := range p.w.byName() {
		if c.profile.Practice && (c.practice != nil || c.busy() || c.trying != "") {
			return c
		}
	}
	return nil
}

func (p *lessons) mark(id string) (widgets.Tone, string) {
	if c := p.practising(); c != nil && c.fault == id {
		return widgets.Accent, "running"
	}
	return widgets.Neutral, ""
}

// showNow says what is running, and what is being done about it.
func (p *lessons) showNow() {
	c := p.practising()
	if p.now.Visible() != (c != nil) {
		setVisible(p.now, c != nil)
		p.box.Refresh()
		p.list.highlight() // the list has another height now
	}
	if c == nil {
		p.spinner.Stop()
		return
	}
	text, doing := "Running", c.doing()
	if at := address(c.inForce()); c.practice != nil && at != "" {
		text += " at " + at
	}
	if doing != "" {
		text = doing + "…"
		p.spinner.Start()
	} else {
		p.spinner.Stop()
	}
	setVisible(p.spinner, doing != "")
	p.nowText.Set(text + "  ·  " + lessonTitle(c.fault, c.variant))
	p.stop.SetText("Stop")
	if c.practice == nil {
		p.stop.SetText("Cancel")
	}
	if c.closing {
		p.stop.Disable()
	} else {
		p.stop.Enable()
	}
	p.box.Refresh()
}

// lessonTitle names a fault and its form.
func lessonTitle(id, variant string) string {
	title := lessonOf(id).Title
	if variant != "" {
		title += " (" + variantName(variant) + ")"
	}
	return title
}

// showLesson shows what is chosen in the list.
func (p *lessons) showLesson() {
	x := lessonOf(p.list.chosen)
	p.group.Set(string(x.Group))
	p.title.SetText(x.Title)
	p.lesson.SetText(x.Lesson)
	p.variants = append([]string{""}, lab.Variants(x.ID)...)
	p.form.Options = []string{"The plain one"}
	for _, v := range p.variants[1:] {
		p.form.Options = append(p.form.Options, variantName(v))
	}
	p.form.OnChanged = nil
	p.form.SetSelectedIndex(0)
	p.form.OnChanged = func(string) {
		p.showCommand()
		p.showButtons()
	}
	setVisible(p.formRow, len(p.variants) > 1)
	p.showCommand()
	p.showButtons()
	p.box.Refresh()
}

// showCommand shows how the same broker is started in a terminal.
func (p *lessons) showCommand() {
	command := "mutualctl lab"
	if id := p.list.chosen; id != "" {
		command += " --fault " + id
	}
	if v := p.variant(); v != "" {
		command += " --variant " + v
	}
	p.command.Set(command)
}

func (p *lessons) variant() string { return p.variants[max(p.form.SelectedIndex(), 0)] }

func (p *lessons) showButtons() {
	c := p.practising()
	runs := c != nil && c.fault == p.list.chosen && c.variant == p.variant()
	p.start.SetText("Start")
	if runs {
		p.start.SetText("Start again")
	}
	if c != nil && c.closing {
		p.start.Disable()
	} else {
		p.start.Enable()
	}
	p.see.SetText("See the diagnosis")
	if p.pageOf(p.list.chosen) == messagesPage {
		p.see.SetText("See the messages")
	}
	setVisible(p.see, runs && c == p.w.current)
}

// pageOf is where a lesson is learned.
func (p *lessons) pageOf(id string) int {
	if id == "" || lab.ShowsInSession(id) {
		return messagesPage
	}
	return diagnosisPage
}

func (p *lessons) onStart() {
	if !p.start.Disabled() && p.list.at(p.list.chosen) >= 0 {
		p.w.practise(p.list.chosen, p.variant())
	}
}

func (p *lessons) onStop() {
	if c := p.practising(); c != nil {
		c.disconnect()
	}
}

// practise starts a practice broker that is broken in that way, in the place of the one that runs, and connects to it.
func (w *Window) practise(fault, variant string) {
	w.settings.leave()
	c := w.lessons.practising()
	if c == nil && w.current != nil && w.current.profile.Practice {
		c = w.current
	}
	for _, x := range w.byName() {
		if c == nil && x.profile.Practice {
			c = x
		}
	}
	if c == nil {
		p := profile.Practice()
		p.ID = ""
		w.added(p, func() { w.practise(fault, variant) })
		return
	}
	if c != w.current {
		w.selectProfile(c.profile.ID)
	}
	w.tabs.Select(w.lessons.pageOf(fault))
	c.practise(fault, variant)
}

// showPractice says above the findings which fault is practised, with the way to the next.
func (d *diagnosis) showPractice(c *connection) {
	shown := ""
	if c.profile.Practice && c.fault != "" {
		shown = lessonTitle(c.fault, c.variant)
	}
	if shown == d.practiceShown {
		return
	}
	d.practiceShown = shown
	d.practice.Objects = nil
	if shown != "" {
		next := widget.NewButton("Practise another…", func() { d.w.tabs.Select(practicePage) })
		d.practice.Add(widgets.NewBar(widgets.Accent, "Practising: "+shown+".", nil, next))
	}
	setVisible(d.practice, shown != "")
	d.practice.Refresh()
}
