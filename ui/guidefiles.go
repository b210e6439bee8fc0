package ui

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// guideFiles is the step in which the files are explained, drawn and judged.
type guideFiles struct {
	*guideStep
	explained *fyne.Container
	drawing   *widgets.Chain
	judged    *fyne.Container
	chains    *fyne.Container
	list      *widget.Button
	next      *widget.Button
	got       *acme.Obtained // nil: not read yet
}

func newGuideFiles(g *guide) *guideFiles {
	f := &guideFiles{guideStep: newGuideStep(g, "5", "The files", acme.StageFiles), explained: widgets.NewRows(2), drawing: widgets.NewChain(),
		judged: widgets.NewRows(6), chains: widgets.NewRows(8)}
	f.next = widget.NewButtonWithIcon("Understood", theme.ConfirmIcon(), func() {
		if f.got != nil {
			g.pass(f.guideStep)
		}
	})
	f.next.Importance = widget.HighImportance
	f.list = widget.NewButton("List the chains on offer", f.onList)
	drawn := widgets.NewFold("The chain, drawn", f.drawing, g.refreshSoon)
	drawn.Open(true)
	f.add(f.explained, drawn, f.judged, f.chains)
	f.buttons.Add(f.next)
	f.buttons.Add(f.list)
	f.load = func() { f.got = nil; f.chains.RemoveAll(); f.show(nil) }
	f.opened = func() {
		if f.got == nil {
			f.read()
		}
	}
	f.summary = func() string { return "In " + g.folder.Dir(g.plan.Name) }
	return f
}

// judgement is what clients say to a chain, worked out off the window's goroutine.
type judgement struct {
	got      acme.Obtained
	verdicts []chain.Verdict
	offered  []judgedChain // all chains, where there are several
}

// judge asks how clients would meet the certificate: with its own root as their CA file, or where it has none that is
// known, with the public roots.
func (g *guide) judge(name string, list []*x509.Certificate, root *x509.Certificate) []chain.Verdict {
	q := chain.Question{Name: name, At: g.w.env.now(), Purpose: chain.ServerAuth}
	for _, c := range list {
		q.Sent = append(q.Sent, chain.Parse(evidence.Certificate{Source: evidence.Sent, DER: c.Raw}))
	}
	if root != nil {
		q.Anchors = []chain.Certificate{chain.Parse(evidence.Certificate{Source: evidence.CAFile, DER: root.Raw})}
		return chain.Verdicts(q)
	}
	for _, r := range g.w.env.publicRoots().Mozilla() {
		q.Anchors = append(q.Anchors, chain.Parse(evidence.Certificate{Source: evidence.Mozilla, DER: r.DER}))
	}
	return chain.Verdicts(q)
}

// read reads the files that were obtained another day.
func (f *guideFiles) read() {
	name, folder := f.g.plan.Name, f.g.folder
	begin(f.guideStep, func(context.Context, acme.Report) (judgement, error) {
		got, err := folder.Read(name)
		if err != nil {
			return judgement{}, err
		}
		return judgement{got: got, verdicts: f.g.judge(name, got.Certificates, got.Root)}, nil
	}, func(j judgement, err error) {
		if err != nil {
			f.refuse(err, "")
			return
		}
		f.got = &j.got
		f.show(j.verdicts)
	})
}

// take shows what was just obtained.
func (f *guideFiles) take(got acme.Obtained) {
	f.got = nil
	f.g.handover.forget()
	name, roots := f.g.plan.Name, f.g.plan.Directory.Anchors
	begin(f.guideStep, func(context.Context, acme.Report) (judgement, error) {
		j := judgement{got: got, verdicts: f.g.judge(name, got.Certificates, got.Root)}
		if len(got.Alternates) > 1 {
			j.offered = f.g.judgeAll(got.Alternates, name, roots())
		}
		return j, nil
	}, func(j judgement, _ error) {
		f.got = &j.got
		f.show(j.verdicts)
		if j.offered != nil {
			f.showChains(j.offered)
		}
	})
}

func (f *guideFiles) show(verdicts []chain.Verdict) {
	f.explained.RemoveAll()
	f.judged.RemoveAll()
	f.drawing.Set(nil)
	if f.got == nil {
		return
	}
	f.explained.Add(labelled("They are in this folder", copyRow(f.g.folder.Dir(f.g.plan.Name), f.g.copy)))
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
	f.box.Refresh()
	f.g.refreshSoon()
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
	link := func(c *x509.Certificate, role, from string, tone widgets.Tone) {
		parsed := chain.Parse(evidence.Certificate{DER: c.Raw})
		l := widgets.Link{Role: role, Name: report.NameOf(parsed), From: from, Tone: tone,
			Dates: report.Day(c.NotBefore) + " to " + report.Day(c.NotAfter)}
		if !parsed.SelfSigned() {
			l.Issuer = report.ShortName(parsed.Issuer())
		}
		links = append(links, l)
	}
	for i, c := range got.Certificates {
		if i == 0 {
			link(c, "Broker's certificate", "in cert.pem and fullchain.pem", widgets.Good)
			continue
		}
		link(c, "Intermediate", "in chain.pem and fullchain.pem", widgets.Good)
	}
	last := got.Certificates[len(got.Certificates)-1]
	switch {
	case got.Root != nil && !got.Root.Equal(last):
		link(got.Root, "Root; the broker does not send it", "in root.pem", widgets.Good)
	case got.Root == nil:
		links = append(links, widgets.Link{Role: "Root", Name: last.Issuer.CommonName, Missing: true, Tone: widgets.Warn,
			From: "not among the public authorities: clients must be given it by whoever runs this authority"})
	}
	return links
}

// judgedChain is a chain on offer and who accepts it.
type judgedChain struct {
	acme.Alternate
	verdicts []chain.Verdict
}

func (g *guide) judgeAll(all []acme.Alternate, name string, roots []*x509.Certificate) (list []judgedChain) {
	for _, a := range all {
		list = append(list, judgedChain{a, g.judge(name, a.Certificates, acme.RootOf(a.Certificates, roots...))})
	}
	return list
}

// onList asks the authority for every chain that it offers, and judges each.
func (f *guideFiles) onList() {
	name, folder, roots := f.g.plan.Name, f.g.folder, f.g.plan.Directory.Anchors
	begin(f.guideStep, func(ctx context.Context, report acme.Report) ([]judgedChain, error) {
		report(acme.Progress{Step: acme.StepDownload, Detail: "Asking the authority for its chains."})
		all, err := folder.Chains(ctx, name)
		if err != nil {
			return nil, err
		}
		return f.g.judgeAll(all, name, roots()), nil
	}, func(list []judgedChain, err error) {
		f.steps.clear()
		if err != nil {
			f.refuse(err, "")
			return
		}
		f.showChains(list)
	})
}

func (f *guideFiles) showChains(list []judgedChain) {
	f.chains.RemoveAll()
	f.chains.Add(widgets.Heading("Chains on offer", theme.SizeNameText))
	for _, a := range list {
		var yes, no []string
		for _, v := range a.verdicts {
			if v.Accepted {
				yes = append(yes, report.ClientName(v.Client))
			} else {
				no = append(no, report.ClientName(v.Client))
			}
		}
		text := "Accepted by " + orNobody(yes) + "; refused by " + orNobody(no) + "."
		if len(no) == 0 {
			text = "Every client accepts it."
		}
		tone := widgets.Good
		if len(no) > 0 {
			tone = widgets.Warn
		}
		row := outcomeRow(tone, "Leads to "+a.Anchor+", "+countWords(len(a.Certificates), "certificate"), text)
		if a.Chosen {
			f.chains.Add(container.NewBorder(nil, nil, nil, container.NewCenter(widgets.NewPill(widgets.Accent, "in the files")), row))
			continue
		}
		use := widget.NewButton("Use this one", func() { f.onPrefer(a.Alternate) })
		f.chains.Add(container.NewBorder(nil, nil, nil, container.NewCenter(use), row))
	}
	f.box.Refresh()
	f.g.refreshSoon()
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// onPrefer writes the files with another chain, and lists them anew.
func (f *guideFiles) onPrefer(a acme.Alternate) {
	name, folder := f.g.plan.Name, f.g.folder
	begin(f.guideStep, func(context.Context, acme.Report) (judgement, error) {
		got, err := folder.Prefer(name, a)
		if err != nil {
			return judgement{}, err
		}
		return judgement{got: got, verdicts: f.g.judge(name, got.Certificates, got.Root)}, nil
	}, func(j judgement, err error) {
		if err != nil {
			f.refuse(err, "")
			return
		}
		f.g.plan.PreferredChain = a.Anchor
		f.g.plan.Back(acme.StageHandover) // the broker has to be given the other chain
		f.g.handover.forget()
		f.g.save()
		f.got = &j.got
		f.show(j.verdicts)
		f.g.refresh()
		f.onList()
	})
}
