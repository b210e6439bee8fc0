package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/profile"
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
		if g.plan.Deployment == "" { // it was gone on with from the list
			return g.plan.Name
		}
		return g.plan.Name + ", for " + g.plan.Deployment
	}
	a.draft = func() {
		g.plan.Deployment, g.plan.Name = strings.TrimSpace(a.deployment.Text), strings.TrimSpace(a.name.Text)
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
	deployment, name, resolver := a.deployment.Text, strings.TrimSpace(a.name.Text), a.g.w.resolver
	a.remarks.RemoveAll()
	switch {
	case deployment == "":
		a.ask("Enter the address that the deployment's overview shows, such as ab1234.emqx.cloud.", a.deployment)
		return
	case name == "":
		a.ask("Enter the name that clients shall connect to, one of a domain of yours, such as mqtt.example.org.", a.name)
		return
	}
	begin(a.guideStep, func(ctx context.Context, _ acme.Report) ([]acme.Remark, error) {
		return resolver.Look(ctx, deployment, name)
	}, func(remarks []acme.Remark, err error) {
		if err != nil {
			a.refuse(err, "")
			return
		}
		bad := false
		for _, r := range remarks {
			tone := widgets.Warn
			if r.Bad {
				bad, tone = true, widgets.Bad
			}
			a.remarks.Add(widgets.NewBar(tone, r.Text, nil))
		}
		p := &a.g.plan
		if p.Deployment != deployment || p.Name != name || bad {
			p.Back(acme.StageAddress)
		}
		p.Deployment, p.Name = deployment, name
		a.g.alias.load() // what it shows may be about another name
		if bad {
			a.g.save()
			a.g.refresh()
			return
		}
		a.g.pass(a.guideStep)
		for _, r := range remarks { // the step is closed: what it warned of stands above
			a.g.w.tell(widgets.Warn, r.Text)
		}
	})
}
