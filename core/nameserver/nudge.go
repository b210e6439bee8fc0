package nameserver

import (
	"context"
	"time"
)

type nudgeKey struct{}

// WithNudge returns a context in which the waits for a record look again as soon as something is sent to nudge, for a
// person who has just created it. The pauses that services ask for are not shortened.
func WithNudge(ctx context.Context, nudge <-chan struct{}) context.Context {
	return context.WithValue(ctx, nudgeKey{}, nudge)
}

// untilNextLook waits for d, or until a nudge.
func untilNextLook(ctx context.Context, d time.Duration) error {
	nudge, _ := ctx.Value(nudgeKey{}).(<-chan struct{}) // nil: never
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	case <-nudge:
	}
	return nil
}
