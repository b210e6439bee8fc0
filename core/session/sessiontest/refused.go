// Package sessiontest keeps sessions for tests of other packages. It imports nothing that session does not.
package sessiontest

import (
	"context"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

// refusedWait is for slow machines; a refusal comes with the first answers.
const refusedWait = 20 * time.Second

// UntilRefused keeps a session until the server has refused something in it: what the profile subscribes to, a message,
// or the session itself. It returns the attempt that says so.
func UntilRefused(ctx context.Context, t testing.TB, p profile.Profile, m pki.Material) *evidence.Attempt {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, refusedWait)
	defer cancel()
	changed := make(chan struct{}, 1)
	s := session.Open(ctx, p, m, session.Options{Changed: func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}})
	defer s.Close()
	published := false
	for {
		st := s.State()
		if a := st.Attempt; a != nil && a.MQTT != nil && len(a.MQTT.Later) > 0 {
			return a
		}
		if st.Phase == session.Connected && !published {
			published = true
			s.Publish(ctx, session.Outgoing{Topic: "practice/a", QoS: 1}) // it may be refused, or the connection end
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("nothing was refused: %+v", st)
		}
	}
}
