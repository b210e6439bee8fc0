package solver

import (
	"context"
	"fmt"

	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/core/remote"
)

// Trial is the challenge that is created for trying. It is always the same for a name: what a program that was
// killed has left, the next check removes.
func Trial(ctx context.Context, r nameserver.Resolver, name string) Challenge {
	c := Challenge{Name: name, Token: "permission-check", KeyAuthorization: "permission-check." + name}
	if target, err := Target(ctx, r, name); err == nil {
		c.Target = target
	}
	return c
}

// Try creates a challenge's record for name, as an order will, and removes it again; for HTTP-01 it listens at the
// port for a moment. By hand there is nothing to try.
func Try(ctx context.Context, s Solver, r nameserver.Resolver, name string, report progress.Report) error {
	if s.Name() == Manual {
		return nil
	}
	c := Challenge{Name: name, Token: "permission-check", KeyAuthorization: "permission-check"}
	doing, did, what := "Listening at the port.", "The port is free.", "the port"
	if s.Type() == DNS01 {
		if c = Trial(ctx, r, name); ctx.Err() != nil {
			return ctx.Err()
		}
		what = "the record " + nameserver.Shown(c.Record().Name)
		doing, did = "Creating "+what+".", "The record was created, and removed again."
	}
	done := report.Begin(progress.Permitted, name, doing)
	presentErr := s.Present(ctx, c)
	if presentErr == nil {
		presentErr = Spread(ctx, s, c)
	}
	// What was refused may have been done all the same: it is removed in any case.
	clean, cancel := remote.Afterwards(ctx)
	defer cancel()
	cleanErr := s.CleanUp(clean, c)
	switch {
	case presentErr != nil:
		return fmt.Errorf("trying %s: %w", what, presentErr)
	case cleanErr != nil:
		return fmt.Errorf("removing %s: %w", what, cleanErr)
	}
	done(did)
	return ctx.Err()
}
