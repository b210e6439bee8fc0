package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/nameserver"
	"mutual/core/profile"
	"mutual/core/progress"
	"mutual/ui/widgets"
)

// guideAddress is the step of the deployment's address and the name that it is to have.
type guideAddress struct {
	*guideStep
	deployment, name *widgets.Entry
	check            *widget.Button
	remarks          *fyne.Container
}

func newGuideAddress(g *guide) *guideAddress {
	a := &guideAddress{guideStep: newGuideStep(g, "1", "Address and name", acme.StageAddress)}
	a.deployment, a.name = widgets.NewEntry(), widgets.NewEntry()
	a.deployment.SetPlaceHolder("ab1234.emqx.cloud, from the deployment's overview")
	a.name.SetPlaceHolder("mqtt.example.org, below a domain of yours")
	a.check = widget.NewButtonWithIcon("Check", theme.SearchIcon(), a.onCheck)
	a.check.Importance = widget.HighImportance
	a.remarks = widgets.NewRows(4)
	a.add(labelled("The deployment's address", a.deployment), labelled("The name that clients shall connect to", a.name), a.remarks)
	a.buttons.Add(a.check)
	submit := func(string) { a.onCheck() }
	a.deployment.OnSubmitted, a.name.OnSubmitted = submit, submit
	a.load = func() {
		a.deployment.SetText(g.plan.Deployment)
		a.name.SetText(g.plan.Name)
		a.remarks.RemoveAll()
	}
	a.summary = func() string {
		text := g.plan.Name
		if g.plan.Deployment != "" { // it may have been gone on with from the list
			text += ", for " + g.plan.Deployment
		}
		if of := g.plan.CertificateName(); of != g.plan.Name {
			text += ", with the certificate of " + of
		}
		return text
	}
	a.draft = func() {
		g.plan.Deployment = strings.TrimSpace(a.deployment.Text)
		if g.plan.Name == "" || len(g.plan.Passed) == 0 { // else what is passed rests on the name from before
			g.plan.Name = strings.TrimSpace(a.name.Text)
		}
	}
	return a
}

func (a *guideAddress) focus() { a.g.w.win.Canvas().Focus(a.deployment) }

// typedHost takes the host out of a URL or an address that was pasted.
func typedHost(text string) string {
	text = strings.TrimSpace(text)
	if s, err := profile.ParseURL(text); err == nil && s.Host != "" {
		text = s.Host
	}
	return strings.ToLower(strings.TrimSuffix(text, "."))
}

func (a *guideAddress) onCheck() {
	a.deployment.SetText(typedHost(a.deployment.Text))
	name := a.name.Text
	if !strings.HasPrefix(strings.TrimSpace(name), "*.") {
		a.name.SetText(typedHost(name))
	}
	deployment, name := a.deployment.Text, strings.TrimSpace(a.name.Text)
	a.remarks.RemoveAll()
	switch {
	case deployment == "":
		a.ask("Enter the address that the deployment's overview shows, such as ab1234.emqx.cloud.", a.deployment)
		return
	case name == "":
		a.ask("Enter the name that clients shall connect to, one of a domain of yours, such as mqtt.example.org.", a.name)
		return
	}
	if a.g.order.stop != nil && a.g.order.folds && name != a.g.plan.Name {
		a.ask("The certificate of "+a.g.plan.Name+" is being ordered: cancel that in step 4 before another name is taken.", nil)
		return
	}
	plan, typed := a.g.snapshot()
	begin(a.guideStep, func(ctx context.Context, report progress.Report) (look, error) {
		return a.g.look(ctx, plan, typed, deployment, name, report)
	}, func(l look, err error) {
		if err != nil {
			a.refuse(err, "")
			return
		}
		a.take(deployment, name, l)
	})
}

// readdress makes the steps be about another address or name, as far as they rest on it.
func (a *guideAddress) readdress(deployment, name string, covered bool) {
	g := a.g
	renamed, moved := name != g.plan.Name, deployment != g.plan.Deployment
	g.plan.Readdress(deployment, name, covered, g.w.env.now())
	if renamed {
		g.rights.turn() // its fields, and those of the order, stay as they are filled in
		g.rights.forget()
		g.order.turn()
	}
	if renamed || moved {
		turn(g.alias.guideStep, g.files.guideStep, g.handover.guideStep, g.connect.guideStep)
		g.kept.show() // which of them the steps are about
	}
}

// look is what was found of an address and a name.
type look struct {
	remarks []nameserver.Remark
	bad     bool     // it cannot be gone on like this
	covered bool     // the certificate that the steps are about is there, and is for the name
	left    []string // of an earlier name; sentences
}

// look looks an address and a name up, off the window's goroutine, and puts away what an earlier name has come to.
func (g *guide) look(ctx context.Context, plan acme.Plan, typed map[string]string, deployment, name string, report progress.Report) (l look, err error) {
	if l.remarks, err = g.w.resolver.Look(ctx, deployment, name); err != nil {
		return l, err
	}
	l.bad = slices.ContainsFunc(l.remarks, func(r nameserver.Remark) bool { return r.Bad })
	l.covered = g.folder.Covers(plan.CertificateName(), name)
	if former := plan.Name; former != name && !l.bad && !l.covered && !g.folder.Obtained(former) {
		l.left = g.putAway(ctx, plan, typed, report)
	}
	return l, ctx.Err()
}

// putAway ends the order of a name that is given up, and says what is left of it.
func (g *guide) putAway(ctx context.Context, plan acme.Plan, typed map[string]string, report progress.Report) (left []string) {
	named := g.solverNamed(plan.Name, plan, typed, g.w.env.secrets)
	if err := g.folder.GiveUp(ctx, plan.Name, acme.Options{SolverNamed: named, Resolver: g.w.resolver, Report: report}); err != nil && ctx.Err() == nil {
		left = append(left, sentence(err)+" It stays in the list, from where it can be tried again.")
	}
	if plan.Has(acme.StageAlias) && plan.LedTo == "" && plan.Deployment != "" {
		left = append(left, "The record by which "+plan.Name+" leads to "+plan.Deployment+" is still there: remove it where the domain is kept, unless the name is in use.")
	}
	return left
}

// take passes the step, or says why not.
func (a *guideAddress) take(deployment, name string, l look) {
	for _, r := range l.remarks {
		tone := widgets.Warn
		if r.Bad {
			tone = widgets.Bad
		}
		a.remarks.Add(widgets.NewBar(tone, r.Text, nil))
	}
	a.readdress(deployment, name, l.covered)
	g := a.g
	g.kept.read() // an order may have been given up
	for _, text := range l.left {
		g.w.tell(widgets.Warn, text)
	}
	if l.bad {
		g.plan.Reopen(acme.StageAddress)
		g.save()
		g.refresh()
		return
	}
	g.pass(a.guideStep)
	for _, r := range l.remarks { // the step is closed: what it warned of stands above
		g.w.tell(widgets.Warn, r.Text)
	}
}
