package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"mutual/core/acme"
)

// TestInterruptedOrder: only an order is gone on with by the same command; what of it could not be removed is said.
func TestInterruptedOrder(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said bytes.Buffer
	term := &terminal{err: &said}
	left := &acme.LeftoverError{What: []string{"the record"}, Problems: []error{errors.New("removing the record: no answer")}}
	var order, other *stopped
	if err := term.orderEnd(ctx, errors.Join(ctx.Err(), left), false); !errors.As(err, &order) || !strings.Contains(order.hint, "goes on with the order") {
		t.Errorf("an order: %v, %+v", err, order)
	}
	if !strings.Contains(said.String(), "removing the record: no answer") {
		t.Errorf("said is %q", said.String())
	}
	if err := term.acmeEnd(ctx, ctx.Err(), false); !errors.As(err, &other) || other.hint != "" {
		t.Errorf("a revocation: %v, %+v", err, other)
	}
	if err := term.orderEnd(t.Context(), left, false); !errors.As(err, new(ended)) {
		t.Errorf("refused: %v", err)
	}
}
