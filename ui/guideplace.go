package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"mutual/core/acme"
	"mutual/core/progress"
	"mutual/core/solver"
)

// request takes the fields over into the plan, and makes what the authority is asked for.
func (o *guideOrder) request() acme.Request {
	p := &o.g.plan
	p.Directory, p.Contact, p.Further = o.chosen(), strings.TrimSpace(o.contact.Text), strings.TrimSpace(o.further.Text)
	p.KeyType = orderKeys[max(0, o.keyType.SelectedIndex())].algorithm
	p.PreferredChain, p.ExternalID = strings.TrimSpace(o.preferred.Text), strings.TrimSpace(o.eabID.Text)
	if o.info != nil {
		p.Profile = o.chosenProfile()
	}
	if o.info != nil && (o.info.Terms == "" || o.agree.Checked) {
		p.AgreedTerms = o.info.Terms
	}
	r := acme.Request{Directory: p.Directory, Names: append([]string{p.Name}, splitList(p.Further)...), Contact: splitList(p.Contact),
		KeyType: p.KeyType, Profile: p.Profile, PreferredChain: p.PreferredChain, AgreedTerms: p.AgreedTerms, Settings: p.SolverSettings()}
	if strings.TrimSpace(o.eabKey.Text) != "" { // an account that is open does not need it again
		r.External = &acme.ExternalAccount{KeyID: p.ExternalID, HMAC: strings.TrimSpace(o.eabKey.Text)}
	}
	return r
}

// missing says what is to be filled in before it can be ordered, and where; empty: nothing.
func (o *guideOrder) missing() (text string, at fyne.Focusable) {
	for _, c := range splitList(o.contact.Text) {
		if _, host, _ := strings.Cut(c, "@"); !strings.Contains(host, ".") {
			return "“" + c + "” is no e-mail address; the field may stay empty.", o.contact
		}
	}
	for _, n := range splitList(o.further.Text) {
		if strings.HasPrefix(n, "*.") && o.g.plan.Provider == solver.HTTP01 {
			o.more.Open(true)
			return "The wildcard " + n + " is proved by DNS records only: leave it out, or choose another way in the second step.", o.further
		}
	}
	if strings.TrimSpace(o.eabID.Text) == "" && strings.TrimSpace(o.eabKey.Text) != "" {
		o.more.Open(true)
		o.external.Open(true)
		return "Enter the key identifier that the authority gave you with the HMAC key.", o.eabID
	}
	if o.info.Terms != "" && !o.agree.Checked {
		return readTerms, o.agree
	}
	return "", nil
}

func (o *guideOrder) onGet() {
	if o.stop != nil {
		return
	}
	if o.info == nil || o.chosen() != o.askedOf {
		o.onAsk()
		return
	}
	if text, at := o.missing(); text != "" {
		o.ask(text, at)
		return
	}
	request := o.request()
	o.g.plan.Back(acme.StageCertificate)
	o.g.save()
	plan, typed := o.g.snapshot()
	folder, resolver := o.g.folder, o.g.w.resolver
	o.folds = true
	begin(o.guideStep, func(ctx context.Context, report progress.Report) (acme.Obtained, error) {
		solver, err := o.g.solver(ctx, plan, typed)
		if err != nil {
			return acme.Obtained{}, err
		}
		named := o.g.solverNamed(request.Names[0], plan, typed, o.g.w.env.secrets)
		return folder.Obtain(ctx, request, acme.Options{Solver: solver, SolverNamed: named, Resolver: resolver, Report: report})
	}, func(got acme.Obtained, err error) {
		o.readPending()
		if err != nil {
			o.refuse(err, "")
			return
		}
		o.eabKey.SetText("")
		o.g.files.take(got)
		o.g.kept.read()
		o.g.pass(o.guideStep)
	})
	o.steps.expect(acme.Steps)
	o.g.reveal(o.guideStep)
}
