package ui

import (
	"context"
	"crypto/x509"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/progress"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// guideFiles is the step in which the files are explained, drawn and judged, and mended where one is gone.
type guideFiles struct {
	*guideStep
	explained *fyne.Container
	drawing   *widgets.Chain
	drawn     *widgets.Fold
	judged    *fyne.Container
	chains    *fyne.Container
	next      *widget.Button
	list      *widget.Button
	mend      *filesMend
	got       *acme.Obtained // nil: not read yet, or not whole
}

func newGuideFiles(g *guide) *guideFiles {
	f := &guideFiles{guideStep: newGuideStep(g, "5", "The files", acme.StageFiles), explained: widgets.NewRows(2), drawing: widgets.NewChain(),
		judged: widgets.NewRows(6), chains: widgets.NewRows(8)}
	f.next = widget.NewButtonWithIcon("Understood", theme.ConfirmIcon(), func() { g.pass(f.guideStep) })
	f.next.Importance = widget.HighImportance
	f.list = widget.NewButton("List the chains on offer", f.onList)
	f.drawn = widgets.NewFold("The chain, drawn", f.drawing, g.refreshSoon)
	f.drawn.Open(true)
	f.mend = newFilesMend(f)
	f.add(f.explained, f.mend.rows, f.drawn, f.judged, f.chains)
	for _, b := range []*widget.Button{f.next, f.mend.do, f.mend.anew, f.mend.look, f.list} {
		f.buttons.Add(b)
	}
	f.load = func() { f.chains.RemoveAll(); f.show(judgement{}) }
	f.opened = func() {
		if f.got == nil {
			f.read()
		}
	}
	f.ended = f.showButtons
	f.summary = func() string { return "In " + f.dir() }
	return f
}

// judgement is what the files are and what clients say to them, worked out off the window's goroutine.
type judgement struct {
	got      *acme.Obtained // nil: they are not whole
	flaws    []acme.Flaw
	verdicts []chain.Verdict
	offered  []judgedChain // all chains, where there are several
}

// judge says what clients think of what was obtained.
func (g *guide) judge(name string, got acme.Obtained) judgement {
	return judgement{got: &got, verdicts: acme.Alternate{Certificates: got.Certificates}.Verdicts(name, got.Root, g.w.env.now())}
}

// read reads the files that were obtained another day.
func (f *guideFiles) read() {
	name, host, folder := f.g.plan.CertificateName(), f.g.plan.Name, f.g.folder
	begin(f.guideStep, func(context.Context, progress.Report) (judgement, error) {
		if flaws := folder.Check(name); len(flaws) > 0 {
			return judgement{flaws: flaws}, nil
		}
		got, err := folder.Read(name)
		if err != nil {
			return judgement{}, err
		}
		return f.g.judge(host, got), nil
	}, f.onRead)
}

func (f *guideFiles) onRead(j judgement, err error) {
	f.show(j)
	if err != nil {
		f.refuse(err, "")
	}
}

// take shows what was just obtained.
func (f *guideFiles) take(got acme.Obtained) {
	f.got = nil
	f.g.handover.forget()
	if f.stop != nil { // when that has ended, the files are read as they are then
		f.turn()
		return
	}
	name, directory := f.g.plan.Name, f.g.plan.Directory
	begin(f.guideStep, func(context.Context, progress.Report) (judgement, error) {
		j := f.g.judge(name, got)
		if len(got.Alternates) > 1 {
			j.offered = f.g.judgeAll(got.Alternates, name, directory.Anchors())
		}
		return j, nil
	}, func(j judgement, err error) {
		f.onRead(j, err)
		if j.offered != nil {
			f.showChains(j.offered)
		}
		if f.g.plan.Next() == f.stage {
			f.g.reveal(f.guideStep) // it has grown, and the list above it, too
		}
	})
}

// show shows the files, or what is wrong with them.
func (f *guideFiles) show(j judgement) {
	f.got = j.got
	f.explained.RemoveAll()
	f.judged.RemoveAll()
	f.drawing.Set(nil)
	f.mend.show(j.flaws)
	if f.got != nil {
		f.explain(j.verdicts)
	} else {
		f.chains.RemoveAll()
	}
	setVisible(f.drawn, f.got != nil)
	f.showButtons()
	f.box.Refresh()
	f.g.refreshSoon()
}

func (f *guideFiles) explain(verdicts []chain.Verdict) {
	f.explained.Add(f.folderRow("They are in this folder", f.dir()))
	for _, l := range acme.Explain(*f.got) {
		f.explained.Add(f.file(l))
	}
	f.drawing.Set(linksOfFiles(*f.got))
	with := "Clients that trust the public authorities"
	if f.got.Root != nil {
		with = "Clients that are given root.pem as their CA file"
	}
	f.judged.Add(widgets.Heading(with, theme.SizeNameText).CutTo(0))
	if rows := verdictRows(verdicts); rows != nil {
		f.judged.Add(rows)
	}
}

// showButtons offers what can be done with the files as they are.
func (f *guideFiles) showButtons() {
	setVisible(f.next, f.got != nil)
	setVisible(f.list, f.got != nil)
	f.mend.showButtons(f.got == nil)
}

// file is one file with what it is.
func (f *guideFiles) file(l acme.Line) fyne.CanvasObject {
	name := widgets.NewText(filepath.Base(l.Path))
	name.Style.Monospace, name.Style.Bold = true, true
	text := widget.NewLabel(l.Text)
	text.Wrapping, text.Selectable, text.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
	path := widget.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { f.g.copy(l.Path) })
	path.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, widgets.NewFixedWidth(120, container.NewVBox(widgets.NewPadded(8, 0, 4, 0, name))), container.NewVBox(path), text)
}

// linksOfFiles draws what the broker sends and the root that clients trust, which it does not send.
func linksOfFiles(got acme.Obtained) (links []widgets.Link) {
	for i, c := range got.Certificates {
		role, from := "Intermediate", "in chain.pem and fullchain.pem"
		if i == 0 {
			role, from = "Broker's certificate", "in cert.pem and fullchain.pem"
		}
		links = append(links, fileLink(c, role, from))
	}
	last := got.Certificates[len(got.Certificates)-1]
	switch {
	case got.Root == nil:
		links = append(links, widgets.Link{Role: "Root", Name: last.Issuer.CommonName, Missing: true, Tone: widgets.Warn, From: "not in these files",
			Fault: "It is not among the public authorities: clients must be given it by whoever runs this authority."})
	case !got.Root.Equal(last):
		links = append(links, fileLink(got.Root, "Root; the broker does not send it", "in root.pem"))
	}
	return links
}

func fileLink(c *x509.Certificate, role, from string) widgets.Link {
	parsed := chain.Parse(evidence.Certificate{DER: c.Raw})
	l := widgets.Link{Role: role, Name: report.NameOf(parsed), From: from, Tone: widgets.Good, Dates: report.Day(c.NotBefore) + " to " + report.Day(c.NotAfter)}
	if !parsed.SelfSigned() {
		l.Issuer = report.ShortName(parsed.Issuer())
	}
	return l
}
