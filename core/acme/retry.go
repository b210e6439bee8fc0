package acme

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"mutual/core/store"
)

// pauses are how long a program waits by itself after the first, second, … renewal that did not come about, as
// https://letsencrypt.org/docs/integration-guide/ ("Retrying failures") has it; the last one holds from then on.
var pauses = []time.Duration{time.Minute, 10 * time.Minute, 100 * time.Minute, aDay}

// NextTry is from when a program may try by itself to renew again, after what the last tries came to; zero: at once. A
// person may at any time. A try that is written down for a time after now was written with a clock that was wrong.
func (r Renewal) NextTry(now time.Time) time.Time {
	if r.Failures == 0 || r.ProblemAt.After(now) {
		return r.RetryAt
	}
	next := r.ProblemAt.Add(pauses[min(r.Failures, len(pauses))-1])
	if r.RetryAt.After(next) {
		return r.RetryAt
	}
	return next
}

// TooSoonError says that a renewal is due, and that the authority wants no further try yet.
type TooSoonError struct {
	At      time.Time // when it allows the next
	Problem string    // why; what the last try came to
}

func (e *TooSoonError) Error() string {
	return fmt.Sprintf("not tried before %s, when the authority allows the next try: %s", e.At.Local().Format("2006-01-02 15:04:05 MST"), e.Problem)
}

// noteProblem writes down why the certificate could not be renewed. Nothing came of it where ctx has ended it, or another
// program is at it; where only a secret was locked, nothing was asked of anybody that would have to wait.
func (f Folder) noteProblem(name string, problem error, now time.Time) error {
	if errors.Is(problem, context.Canceled) || errors.Is(problem, errBusy) {
		return nil
	}
	return f.note(name, func(r *Renewal) {
		r.Problem, r.ProblemAt = Sentence(problem), now.UTC()
		if !errors.Is(problem, store.ErrLocked) {
			r.Failures++
		}
		// What an earlier try was told holds on: another problem does not lift a rate limit.
		var p *Problem
		if errors.As(problem, &p) && p.RetryAt.After(r.RetryAt) {
			r.RetryAt = p.RetryAt.UTC()
		}
	})
}

// note changes what is written down of how a certificate is renewed, while no other program works on it.
func (f Folder) note(name string, change func(*Renewal)) error {
	unlock, err := f.lock(name)
	if err != nil {
		return err
	}
	defer unlock()
	r, err := f.Renewal(name)
	if err != nil {
		return err
	}
	change(&r)
	return writeJSON(filepath.Join(f.Dir(name), renewalFile), r)
}
