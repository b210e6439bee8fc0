package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/core/route53"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// guideAlias is the step of the CNAME record.
type guideAlias struct {
	*guideStep
	shown             *fyne.Container
	look, apply, skip *widget.Button
	plan              *route53.Plan // what would change; nil: it was not looked at yet
	astray            *string       // where the name leads instead; nil: it was not looked at
}

func newGuideAlias(g *guide) *guideAlias {
	a := &guideAlias{guideStep: newGuideStep(g, "3", "The name leads to the deployment", acme.StageAlias), shown: widgets.NewRows(6)}
	a.look = widget.NewButtonWithIcon("See what is there", theme.SearchIcon(), a.onLook)
	a.apply = widget.NewButtonWithIcon("", theme.ConfirmIcon(), a.onApply)
	a.look.Importance, a.apply.Importance = widget.HighImportance, widget.HighImportance
	a.skip = widget.NewButton(leaveAlias, a.onSkip)
	a.skip.Importance = widget.LowImportance
	a.add(a.shown)
	a.buttons.Add(a.look)
	a.buttons.Add(a.apply)
	a.buttons.Add(a.skip)
	a.load, a.opened, a.gaveUp = a.forget, a.forget, a.forget
	a.stays = "A record that was changed already stays so."
	a.awaits = func() bool { return !a.service() }
	a.summary = a.sum
	return a
}

const leaveAlias = "Leave the records as they are"

func (a *guideAlias) sum() string {
	p := a.g.plan
	switch {
	case p.LedTo != "":
		return strings.ReplaceAll("Left as it is: to "+p.LedTo, "to nowhere", "nowhere")
	case p.Deployment == "":
		return ""
	}
	return "To " + p.Deployment
}

// service says whether Mutual can change the record itself.
func (a *guideAlias) service() bool { return a.g.plan.Provider == "route53" || a.g.plan.Provider == "" }

// forget puts away what would change: it has to be looked at again.
func (a *guideAlias) forget() {
	a.plan = nil
	a.show()
}

// show draws what would change, or the record to create where somebody else has to.
func (a *guideAlias) show() {
	a.shown.RemoveAll()
	a.astray = nil
	a.skip.SetText(leaveAlias)
	known := a.g.plan.Deployment != ""
	setVisible(a.look, known && a.service())
	setVisible(a.apply, known && !a.service())
	setVisible(a.skip, known)
	if !known {
		text := widget.NewLabel("The deployment's address is not known of a certificate that was taken from the list; enter it in the first step.")
		text.Wrapping = fyne.TextWrapWord
		a.shown.Add(text)
	} else if !a.service() {
		a.shown.Add(widgets.Muted("Create this record where the domain is kept; Mutual waits until it can be seen.").CutTo(0))
		a.shown.Add(labelled("Name", copyRow(a.g.plan.Name, a.g.copy)))
		a.shown.Add(labelled("CNAME, its value", copyRow(a.g.plan.Deployment, a.g.copy)))
		a.apply.SetText("Wait for the record")
	} else if p := a.plan; p != nil {
		setVisible(a.look, false)
		setVisible(a.apply, true)
		a.shown.Add(widgets.Heading(fmt.Sprintf("%s, in the hosted zone %s", strings.TrimSuffix(p.Name, "."), strings.TrimSuffix(p.Zone.Name, ".")), theme.SizeNameText).CutTo(0))
		a.shown.Add(changePanel(*p))
		switch {
		case p.Done:
			a.apply.SetText("See that it resolves")
		case len(p.Before) == 0:
			a.apply.SetText("Create the record")
		default:
			a.apply.SetText("Replace the record")
		}
	} else {
		text := widget.NewLabel("A CNAME record makes the name an alias of the deployment's address. Nothing is changed before you have seen the difference.")
		text.Wrapping = fyne.TextWrapWord
		a.shown.Add(text)
	}
	a.shown.Refresh()
	a.g.refreshSoon()
}

// changePanel shows the records before and after.
func changePanel(p route53.Plan) fyne.CanvasObject {
	rows := widgets.NewRows(-6)
	line := func(sign, text string, importance widget.Importance) {
		l := widget.NewLabel(sign + " " + text)
		l.TextStyle, l.Selectable, l.Wrapping, l.Importance = fyne.TextStyle{Monospace: true}, true, fyne.TextWrapBreak, importance
		rows.Add(l)
	}
	for _, b := range p.Before {
		if p.Done {
			line(" ", b, widget.MediumImportance)
		} else {
			line("−", b, widget.DangerImportance)
		}
	}
	if p.Done {
		line(" ", "(nothing to change)", widget.MediumImportance)
	} else {
		line("+", p.After, widget.SuccessImportance)
	}
	panel := widgets.NewPanel(rows, widgets.ColorCode)
	panel.PadX, panel.PadY = 8, 2
	return panel
}

func (a *guideAlias) onLook() {
	plan, typed := a.g.snapshot()
	begin(a.guideStep, func(ctx context.Context, report progress.Report) (route53.Plan, error) {
		report(progress.Event{Step: progress.HostZone, Detail: "Reading what is at " + plan.Name + "."})
		r, err := a.g.route53(ctx, plan, typed)
		if err != nil {
			return route53.Plan{}, err
		}
		return r.PlanCNAME(ctx, plan.Name, plan.Deployment)
	}, func(p route53.Plan, err error) {
		a.steps.clear()
		if err != nil {
			a.refuse(err, "")
			return
		}
		a.plan = &p
		a.show()
	})
}

// route53 is the solver as what changes other records, too.
func (g *guide) route53(ctx context.Context, plan acme.Plan, typed map[string]string) (*route53.Client, error) {
	plan.Provider = "route53"
	s, err := g.solver(ctx, plan, typed)
	if err != nil {
		return nil, err
	}
	return s.(solver.Route53).Client, nil
}

func (a *guideAlias) onApply() {
	if a.service() && a.plan == nil {
		return
	}
	// Until it has been seen, the name leads nowhere: a window that is closed meanwhile begins here again.
	a.g.plan.Passed = slices.DeleteFunc(slices.Clone(a.g.plan.Passed), func(s acme.Stage) bool { return s == acme.StageAlias })
	a.g.save()
	plan, typed := a.g.snapshot()
	change := a.plan
	begin(a.guideStep, func(ctx context.Context, report progress.Report) (struct{}, error) {
		if change == nil {
			return struct{}{}, a.g.w.resolver.AwaitCNAME(ctx, plan.Name, plan.Deployment, report)
		}
		r, err := a.g.route53(ctx, plan, typed)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, r.ApplyCNAME(ctx, *change, report)
	}, func(_ struct{}, err error) {
		a.plan = nil
		if err != nil {
			a.show() // what is there may be another record by now
			a.refuse(err, "")
			return
		}
		a.g.plan.LedTo = ""
		a.g.pass(a.guideStep)
	})
}

// onSkip leaves the records as they are, after it has been seen where the name leads.
func (a *guideAlias) onSkip() {
	if a.astray != nil {
		a.g.plan.LedTo = *a.astray
		a.say(widgets.Neutral, "")
		a.g.pass(a.guideStep)
		return
	}
	type end struct {
		there bool
		where string
	}
	plan, resolver := a.g.plan, a.g.w.resolver
	begin(a.guideStep, func(ctx context.Context, report progress.Report) (e end, err error) {
		report(progress.Event{Step: progress.Resolve, Detail: "Looking where " + plan.Name + " leads."})
		e.there, e.where, err = resolver.LeadsTo(ctx, plan.Name, plan.Deployment)
		return e, err
	}, func(e end, err error) {
		a.steps.clear()
		if err == nil && e.there {
			a.g.plan.LedTo = ""
			a.g.pass(a.guideStep)
			return
		}
		text := a.g.plan.Name + " leads nowhere yet: clients find no broker under it."
		if e.where != "" {
			text = a.g.plan.Name + " leads to " + e.where + ", not to " + a.g.plan.Deployment + "."
		}
		if err != nil {
			text = problemWords(err)
			e.where = "a place that could not be looked up"
		}
		if e.where == "" {
			e.where = "nowhere"
		}
		a.astray = &e.where
		a.skip.SetText("Leave it like that on purpose")
		a.say(widgets.Warn, text+" The certificate can be obtained all the same.")
	})
}
