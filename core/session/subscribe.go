package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// Subscribe adds a topic filter, now and on every later connection. Where there is no connection it is kept for the
// next, and the error is ErrNotConnected.
func (s *Session) Subscribe(ctx context.Context, sub profile.Subscription) (Answer, error) {
	if err := checkFilter(sub); err != nil {
		return Answer{}, err
	}
	s.mu.Lock()
	l := s.link
	kept := Subscription{Subscription: sub}
	if i := s.indexOf(sub.Filter); i >= 0 {
		s.state.Subscriptions[i] = kept
	} else {
		s.state.Subscriptions = append(s.state.Subscriptions, kept)
	}
	s.mu.Unlock()
	s.notify()
	if l == nil {
		return Answer{}, ErrNotConnected
	}
	answers, err := s.subscribe(ctx, l, []profile.Subscription{sub}, sendRetained)
	if err != nil {
		return Answer{}, fmt.Errorf("subscribing to %s: %w", sub.Filter, err)
	}
	return answers[0], nil
}

// Unsubscribe removes it.
func (s *Session) Unsubscribe(ctx context.Context, filter string) (Answer, error) {
	s.mu.Lock()
	l := s.link
	if i := s.indexOf(filter); i >= 0 {
		s.state.Subscriptions = slices.Delete(s.state.Subscriptions, i, i+1)
	}
	s.mu.Unlock()
	s.notify()
	if l == nil {
		return Answer{}, ErrNotConnected
	}
	ctx, cancel := l.bound(ctx)
	defer cancel()
	select {
	case <-l.begun: // or the server would hear of it first, and then be asked to subscribe
	case <-ctx.Done():
	}
	u, err := l.client.Unsubscribe(ctx, &paho.Unsubscribe{Topics: []string{filter}})
	if u == nil {
		return Answer{}, fmt.Errorf("unsubscribing from %s: %w", filter, err)
	}
	if len(u.Reasons) != 1 {
		return Answer{}, fmt.Errorf("unsubscribing from %s: the server answered for %d filters", filter, len(u.Reasons))
	}
	text := ""
	if u.Properties != nil {
		text = u.Properties.ReasonString
	}
	return newAnswer(u.Reasons[0], text), nil
}

// indexOf finds a filter; s.mu is held.
func (s *Session) indexOf(filter string) int {
	return slices.IndexFunc(s.state.Subscriptions, func(x Subscription) bool { return x.Filter == filter })
}

// Values of Retain Handling (MQTT 5.0 §3.8.3.1).
const (
	sendRetained      = 0
	sendRetainedIfNew = 1
)

// subscribeAll subscribes to subs, at the beginning of a connection. Where the server still holds the Session,
// it need not send the retained messages again.
func (s *Session) subscribeAll(ctx context.Context, l *link, subs []profile.Subscription) {
	retained := byte(sendRetained)
	if l.server.resumed {
		retained = sendRetainedIfNew
	}
	if len(subs) > 0 {
		s.subscribe(ctx, l, subs, retained) // an error is the connection's end, which is noticed elsewhere
	}
}

// subscribe sends one SUBSCRIBE for all of subs and records the answers. What the server said in CONNACK that it does
// not take is refused without asking.
func (s *Session) subscribe(ctx context.Context, l *link, subs []profile.Subscription, retained byte) ([]Answer, error) {
	answers := make([]Answer, len(subs))
	request := &paho.Subscribe{}
	var asked []int
	for i, sub := range subs {
		if err := checkFilter(sub); err != nil { // of a profile that was edited by hand
			answers[i] = newAnswer(0x8F, err.Error())
			continue
		}
		if code := l.server.refusesFilter(sub.Filter); code != 0 {
			answers[i] = newAnswer(code, announced)
			continue
		}
		asked = append(asked, i)
		request.Subscriptions = append(request.Subscriptions, paho.SubscribeOptions{Topic: sub.Filter, QoS: sub.QoS, RetainHandling: retained})
	}
	if len(asked) > 0 {
		ctx, cancel := l.bound(ctx)
		defer cancel()
		ack, err := l.client.Subscribe(ctx, request)
		if ack == nil {
			return nil, err
		}
		if len(ack.Reasons) != len(asked) {
			return nil, fmt.Errorf("reading SUBACK: the server answered for %d filters of %d", len(ack.Reasons), len(asked))
		}
		text := ""
		if ack.Properties != nil {
			text = ack.Properties.ReasonString
		}
		for k, i := range asked {
			answers[i] = newSubscribeAnswer(ack.Reasons[k], text)
		}
	}
	var refusals []evidence.Refusal
	for i, sub := range subs {
		if r, ok := refusalOf("SUBACK", sub.Filter, answers[i]); ok {
			refusals = append(refusals, r)
		}
	}
	s.refused(l, refusals...)
	s.update(func(st *State) {
		if s.link != l {
			return // the answer is of a connection that is gone
		}
		for i, sub := range subs {
			if at := s.indexOf(sub.Filter); at >= 0 && st.Subscriptions[at].QoS == sub.QoS {
				answer := answers[i]
				st.Subscriptions[at].Answer = &answer
			}
		}
	})
	return answers, nil
}

// newSubscribeAnswer names 0x00 as SUBACK does (MQTT 5.0 §3.9.3).
func newSubscribeAnswer(code byte, text string) Answer {
	a := newAnswer(code, text)
	if code == 0 {
		a.Name = "Granted QoS 0"
	}
	return a
}

// lastAnswerWait is how long an answer that came right before the end of its connection has to be noticed. Paho waits
// for both and takes either when both are there; a refusal would be lost to the DISCONNECT behind it.
const lastAnswerWait = 100 * time.Millisecond

// bound returns a context that ends with the connection too.
func (l *link) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-l.client.Done():
			time.AfterFunc(lastAnswerWait, func() { cancel(paho.ErrConnectionLost) })
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// refusesFilter returns the reason code with which the server would refuse a filter, as far as it said so in CONNACK.
func (l limits) refusesFilter(filter string) byte {
	switch {
	case !l.shared && strings.HasPrefix(filter, sharePrefix):
		return 0x9E // Shared Subscriptions not supported
	case !l.wildcards && strings.ContainsAny(filter, "+#"):
		return 0xA2 // Wildcard Subscriptions not supported
	}
	return 0
}

// sharePrefix begins the filter of a Shared Subscription: $share/name/filter (MQTT 5.0 §4.8.2).
const sharePrefix = "$share/"

// checkFilter refuses what is not a Topic Filter (MQTT 5.0 §4.7), before the server ends the connection because of it.
func checkFilter(sub profile.Subscription) error {
	filter := sub.Filter
	if rest, shared := strings.CutPrefix(filter, sharePrefix); shared {
		name, shareFilter, found := strings.Cut(rest, "/")
		if !found || name == "" || strings.ContainsAny(name, "+#") {
			return fmt.Errorf("subscribing to %q: a shared subscription is written $share/name/filter", filter)
		}
		filter = shareFilter
	}
	var problem error
	switch {
	case filter == "":
		problem = errors.New("a topic filter cannot be empty")
	case !validText(sub.Filter):
		problem = errors.New("a topic filter is UTF-8 without NUL, of at most 65,535 bytes")
	case sub.QoS > 2:
		problem = errors.New("QoS is 0, 1 or 2")
	}
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		if strings.ContainsAny(level, "+#") && len(level) > 1 {
			problem = errors.New("a wildcard stands alone in its level")
		} else if level == "#" && i < len(levels)-1 {
			problem = errors.New("# stands only in the last level")
		}
	}
	if problem != nil {
		return fmt.Errorf("subscribing to %q: %w", sub.Filter, problem)
	}
	return nil
}
