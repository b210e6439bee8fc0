package ui

import (
	"context"
	"slices"
	"time"

	"mutual/core/profile"
	"mutual/core/session"
)

// answerLimit bounds the wait for a server's acknowledgement.
const answerLimit = 15 * time.Second

// answered is what a subscribe, unsubscribe or publish came to.
type answered struct {
	answer session.Answer
	err    error
}

// text is a sentence about it for people; refused says whether it is bad news.
func (a answered) text(done string) (text string, refused bool) {
	switch {
	case a.err != nil:
		return "No answer from the broker: " + a.err.Error() + ".", true
	case a.answer.Refused:
		return "The broker refused: " + answerText(a.answer) + ".", true
	}
	return done, false
}

// exchange runs one exchange with the server, about a topic or topic filter, off the window's goroutine.
func (c *connection) exchange(topic string, work func(context.Context, *session.Session) (session.Answer, error), done func(answered)) {
	s := c.session
	if s == nil {
		return
	}
	run(c.env.async, c.env.ctx, func(ctx context.Context) answered {
		ctx, cancel := context.WithTimeout(ctx, answerLimit)
		defer cancel()
		a, err := work(ctx, s)
		return answered{a, err}
	}, func(a answered) {
		c.answeredAbout(topic, a)
		done(a)
		c.pull()
	})
}

// subscribe adds a topic filter and remembers it in the profile once the server has granted it.
func (c *connection) subscribe(sub profile.Subscription, done func(answered)) {
	c.exchange(sub.Filter, func(ctx context.Context, s *session.Session) (session.Answer, error) { return s.Subscribe(ctx, sub) },
		func(a answered) {
			if a.err == nil && !a.answer.Refused {
				c.remember(func(p *profile.Profile) {
					p.Subscriptions = append(without(p.Subscriptions, sub.Filter), sub)
				})
			}
			done(a)
		})
}

// unsubscribe removes a topic filter.
func (c *connection) unsubscribe(filter string, done func(answered)) {
	c.remember(func(p *profile.Profile) { p.Subscriptions = without(p.Subscriptions, filter) })
	c.exchange(filter, func(ctx context.Context, s *session.Session) (session.Answer, error) {
		return s.Unsubscribe(ctx, filter)
	}, done)
}

// publish sends a message.
func (c *connection) publish(m session.Outgoing, done func(answered)) {
	c.exchange(m.Topic, func(ctx context.Context, s *session.Session) (session.Answer, error) { return s.Publish(ctx, m) }, done)
}

// remember changes the profile, also the practice broker's while it runs.
func (c *connection) remember(change func(*profile.Profile)) {
	if c.practice != nil {
		change(&c.practice.profile)
	}
	p := c.profile.Clone()
	change(&p)
	c.save(p, nil)
}

func without(subs []profile.Subscription, filter string) []profile.Subscription {
	return slices.DeleteFunc(slices.Clone(subs), func(s profile.Subscription) bool { return s.Filter == filter })
}
