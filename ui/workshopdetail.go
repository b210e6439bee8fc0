package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/report"
	"mutual/ui/widgets"
)

// workshopDetail shows one thing of the workshop whole.
type workshopDetail struct {
	s       *workshop
	showing int // counts show, so that a late description is not shown
	drawn   int // the one that is shown now
	of      described
	ofRow   string // the id of the row that is described

	title    *widgets.Text
	mark     *widgets.Pill
	summary  *widget.Label
	repaired *widget.Label
	sha256   *printRow
	spki     *printRow
	lock     *fyne.Container
	secret   *widgets.Entry
	lockText *widget.Label
	save     *widget.Button
	use      *widget.Button
	hand     *widget.Button
	sign     *widget.Button
	copyKey  *widget.Button
	fields   *textFold
	text     *textFold
	body     *fyne.Container
	nothing  *fyne.Container
	scroll   *container.Scroll
	card     *widgets.Panel
}

func newWorkshopDetail(s *workshop) *workshopDetail {
	d := &workshopDetail{s: s, title: widgets.Heading("", theme.SizeNameSubHeadingText).CutTo(0), mark: widgets.NewPill(widgets.Neutral, "")}
	d.summary, d.repaired = widget.NewLabel(""), widget.NewLabel("")
	d.summary.Wrapping, d.summary.Selectable = fyne.TextWrapWord, true
	d.repaired.Wrapping, d.repaired.Importance = fyne.TextWrapWord, widget.WarningImportance
	d.sha256, d.spki = newPrintRow(s.w, "SHA-256"), newPrintRow(s.w, "Public key (SPKI) SHA-256")
	d.fields, d.text = newTextFold(s.w, "All fields"), newTextFold(s.w, "As openssl x509 -text prints it")
	d.buildLock()
	d.save = widget.NewButtonWithIcon("Save as…", theme.DocumentSaveIcon(), func() { s.w.menuBelow(d.save, s.offers(s.rowActions())) })
	d.save.Importance = widget.HighImportance
	d.use = widget.NewButtonWithIcon("Use in this profile", theme.ConfirmIcon(), s.onUse)
	d.sign = widget.NewButtonWithIcon("Sign it…", theme.DocumentCreateIcon(), s.onSign)
	d.copyKey = widget.NewButtonWithIcon("Copy the private key", lockIcon, s.onCopyKey)
	d.hand = widget.NewButtonWithIcon("Hand over to a broker…", theme.MailSendIcon(), s.onHandover)
	buttons := widgets.NewFlow(6, d.save, d.use, d.hand, d.sign, d.copyKey)

	head := container.NewBorder(nil, nil, nil, container.NewCenter(d.mark), d.title)
	d.body = widgets.NewRows(8, head, widgets.NewPadded(-8, -4, -8, 0, d.summary), d.repaired, d.lock, buttons, d.sha256.box, d.spki.box, d.fields.box, d.text.box)
	d.nothing = container.NewCenter(widgets.Muted("Choose something in the list."))
	d.scroll = container.NewVScroll(widgets.NewPadded(0, 0, 0, 10, d.body))
	d.card = widgets.NewCard(container.NewStack(d.scroll, d.nothing))
	d.show()
	return d
}

// buildLock is where the passphrase of what is locked is typed.
func (d *workshopDetail) buildLock() {
	d.secret = widgets.NewPassword()
	d.secret.SetPlaceHolder("Passphrase")
	open := widget.NewButton("Unlock", d.onUnlock)
	d.secret.OnSubmitted = func(string) { d.onUnlock() }
	d.lockText = widget.NewLabel("")
	d.lockText.Wrapping = fyne.TextWrapWord
	d.lock = widgets.NewRows(2, widgets.NewPadded(-8, -4, -8, 0, d.lockText), container.NewBorder(nil, nil, nil, open, d.secret))
}

func (d *workshopDetail) onUnlock() {
	r := d.s.row()
	if r == nil || d.secret.Text == "" {
		return
	}
	passphrase := d.secret.Text
	d.secret.SetText("")
	d.s.unlock(r.path, passphrase)
}

// show describes the chosen row, off the window's goroutine.
func (d *workshopDetail) show() {
	d.showing++
	ticket, r := d.showing, d.s.row()
	setVisible(d.scroll, r != nil)
	setVisible(d.nothing, r == nil)
	if r == nil {
		d.of, d.ofRow, d.drawn = described{}, "", ticket
		return
	}
	inv, row, env, now := d.s.inv, *r, d.s.w.env, d.s.w.env.now()
	run(env.async, env.ctx, func(ctx context.Context) described { return describe(ctx, inv, row, env.publicRoots(), now) }, func(of described) {
		if d.showing == ticket {
			d.drawn = ticket
			d.draw(row, of)
		}
	})
}

func (d *workshopDetail) draw(r certRow, of described) {
	moved := d.ofRow != r.id
	d.of, d.ofRow = of, r.id
	d.title.Set(r.title)
	d.mark.Set(r.tone, r.mark, nil)
	setVisible(d.mark, r.mark != "")
	d.summary.SetText(joinSentences(of.summary))
	d.repaired.SetText(of.repaired)
	setVisible(d.repaired, of.repaired != "")
	d.sha256.set(of.sha256)
	d.spki.set(of.spki)
	d.fields.set(of.fields)
	d.text.set(of.text)
	d.showLock(r)
	setVisible(d.save, r.item >= 0 && len(d.s.rowActions()) > 0)
	item := r.item >= 0
	setVisible(d.sign, item && d.s.inv.Items[r.item].Request != nil)
	setVisible(d.copyKey, item && d.s.inv.Items[r.item].IsPrivateKey() && !d.s.inv.Items[r.item].Locked() && d.s.inv.Items[r.item].Block.Error == "")
	d.showUse()
	d.body.Refresh()
	if moved {
		d.scroll.ScrollToTop()
	}
}

func joinSentences(sentences []string) string {
	text := ""
	for n, s := range sentences {
		if n > 0 {
			text += "\n"
		}
		text += s
	}
	return text
}

// showLock asks for the passphrase where the file waits for one.
func (d *workshopDetail) showLock(r certRow) {
	file := fileOf(d.s.inv, r.path)
	locked := file != nil && file.Locked && (r.item < 0 || d.s.inv.Items[r.item].Locked() || len(file.Blocks) == 0)
	setVisible(d.lock, locked)
	if !locked {
		return
	}
	text, importance := report.Base(r.path)+" is protected. Type its passphrase to see what is in it; it is kept only until this list is cleared.", widget.MediumImportance
	if d.s.wrong == r.path {
		text, importance = "That passphrase does not open "+report.Base(r.path)+". Try another one.", widget.DangerImportance
		d.s.w.win.Canvas().Focus(d.secret)
	}
	d.lockText.Importance = importance
	d.lockText.SetText(text)
}

// printRow is a fingerprint with a button that copies it.
type printRow struct {
	value *widget.Label
	copy  *widget.Button
	box   *fyne.Container
}

func newPrintRow(w *Window, name string) *printRow {
	p := &printRow{value: widget.NewLabel("")}
	p.value.TextStyle.Monospace, p.value.SizeName = true, theme.SizeNameCaptionText
	p.value.Wrapping, p.value.Selectable = fyne.TextWrapBreak, true // to be compared whole
	p.copy = widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { w.app.Clipboard().SetContent(p.value.Text) })
	p.box = widgets.NewRows(-2, widgets.Muted(name).CutTo(0), container.NewBorder(nil, nil, nil, container.NewCenter(p.copy), widgets.NewPadded(-6, -6, -8, 0, p.value)))
	return p
}

func (p *printRow) set(value string) {
	p.value.SetText(value)
	setVisible(p.box, value != "")
}

// textFold is text that is shown on demand, with a button that copies it.
type textFold struct {
	lines *widgets.Lines
	fold  *widgets.Fold
	copy  *widget.Button
	box   *fyne.Container
	text  string
}

func newTextFold(w *Window, name string) *textFold {
	f := &textFold{lines: widgets.NewLines()}
	f.fold = widgets.NewFold(name, widgets.NewFixedHeight(300, f.lines), nil)
	f.copy = widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { w.app.Clipboard().SetContent(f.text) })
	f.fold.Above(f.copy)
	f.box = container.NewStack(f.fold)
	return f
}

func (f *textFold) set(text string) {
	setVisible(f.box, text != "")
	if f.text != text {
		f.text = text
		f.lines.Set(text)
	}
}
