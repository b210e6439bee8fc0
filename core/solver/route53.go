package solver

import (
	"context"

	"mutual/core/route53"
)

// Route53 creates the records in Amazon Route 53.
type Route53 struct{ *route53.Client }

// Name and Type are those of Solver.
func (Route53) Name() string { return "route53" }
func (Route53) Type() string { return DNS01 }

// Present adds the challenge's value to the TXT record, beside values that are there.
func (s Route53) Present(ctx context.Context, c Challenge) error {
	return s.AddText(ctx, c.Record())
}

// Spread waits until the service says that all of its servers have it.
func (s Route53) Spread(ctx context.Context, c Challenge) error {
	return s.AwaitAdded(ctx, c.Record())
}

// CleanUp takes the challenge's value out again, and leaves others.
func (s Route53) CleanUp(ctx context.Context, c Challenge) error {
	return s.RemoveText(ctx, c.Record())
}
