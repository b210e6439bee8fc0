package ui

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/chain"
	"mutual/core/progress"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// judgedChain is a chain on offer and who accepts it.
type judgedChain struct {
	acme.Alternate
	verdicts []chain.Verdict
}

func (g *guide) judgeAll(all []acme.Alternate, name string, roots []*x509.Certificate) (list []judgedChain) {
	for _, a := range all {
		list = append(list, judgedChain{a, a.Verdicts(name, acme.RootOf(a.Certificates, roots...), g.w.env.now())})
	}
	return list
}

// onList asks the authority for every chain that it offers, and judges each.
func (f *guideFiles) onList() {
	name, host, folder, directory := f.g.plan.CertificateName(), f.g.plan.Name, f.g.folder, f.g.plan.Directory
	begin(f.guideStep, func(ctx context.Context, report progress.Report) ([]judgedChain, error) {
		report(progress.Event{Step: progress.Download, Detail: "Asking the authority for its chains."})
		all, err := folder.Chains(ctx, name)
		if err != nil {
			return nil, err
		}
		return f.g.judgeAll(all, host, directory.Anchors()), nil
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
	lost := !slices.ContainsFunc(list, func(a judgedChain) bool { return a.Chosen })
	for _, a := range list {
		f.chains.Add(f.offer(a, lost))
	}
	f.box.Refresh()
	f.g.refreshSoon()
}

// offer is a chain with who accepts it. Where the files are lost, to take one is what comes next.
func (f *guideFiles) offer(a judgedChain, lost bool) fyne.CanvasObject {
	tone, text := a.words()
	row := outcomeRow(tone, "Leads to "+a.Anchor+", "+countWords(len(a.Certificates), "certificate"), text)
	if a.Chosen {
		return container.NewBorder(nil, nil, nil, container.NewCenter(widgets.NewPill(widgets.Accent, "in the files")), row)
	}
	use := widget.NewButton("Use this one", func() { f.onPrefer(a.Alternate) })
	if lost {
		use.Importance = widget.HighImportance
	}
	return container.NewBorder(nil, nil, nil, container.NewCenter(use), row)
}

// words say who accepts the chain.
func (a judgedChain) words() (widgets.Tone, string) {
	var yes, no []string
	for _, v := range a.verdicts {
		if v.Accepted {
			yes = append(yes, report.ClientName(v.Client))
		} else {
			no = append(no, report.ClientName(v.Client))
		}
	}
	if len(no) == 0 {
		return widgets.Good, "Every client accepts it."
	}
	return widgets.Warn, "Accepted by " + orNobody(yes) + "; refused by " + orNobody(no) + "."
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// onPrefer writes the files with another chain, and lists them anew.
func (f *guideFiles) onPrefer(a acme.Alternate) {
	name, host, folder := f.g.plan.CertificateName(), f.g.plan.Name, f.g.folder
	begin(f.guideStep, func(context.Context, progress.Report) (judgement, error) {
		got, err := folder.Prefer(name, a)
		if err != nil {
			return judgement{}, err
		}
		return f.g.judge(host, got), nil
	}, func(j judgement, err error) {
		if err != nil {
			f.refuse(err, "")
			return
		}
		f.g.plan.PreferredChain = a.Anchor
		f.g.order.preferred.SetText(a.Anchor) // another order asks for what stands there
		f.g.plan.Back(acme.StageHandover)     // the broker has to be given the other chain
		f.g.handover.forget()
		f.g.save()
		f.show(j)
		f.g.refresh()
		f.onList()
	})
}
