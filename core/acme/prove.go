package acme

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/core/remote"
	"mutual/core/solver"
)

// proof is one authorization on its way.
type proof struct {
	authorization lego.Authorization
	url           string
	offer         lego.Challenge
	challenge     solver.Challenge
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
		p.challenge = solver.Challenge{Name: a.Identifier.Value, Token: p.offer.Token, KeyAuthorization: keyAuthorization}
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
	if w.options.Solver.Type() == solver.DNS01 {
		var err error
		if p.challenge.Target, err = solver.Target(ctx, w.options.Resolver, p.challenge.Name); err != nil {
			return err
		}
	}
	// One that was begun under another name, before a CNAME record was changed, has to be removed from there as well.
	first := !slices.Contains(w.order.Challenges, p.challenge)
	if first {
		w.order.Challenges = append(w.order.Challenges, p.challenge)
		if err := w.folder.save(w.order); err != nil {
			return err
		}
	}
	record, words := p.challenge.Record(), solver.WordsFor(w.options.Solver, p.challenge)
	done := w.options.Report.Begin(progress.Record, name, words.Creating)
	if w.options.Solver.Name() == solver.Manual {
		w.options.Report.Tell(progress.Event{Step: progress.Record, Name: name, Manual: (*progress.ByHand)(&record),
			Detail: fmt.Sprintf("Create the TXT record %s with the value %q.", nameserver.Shown(record.Name), record.Value)})
	}
	if err := w.options.Solver.Present(ctx, p.challenge); err != nil {
		if unbegun := new(remote.UnbegunError); first && errors.As(err, &unbegun) {
			// There is nothing to remove, and the service that did not answer is not asked once more.
			w.order.Challenges = w.order.Challenges[:len(w.order.Challenges)-1]
			err = errors.Join(err, w.folder.save(w.order))
		}
		return fmt.Errorf("preparing the proof for %s: %w", name, err)
	}
	done(words.Created)
	return nil
}

// seen waits until every authoritative server answers with the record: the authority may ask any of them, and a "no"
// counts against the limit of failed validations.
func (w *run) seen(ctx context.Context, p proof) error {
	if w.options.Solver.Type() != solver.DNS01 || p.offer.Status != lego.StatusPending {
		return nil
	}
	name := title(p.authorization)
	done := w.options.Report.Begin(progress.Seen, name, "Waiting until the domain's name servers answer with the record.")
	if err := solver.Spread(ctx, w.options.Solver, p.challenge); err != nil {
		return fmt.Errorf("preparing the proof for %s: %w", name, err)
	}
	limit := w.options.SeenTimeout
	switch {
	case w.options.Solver.Name() == solver.Manual:
		limit = 0
	case limit == 0:
		limit = 5 * time.Minute
	}
	said, err := w.options.Resolver.AwaitText(ctx, p.challenge.Record(), limit, func(detail string) {
		w.options.Report.Tell(progress.Event{Step: progress.Seen, Name: name, Detail: detail})
	})
	var late *nameserver.LateError
	switch {
	case errors.Is(err, nameserver.ErrServersUnreachable):
		// Where port 53 is closed on the way, nobody here can see the record; the authority can.
		said = "The domain's name servers cannot be asked from here; the authority will look for itself."
	case errors.As(err, &late):
		return fmt.Errorf("%w: the order goes on from here", late)
	case err != nil:
		return err
	}
	done(said)
	return nil
}

// validate tells the authority to look, and waits for its verdict.
func (w *run) validate(ctx context.Context, p proof) error {
	name := title(p.authorization)
	done := w.options.Report.Begin(progress.Validate, name, "The authority looks for the proof.")
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
		w.options.Report.Begin(progress.CleanUp, "", "")(fmt.Sprintf("What was created by %s may still be there; remove it by hand: %s.",
			solver.ProviderNamed(by).Title, strings.TrimSuffix(oneLine(err), ".")))
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
	ctx, cancel := remote.Afterwards(ctx)
	defer cancel()
	var left []solver.Challenge
	var stuck LeftoverError
	for _, c := range w.order.Challenges {
		words := solver.WordsFor(w.options.Solver, c)
		done := w.options.Report.Begin(progress.CleanUp, c.Name, words.Removing)
		if err := w.options.Solver.CleanUp(ctx, c); err != nil {
			left = append(left, c)
			stuck.What = append(stuck.What, words.What)
			stuck.Problems = append(stuck.Problems, fmt.Errorf("removing %s: %w", words.What, err))
			continue
		}
		done(words.Removed)
	}
	w.order.Challenges = left
	err := w.folder.save(w.order)
	if len(stuck.Problems) > 0 {
		err = errors.Join(err, &stuck)
	}
	return err
}
