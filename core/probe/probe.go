// Package probe makes the few bounded experiments after a failure that tell one cause from another. No probe carries a
// user name, a password, a payload or the profile's client identifier.
package probe

import (
	"context"

	"mutual/core/evidence"
)

// Run makes the experiments that the failure in a calls for, side by side, each bounded to 3 s and all to 10 s, and
// appends what they saw to a.Probes. It does nothing when a holds no failure that a probe could explain.
// progress, if not nil, is called with the name of each experiment as it starts.
func Run(ctx context.Context, a *evidence.Attempt, progress func(name string)) { panic("skeleton") }
