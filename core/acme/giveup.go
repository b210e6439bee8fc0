package acme

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"mutual/core/solver"
	"mutual/core/store"
)

// Covers says whether the certificate that is kept under a first name is there, and is for host.
func (f Folder) Covers(name, host string) bool {
	c, err := f.Certificate(name)
	return err == nil && c.VerifyHostname(host) == nil
}

// Obtained says whether there is a certificate under a first name, or was: how it was obtained is written down.
func (f Folder) Obtained(name string) bool {
	_, err := f.Renewal(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// GiveUp ends the order that is under way for name, if there is one: its records are removed, and it is forgotten. Where
// one cannot be removed, the order stays written down with it. An earlier certificate stays, and is renewed by a new order.
func (f Folder) GiveUp(ctx context.Context, name string, o Options) error {
	if _, err := f.pending(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := f.lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	w := &run{folder: f, options: o}
	switch w.order, err = f.pending(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if len(w.order.Challenges) > 0 {
		if w.options.Solver == nil {
			w.options.Solver, err = o.SolverNamed(ctx, w.order.Request.Solver)
		}
		if err == nil {
			err = w.cleanUpAll(ctx)
		}
		if err != nil {
			return fmt.Errorf("giving up the order for %s: %w", name, err)
		}
	}
	return w.forget()
}

// ForgetFormer removes a provider's secrets that are kept for former, where that has no certificate and no order, and
// name has secrets of its own. Nobody is asked for anything: secrets that are locked are there.
func (f Folder) ForgetFormer(ctx context.Context, former, name, provider string, secrets *store.Secrets) error {
	if _, _, pending := f.Pending(former); former == name || pending || f.Obtained(former) {
		return nil
	}
	own := false
	for _, s := range solver.ProviderNamed(provider).Settings {
		if s.Secret {
			_, err := secrets.Get(ctx, SecretID(name), SecretName(s.Variable))
			own = own || err == nil || errors.Is(err, store.ErrLocked)
		}
	}
	if !own {
		return nil
	}
	var problems []error
	for _, s := range solver.ProviderNamed(provider).Settings {
		if s.Secret {
			problems = append(problems, secrets.Set(ctx, SecretID(former), SecretName(s.Variable), ""))
		}
	}
	return errors.Join(problems...)
}
