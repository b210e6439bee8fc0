package remote

import (
	"context"
	"time"
)

// cleanUpTime bounds the removal of what was made for somebody; patience that of somebody who has ended it, while a
// service does not answer. What is left then is removed by the next call.
const (
	cleanUpTime = 30 * time.Second
	patience    = 10 * time.Second
)

// Afterwards is a context for taking back what was done, which has to be tried also after ctx has ended.
func Afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := cleanUpTime
	if ctx.Err() != nil {
		limit = patience
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}

// UnbegunError says that a change was not asked for at all: there is nothing to take back.
type UnbegunError struct{ Err error }

func (e *UnbegunError) Error() string { return e.Err.Error() }
func (e *UnbegunError) Unwrap() error { return e.Err }
