package ui

import (
	"fmt"
	"net"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/watch"
	"mutual/ui/widgets"
)

// expiryPage is the dialog with every certificate in use, the one that ends first, first.
type expiryPage struct {
	e       *expiry
	dialog  *dialog.CustomDialog
	said    *widget.Label
	only    *widget.Check
	bundles *widget.Check
	list    *widgets.List
	rows    []expiryRow
	chosen  int // index in rows; -1: none
	detail  *fyne.Container
	scroll  *container.Scroll
	split   *container.Split
	empty   fyne.CanvasObject
	goes    []*widget.Button // of the detail, a use each
	remind  *widget.Check    // of the detail; nil: no reminder is due
}

// expiryRow is a certificate, or a file that could not be read.
type expiryRow struct {
	entry  *watch.Entry
	unread *watch.Unread
}

// open shows the dialog, and reads anew.
func (e *expiry) open() {
	if e.page != nil {
		return
	}
	e.w.settings.leave()
	p := &expiryPage{e: e, chosen: -1}
	p.buildUI()
	e.page = p
	e.w.showDialog(p.dialog, func() { e.page = nil })
	size := e.w.win.Canvas().Size()
	p.dialog.Resize(fyne.NewSize(min(size.Width-60, 1100), size.Height-60))
	p.show()
	e.look(nil)
	e.w.win.Canvas().Focus(p.list)
}

func (p *expiryPage) buildUI() {
	p.said = widget.NewLabel("")
	p.said.Wrapping = fyne.TextWrapWord
	p.only = widget.NewCheck("Only what needs something done", func(bool) { p.show() })
	p.bundles = widget.NewCheck("", func(bool) { p.show() })
	p.list = widgets.NewList(func() int { return len(p.rows) }, func() fyne.CanvasObject { return widgets.NewNoteRow() }, p.update)
	p.list.OnSelected = func(i widget.ListItemID) { p.choose(i) }
	p.list.OnEscape = func() { p.dialog.Hide() }
	p.list.OnStep = p.step
	p.detail = widgets.NewRows(6)
	p.scroll = container.NewVScroll(widgets.NewPadded(0, 8, 12, 14, p.detail))
	p.split = container.NewHSplit(p.list, p.scroll)
	p.split.Offset = 0.5
	p.empty = words("No connection uses a certificate yet, and no broker has sent one. Choose certificates in a connection's settings, or connect with TLS: then they are watched here, and you are reminded 30 days before one ends, or in the last third of a shorter life.")
	top := widgets.NewRows(0, p.said, widgets.NewFlow(12, p.only, p.bundles))
	p.dialog = dialog.NewCustomWithoutButtons("Certificates in use", container.NewBorder(top, nil, nil, nil, container.NewStack(p.split, p.empty)), p.e.w.win)
	p.dialog.SetButtons([]fyne.CanvasObject{
		widget.NewButtonWithIcon("Copy list", theme.ContentCopyIcon(), func() { p.e.w.app.Clipboard().SetContent(p.text()) }),
		widget.NewButton("Close", func() { p.dialog.Hide() }),
	})
}

// show fills the list anew, and keeps what is chosen.
func (p *expiryPage) show() {
	e := p.e
	before := ""
	if p.chosen >= 0 {
		before = p.rows[p.chosen].key()
	}
	hidden := p.fill()
	setVisible(p.bundles, hidden > 0 || p.bundles.Checked)
	if !p.bundles.Checked {
		p.bundles.SetText(fmt.Sprintf("Show %d in bundles of public roots", hidden))
	}
	none := e.read && len(e.list.Entries) == 0 && len(e.list.Unread) == 0
	setVisible(p.empty, none)
	setVisible(p.split, !none)
	setVisible(p.only, !none)
	p.said.SetText(p.summary())
	setVisible(p.said, !none)
	p.list.Refresh()
	p.chosen = -1
	p.list.UnselectAll()
	for i, r := range p.rows {
		if r.key() == before {
			p.list.Select(i)
		}
	}
	if p.chosen < 0 && len(p.rows) > 0 {
		p.list.Select(0)
	}
	if p.chosen < 0 {
		p.draw()
	}
}

// fill makes the rows, and counts those of bundles that are left out.
func (p *expiryPage) fill() (hidden int) {
	e := p.e
	p.rows = nil
	for i := range e.list.Unread {
		p.rows = append(p.rows, expiryRow{unread: &e.list.Unread[i]})
	}
	for i := range e.list.Entries {
		x := &e.list.Entries[i]
		switch {
		case inBundles(*x) && !p.bundles.Checked:
			hidden++
		case p.only.Checked && !x.NeedsAttention():
		default:
			p.rows = append(p.rows, expiryRow{entry: x})
		}
	}
	return hidden
}

func (r expiryRow) key() string {
	if r.unread != nil {
		return r.unread.ProfileID + "\x00" + r.unread.File
	}
	return string(r.entry.SHA256[:])
}

func (p *expiryPage) summary() string {
	e := p.e
	if !e.read {
		return "Reading…"
	}
	text := "Nothing needs to be done."
	if n := len(e.list.Attention()); n > 0 {
		text = plural(n, "certificate needs", "certificates need") + " something done."
	}
	if n := len(e.list.Unread); n > 0 {
		text += " " + plural(n, "file was", "files were") + " not read."
	}
	if len(p.rows) == 0 && len(e.list.Entries) > 0 {
		text += " The others are not shown."
	}
	if e.trouble != "" {
		text += " " + e.trouble
	}
	return text
}

func (p *expiryPage) update(i widget.ListItemID, o fyne.CanvasObject) {
	if i >= len(p.rows) {
		return
	}
	row, r := o.(*widgets.NoteRow), p.rows[i]
	if r.unread != nil {
		row.Set(report.Base(r.unread.File), "of “"+r.unread.Profile+"”", widgets.Bad, "not read")
		return
	}
	tone, mark := stateWords(*r.entry, p.e.w.env.now())
	if tone != widgets.Good && !r.entry.NeedsAttention() {
		tone = widgets.Neutral // nobody uses it any more
	}
	row.Set(pki.CommonName(r.entry.Certificate), report.Day(r.entry.Certificate.NotAfter)+"  ·  "+usesWords(*r.entry), tone, mark)
}

func (p *expiryPage) choose(i int) {
	p.chosen = i
	p.draw()
}

func (p *expiryPage) step(by int) {
	if i := p.chosen + by; i >= 0 && i < len(p.rows) {
		p.list.Select(i)
	}
}

// draw shows everything about the chosen row.
func (p *expiryPage) draw() {
	p.detail.RemoveAll()
	p.goes, p.remind = nil, nil
	if p.chosen >= 0 && p.chosen < len(p.rows) {
		if r := p.rows[p.chosen]; r.unread != nil {
			p.drawUnread(*r.unread)
		} else {
			p.drawEntry(*r.entry)
		}
	}
	p.scroll.ScrollToTop()
	p.detail.Refresh()
	p.scroll.Refresh()
}

func (p *expiryPage) drawUnread(u watch.Unread) {
	file := judgeFile(evidence.File{Path: u.File, Role: evidence.RoleCertificate, Problem: u.Problem}, &evidence.Attempt{Started: p.e.w.env.now()})
	p.detail.Add(widgets.Heading(report.Base(u.File), theme.SizeNameSubHeadingText).CutTo(0))
	p.detail.Add(words(file.text + " Its certificates are not watched."))
	p.detail.Add(words("“" + u.Profile + "” names it: " + u.File))
	p.addGo("Open the settings of “"+u.Profile+"”", u.ProfileID)
}

func (p *expiryPage) drawEntry(x watch.Entry) {
	now := p.e.w.env.now()
	c := x.Certificate
	tone, mark := stateWords(x, now)
	pill := widgets.NewPill(tone, "")
	pill.Set(tone, mark, widgets.ToneIcon(tone))
	p.detail.Add(widgets.Heading(pki.CommonName(c), theme.SizeNameSubHeadingText).CutTo(0))
	p.detail.Add(container.NewHBox(pill))
	p.detail.Add(words(upperFirst(endWords(x, now)) + ". Issued by " + issuerName(x) + " on " + report.Day(c.NotBefore) + "."))
	for _, u := range x.Uses {
		rows := widgets.NewRows(-8, words(upperFirst(useWords(u))+"."), words(whatToDo(x, u, now)))
		card := widgets.NewCard(rows)
		card.PadX, card.PadY = 6, 2
		p.detail.Add(card)
		if u.Role != watch.Broker {
			p.addGo("Open the settings of “"+u.Profile+"”", u.ProfileID)
		} else if id, name := p.connectionTo(u.Address); id != "" {
			p.addGo("Show “"+name+"”", id)
		}
	}
	if x.NeedsAttention() {
		hand := widget.NewButtonWithIcon("Hand a new one over…", theme.MailSendIcon(), func() {
			p.dialog.Hide()
			p.e.w.onHandover()
		})
		p.remind = widget.NewCheck("Remind me of this one", nil)
		p.remind.Checked = !p.silent(x)
		p.remind.OnChanged = func(on bool) { p.e.quiet(x, !on) }
		if worstUse(x).Role == watch.Broker {
			p.detail.Add(container.NewHBox(hand))
		}
		p.detail.Add(p.remind)
	}
	print := widget.NewLabel("SHA-256 " + fingerprintText(x.SHA256))
	print.Wrapping, print.Selectable, print.SizeName = fyne.TextWrapBreak, true, theme.SizeNameCaptionText
	p.detail.Add(print)
	lines := widgets.NewLines()
	copyText := widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { p.e.w.app.Clipboard().SetContent(pki.Text(c)) })
	p.detail.Add(widgets.NewFold("As openssl prints it", widgets.NewRows(4, widgets.NewFixedHeight(220, lines), container.NewHBox(copyText)), func() { lines.Set(pki.Text(c)) }))
}

func (p *expiryPage) silent(x watch.Entry) bool {
	for _, s := range p.e.w.app.Preferences().StringList(prefQuiet) {
		if s == shortHash(x) {
			return true
		}
	}
	return false
}

func issuerName(x watch.Entry) string {
	c := x.Certificate
	if string(c.RawIssuer) == string(c.RawSubject) {
		return "itself"
	}
	if c.Issuer.CommonName != "" {
		return "“" + c.Issuer.CommonName + "”"
	}
	return "“" + c.Issuer.String() + "”"
}

// addGo adds a button that shows a connection's settings.
func (p *expiryPage) addGo(text, profileID string) {
	w := p.e.w
	if w.connections[profileID] == nil {
		return // it was deleted meanwhile
	}
	for _, b := range p.goes {
		if b.Text == text {
			return
		}
	}
	b := widget.NewButtonWithIcon(text, theme.NavigateNextIcon(), func() {
		p.dialog.Hide()
		w.selectProfile(profileID)
		w.tabs.Select(settingsPage)
	})
	b.Alignment = widget.ButtonAlignLeading
	p.goes = append(p.goes, b)
	p.detail.Add(container.NewHBox(b))
}

// connectionTo finds a connection that leads to host:port.
func (p *expiryPage) connectionTo(to string) (id, name string) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return "", ""
	}
	for _, c := range p.e.w.byName() {
		if c.profile.Server.Host == host && fmt.Sprint(c.profile.Server.PortOrDefault()) == port {
			return c.profile.ID, c.profile.Name
		}
	}
	return "", ""
}

// text is the list as it is shown, for pasting.
func (p *expiryPage) text() string {
	var b strings.Builder
	now := p.e.w.env.now()
	for _, r := range p.rows {
		if r.unread != nil {
			fmt.Fprintf(&b, "not read: %s, of “%s”\n", r.unread.File, r.unread.Profile)
			continue
		}
		_, mark := stateWords(*r.entry, now)
		fmt.Fprintf(&b, "%s  %s  %s\n", report.Day(r.entry.Certificate.NotAfter), mark, pki.CommonName(r.entry.Certificate))
		for _, u := range r.entry.Uses {
			fmt.Fprintf(&b, "    %s\n", useWords(u))
		}
	}
	return b.String()
}
