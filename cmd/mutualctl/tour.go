package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/fix"
	"mutual/core/history"
	"mutual/core/lab"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/core/session"
)

// tour is the story that lab --tour plays: real brokers, real certificates, real files, nothing prepared.
type tour struct {
	*terminal
	page *page
	step int
}

// tourTimeout bounds each wait; everything happens on this computer.
const tourTimeout = 10 * time.Second

func (t *terminal) tour(ctx context.Context) error {
	story := &tour{terminal: t, page: newPage(t.out)}
	if err := story.sound(ctx); err != nil {
		return story.spoilt(ctx, err)
	}
	if err := story.broken(ctx); err != nil {
		return story.spoilt(ctx, err)
	}
	story.page.line("")
	story.page.line("%s", story.page.paint(green, "All sound: two-way TLS, and every client that must accept does."))
	return nil
}

// spoilt ends a tour that did not go as it should: on this computer something stands in its way.
func (s *tour) spoilt(ctx context.Context, err error) error {
	if stop := interruption(ctx); stop != nil {
		return stop
	}
	s.note("The tour ended early: %s", err)
	if e := s.explainFailure(err); errors.As(e, new(ended)) {
		return e
	}
	return ended(statusFound)
}

func (s *tour) title(format string, args ...any) {
	if s.step > 0 {
		s.page.line("")
	}
	s.step++
	s.page.line("%s", s.page.paint(bold, fmt.Sprintf("%d. %s", s.step, fmt.Sprintf(format, args...))))
}

func (s *tour) say(format string, args ...any) { s.page.wrapped("  ", fmt.Sprintf(format, args...)) }

// sound is the first half: a broker as it should be.
func (s *tour) sound(ctx context.Context) error {
	s.title("A practice broker starts on this computer")
	l, err := lab.Start(ctx, lab.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	s.say("It listens at %s and asks every client for a certificate.", l.Profile().Server.URL())

	s.title("Its certificates were made a moment ago")
	printFiles(s.page, l.Profile())

	s.title("Two-way TLS: each side proves who it is")
	w := &wanted{profile: l.Profile(), timeout: tourTimeout, roots: l.Roots(), passphrase: l.Passphrase()}
	a, err := s.try(ctx, w)
	if err != nil {
		return err
	}
	s.page.stages(newStages(a.evidence))
	s.say("%s", a.conclusion())
	if a.status() != nil || !report.TwoWay(a.evidence) {
		return &failedConnection{a}
	}

	s.title("A message goes out and comes back")
	return s.message(ctx, w, "mutual/tour", "Hello from both sides")
}

// message subscribes, publishes, and waits for what it published.
func (s *tour) message(ctx context.Context, w *wanted, topic, text string) error {
	w.profile.Subscriptions = nil
	arrived := make(chan history.Message, 1)
	l, err := s.connect(ctx, w, func(m history.Message) {
		select {
		case arrived <- m:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer l.Close()
	waited, cancel := patience(ctx, tourTimeout)
	defer cancel()
	answer, err := l.Subscribe(waited, profile.Subscription{Filter: topic, QoS: 1})
	if err != nil {
		return err
	}
	s.say("subscribed to %s: %s", topic, answerText(answer))
	if answer, err = l.Publish(waited, session.Outgoing{Topic: topic, Payload: []byte(text), QoS: 1}); err != nil {
		return err
	}
	s.say("published %q: %s", text, answerText(answer))
	select {
	case m := <-arrived:
		s.say("received %q on %s, QoS %d", m.Payload, m.Topic, m.QoS)
		return nil
	case <-waited.Done():
		return errors.New("the message did not come back")
	}
}

// broken is the second half: the CA file holds the wrong certificate, which is found and repaired.
func (s *tour) broken(ctx context.Context) error {
	const fault, client = "anchor-not-root", "openssl"
	s.title("The same with a wrong CA file")
	l, err := lab.Start(ctx, lab.Options{Fault: fault})
	if err != nil {
		return err
	}
	defer l.Close()
	w := &wanted{profile: l.Profile(), timeout: tourTimeout, roots: l.Roots(), passphrase: l.Passphrase()}
	w.profile.AlsoFor = []string{client}
	s.say("Another broker, at %s. Its CA file was made by taking the last certificate of the broker's chain file:", l.Profile().Server.URL())
	printFiles(s.page, w.profile)
	a, err := s.try(ctx, w)
	if err != nil {
		return err
	}
	s.say("%s", a.conclusion())
	s.verdicts(a.result.Verdicts)

	s.title("Why")
	for _, f := range a.result.Findings {
		s.page.finding(f)
	}
	chosen, err := automatic(a.result.Findings, fault)
	if err != nil {
		return err
	}

	s.title("The repair: %s", chosen.Title)
	change, err := fix.Apply(ctx, w.profile, chosen, fix.Options{Dir: l.Dir()})
	if err != nil {
		return err
	}
	showChange(func(format string, args ...any) { s.page.line(format, args...) }, change)

	s.title("Tried again")
	w.profile = change.After
	if a, err = s.try(ctx, w); err != nil {
		return err
	}
	s.page.stages(newStages(a.evidence))
	s.say("%s", a.conclusion())
	s.verdicts(a.result.Verdicts)
	if a.status() != nil || !report.TwoWay(a.evidence) {
		return &failedConnection{a}
	}
	return nil
}

func (s *tour) verdicts(verdicts []chain.Verdict) {
	if len(verdicts) > 0 {
		s.page.line("")
		s.page.verdicts(verdicts)
	}
}

// automatic finds the repair that the finding of that id offers.
func automatic(findings []diagnose.Finding, id string) (diagnose.Fix, error) {
	for _, f := range findings {
		for _, x := range f.Fixes {
			if f.ID == id && x.Automatic {
				return x, nil
			}
		}
	}
	return diagnose.Fix{}, fmt.Errorf("the finding %s with a repair did not turn up", id)
}
