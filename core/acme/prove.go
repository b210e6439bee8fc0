package acme

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"
)

// proof is one authorization on its way.
type proof struct {
	authorization lego.Authorization
	url           string
	offer         lego.Challenge
	challenge     Challenge
}

// prove makes every pending authorization valid: all records first, so that they become visible together.
func (w *run) prove(ctx context.Context, current lego.Order) error {
	proofs, err := w.proofs(current)
	if err != nil {
		return err
	}
	for i := range proofs {
		if err := w.present(ctx, &proofs[i]); err != nil {
			return err
		}
	}
	for _, p := range proofs {
		if err := w.seen(ctx, p); err != nil {
			return err
		}
	}
	for _, p := range proofs {
		if err := w.validate(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// proofs fetches the authorizations that are still pending.
func (w *run) proofs(current lego.Order) ([]proof, error) {
	var proofs []proof
	for _, url := range current.Authorizations {
		a, err := w.client.Authorizations.Get(url)
		if err != nil {
			return nil, w.client.explain("asking what is to be proved", err, w.options.now())
		}
		switch a.Status {
		case lego.StatusValid:
			continue
		case lego.StatusPending:
		default:
			return nil, w.refused(a)
		}
		p := proof{authorization: a, url: url}
		i := slices.IndexFunc(a.Challenges, func(c lego.Challenge) bool { return c.Type == w.options.Solver.Type() })
		if i < 0 {
			return nil, fmt.Errorf("asking what is to be proved: the authority does not take %s for %s, only %s; choose another way to prove the name",
				w.options.Solver.Type(), title(a), strings.Join(offered(a), ", "))
		}
		p.offer = a.Challenges[i]
		keyAuthorization, err := w.client.GetKeyAuthorization(p.offer.Token)
		if err != nil {
			return nil, fmt.Errorf("preparing the proof for %s: %w", title(a), err)
		}
		p.challenge = Challenge{Name: a.Identifier.Value, Token: p.offer.Token, KeyAuthorization: keyAuthorization}
		proofs = append(proofs, p)
	}
	return proofs, nil
}

func title(a lego.Authorization) string {
	if a.Wildcard {
		return "*." + a.Identifier.Value
	}
	return a.Identifier.Value
}

func offered(a lego.Authorization) (types []string) {
	for _, c := range a.Challenges {
		types = append(types, c.Type)
	}
	return types
}

// present creates the record, which is written down first.
func (w *run) present(ctx context.Context, p *proof) error {
	if p.offer.Status != lego.StatusPending {
		return nil // the authority is looking already, or has looked
	}
	name := title(p.authorization)
	if w.options.Solver.Type() == DNS01 {
		target, err := w.options.Resolver.FollowOwn(ctx, challengeName(p.challenge.Name))
		if err != nil && !errors.Is(err, ErrServersUnreachable) && !errors.Is(err, errNoNameServers) {
			return err
		}
		p.challenge.Target = target
	}
	// One that was begun under another name, before a CNAME record was changed, has to be removed from there as well.
	first := !slices.Contains(w.order.Challenges, p.challenge)
	if first {
		w.order.Challenges = append(w.order.Challenges, p.challenge)
		if err := w.folder.save(w.order); err != nil {
			return err
		}
	}
	record, words := p.challenge.Record(), wordsFor(w.options.Solver, p.challenge)
	done := w.options.Report.step(StepRecord, name, words.creating)
	if w.options.Solver.Name() == Manual {
		w.options.Report.tell(Progress{Step: StepRecord, Name: name, Manual: &record,
			Detail: fmt.Sprintf("Create the TXT record %s with the value %q.", withoutDot(record.Name), record.Value)})
	}
	if err := w.options.Solver.Present(ctx, p.challenge); err != nil {
		if unbegun := new(unbegunError); first && errors.As(err, &unbegun) {
			// There is nothing to remove, and the service that did not answer is not asked once more.
			w.order.Challenges = w.order.Challenges[:len(w.order.Challenges)-1]
			err = errors.Join(err, w.folder.save(w.order))
		}
		return fmt.Errorf("preparing the proof for %s: %w", name, err)
	}
	done(words.created)
	return nil
}

// seen waits until every authoritative server answers with the record: the authority may ask any of them, and a "no"
// counts against the limit of failed validations.
func (w *run) seen(ctx context.Context, p proof) error {
	if w.options.Solver.Type() != DNS01 || p.offer.Status != lego.StatusPending {
		return nil
	}
	name := title(p.authorization)
	record := p.challenge.Record()
	done := w.options.Report.step(StepSeen, name, "Waiting until the domain's name servers answer with the record.")
	if err := spread(ctx, w.options.Solver, p.challenge); err != nil {
		return fmt.Errorf("preparing the proof for %s: %w", name, err)
	}
	limit := w.options.SeenTimeout
	if limit == 0 {
		limit = 5 * time.Minute
	}
	began := time.Now()
	for wait := time.Second / 2; ; wait = min(wait*3/2, 5*time.Second) {
		have, lack, err := w.options.Resolver.Sees(ctx, record)
		if errors.Is(err, errNoNameServers) {
			limit = min(limit, resolverTime)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrServersUnreachable):
			// Where port 53 is closed on the way, nobody here can see the record; the authority can.
			done("The domain's name servers cannot be asked from here; the authority will look for itself.")
			return nil
		case err == nil && len(lack) == 0:
			done(fmt.Sprintf("%s with the record.", servers(len(have))))
			return nil
		case w.options.Solver.Name() != Manual && time.Since(began) > limit:
			return w.late(record, have, lack, err)
		}
		w.options.Report.tell(Progress{Step: StepSeen, Name: name, Detail: waitingFor(have, lack, err)})
		if err := untilNextLook(ctx, wait); err != nil {
			return err
		}
	}
}

func servers(n int) string {
	if n == 1 {
		return "The name server answers"
	}
	return fmt.Sprintf("All %d name servers answer", n)
}

// waitingFor is a sentence; err is why no name server could be asked.
func waitingFor(have, lack []string, err error) string {
	if err != nil && len(lack) == 0 {
		return asSentence(err.Error())
	}
	return fmt.Sprintf("%d of %d name servers answer with the record; still without it: %s.", len(have), len(have)+len(lack), hosts(lack))
}

func (w *run) late(record Record, have, lack []string, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("waiting for the record %s: %s See that the record was created in the zone that the domain is delegated to, and try again: the order goes on from here",
		withoutDot(record.Name), waitingFor(have, lack, nil))
}

// validate tells the authority to look, and waits for its verdict.
func (w *run) validate(ctx context.Context, p proof) error {
	name := title(p.authorization)
	done := w.options.Report.step(StepValidate, name, "The authority looks for the proof.")
	if p.offer.Status == lego.StatusPending {
		if _, err := w.client.Challenges.New(p.offer.URL); err != nil {
			return w.client.explain("asking the authority to look for "+name, err, w.options.now())
		}
	}
	return w.poll(ctx, "the verdict on "+name, func() (decided bool, err error) {
		a, err := w.client.Authorizations.Get(p.url)
		if err != nil {
			return false, w.client.explain("asking for the verdict on "+name, err, w.options.now())
		}
		switch a.Status {
		case lego.StatusValid:
			done("The authority has seen the proof.")
			return true, nil
		case lego.StatusPending, lego.StatusProcessing:
			return false, nil
		}
		return false, w.refused(a)
	})
}

// refused says why an authorization is not valid.
func (w *run) refused(a lego.Authorization) error {
	for _, c := range a.Challenges {
		if c.Error != nil {
			return w.client.explainOf("proving the name", c.Error, w.options.now(), title(a))
		}
	}
	return fmt.Errorf("proving %s: the authority says %q and gives no reason; try again with a new order", title(a), a.Status)
}

// cleanUpFormer removes what an order has created that was begun with another solver, by that one: the present one does
// not find it. What cannot be removed is told, and left to whoever has changed the way: they may have lost the rights to
// the other.
func (w *run) cleanUpFormer(ctx context.Context) error {
	by := w.order.Request.Solver
	if len(w.order.Challenges) == 0 || w.options.SolverNamed == nil || by == "" || by == w.options.Solver.Name() {
		return nil
	}
	former, err := w.options.SolverNamed(ctx, by)
	if err == nil {
		earlier := run{folder: w.folder, options: w.options, order: w.order}
		earlier.options.Solver = former
		err = earlier.cleanUpAll(ctx)
	}
	if ctx.Err() != nil {
		w.order = order{} // what is left stays written down, for the next call
		return ctx.Err()
	}
	if err != nil {
		w.options.Report.step(StepCleanUp, "", "")(fmt.Sprintf("What was created by %s may still be there; remove it by hand: %s.",
			ProviderNamed(by).Title, strings.TrimSuffix(oneLine(err), ".")))
	}
	w.order.Challenges = nil
	return w.folder.save(w.order)
}

// cleanUpAll removes what is written down as presented, also after ctx has ended. What cannot be removed stays written
// down, and the next call tries again: a *LeftoverError.
func (w *run) cleanUpAll(ctx context.Context) error {
	if len(w.order.Challenges) == 0 {
		return nil
	}
	ctx, cancel := toCleanUp(ctx)
	defer cancel()
	var left []Challenge
	var stuck LeftoverError
	for _, c := range w.order.Challenges {
		words := wordsFor(w.options.Solver, c)
		done := w.options.Report.step(StepCleanUp, c.Name, words.removing)
		if err := w.options.Solver.CleanUp(ctx, c); err != nil {
			left = append(left, c)
			stuck.What = append(stuck.What, words.what)
			stuck.Problems = append(stuck.Problems, fmt.Errorf("removing %s: %w", words.what, err))
			continue
		}
		done(words.removed)
	}
	w.order.Challenges = left
	err := w.folder.save(w.order)
	if len(stuck.Problems) > 0 {
		err = errors.Join(err, &stuck)
	}
	return err
}
