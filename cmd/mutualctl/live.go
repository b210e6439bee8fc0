package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/diagnose"
	"mutual/core/history"
	"mutual/core/session"
)

// sessionFlags are the settings of CONNECT that only a lasting connection has a use for.
type sessionFlags struct {
	keepAlive     int
	cleanStart    bool
	sessionExpiry uint32
}

func (s *sessionFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&s.keepAlive, "keep-alive", 60, "`SECONDS` of silence after which the broker is asked whether it is there (0: never)")
	f.BoolVar(&s.cleanStart, "clean-start", true, "discard the session that the broker still holds for this client ID")
	f.Uint32Var(&s.sessionExpiry, "session-expiry", 0, "`SECONDS` for which the broker keeps the session (4294967295: for ever)")
}

// apply writes the flags that were given into the profile.
func (s *sessionFlags) apply(cmd *cobra.Command, w *wanted) error {
	given := cmd.Flags().Changed
	set(&w.profile.MQTT.KeepAlive, s.keepAlive, given("keep-alive"))
	set(&w.profile.MQTT.CleanStart, s.cleanStart, given("clean-start"))
	set(&w.profile.MQTT.SessionExpiry, s.sessionExpiry, given("session-expiry"))
	for _, problem := range w.profile.Validate() {
		if problem.Field == "server.host" {
			continue // a finding, which the attempt makes
		}
		return usage("", "%s", problem.Text)
	}
	return nil
}

// live is a connection that stands.
type live struct {
	*session.Session
	changed chan struct{} // a token when the state may have changed
	wanted  *wanted
	told    map[string]bool // the refusals that were printed
}

// failedConnection is a first attempt that came to nothing, with its diagnosis.
type failedConnection struct{ attempt attempt }

func (f *failedConnection) Error() string { return "the connection was not made" }

// connect opens a session and waits until its first attempt has ended. received may be nil. The error of a connection
// that could not be made is a *failedConnection.
func (t *terminal) connect(ctx context.Context, w *wanted, received func(history.Message)) (*live, error) {
	m, err := t.load(ctx, w)
	if err != nil {
		return nil, err
	}
	l := &live{changed: make(chan struct{}, 1), wanted: w, told: map[string]bool{}}
	l.Session = session.Open(ctx, w.profile, m, session.Options{
		Password: w.password, ProxyPassword: w.proxy, Timeout: w.timeout, Received: received,
		// What is printed is not shown again: nothing is kept of it.
		Messages: history.NewWindow(1, 1),
		Changed: func() {
			select {
			case l.changed <- struct{}{}:
			default: // there is a token already
			}
		},
	})
	for {
		switch s := l.State(); s.Phase {
		case session.Connected:
			w.meet(s.Attempt)
			return l, nil
		case session.Failed:
			l.Close()
			w.meet(s.Attempt)
			a, err := t.explain(ctx, w, m, s.Attempt)
			if err != nil {
				return nil, err
			}
			return nil, &failedConnection{a}
		}
		select {
		case <-l.changed:
		case <-l.Done():
			if err := interruption(ctx); err != nil {
				return nil, err
			}
			if l.State().Phase != session.Failed {
				return nil, errors.New("the session ended before it was connected")
			}
		case <-ctx.Done():
			l.Close()
			return nil, interruption(ctx)
		}
	}
}

// explainFailure prints on standard error why a connection was not made, as diagnose does.
func (t *terminal) explainFailure(err error) error {
	var failed *failedConnection
	if !errors.As(err, &failed) {
		return err
	}
	newPage(t.err).object(newObject(failed.attempt.evidence, failed.attempt.result), failed.attempt.conclusion())
	return ended(statusFound)
}

// answerText is the server's answer as people read it: name, number and what the server says to it.
func answerText(a session.Answer) string {
	text := fmt.Sprintf("%s (0x%02x)", a.Name, a.Code)
	if a.Text != "" {
		text += ": " + strings.TrimSpace(a.Text)
	}
	return text
}

// errAnswer is the cause of a context that waited too long for a server's answer.
var errAnswer = errors.New("the broker did not answer in time")

// patience bounds the wait for one answer.
func patience(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, errAnswer)
}

// unanswered words an error of a request whose answer did not come: exit status 3 for a time-out, 1 for a connection
// that ended. told is called in the second case with the findings and the reason.
func (t *terminal) unanswered(ctx, waited context.Context, l *live, what string, err error, told func([]diagnose.Finding, string)) error {
	if stop := interruption(ctx); stop != nil {
		return stop
	}
	if errors.Is(context.Cause(waited), errAnswer) {
		return &stopped{fmt.Sprintf("%s: the broker did not answer within %s", what, l.wanted.timeout), "a longer --timeout"}
	}
	why := orElse(l.State().Ended, err.Error())
	told(t.tellRefusals(l), why)
	t.note("%s: %s", what, why)
	return ended(statusFound)
}
