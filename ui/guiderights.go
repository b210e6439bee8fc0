package ui

import (
	"context"
	"fmt"
	"os"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
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

// rights is what a check came to.
type rights struct {
	identity    string
	zone        acme.Zone
	delegation  string // a sentence; empty: the domain is delegated to the zone
	permissions []acme.Permission
	settings    map[string]string // those that were tried
}

func (r rights) allowed() bool {
	for _, p := range r.permissions {
		if p.Err != nil || p.Untried {
			return false
		}
	}
	return len(r.permissions) > 0
}

// refused names the actions that are not allowed, as a subject with its verb.
func (r rights) refused() string {
	var names []string
	for _, p := range r.permissions {
		if p.Err != nil {
			names = append(names, p.Action)
		}
	}
	switch len(names) {
	case 0:
		return "Something that is needed is"
	case 1:
		return names[0] + " is"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}

func newGuideRights(g *guide) *guideRights {
	r := &guideRights{guideStep: newGuideStep(g, "2", "Rights to the domain's records", acme.StageCredentials), entries: map[string]*widgets.Entry{}}
	var titles []string
	for _, p := range acme.Providers {
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
	for i, p := range acme.Providers {
		if p.Name == name {
			return i
		}
	}
	return 0
}

func (r *guideRights) chosenProvider() acme.Provider {
	return acme.Providers[max(r.how.SelectedIndex(), 0)]
}

func (r *guideRights) typedAWS() bool { return r.source.Selected == rightsTyped }

// rightsAbout says what each way means, beyond its fields.
var rightsAbout = map[string]string{
	"route53":    "Mutual changes only the records of this name and of its proof, and shows each change first.",
	"cloudflare": "A token for the one zone is enough: My Profile, API Tokens, Create Token, “Edit zone DNS”.",
	"rfc2136":    "The name server must allow updates of _acme-challenge TXT records with this key.",
	"acme-dns":   "The first check says which CNAME record to create once; from then on every proof and renewal goes through it.",
	"exec":       "The program is started for every proof, on this computer and with your rights.",
	acme.Manual:  "You create each TXT record yourself; the order waits until it is seen. Renewals need you each time, too.",
	acme.HTTP01:  "The authority must reach this computer at port 80 of the name: that does not fit a broker in somebody's cloud, nor wildcards.",
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
	r.results.RemoveAll()
	r.steps.clear()
	if route53 {
		r.results.Add(r.policy(r.g.plan.Zone, false))
	}
	r.anyway.Hide()
	r.showFound()
	r.g.refreshSoon()
}

func (r *guideRights) hint(s acme.Setting) string {
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
	run(r.g.w.env.async, r.g.w.env.ctx, func(context.Context) string { return acme.AWSSources() }, func(found string) {
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
		p.Zone = acme.Zone{}
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

func (r *guideRights) onCheck() {
	if r.stop != nil {
		return
	}
	if text, at := r.missing(); text != "" {
		r.ask(text, at)
		return
	}
	r.keep()
	r.results.RemoveAll()
	r.anyway.Hide()
	plan, typed := r.g.snapshot()
	begin(r.guideStep, func(ctx context.Context, report acme.Report) (rights, error) {
		return r.g.checkRights(ctx, plan, typed, report)
	}, r.onChecked)
}

// checkRights tries, off the window's goroutine, what an order and the alias will need.
func (g *guide) checkRights(ctx context.Context, plan acme.Plan, typed map[string]string, report acme.Report) (got rights, err error) {
	if got.settings, err = g.settingsFor(ctx, plan, typed); err != nil {
		return got, err
	}
	solver, err := acme.NewSolver(ctx, plan.Provider, got.settings, g.w.resolver)
	if err != nil {
		return got, err
	}
	r53, ok := solver.(*acme.Route53)
	if !ok {
		return got, acme.TryRecord(ctx, solver, g.w.resolver, plan.Name, report)
	}
	tell := func(step acme.Step, text string) { report(acme.Progress{Step: step, Detail: text}) }
	tell(acme.StepIdentity, "Asking whose credentials these are.")
	if got.identity, err = r53.Identity(ctx); err != nil {
		return got, err
	}
	report(acme.Progress{Step: acme.StepIdentity, Detail: "They are those of " + got.identity + ".", Done: true})
	tell(acme.StepHostZone, "Looking for the hosted zone.")
	if got.zone, err = r53.FindZone(ctx, plan.Name); err != nil {
		return got, err
	}
	report(acme.Progress{Step: acme.StepHostZone, Detail: fmt.Sprintf("It is %s (%s).", strings.TrimSuffix(got.zone.Name, "."), got.zone.ID), Done: true})
	tell(acme.StepPermitted, "Trying each action, with a record that is removed again.")
	got.permissions = r53.Try(ctx, got.zone, plan.Name)
	if ctx.Err() != nil {
		return got, ctx.Err()
	}
	tell(acme.StepResolve, "Asking whether the domain is delegated to this zone.")
	d, err := r53.Delegation(ctx, got.zone)
	if err != nil {
		if got.allowed() {
			got.delegation = sentence(err)
		}
		return got, ctx.Err()
	}
	got.delegation = d.Problem(got.zone)
	return got, nil
}

func (r *guideRights) onChecked(got rights, err error) {
	r.checked = got
	r.steps.clear()
	rows := widgets.NewRows(-10)
	r.results.Add(rows)
	if got.identity != "" {
		rows.Add(outcomeRow(widgets.Good, "Credentials of "+got.identity, ""))
	}
	if got.zone.ID != "" {
		rows.Add(outcomeRow(widgets.Good, "Hosted zone "+strings.TrimSuffix(got.zone.Name, ".")+" ("+got.zone.ID+")", ""))
	}
	for _, p := range got.permissions {
		switch {
		case p.Untried:
			rows.Add(outcomeRow(widgets.Neutral, p.Action, "Not tried: what stands above comes first."))
		case p.Err != nil:
			rows.Add(outcomeRow(widgets.Bad, p.Action, sentence(p.Err)))
		default:
			rows.Add(outcomeRow(widgets.Good, p.Action, ""))
		}
	}
	if got.delegation != "" {
		rows.Add(outcomeRow(widgets.Bad, "Delegation", got.delegation))
	} else if got.allowed() {
		rows.Add(outcomeRow(widgets.Good, "The domain is delegated to this zone.", ""))
	}
	if r.chosenProvider().Name == "route53" {
		r.results.Add(r.policy(got.zone, err != nil || !got.allowed()))
	}
	switch {
	case err != nil:
		r.refuse(err, "")
	case r.chosenProvider().Name == "route53" && !got.allowed():
		r.say(widgets.Bad, got.refused()+" not allowed: give the user or role the policy above, and check again.")
	case got.delegation != "":
		r.say(widgets.Warn, "The records can be changed, but nobody is sent to them yet.")
		r.anyway.Show()
	default:
		r.take()
		return
	}
	if r.g.plan.Has(acme.StageCredentials) {
		r.g.plan.Back(acme.StageCredentials)
		r.g.save()
	}
	r.g.refresh()
}

// policy shows what to give the user or role. Where the zone is not known, its place is marked.
func (r *guideRights) policy(z acme.Zone, open bool) fyne.CanvasObject {
	title := "The IAM policy for just this zone"
	if z.ID == "" {
		z.ID, title = "ZONE_ID", "The IAM policy; put the hosted zone's ID in the place of ZONE_ID"
	}
	text := acme.Policy(z)
	l := widget.NewLabel(text)
	l.Selectable, l.Wrapping, l.TextStyle, l.SizeName = true, fyne.TextWrapBreak, fyne.TextStyle{Monospace: true}, theme.SizeNameCaptionText
	copyIt := widget.NewButtonWithIcon("Copy the policy", theme.ContentCopyIcon(), func() { r.g.copy(text) })
	code := widgets.NewPanel(l, widgets.ColorCode)
	fold := widgets.NewFold(title, widgets.NewRows(6, code, container.NewHBox(copyIt)), r.g.refreshSoon)
	fold.Open(open)
	return fold
}

// take passes the step, and keeps what was typed now that it is known to work.
func (r *guideRights) take() {
	g := r.g
	g.plan.Zone = r.checked.zone
	// Those that another certificate has had until now become this one's own.
	g.keepSecrets(r.chosenProvider().Name, r.checked.settings)
	for _, s := range r.chosenProvider().Settings {
		if e := r.entries[s.Variable]; e != nil && s.Secret && r.checked.settings[s.Variable] != "" {
			e.SetText("")
			e.SetPlaceHolder("Saved. Type to change")
		}
	}
	r.checked.settings = nil // kept now, or used from memory
	r.anyway.Hide()
	r.say(widgets.Neutral, "")
	g.pass(r.guideStep)
}

// keepSecrets puts the secrets of values into the keyring; until then, and without one, they are used until the program ends.
func (g *guide) keepSecrets(provider string, values map[string]string) {
	secrets, ctx, name := g.w.env.secrets, g.w.env.ctx, g.plan.Name
	inOrder(g.w.env.async, g.w.env.async.secrets, func() error { return acme.KeepSecrets(ctx, name, provider, values, secrets) }, func(err error) {
		if err != nil {
			g.w.tell(widgets.Warn, "What was entered was not saved, and is used until the program ends: "+sentence(err))
		}
	})
}

// outcomeRow is one thing that was checked, with what was found.
func outcomeRow(tone widgets.Tone, title, text string) fyne.CanvasObject {
	icon := widget.NewIcon(widgets.Tinted(widgets.ToneIcon(tone), tone.Strong()))
	l := widget.NewLabel(title)
	l.Wrapping, l.Selectable = fyne.TextWrapWord, true
	rows := widgets.NewRows(-10, l)
	if text != "" {
		more := widget.NewLabel(text)
		more.Wrapping, more.Selectable, more.SizeName = fyne.TextWrapWord, true, theme.SizeNameCaptionText
		rows.Add(more)
	}
	return container.NewBorder(nil, nil, container.NewVBox(widgets.NewPadded(8, 0, 0, 0, icon)), nil, rows)
}
