package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// limitWindow is the time in which the documentation counts calls.
const limitWindow = 60 * time.Minute

// CallLog counts calls. Take notes one of this kind at that time if fewer than limit were noted in the window before
// it; else it returns when the next may be made. An error means that it could not be noted.
type CallLog interface {
	Take(kind string, limit int, window time.Duration, at time.Time) (free time.Time, err error)
}

// memoryCalls is the CallLog of a program that keeps none.
type memoryCalls struct {
	mu    sync.Mutex
	calls map[string][]time.Time
}

// Take is CallLog's.
func (m *memoryCalls) Take(kind string, limit int, window time.Duration, at time.Time) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var recent []time.Time
	for _, t := range m.calls[kind] {
		if t.After(at.Add(-window)) {
			recent = append(recent, t)
		}
	}
	if len(recent) >= limit {
		return recent[len(recent)-limit].Add(window), nil
	}
	if m.calls == nil {
		m.calls = map[string][]time.Time{}
	}
	m.calls[kind] = append(recent, at)
	return time.Time{}, nil
}

func (a *API) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// take keeps a call back that EMQX would refuse: a refused one may count as well.
func (a *API) take(host string, c call) error {
	kind := fmt.Sprintf("%s %s %t %s", host, c.method, c.tls, c.doing)
	sum := sha256.Sum256([]byte(a.Credentials.Key + "\x00" + kind)) // each key has limits of its own
	kind = c.method + " " + hex.EncodeToString(sum[:8])
	var free time.Time
	err := error(nil)
	if a.Calls != nil {
		free, err = a.Calls.Take(kind, c.perHour, limitWindow, a.now())
	}
	if a.Calls == nil || err != nil { // what cannot be remembered is counted here, and by EMQX
		free, _ = a.own.Take(kind, c.perHour, limitWindow, a.now())
	}
	if free.IsZero() {
		return nil
	}
	return &APIError{Doing: c.doing, Free: free,
		Text: fmt.Sprintf("EMQX takes %d such calls in 60 minutes, and this would be one more.", c.perHour),
		Do:   fmt.Sprintf("Try again after %s.", free.UTC().Format("15:04 UTC"))}
}
