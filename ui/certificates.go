package ui

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// certificates is the page that makes a CA, a broker's and a client's certificate.
type certificates struct {
	w        *Window
	conn     *connection
	origin   *widget.RadioGroup
	caName   *widgets.Entry
	caFile   *widgets.FileField
	caKey    *widgets.FileField
	ownCA    *fyne.Container
	newCA    *fyne.Container
	server   *widget.Check
	names    *widgets.Entry
	client   *widgets.Entry
	preset   *presetFields
	folder   *widgets.FileField
	files    *widget.Label
	make     *widget.Button
	cancel   *widget.Button
	progress *widget.ProgressBarInfinite
	said     *widget.Label
	result   *fyne.Container
	use      *widget.Button
	whyNot   *widgets.Text      // why use is grey
	stop     context.CancelFunc // nil: nothing is being made
	wanted   bool               // a broker's certificate is, as far as it is the user who decides
	managed  bool               // by the preset that is chosen, no broker certificate is called for
	made     *made
	scroll   *container.Scroll
}

// Choices of the authority.
const (
	makeCA = "Make a new one"
	haveCA = "Use one that I have"
)

func newCertificates(w *Window) *certificates {
	c := &certificates{w: w}
	c.buildUI()
	return c
}

func (c *certificates) buildUI() {
	c.buildFields()
	title := widgets.Heading("Make the certificates for two-way TLS", theme.SizeNameSubHeadingText)
	intro := widget.NewLabel("The authority signs the other two: the broker shows its certificate to you, and you show yours to the broker.")
	intro.Wrapping = fyne.TextWrapWord

	authority := stepCard("1", "Authority", widgets.NewRows(6, c.origin, c.newCA, c.ownCA))
	server := stepCard("2", "Broker's certificate", widgets.NewRows(6, c.server,
		labelled("Names and addresses that clients connect to, separated by commas", c.names)))
	client := stepCard("3", "Your certificate", labelled("Name that the broker sees you as", c.client))
	options := widgets.NewCard(widgets.NewRows(8,
		c.preset.box, labelled("Valid for, in days", c.preset.days), labelled("Folder", c.folder), c.files))
	buttons := container.NewHBox(widgets.NewFixedWidth(190, c.make), c.cancel, widgets.NewFixedWidth(160, c.progress))
	column := widgets.NewColumn(900, widgets.NewRows(10, title, widgets.NewPadded(-8, 0, -6, 0, intro), authority, server, client, options, buttons, c.said, c.result))
	c.scroll = container.NewVScroll(widgets.NewPadded(14, 20, 16, 20, column))
}

func (c *certificates) buildFields() {
	c.caName, c.names, c.client = widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry()
	c.caName.SetText("Test CA")
	c.caName.SetPlaceHolder("A name, or a whole subject such as /C=US/O=Test Org/CN=Test CA")
	c.client.SetText("Client")
	c.names.SetText("localhost, 127.0.0.1")
	c.caFile = widgets.NewFileField("The authority's certificate", func() { c.browse(c.caFile) }, nil)
	c.caKey = widgets.NewFileField("The authority's private key", func() { c.browse(c.caKey) }, nil)
	c.caFile.OnChanged = func(path string) { c.w.checkFile(c.caFile, path, evidence.RoleCA) }
	c.caKey.OnChanged = func(path string) { c.w.checkFile(c.caKey, path, evidence.RoleKey) }
	c.folder = widgets.NewFileField("Where the files go", func() {
		c.w.browseFolder(c.folder.Entry.Text, func(path string) { c.folder.Entry.SetText(path) })
	}, nil)
	c.folder.Folder = true
	c.folder.Entry.SetText(filepath.Join(c.w.dir, "certificates"))
	c.newCA = labelled("Name", c.caName)
	c.ownCA = container.NewVBox(c.caFile, c.caKey)
	c.origin = widget.NewRadioGroup([]string{makeCA, haveCA}, func(string) { c.onChanged() })
	c.origin.Horizontal, c.origin.Required = true, true
	c.server = widget.NewCheck("Make one too, for a broker of your own", func(on bool) {
		c.wanted = on
		c.onChanged()
	})
	c.server.Checked, c.wanted = true, true
	c.preset = newPresetFields(c.onPreset)
	c.files = widget.NewLabel("")
	c.files.Wrapping, c.files.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	c.make = widget.NewButtonWithIcon("Make certificates", theme.DocumentCreateIcon(), func() { c.onMake(false) })
	c.make.Importance = widget.HighImportance
	c.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), c.onCancel)
	c.progress = widget.NewProgressBarInfinite()
	c.progress.Stop()
	c.said = widget.NewLabel("")
	c.said.Wrapping, c.said.Importance = fyne.TextWrapWord, widget.DangerImportance
	c.result = widgets.NewRows(8)
	c.use = widget.NewButtonWithIcon("Use in this profile", theme.ConfirmIcon(), c.onUse)
	c.use.Importance = widget.HighImportance
	c.whyNot = widgets.Muted("").CutTo(0)
	c.folder.OnChanged = func(string) { c.onChanged() }
	c.origin.SetSelected(makeCA)
	c.cancel.Hide()
	c.progress.Hide()
	c.said.Hide()
}

// stepCard is one numbered part of the page.
func stepCard(number, title string, content fyne.CanvasObject) fyne.CanvasObject {
	n := widgets.NewPill(widgets.Accent, number)
	head := widgets.NewRow(8, container.NewCenter(n), widgets.Heading(title, theme.SizeNameText))
	return widgets.NewCard(widgets.NewRows(8, head, content))
}

// labelled puts a small name above a field.
func labelled(name string, field fyne.CanvasObject) *fyne.Container {
	return labelledBy(widgets.Muted(name).CutTo(0), field)
}

func labelledBy(l *widgets.Text, field fyne.CanvasObject) *fyne.Container {
	return widgets.NewRows(3, widgets.NewPadded(0, 0, 2, 0, l), field)
}

func (c *certificates) content() fyne.CanvasObject { return c.scroll }

func (c *certificates) show(conn *connection) {
	same := c.conn == conn
	c.conn = conn
	c.showUse()
	if same || conn == nil {
		return
	}
	if h := conn.profile.Server.Host; h != "" && c.names.Text == "localhost, 127.0.0.1" {
		c.names.SetText(h)
	}
	c.onChanged()
}

func (c *certificates) browse(f *widgets.FileField) {
	c.w.browse(f.Entry.Text, func(path string) { f.Entry.SetText(path) })
}

// onChanged shows only what the choices call for, and which files will be written.
func (c *certificates) onChanged() {
	own := c.origin.Selected == haveCA
	setVisible(c.ownCA, own)
	setVisible(c.newCA, !own)
	if c.server.Checked {
		c.names.Enable()
	} else {
		c.names.Disable()
	}
	var names []string
	for _, p := range c.order().paths() {
		names = append(names, filepath.Base(p))
	}
	c.files.SetText(strings.TrimSpace("Writes " + strings.Join(names, ", ") + ". " + c.preset.chosen().Note))
	if c.scroll != nil {
		c.scroll.Refresh()
	}
}

func (c *certificates) order() order {
	p := c.preset
	return order{
		folder: strings.TrimSpace(c.folder.Entry.Text), algorithm: p.chosenAlgorithm(), days: p.chosenDays(), preset: p.chosen().ID,
		newCA: c.origin.Selected != haveCA, caSubject: c.caName.Text,
		caFile: c.caFile.Entry.Text, caKey: c.caKey.Entry.Text,
		server: c.server.Checked, serverNames: splitList(c.names.Text), client: c.client.Text,
	}
}

// onPreset makes no certificate for a broker that has its own. Back at another one, the user's own choice stands.
func (c *certificates) onPreset() {
	if managed := c.preset.chosen().Managed; managed != c.managed {
		c.managed = managed
		wanted := c.wanted
		c.server.SetChecked(wanted && !managed)
		c.wanted = wanted
	}
	c.onChanged()
}

// splitList reads names separated by commas or white space.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' })
}

func (c *certificates) say(text string) {
	c.said.SetText(text)
	setVisible(c.said, text != "")
}

func (c *certificates) onMake(overwrite bool) {
	o := c.order()
	problem := o.check()
	c.say(problem)
	if problem != "" || c.stop != nil {
		return
	}
	ctx, cancel := context.WithCancel(c.w.env.ctx)
	c.stop = cancel
	c.busy(true)
	run(c.w.env.async, ctx, func(ctx context.Context) made { return o.make(ctx, overwrite) }, func(m made) {
		cancelled := ctx.Err() != nil
		cancel()
		c.stop = nil
		c.busy(false)
		if !cancelled {
			c.onMade(m)
		}
	})
}

func (c *certificates) busy(on bool) {
	setVisible(c.cancel, on)
	setVisible(c.progress, on)
	if on {
		c.make.Disable()
		c.progress.Start()
	} else {
		c.make.Enable()
		c.progress.Stop()
	}
	c.scroll.Refresh()
}

func (c *certificates) onCancel() {
	if c.stop != nil {
		c.stop()
	}
}

func (c *certificates) onMade(m made) {
	switch {
	case len(m.existing) > 0:
		c.askOverwrite(m.existing)
	case m.err != nil:
		c.say(upperFirst(m.err.Error()) + ".")
	default:
		c.made = &m
		c.w.maker.suggestAuthority(filepath.Dir(m.client.Certificate))
		c.showMade()
	}
}

func (c *certificates) askOverwrite(paths []string) {
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	text := "These files are in the folder already: " + strings.Join(names, ", ") +
		". Replacing a key cannot be undone: what was signed with it can no longer be used."
	c.w.question("Replace the files?", "Replace them", "Keep them", paragraph(text), widget.DangerImportance, func(yes bool) {
		if yes {
			c.onMake(true)
		}
	})
}

func (c *certificates) showMade() {
	c.result.Objects = nil
	rows := widgets.NewRows(2)
	done := widgets.Heading("Done: the files are in "+filepath.Dir(c.made.client.Certificate), theme.SizeNameText).CutTo(0)
	rows.Add(container.NewBorder(nil, nil, widget.NewIcon(widgets.Tinted(theme.ConfirmIcon(), widgets.Good.Strong())), nil, done))
	for _, f := range c.made.files {
		rows.Add(madeRow(f))
	}
	hand := widget.NewButtonWithIcon("Hand over to a broker…", theme.MailSendIcon(), c.w.onHandover)
	setVisible(hand, c.made.server != nil)
	tone, line := judgedLine(c.made.judged)
	heard := widgets.NewFold("Which clients accept them", judgedTable(c.made.judged, wouldAccept), nil)
	heard.Open(tone != widgets.Good)
	rows.Add(heard.Beside(container.NewBorder(nil, nil, widget.NewIcon(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong())), nil, widgets.NewText(line).CutTo(0))))
	rows.Add(widgets.NewPadded(4, 0, 0, 0, container.NewHBox(c.use, hand)))
	rows.Add(c.whyNot)
	card := widgets.NewCard(rows)
	card.Stroke = widgets.Good.Strong()
	c.result.Add(card)
	c.showUse()
	c.result.Refresh()
	c.scroll.Refresh()
	c.scroll.ScrollToBottom()
}

// showUse says whether the connection that is shown can use the files.
func (c *certificates) showUse() {
	practice := c.conn == nil || c.conn.profile.Practice
	if practice {
		c.use.Disable()
	} else {
		c.use.Enable()
	}
	why := "The practice broker brings certificates of its own: choose another connection, or make a new one."
	if c.conn == nil {
		why = "There is no connection yet that could use them: make a new one."
	}
	c.whyNot.Set(why)
	setVisible(c.whyNot, practice)
}

func madeRow(f madeFile) fyne.CanvasObject {
	name := widgets.NewText(filepath.Base(f.path))
	name.Style.Monospace = true
	head := container.NewBorder(nil, nil, widgets.NewFixedWidth(150, name), nil, widgets.Muted(f.summary).CutTo(0))
	if f.text == "" {
		return widgets.NewFixedHeight(34, head)
	}
	lines := widgets.NewLines()
	return widgets.NewFold("As openssl prints it", widgets.NewFixedHeight(260, lines), func() { lines.Set(f.text) }).Beside(head)
}

// onUse puts the files into the profile: the client's always, the authority where it signed a broker's certificate too.
func (c *certificates) onUse() {
	conn, m := c.conn, c.made
	if conn == nil || m == nil || conn.profile.Practice {
		return
	}
	p := conn.profile.Clone()
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: m.client.Certificate, KeyFile: m.client.Key}
	text := "This profile now shows " + filepath.Base(m.client.Certificate) + " to the broker."
	if m.server != nil {
		p.Trust.Files, p.Trust.System, p.Trust.Mozilla = []string{m.caFile}, false, false
		text = "This profile now shows " + filepath.Base(m.client.Certificate) + " to the broker and trusts " + filepath.Base(m.caFile) + "."
	}
	before := conn.profile.Clone()
	conn.save(p, nil)
	undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), nil)
	bar := c.w.tell(widgets.Good, text, undo)
	undo.OnTapped = func() { c.w.dismiss(bar); c.w.unuse(conn, before, p) }
}

// unuse takes back what onUse put into a profile, and nothing that was changed since.
func (w *Window) unuse(conn *connection, before, after profile.Profile) {
	if w.connections[before.ID] != conn {
		return // it was deleted meanwhile
	}
	p, whole := moved(conn.profile, after, before)
	if !whole {
		w.tell(widgets.Warn, "The profile's certificates were changed again since, and stay as they are.")
	}
	conn.save(p, nil)
}
