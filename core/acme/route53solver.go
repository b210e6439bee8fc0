package acme

import (
	"context"

	"mutual/core/route53"
)

// Route53Solver creates the records in Amazon Route 53.
type Route53Solver struct{ *route53.Client }

// Name and Type are those of Solver.
func (Route53Solver) Name() string { return "route53" }
func (Route53Solver) Type() string { return DNS01 }

// Present adds the challenge's value to the TXT record, beside values that are there.
func (s Route53Solver) Present(ctx context.Context, c Challenge) error {
	return s.AddText(ctx, c.Record())
}

// Spread waits until the service says that all of its servers have it.
func (s Route53Solver) Spread(ctx context.Context, c Challenge) error {
	return s.AwaitAdded(ctx, c.Record())
}

// CleanUp takes the challenge's value out again, and leaves others.
func (s Route53Solver) CleanUp(ctx context.Context, c Challenge) error {
	return s.RemoveText(ctx, c.Record())
}
