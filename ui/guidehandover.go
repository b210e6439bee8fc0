package ui

import (
	"context"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/deploy"
	"mutual/core/pki"
	"mutual/core/progress"
	"mutual/ui/widgets"
)

// guideHandover is the step in which the broker is given what was obtained.
type guideHandover struct {
	*guideStep
	broker, kind *widget.Select
	kindRow      *fyne.Container
	twoWay       *widget.Check
	clientCA     *widgets.FileField
	clientRow    *fyne.Container
	shown        *fyne.Container
	prepare      *widget.Button
	write        *widget.Button
	more         *widget.Button // the dialog that also uploads
	next         *widget.Button
	prepared     *deploy.Handover
	filling      bool
}

func newGuideHandover(g *guide) *guideHandover {
	h := &guideHandover{guideStep: newGuideStep(g, "6", "Hand-over to the broker", acme.StageHandover), shown: widgets.NewRows(6)}
	var brokers, kinds []string
	for _, b := range serverBrokers() {
		brokers = append(brokers, b.Title)
	}
	for _, p := range deploy.Plans() {
		kinds = append(kinds, p.Title)
	}
	h.broker = widget.NewSelect(brokers, func(string) { h.onChoice() })
	h.kind = widget.NewSelect(kinds, func(string) { h.onChoice() })
	h.kindRow = labelled("Kind of deployment", widgets.Framed(h.kind))
	h.twoWay = widget.NewCheck("Clients have to show a certificate, too (two-way TLS)", func(bool) {
		h.onChoice()
		h.offerMade()
	})
	h.clientCA = widgets.NewFileField("client-ca.crt", func() {
		g.w.browse(h.clientCA.Entry.Text, func(path string) { h.clientCA.Entry.SetText(path) })
	}, nil)
	h.clientCA.OnChanged = func(string) { h.onChoice() }
	own := widget.NewButton("Make one…", func() {
		g.w.tabs.Select(certificatesPage)
		g.w.certPage.tabs.Select(wizardPart)
	})
	h.clientRow = labelled("The authority of the clients' certificates, one of your own",
		container.NewBorder(nil, nil, nil, own, h.clientCA))
	h.prepare = widget.NewButtonWithIcon("Prepare", theme.DocumentCreateIcon(), h.onPrepare)
	h.prepare.Importance = widget.HighImportance
	h.write = widget.NewButtonWithIcon("Write to a folder…", theme.FolderOpenIcon(), h.onWrite)
	h.next = widget.NewButtonWithIcon("The broker has them", theme.ConfirmIcon(), func() { g.pass(h.guideStep) })
	h.next.Importance = widget.HighImportance
	h.add(container.NewGridWithColumns(2, labelled("Broker", widgets.Framed(h.broker)), h.kindRow), h.twoWay, h.clientRow, h.shown)
	h.buttons.Add(h.prepare)
	h.buttons.Add(h.next)
	h.buttons.Add(h.write)
	h.more = widget.NewButton("", h.onMore)
	h.buttons.Add(h.more)
	h.load = h.fill
	h.summary = func() string { return h.broker.Selected }
	return h
}

// serverBrokers are those that a server's certificate is handed over to.
func serverBrokers() (list []deploy.Broker) {
	for _, b := range deploy.Brokers() {
		if b.ID != "aws-iot" { // it brings its own
			list = append(list, b)
		}
	}
	return list
}

func (h *guideHandover) fill() {
	p := h.g.plan
	h.filling = true
	b, k := 0, 0
	for i, x := range serverBrokers() {
		if x.ID == p.Broker {
			b = i
		}
	}
	for i, x := range deploy.Plans() {
		if x.ID == p.Kind {
			k = i
		}
	}
	h.broker.SetSelectedIndex(b)
	h.kind.SetSelectedIndex(k)
	h.twoWay.SetChecked(!p.OneWay)
	ca := ""
	if len(p.ClientCA) > 0 {
		ca = p.ClientCA[0]
	}
	h.clientCA.Entry.SetText(ca)
	h.filling = false
	h.onChoice()
	h.offerMade()
}

// forget puts away what was prepared from files that are others now.
func (h *guideHandover) forget() {
	h.prepared = nil
	h.show()
}

// offerMade takes the authority that the page Certificates has made, where one is needed and none is chosen.
func (h *guideHandover) offerMade() {
	made := pki.Paths(filepath.Join(h.g.w.dir, "certificates"), pki.CA).Certificate
	if !h.needsAuthority() {
		return
	}
	run(h.g.w.env.async, h.g.w.env.ctx, func(context.Context) bool { return isFile(made) }, func(there bool) {
		if there && h.needsAuthority() {
			h.clientCA.Entry.SetText(made)
		}
	})
}

func (h *guideHandover) needsAuthority() bool {
	return h.twoWay.Checked && h.clientCA.Entry.Text == "" && h.stop == nil && !h.g.w.closed
}

// onChoice takes the choices over: what was prepared for others is gone.
func (h *guideHandover) onChoice() {
	if h.filling || h.more == nil {
		return
	}
	p := &h.g.plan
	b := serverBrokers()[max(0, h.broker.SelectedIndex())]
	p.Broker, p.Kind, p.OneWay, p.ClientCA = b.ID, deploy.Plans()[max(0, h.kind.SelectedIndex())].ID, !h.twoWay.Checked, nil
	if path := h.clientCA.Entry.Text; path != "" {
		p.ClientCA = []string{path}
	}
	cloud := b.ID == "emqx"
	setVisible(h.kindRow, cloud)
	if h.more.SetText("More…"); cloud {
		h.more.SetText("Upload, or more…")
	}
	setVisible(h.clientRow, h.twoWay.Checked)
	h.turn() // what is being prepared is for others
	h.forget()
	h.g.order.showMeans()
}

func (h *guideHandover) onPrepare() {
	if h.twoWay.Checked && h.clientCA.Entry.Text == "" {
		h.ask("Choose the authority of the clients' certificates, make one, or leave two-way TLS out.", h.clientCA.Entry)
		return
	}
	name, files := h.g.plan.Name, h.g.folder.Files(h.g.plan.CertificateName())
	broker := serverBrokers()[max(0, h.broker.SelectedIndex())]
	sources := deploy.Sources{Certificate: files.FullChain, Key: files.Key, At: h.g.w.env.now()}
	if h.twoWay.Checked {
		sources.ClientCA = h.g.plan.ClientCA
	}
	options := deploy.Options{Host: name, OneWay: !h.twoWay.Checked, Plan: h.g.plan.Kind, At: h.g.w.env.now()}
	h.g.save()
	begin(h.guideStep, func(ctx context.Context, _ progress.Report) (deploy.Handover, error) {
		if isFile(files.Root) {
			sources.Chain = []string{files.Root}
		}
		sources.Roots = h.g.w.env.publicRoots()
		m, err := deploy.Read(ctx, sources)
		if err != nil {
			return deploy.Handover{}, err
		}
		return broker.Prepare(m, options)
	}, func(got deploy.Handover, err error) {
		if err != nil {
			h.refuse(err, "")
			return
		}
		h.prepared = &got
		h.show()
	})
}

func (h *guideHandover) show() {
	h.shown.RemoveAll()
	done := h.prepared != nil
	setVisible(h.prepare, !done)
	setVisible(h.next, done)
	setVisible(h.write, done && len(h.prepared.Fields) > 0)
	setVisible(h.more, done)
	if done {
		h.draw(*h.prepared)
	}
	h.shown.Refresh()
	h.box.Refresh()
	h.g.refreshSoon()
}

func (h *guideHandover) draw(p deploy.Handover) {
	bad := 0
	checks := widgets.NewRows(0)
	for _, c := range worstFirst(p.Checks) {
		tone := map[deploy.Outcome]widgets.Tone{deploy.Passed: widgets.Good, deploy.Warning: widgets.Warn, deploy.Failed: widgets.Bad}[c.Outcome]
		text := c.Do
		if c.Outcome == deploy.Failed || c.Outcome == deploy.Warning {
			bad++
			text += " (" + c.Source + ")"
		}
		checks.Add(outcomeRow(tone, c.Text, text))
	}
	title := "All demands are met"
	if bad > 0 {
		title = countText(bad) + " of " + countText(len(p.Checks)) + " demands " + map[bool]string{true: "needs", false: "need"}[bad == 1] + " a look"
	}
	fold := widgets.NewFold(title, checks, h.g.refreshSoon)
	fold.Open(bad > 0)
	h.shown.Add(fold)
	for _, f := range p.Fields {
		h.shown.Add(h.field(f))
	}
	for i, s := range p.Steps {
		l := widget.NewLabel(countText(i+1) + ". " + s)
		l.Wrapping, l.Selectable = fyne.TextWrapWord, true
		h.shown.Add(widgets.NewPadded(-6, -6, 0, 0, l))
	}
}

// worstFirst puts what needs a look before what does not.
func worstFirst(checks []deploy.Check) []deploy.Check {
	order := map[deploy.Outcome]int{deploy.Failed: 0, deploy.Warning: 1}
	rank := func(c deploy.Check) int {
		if n, ok := order[c.Outcome]; ok {
			return n
		}
		return len(order)
	}
	sorted := slices.Clone(checks)
	slices.SortStableFunc(sorted, func(a, b deploy.Check) int { return rank(a) - rank(b) })
	return sorted
}

// field is one thing to paste. A key is copied by its own button only, and not shown.
func (h *guideHandover) field(f deploy.Field) fyne.CanvasObject {
	label, value := "Copy", f.Value
	if f.Secret {
		label = "Copy the key"
	}
	b := widget.NewButtonWithIcon(label, theme.ContentCopyIcon(), nil)
	b.OnTapped = func() { h.g.copy(value); b.SetText("Copied"); b.SetIcon(theme.ConfirmIcon()) }
	if value == "" {
		b.Disable()
	}
	title := widgets.Heading(f.Title, theme.SizeNameText).CutTo(0)
	help := widget.NewLabel(f.Help)
	help.Wrapping, help.Selectable, help.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	return widgets.NewCard(container.NewBorder(nil, nil, nil, container.NewCenter(b), widgets.NewRows(0, widgets.NewPadded(0, 0, 8, 0, title), help)))
}

// onMore opens the dialog of the hand-over with what was obtained.
func (h *guideHandover) onMore() { h.g.handOver(h.g.plan.CertificateName()) }

// handOver opens the dialog of the hand-over with a certificate that was obtained.
func (g *guide) handOver(name string) {
	if g.w.handing != nil {
		return
	}
	files, p, host := g.folder.Files(name), g.plan, name
	if name == p.CertificateName() {
		host = p.Name
	}
	from := handoverFrom{Broker: p.Broker, Certificate: files.FullChain, Key: files.Key, Host: host, ClientCA: p.ClientCA}
	run(g.w.env.async, g.w.env.ctx, func(context.Context) bool { return isFile(files.Root) }, func(there bool) {
		if there {
			from.Chain = []string{files.Root}
		}
		if g.w.handing == nil && !g.w.closed {
			g.w.handover(from)
		}
	})
}

func (h *guideHandover) onWrite() {
	p := h.prepared
	if p == nil {
		return
	}
	h.g.w.browseFolder(h.g.w.dir, func(dir string) {
		if h.prepared != p {
			h.say(widgets.Warn, "The certificate has become another one meanwhile: prepare it again.")
			return
		}
		begin(h.guideStep, func(context.Context, progress.Report) ([]string, error) { return p.Write(dir, false) }, func(paths []string, err error) {
			if err != nil {
				h.refuse(err, "")
				return
			}
			h.say(widgets.Good, countText(len(paths))+" files are in "+dir+".")
		})
	})
}
