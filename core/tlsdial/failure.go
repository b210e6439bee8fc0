package tlsdial

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"slices"

	"mutual/core/evidence"
)

// FailureOf says how a connection ended, from the type of err and never from its text. alert is not nil when the server
// sent a fatal alert; the failure is then AlertSent.
func FailureOf(err error) (f evidence.Failure, alert *uint8) {
	if n, ok := alertOf(err); ok {
		return evidence.AlertSent, &n
	}
	return failureOf(err), nil
}

func failureOf(err error) evidence.Failure {
	is := func(targets []error) bool {
		return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
	}
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return evidence.NoFailure
	case errors.Is(err, context.Canceled):
		return evidence.Cancelled
	case is(refusedErrors):
		return evidence.Refused
	case is(unreachableErrors):
		return evidence.Unreachable
	case is(resetErrors):
		return evidence.Reset
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return evidence.Timeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return evidence.Closed
	}
	return evidence.Other
}

// alertOf reads the number of a fatal alert that the server sent. Its type in crypto/tls is not exported (golang/go
// #35234), but it is an unsigned byte inside a *net.OpError whose operation is "remote error".
func alertOf(err error) (uint8, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	if v := reflect.ValueOf(op.Err); v.Kind() == reflect.Uint8 {
		return uint8(v.Uint()), true
	}
	return 0, false
}
