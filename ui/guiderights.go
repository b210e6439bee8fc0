package ui

import (
	"context"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/route53"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// guideRights is the step of who may change the domain's records.
type guideRights struct {
	*guideStep
	how      *widget.Select
	source   *widget.RadioGroup // of Route 53's credentials
	found    *widgets.Text
	fields   *fyne.Container
	entries  map[string]*widgets.Entry // by variable
	about    *widget.Label
	results  *fyne.Container
	check    *widget.Button
	anyway   *widget.Button
	checked  rights // of the last check
	changing bool
}

// Where Route 53's credentials are taken from.
const (
	rightsFound = "From the environment or the shared files"
	rightsTyped = "Enter them here"
)

func newGuideRights(g *guide) *guideRights {
	r := &guideRights{guideStep: newGuideStep(g, "2", "Rights to the domain's records", acme.StageCredentials), entries: map[string]*widgets.Entry{}}
	var titles []string
	for _, p := range solver.Providers {
		titles = append(titles, p.Title)
	}
	r.how = widget.NewSelect(titles, func(string) { r.onHow() })
	r.source = widget.NewRadioGroup([]string{rightsFound, rightsTyped}, func(string) { r.onHow() })
	r.source.Required = true
	r.found = widgets.Muted("").CutTo(0)
	r.fields, r.results = widgets.NewRows(8), widgets.NewRows(6)
	r.about = widget.NewLabel("")
	r.about.Wrapping, r.about.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	r.check = widget.NewButtonWithIcon("Check", theme.SearchIcon(), r.onCheck)
	r.check.Importance = widget.HighImportance
	r.anyway = widget.NewButton("Go on all the same", func() { r.take() })
	r.anyway.Hide()
	r.add(labelled("How the name is proved to be yours", widgets.Framed(r.how)), r.source, r.found, r.fields, r.about, r.results)
	r.buttons.Add(r.check)
	r.buttons.Add(r.anyway)
	r.load = func() {
		r.changing = true
		r.how.SetSelectedIndex(providerIndex(g.plan.Provider))
		r.source.SetSelected(rightsFound)
		if g.plan.Typed {
			r.source.SetSelected(rightsTyped)
		}
		r.changing = false
		r.results.RemoveAll()
		r.onHow()
	}
	r.opened = func() { r.showFound() }
	r.draft = r.keep
	r.summary = func() string {
		if z := g.plan.Zone.Name; z != "" {
			return "Zone " + strings.TrimSuffix(z, ".") + ", " + provider(g.plan.Provider).Title
		}
		return provider(g.plan.Provider).Title
	}
	return r
}

func providerIndex(name string) int {
	for i, p := range solver.Providers {
		if p.Name == name {
			return i
		}
	}
	return 0
}

func (r *guideRights) chosenProvider() solver.Provider {
	return solver.Providers[max(r.how.SelectedIndex(), 0)]
}

func (r *guideRights) typedAWS() bool { return r.source.Selected == rightsTyped }

// rightsAbout says what each way means, beyond its fields.
var rightsAbout = map[string]string{
	"route53":     "Mutual changes only the records of this name and of its proof, and shows each change first.",
	"cloudflare":  "A token for the one zone is enough: My Profile, API Tokens, Create Token, “Edit zone DNS”.",
	"rfc2136":     "The name server must allow updates of _acme-challenge TXT records with this key.",
	"acme-dns":    "The first check says which CNAME record to create once; from then on every proof and renewal goes through it.",
	"exec":        "The program is started for every proof, on this computer and with your rights.",
	solver.Manual: "You create each TXT record yourself; the order waits until it is seen. Renewals need you each time, too.",
	solver.HTTP01: "The authority must reach this computer at port 80 of the name: that does not fit a broker in somebody's cloud, nor wildcards.",
}

// onHow shows the fields that the choice calls for.
func (r *guideRights) onHow() {
	if r.changing || r.fields == nil || r.check == nil {
		return
	}
	p := r.chosenProvider()
	route53 := p.Name == "route53"
	setVisible(r.source, route53)
	setVisible(r.found, route53 && !r.typedAWS())
	r.fields.RemoveAll()
	r.entries = map[string]*widgets.Entry{}
	for _, s := range p.Settings {
		if route53 && r.typedAWS() == (s.Variable == "AWS_PROFILE") {
			continue
		}
		e := widgets.NewEntry()
		if s.Secret {
			e = widgets.NewPassword()
		}
		e.SetPlaceHolder(r.hint(s))
		if !s.Secret {
			e.SetText(r.g.plan.Settings[s.Variable])
		}
		e.OnSubmitted = func(string) { r.onCheck() }
		r.entries[s.Variable] = e
		r.fields.Add(labelled(s.Title, e))
	}
	r.about.SetText(rightsAbout[p.Name])
	r.turn() // what is being checked may be another way's
	r.forget()
	r.showFound()
	r.g.refreshSoon()
}

// forget takes away what the last check came to.
func (r *guideRights) forget() {
	r.checked = rights{}
	r.results.RemoveAll()
	if r.chosenProvider().Name == "route53" {
		r.results.Add(r.policy(r.g.plan.Zone, false))
	}
	r.anyway.Hide()
}

func (r *guideRights) hint(s solver.Setting) string {
	if p := r.g.plan; s.Secret && p.Has(acme.StageCredentials) && p.Provider == r.chosenProvider().Name && (p.Provider != "route53" || p.Typed) {
		return "Saved. Type to change"
	}
	hint := s.Hint
	if s.Secret && hint != "" {
		hint += ". "
	}
	if s.Secret {
		return hint + "Kept in the keyring"
	}
	if hint != "" {
		hint += " · "
	}
	return hint + s.Variable
}

func (r *guideRights) showFound() {
	run(r.g.w.env.async, r.g.w.env.ctx, func(context.Context) string { return route53.Sources() }, func(found string) {
		text := "There are none that are known of here: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or enter them."
		if found != "" {
			text = "They are taken from " + found + "."
		}
		r.found.Set(text)
	})
}

// keep takes the fields over into the plan, and secrets into memory until they are known to work.
func (r *guideRights) keep() {
	p := &r.g.plan
	name := r.chosenProvider().Name
	if p.Provider != name || p.Typed != r.typedAWS() {
		p.Back(acme.StageCredentials)
		p.Zone = route53.Zone{}
	}
	p.Provider, p.Typed = name, name == "route53" && r.typedAWS()
	for _, s := range r.chosenProvider().Settings {
		e := r.entries[s.Variable]
		switch {
		case e == nil:
		case !s.Secret:
			p.Keep(s, strings.TrimSpace(e.Text))
		case e.Text != "":
			r.g.typed[s.Variable] = strings.TrimSpace(e.Text)
		}
	}
}

// missing says what is to be filled in, and where; empty: nothing. A secret that is empty may be kept from before.
func (r *guideRights) missing() (text string, at fyne.Focusable) {
	p := r.chosenProvider()
	entered := func(variable string) bool {
		e := r.entries[variable]
		return e != nil && strings.TrimSpace(e.Text) != ""
	}
	if e := r.entries["AWS_ACCESS_KEY_ID"]; p.Name == "route53" && r.typedAWS() && !entered("AWS_ACCESS_KEY_ID") {
		return "Enter the access key and its secret, or take those of the environment.", e
	}
	for _, s := range p.Settings {
		if s.Optional || s.Secret || entered(s.Variable) || os.Getenv(s.Variable) != "" {
			continue
		}
		return p.Title + " needs this: " + s.Title + ". Enter it, or set " + s.Variable + ".", r.entries[s.Variable]
	}
	return "", nil
}
