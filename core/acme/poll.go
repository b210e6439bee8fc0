package acme

import (
	"context"
	"fmt"
	"time"
)

// decideTime is how long an authority may take over one decision: Let's Encrypt's take seconds. A program that cron has
// started must not wait for ever, and the order can be gone on with.
const decideTime = 10 * time.Minute

// poll calls ask until it says that the authority has decided, in growing pauses, or in those that the authority asks for
// (Retry-After, RFC 8555 §7.4 and §7.5.1). what is what it decides on.
func (w *run) poll(ctx context.Context, what string, ask func() (decided bool, err error)) error {
	limit := w.options.DecideTimeout
	if limit == 0 {
		limit = decideTime
	}
	deadline := time.Now().Add(limit)
	for wait := time.Second / 4; ; wait = min(2*wait, 5*time.Second) {
		if decided, err := ask(); decided || err != nil {
			return err
		}
		now := time.Now()
		next := retryAt(w.client.transport.pause(), now)
		pause := max(wait, next.Sub(now))
		if now.Add(pause).After(deadline) {
			return fmt.Errorf("waiting for %s: %w", what, &Problem{RetryAt: next,
				Detail: fmt.Sprintf("The authority has not decided within %s", limit), Advice: "Try again later: the order goes on from here."})
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
