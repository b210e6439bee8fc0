package acme

import "context"

// Manual is the solver's name where a person creates the records.
const Manual = "manual"

// ManualSolver leaves the record to a person: Progress.Manual shows it, and the order goes on when it can be seen.
type ManualSolver struct{}

// Name and Type are those of Solver.
func (ManualSolver) Name() string { return Manual }
func (ManualSolver) Type() string { return DNS01 }

// Present does nothing: the wait for the record is what waits for the person.
func (ManualSolver) Present(context.Context, Challenge) error { return nil }

// CleanUp does nothing: the record is the person's.
func (ManualSolver) CleanUp(context.Context, Challenge) error { return nil }
