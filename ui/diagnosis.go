package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/fix"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// diagnosis is the page that says what is wrong and offers the repair.
type diagnosis struct {
	w        *Window
	conn     *connection
	tryNow   *widget.Button
	cancel   *widget.Button
	explain  *widget.Button
	save     *widget.Button
	look     *widget.Button
	spinner  *widget.Activity
	doing    *widgets.Text
	summary  *widgets.Text
	undo     *fyne.Container
	trouble  *fyne.Container
	answered *fyne.Container
	asking   *fyne.Container // the probes under way
	practice *fyne.Container // which fault is practised
	stands   *widgets.Bar    // the connection stands although the last try did not come about
	stages   *widgets.Stages
	body     *fyne.Container
	cards    []*widgets.FindingCard
	chain    *widgets.Chain // the broker's
	mine     *widgets.Chain // the client's
	empty    *fyne.Container
	scroll   *container.Scroll
	box      *fyne.Container
	drawn    *diagnose.Result
	drawnFix *fix.Change
	said     string

	askingShown   string // the probes, and how far they are
	practiceShown string // the fault and its form

	explainer *explainer // the one opened last
	sought    *sought    // nil: nothing
	reporter  *reporter  // the one opened last
	further   *further   // the question asked last
}

func newDiagnosis(w *Window) *diagnosis {
	d := &diagnosis{w: w, stages: widgets.NewStages(), chain: widgets.NewChain(), mine: widgets.NewChain(), spinner: widget.NewActivity()}
	d.buildUI()
	return d
}

func (d *diagnosis) buildUI() {
	d.tryNow = widget.NewButtonWithIcon("Try now", theme.ViewRefreshIcon(), d.onTry)
	d.tryNow.Importance = widget.HighImportance
	d.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), d.onCancel)
	d.explain, d.save, d.look = newExplainButton(d), newReportButton(d), newFurtherButton(d)
	d.doing, d.summary = widgets.NewText("").CutTo(0), widgets.Muted("").CutTo(0)
	d.summary.Align = fyne.TextAlignTrailing
	top := container.NewBorder(nil, nil, container.NewHBox(d.tryNow, d.cancel, d.look, d.explain, d.save, container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(22), d.spinner))),
		nil, container.NewStack(d.doing, d.summary))
	d.undo, d.trouble, d.answered = container.NewVBox(), container.NewVBox(), container.NewVBox()
	d.stands = widgets.NewBar(widgets.Neutral, "The connection from before still stands: this is what a new one meets.", nil,
		widget.NewButtonWithIcon("Reconnect", theme.ViewRefreshIcon(), func() { d.conn.reconnect() }))
	d.stands.Hide()
	d.asking, d.practice = widgets.NewRows(2), container.NewVBox()
	d.body = widgets.NewRows(12)
	d.scroll = container.NewVScroll(widgets.NewPadded(0, 16, 16, 20, d.body))

	button := widget.NewButtonWithIcon("Try now", theme.ViewRefreshIcon(), d.onTry)
	button.Importance = widget.HighImportance
	title := widgets.Heading("Not tried yet", theme.SizeNameSubHeadingText)
	hint := widget.NewLabelWithStyle("Try now walks through the connection step by step and says what is in the way, and how to mend it.",
		fyne.TextAlignCenter, fyne.TextStyle{})
	hint.Wrapping = fyne.TextWrapWord
	d.empty = container.NewCenter(widgets.NewRows(8, container.NewCenter(title), widgets.NewFixedWidth(emptyWidth, hint),
		container.NewCenter(container.NewHBox(button, newExplainButton(d)))))
	head := widgets.NewPadded(12, 10, 16, 16, widgets.NewRows(6, top, d.asking, d.practice, d.stands, d.undo, d.trouble, d.answered))
	d.box = container.NewBorder(head, nil, nil, nil, container.NewStack(d.scroll, d.empty))
}

func (d *diagnosis) content() fyne.CanvasObject { return d.box }

func (d *diagnosis) onTry() {
	if d.conn != nil {
		d.w.settings.leave()
		d.conn.try()
	}
}

func (d *diagnosis) onCancel() {
	switch c := d.conn; {
	case c == nil:
	case c.trying != "":
		c.stopTry()
		c.changed()
	default:
		c.disconnect()
	}
}

func (d *diagnosis) show(c *connection) {
	other := d.conn != c
	d.conn = c
	d.showDoing(c)
	d.showAsking(c)
	d.showPractice(c)
	d.showUndo(c)
	if other || d.drawn != c.result {
		d.drawn = c.result
		d.draw(c)
		d.scroll.ScrollToTop()
		d.answer(widgets.Neutral, "") // it was about another result
	}
	d.showSought(c)
	setVisible(d.stands, c.connected() && c.doing() == "" && c.attempt != nil && (c.attempt.MQTT == nil || c.attempt.MQTT.Status != evidence.OK))
	setVisible(d.empty, c.result == nil && c.doing() == "")
	setVisible(d.scroll, c.result != nil)
}

func (d *diagnosis) showDoing(c *connection) {
	doing := c.doing()
	setVisible(d.tryNow, doing == "" && c.result != nil)
	setVisible(d.explain, c.result != nil || doing != "")
	setVisible(d.save, c.result != nil && doing == "")
	setVisible(d.look, c.result != nil && doing == "" && c.contacts.Any())
	setVisible(d.cancel, doing != "" && !c.closing)
	setVisible(d.spinner, doing != "")
	if doing != "" {
		d.spinner.Start()
		doing += "…"
	} else {
		d.spinner.Stop()
	}
	d.doing.Set(doing)
	last := ""
	if c.attempt != nil && doing == "" {
		last = "Tried at " + c.attempt.Started.Local().Format("15:04:05")
	}
	d.summary.Set(last)
	if c.trouble != d.said {
		d.said = c.trouble
		d.trouble.Objects = nil
		if c.trouble != "" {
			d.trouble.Add(widgets.NewBar(widgets.Bad, c.trouble, func() { c.trouble = "" }))
		}
	}
	d.box.Refresh()
}

// showUndo shows what the last repair changed, with the way back.
func (d *diagnosis) showUndo(c *connection) {
	if d.drawnFix == c.change {
		return
	}
	d.drawnFix = c.change
	d.undo.Objects = nil
	if c.change != nil {
		undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), c.undo)
		d.undo.Add(widgets.NewBar(widgets.Good, changeText(*c.change), func() { c.change, d.drawnFix = nil, nil }, undo))
	}
	d.undo.Refresh()
}

// changeText says what was changed in one line for each setting.
func changeText(c fix.Change) string {
	var lines []string
	for _, l := range c.Lines() {
		lines = append(lines, l.Setting+": "+report.Base(l.After)+", before: "+report.Base(l.Before))
	}
	if len(lines) == 0 {
		return "Changed."
	}
	return strings.Join(lines, "; ") + "."
}

func (d *diagnosis) draw(c *connection) {
	d.body.Objects, d.cards = nil, nil
	if c.result == nil {
		return
	}
	d.stages.Set(stagesOf(c.attempt))
	d.body.Add(d.stages)
	if len(c.result.Findings) == 0 {
		d.body.Add(allClear(c))
	}
	for _, f := range c.result.Findings {
		card := widgets.NewFindingCard(f, refusedBy(f), d.onFix, d.elsewhere(f)...)
		card.OnCopy = func() { d.w.app.Clipboard().SetContent(findingText(f)) }
		d.cards = append(d.cards, card)
		d.body.Add(card)
	}
	if links := drawn(report.ClientLinks(c.attempt, *c.result)); len(links) > 0 {
		d.mine.Set(links)
		d.body.Add(sectionTitle("The certificate that you present"))
		d.body.Add(d.mine)
	}
	if links := drawn(report.Links(c.attempt, *c.result)); len(links) > 0 {
		d.chain.Set(links)
		d.body.Add(sectionTitle("The broker's certificate and who vouches for it"))
		d.body.Add(d.chain)
	}
	if rows := verdictRows(c.result.Verdicts); rows != nil {
		d.body.Add(d.copyable("Would other programs accept it?", verdictText(c.result.Verdicts)))
		d.body.Add(rows)
	}
	if rows := experiments(c.attempt.Probes); rows != nil {
		d.body.Add(sectionTitle("What was tried to find the cause"))
		d.body.Add(rows)
	}
	d.body.Add(d.technical(c))
	d.body.Refresh()
}

// copyable is a section's title with a button that copies its text.
func (d *diagnosis) copyable(title, text string) fyne.CanvasObject {
	button := widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { d.w.app.Clipboard().SetContent(text) })
	button.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, nil, button, sectionTitle(title))
}

func sectionTitle(s string) fyne.CanvasObject {
	return widgets.NewPadded(6, 0, 0, 0, widgets.Heading(s, theme.SizeNameText))
}

func allClear(c *connection) fyne.CanvasObject {
	text := widget.NewLabel("Nothing is wrong with this connection.")
	text.TextStyle.Bold = true
	text.Wrapping = fyne.TextWrapWord
	icon := widget.NewIcon(widgets.Tinted(theme.ConfirmIcon(), widgets.Good.Strong()))
	p := widgets.NewPanel(container.NewBorder(nil, nil, icon, nil, text), widgets.Good.Soft())
	p.PadY = 4
	return p
}

// refusedBy names the clients that refuse because of a finding, each with its part of the sentence; this program alone is
// not worth one.
func refusedBy(f diagnose.Finding) []string {
	var names []string
	for _, c := range f.Clients {
		if c != "go" {
			names = append(names, shortClient(c))
		}
	}
	if len(names) == 0 {
		return nil
	}
	if len(names) == len(f.Clients) {
		names[0] = "accepted here, refused by " + names[0]
		return names
	}
	names[0] = "refused by " + names[0]
	names[len(names)-1] += " too"
	return names
}

// technical is the evidence itself, to be copied into a question to somebody else.
func (d *diagnosis) technical(c *connection) fyne.CanvasObject {
	lines := widgets.NewLines()
	copyAll := widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { d.w.app.Clipboard().SetContent(lines.Text()) })
	room := container.NewBorder(container.NewHBox(copyAll), nil, nil, nil, widgets.NewFixedHeight(300, lines))
	attempt, result := c.attempt, c.result
	return widgets.NewFold("Technical details", room, func() { lines.Set(technicalText(attempt, result)) })
}

// elsewhere leads to the page where what is at fault can be changed by hand.
func (d *diagnosis) elsewhere(f diagnose.Finding) []*widget.Button {
	if d.conn.profile.Practice || f.Subject.Kind != "setting" && f.Subject.Kind != "file" {
		return nil
	}
	settings := widget.NewButtonWithIcon("Open settings", theme.SettingsIcon(), func() { d.w.tabs.Select(settingsPage) })
	out := []*widget.Button{settings}
	if strings.HasPrefix(f.ID, "client-certificate-") {
		out = append(out, widget.NewButtonWithIcon("Make a certificate", theme.DocumentCreateIcon(), func() { d.w.tabs.Select(certificatesPage) }))
	}
	return out
}

// onFix carries out what a card's button says: at once, after a confirmation, or as text to read.
func (d *diagnosis) onFix(f diagnose.Fix) {
	c := d.conn
	switch {
	case f.Action.Passphrase:
		d.askKeyPassphrase(c)
	case !f.Automatic:
		if strings.HasPrefix(f.Title, "Copy") {
			d.w.app.Clipboard().SetContent(f.Action.Text)
		}
		d.w.textDialog(f.Title, f.Action.Text)
	case f.Risk == diagnose.NoRisk || f.Risk == "":
		c.apply(f)
	default:
		c.preview(f, func(change fix.Change) {
			d.w.question(f.Title+"?", f.Title, "Cancel", previewBox(f, change), confirmImportance(f.Risk), func(yes bool) {
				if yes {
					c.apply(f)
				}
			})
		})
	}
}

func confirmImportance(r diagnose.Risk) widget.Importance {
	if r == diagnose.AddsTrust {
		return widget.HighImportance
	}
	return widget.WarningImportance
}

// previewBox shows what a repair would change, before it does.
func previewBox(f diagnose.Fix, change fix.Change) fyne.CanvasObject {
	rows := widgets.NewRows(4)
	if label, tone := widgets.RiskLabel(f); label != "" {
		rows.Add(container.NewHBox(widgets.NewPill(tone, "This "+label+".")))
	}
	for _, cert := range f.Action.Add {
		text := "Adds " + cert.CommonName()
		if cert.X != nil {
			text += fmt.Sprintf(", valid until %s, SHA-256 begins with %X", report.Day(cert.X.NotAfter), cert.SHA256[:8])
		}
		if cert.Source == evidence.System || cert.Source == evidence.Mozilla || cert.Source == evidence.BuiltIn {
			text += " (" + report.SourceWords(cert.Certificate) + ")"
		}
		rows.Add(paragraph(text + "."))
	}
	for _, l := range change.Lines() {
		rows.Add(beforeAfter(l))
	}
	for _, path := range change.Written {
		rows.Add(paragraph("Writes the new file " + path + ". No file is changed or removed."))
	}
	return rows
}

// beforeAfter shows one changed setting.
func beforeAfter(l profile.Change) fyne.CanvasObject {
	line := func(name, value string) fyne.CanvasObject {
		text := widget.NewLabel(value)
		text.Wrapping = fyne.TextWrapBreak
		return container.NewBorder(nil, nil, widgets.NewFixedWidth(60, container.NewVBox(widgets.NewPadded(9, 0, 6, 0, widgets.Muted(name)))), nil, text)
	}
	return widgets.NewFixedWidth(dialogWidth, widgets.NewPanel(widgets.NewRows(-6,
		widgets.NewPadded(0, 0, 6, 0, widgets.Heading(l.Setting, theme.SizeNameText)), line("before", l.Before), line("after", l.After)), widgets.ColorCode))
}

func (d *diagnosis) askKeyPassphrase(c *connection) {
	d.w.secretDialog(c.env.ctx, "Passphrase of the key", d.w.passphraseText(c), "Use it", false, func(s string, ok bool) {
		if ok {
			c.givePassphrase(s, true)
		}
	})
}
