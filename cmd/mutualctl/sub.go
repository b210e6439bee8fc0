package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"mutual/core/profile"
	"mutual/core/session"
)

// subFlags say what is subscribed to and how it is printed.
type subFlags struct {
	session sessionFlags

	filters []string
	qos     int
	count   uint64
	verbose bool
	json    bool
	stats   bool
}

func newSub(t *terminal) *cobra.Command {
	var f subFlags
	cmd := &cobra.Command{
		Use:   "sub [URL]",
		Short: "Subscribe and print what arrives",
		Long: `sub connects, subscribes, and prints the payload of each message on a line, until it is interrupted or has seen
--count messages. A connection that is lost is made again. A connection that is not made in the first place is
explained as diagnose explains it, on standard error.

With --json each message is a JSON object on a line of its own; so is what diagnose --json says of a connection that is
not made, and {"schema", "findings", "ended"} of what the broker refuses on one that stands. With --stats the last line is a JSON object: how many
messages and bytes of payload arrived, the seconds between the first and the last of them, the rate, and the
processor time and memory that this program has used.`,
		Example: `  mutualctl sub mqtts://broker.example --ca ca.pem --cert client.crt --key client.key -t 'plant/#' -v
  mutualctl sub --profile "My broker" -t plant/7 -q 1 --count 1 --json`,
		Args: operands(0, 1, "one URL"),
	}
	c := connectionFlags(cmd)
	f.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, cancel := c.bound(cmd.Context())
		defer cancel()
		w, err := c.wanted(ctx, t, args)
		if err != nil {
			return err
		}
		defer w.close()
		if err := f.session.apply(cmd, w); err != nil {
			return err
		}
		wishes, err := f.subscriptions(w.profile)
		if err != nil {
			return err
		}
		w.profile.Subscriptions = nil
		return t.subscribe(ctx, w, wishes, f)
	}
	return cmd
}

func (f *subFlags) register(cmd *cobra.Command) {
	f.session.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.filters, "topic", "t", nil, "subscribe to this topic `FILTER` (repeatable; default: those of --profile)")
	flags.IntVarP(&f.qos, "qos", "q", 0, "quality of service at most: 0, 1 or 2")
	flags.Uint64Var(&f.count, "count", 0, "end after this many messages (default: when interrupted)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "print the topic before the payload")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a message, a line each")
	flags.BoolVar(&f.stats, "stats", false, "end with one line of JSON: messages, bytes, seconds, rate, processor time, memory")
}

// subscriptions are those of the flags, else the saved ones of the profile.
func (f *subFlags) subscriptions(p profile.Profile) ([]profile.Subscription, error) {
	qos, err := checkQoS(f.qos)
	if err != nil {
		return nil, err
	}
	if len(f.filters) == 0 {
		if len(p.Subscriptions) == 0 {
			return nil, usage("-t FILTER", "sub needs a topic filter")
		}
		return p.Subscriptions, nil
	}
	var wishes []profile.Subscription
	for _, filter := range f.filters {
		if problem := profile.CheckFilter(filter); problem != "" {
			return nil, usage("-t FILTER", "%s", problem)
		}
		wishes = append(wishes, profile.Subscription{Filter: filter, QoS: qos})
	}
	return wishes, nil
}

// subscribe connects, subscribes and prints until the count is full, ctx ends or standard output does.
func (t *terminal) subscribe(ctx context.Context, w *wanted, wishes []profile.Subscription, f subFlags) error {
	printer := newPrinter(t.out, f)
	l, err := t.connect(ctx, w, printer.received)
	if err != nil {
		var failed *failedConnection
		if errors.As(err, &failed) {
			printer.object(newObject(failed.attempt.evidence, failed.attempt.result))
		}
		printer.abandon()
		return t.explainFailure(err)
	}
	err = t.follow(ctx, l, wishes, printer)
	l.Close()
	if flushed := printer.close(); flushed != nil && err == nil {
		err = usage("", "writing the messages: %s", reason(flushed))
	}
	return err
}

// follow subscribes and waits for the end, telling on standard error when the connection comes and goes.
func (t *terminal) follow(ctx context.Context, l *live, wishes []profile.Subscription, p *printer) error {
	for _, wish := range wishes {
		if err := t.subscribeOne(ctx, l, wish, p); err != nil {
			return err
		}
	}
	connected := true
	for {
		select {
		case <-p.done:
			return nil
		case <-ctx.Done():
			stop := interruption(ctx)
			if context.Cause(ctx) == errDeadline {
				return stop
			}
			return ended(statusInterrupted) // what a subscriber that counts nothing always ends with: no word is needed
		case <-l.Done():
			if err := interruption(ctx); err != nil {
				return ended(statusInterrupted)
			}
			why := orElse(l.State().Ended, "The connection ended.")
			p.refused(t.tellRefusals(l), why)
			t.note("%s", why)
			return ended(statusFound)
		case <-l.changed:
			s := l.State()
			fresh, why := t.tellRefusals(l), ""
			over := s.Phase == session.Disconnected && connected || refusedAgain(s)
			if over {
				why = orElse(s.Ended, "The broker refuses the subscription.")
			}
			p.refused(fresh, why)
			if over {
				return ended(statusFound) // nothing is tried again by itself, or nothing would come
			}
			connected = t.tellPhase(s, connected)
		}
	}
}

// refusedAgain says that a subscription is refused which the broker took on an earlier connection.
func refusedAgain(s session.State) bool {
	return slices.ContainsFunc(s.Subscriptions, func(x session.Subscription) bool { return x.Answer != nil && x.Answer.Refused })
}

// tellPhase says when the connection was lost and when it is back.
func (t *terminal) tellPhase(s session.State, connected bool) bool {
	switch {
	case connected && s.Phase != session.Connected:
		t.note("%s Trying again.", orElse(s.Ended, "The connection ended."))
		return false
	case !connected && s.Phase == session.Connected:
		t.note("Connected again.")
		return true
	}
	return connected
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (t *terminal) subscribeOne(ctx context.Context, l *live, wish profile.Subscription, p *printer) error {
	waited, cancel := patience(ctx, l.wanted.timeout)
	defer cancel()
	answer, err := l.Subscribe(waited, wish)
	switch {
	case err != nil:
		return t.unanswered(ctx, waited, l, "subscribing to "+wish.Filter, err, p.refused)
	case answer.Refused:
		p.refused(t.tellRefusals(l), "The broker refuses the subscription.")
		return ended(statusFound)
	}
	t.note("Subscribed to %s: %s", wish.Filter, answerText(answer))
	return nil
}
