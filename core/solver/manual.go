package solver

import "context"

// Manual is the solver's name where a person creates the records.
const Manual = "manual"

// manual leaves the record to a person: progress.Event.Manual shows it, and the order goes on when it can be seen.
type manual struct{}

// Name and Type are those of Solver.
func (manual) Name() string { return Manual }
func (manual) Type() string { return DNS01 }

// Present does nothing: the wait for the record is what waits for the person.
func (manual) Present(context.Context, Challenge) error { return nil }

// CleanUp does nothing: the record is the person's.
func (manual) CleanUp(context.Context, Challenge) error { return nil }
