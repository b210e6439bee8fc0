package remote

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPatience: whoever ends an order waits less long for a service that does not answer.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end()
		for _, test := range []struct {
			ctx  context.Context
			want time.Duration
		}{{t.Context(), cleanUpTime}, {ended, patience}} {
			began := time.Now()
			ctx, cancel := Afterwards(test.ctx)
			<-ctx.Done()
			cancel()
			if took := time.Since(began); took != test.want {
				t.Errorf("it is waited for %s, want %s", took, test.want)
			}
		}
	})
}
