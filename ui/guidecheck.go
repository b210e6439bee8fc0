package ui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/core/route53"
	"mutual/core/solver"
	"mutual/ui/widgets"
)

// rights is what a check came to.
type rights struct {
	identity    string
	zone        route53.Zone
	delegation  string // a sentence; empty: the domain is delegated to the zone
	permissions []route53.Permission
	settings    map[string]string // those that were tried
}

func (r rights) allowed() bool {
	for _, p := range r.permissions {
		if p.Lacking() {
			return false
		}
	}
	return len(r.permissions) > 0
}

// refused names the actions that are not allowed, as a subject with its verb.
func (r rights) refused() string {
	var names []string
	for _, p := range r.permissions {
		if p.Err != nil && !p.Spare {
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
	begin(r.guideStep, func(ctx context.Context, report progress.Report) (rights, error) {
		return r.g.checkRights(ctx, plan, typed, report)
	}, r.onChecked)
}

// checkRights tries, off the window's goroutine, what an order and the alias will need.
func (g *guide) checkRights(ctx context.Context, plan acme.Plan, typed map[string]string, report progress.Report) (got rights, err error) {
	if got.settings, err = g.settingsFor(ctx, plan, typed); err != nil {
		return got, err
	}
	way, err := solver.New(ctx, plan.Provider, got.settings, g.w.resolver)
	if err != nil {
		return got, err
	}
	r53, ok := way.(solver.Route53)
	if !ok {
		return got, solver.Try(ctx, way, g.w.resolver, plan.Name, report)
	}
	tell := func(step progress.Step, text string) { report(progress.Event{Step: step, Detail: text}) }
	tell(progress.Identity, "Asking whose credentials these are.")
	if got.identity, err = r53.Identity(ctx); err != nil {
		return got, err
	}
	report(progress.Event{Step: progress.Identity, Detail: "They are those of " + got.identity + ".", Done: true})
	tell(progress.HostZone, "Looking for the hosted zone.")
	if got.zone, err = r53.FindZone(ctx, plan.Name); err != nil {
		return got, err
	}
	report(progress.Event{Step: progress.HostZone, Detail: fmt.Sprintf("It is %s (%s).", strings.TrimSuffix(got.zone.Name, "."), got.zone.ID), Done: true})
	tell(progress.Permitted, "Trying each action, with a record that is removed again.")
	got.permissions = r53.Try(ctx, got.zone, solver.Trial(ctx, g.w.resolver, plan.Name).Record())
	if ctx.Err() != nil {
		return got, ctx.Err()
	}
	tell(progress.Resolve, "Asking whether the domain is delegated to this zone.")
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
		case p.Err != nil && p.Spare:
			rows.Add(outcomeRow(widgets.Neutral, p.Action, route53.SpareWords+" "+sentence(p.Err)))
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
func (r *guideRights) policy(z route53.Zone, open bool) fyne.CanvasObject {
	title := "The IAM policy for just this zone"
	if z.ID == "" {
		z.ID, title = "ZONE_ID", "The IAM policy; put the hosted zone's ID in the place of ZONE_ID"
	}
	text := route53.Policy(z)
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
