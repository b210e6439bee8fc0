package session

import (
	"context"
	"math/rand/v2"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// backoff says how long to wait before the next try.
type backoff struct {
	first, limit time.Duration
	// stable is how long a connection must have stood for the waiting to begin anew.
	stable time.Duration
}

// defaultBackoff waits 1 to 2 s at first, then twice as long each time, up to a minute.
var defaultBackoff = backoff{first: time.Second, limit: time.Minute, stable: 10 * time.Second}

// delay is the wait before try n, counted from 0: half of it is chance, so that the clients of a server that comes back
// do not all come at once.
func (b backoff) delay(n int) time.Duration {
	top := b.limit
	if shift := n + 1; shift < 16 {
		top = min(b.limit, b.first<<shift)
	}
	half := top / 2
	return half + rand.N(half+1)
}

// takenOver is the reason code of a DISCONNECT that says that another client uses the same identifier. Trying again
// would throw that one out in turn.
const takenOver = 0x8E

// run is the session's own goroutine: it connects, watches over the connection, and connects again.
func (s *Session) run(ctx context.Context) {
	defer s.cancel()
	defer func() {
		s.options.Password, s.options.ProxyPassword = "", "" // only this goroutine uses it
		s.cancelUnknown()
		s.inflight.Close()
		s.update(func(st *State) { st.enter(Disconnected) })
	}()
	connected, failures := false, 0
	for {
		s.forgetRetry()
		l, a := s.attempt(ctx, connected)
		if ctx.Err() != nil {
			if l != nil {
				l.close()
			}
			s.update(func(st *State) { st.Attempt = a })
			return
		}
		if l == nil {
			if !connected {
				s.update(func(st *State) { st.Attempt = a; st.enter(Failed) })
				if !s.wait(ctx, nil) {
					return
				}
				continue
			}
			if !s.pause(ctx, failures, func(st *State) { st.Attempt = a }) {
				return
			}
			failures++
			continue
		}
		connected = true
		start := time.Now()
		end := s.serve(ctx, l, a)
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) >= s.backoff.stable {
			failures = 0
		}
		lost := func(st *State) { st.lost(end) }
		if end.disconnect != nil && end.disconnect.code == takenOver {
			s.update(func(st *State) { lost(st); st.enter(Disconnected) })
			if !s.wait(ctx, nil) {
				return
			}
			continue
		}
		if !s.pause(ctx, failures, lost) {
			return
		}
		failures++
	}
}

// attempt makes one attempt and shows its stages.
func (s *Session) attempt(ctx context.Context, again bool) (*link, *evidence.Attempt) {
	s.update(func(st *State) { st.enter(Connecting); st.Tries++; st.NextTry = time.Time{} })
	expiry := s.profile.MQTT.SessionExpiry
	// A clean start is for the beginning; afterwards it would throw away what the Session was kept for.
	clean := expiry == 0 && again || !again && s.profile.MQTT.CleanStart
	if s.profile.MQTT.VersionOrDefault() == profile.Version311 {
		clean, expiry = s.profile.MQTT.CleanStart, 0 // MQTT 3.1.1 §3.1.2.4: one flag for the beginning and the end
		if !clean {
			expiry = neverExpires
		}
	}
	return request{
		profile: s.profile, material: s.material, clientID: s.clientID, options: s.options,
		cleanStart: clean, expiry: expiry, inbox: s.inbox, session: s.inflight,
		stage: func(name string) { s.update(func(st *State) { st.Stage = name }) },
	}.connect(ctx)
}

// serve watches over a connection until it ends or ctx does.
func (s *Session) serve(ctx context.Context, l *link, a *evidence.Attempt) ending {
	s.mu.Lock()
	s.link = l
	if !l.server.resumed {
		s.cancelUnknown() // what was under way is lost
		s.unknown, s.cancelUnknown = context.WithCancel(context.Background())
	}
	st := &s.state
	st.enter(Connected)
	st.Attempt, st.Tries, st.Ended, st.EndedReason = a, 0, "", nil
	st.Verified = a.TLS != nil && a.TLS.Verified
	st.TwoWay = st.Verified && a.TLS.CertificateRequested && a.TLS.CertificateSent
	wanted := make([]profile.Subscription, len(st.Subscriptions)) // those that come from now on are asked for by Subscribe
	for i := range st.Subscriptions {
		st.Subscriptions[i].Answer = nil
		wanted[i] = st.Subscriptions[i].Subscription
	}
	s.mu.Unlock()
	s.notify()

	subscribeCtx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(l.begun)
		s.subscribeAll(subscribeCtx, l, wanted)
	}()
	select {
	case <-l.client.Done(): // what is subscribed to ends by itself, with the last answer
	case <-ctx.Done():
		l.close()
		cancel()
	}
	<-l.begun
	cancel()
	s.mu.Lock()
	s.link = nil
	if l.server.expires {
		s.cancelUnknown()
		s.unknown, s.cancelUnknown = context.WithCancel(context.Background())
	}
	s.mu.Unlock()
	return l.stream.ended()
}

// pause waits for the next try, and shows until when.
func (s *Session) pause(ctx context.Context, failures int, change func(*State)) bool {
	delay := s.backoff.delay(failures)
	s.update(func(st *State) {
		change(st)
		st.enter(Waiting)
		st.NextTry = st.Since.Add(delay)
	})
	timer := time.NewTimer(delay)
	defer timer.Stop()
	return s.wait(ctx, timer.C)
}

// wait waits for timer or Reconnect; false: for ctx.
func (s *Session) wait(ctx context.Context, timer <-chan time.Time) bool {
	select {
	case <-timer:
	case <-s.retry:
	case <-ctx.Done():
		return false
	}
	return true
}

// forgetRetry drops a Reconnect that came when there was nothing to wait for.
func (s *Session) forgetRetry() {
	select {
	case <-s.retry:
	default:
	}
}

// enter begins a phase.
func (st *State) enter(p Phase) {
	st.Phase, st.Since, st.Stage = p, time.Now(), ""
	if p != Connected {
		st.TwoWay, st.Verified = false, false
	}
	if p != Waiting {
		st.NextTry = time.Time{}
	}
}

// lost records the end of a connection.
func (st *State) lost(e ending) {
	st.Ended = e.sentence()
	st.Tries = 0
	if e.disconnect != nil {
		code := e.disconnect.code
		st.EndedReason = &code
		if code >= 0x80 {
			st.refused([]evidence.Refusal{e.disconnect.refusal()})
		}
	}
}
