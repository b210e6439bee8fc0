// Package session keeps MQTT sessions, in 5.0 or 3.1.1: connect, subscribe, publish, receive, reconnect. It is the only package that
// imports paho, and never hands it a bare connection: a connection wrapper of its own stands between, which bounds
// packet sizes, keeps alerts that arrive late, resolves inbound topic aliases and takes messages off the wire.
package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/tlsdial"
)

// Options of one session. The zero value is safe.
type Options struct {
	Password string // sent with the profile's user name; never kept beyond the session
	// ProxyPassword goes with the user name in the proxy's URL, to the proxy only; never kept beyond the session.
	ProxyPassword string
	Timeout       time.Duration // for each of resolve, dial, TLS and CONNACK; 0: 10 s
	// Changed is called when a snapshot would differ from the last, or a message came; from the session's goroutine;
	// must not block. Several changes may be told at once.
	Changed func()
	// Messages receives what is received and sent; nil: a window of 10,000 messages and 64 MiB.
	Messages *history.Window
	// Received, when not nil, is called with each received message, in order, from the session's goroutine: for
	// programs that print. While it does not return, the server waits.
	Received func(history.Message)
	// MaximumPacketSize bounds what the server may send, in bytes; 0: 16 MiB.
	MaximumPacketSize uint32
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = tlsdial.DefaultTimeout
	}
	if o.Messages == nil {
		o.Messages = history.NewWindow(10_000, 64<<20)
	}
	if o.MaximumPacketSize == 0 {
		o.MaximumPacketSize = 16 << 20
	}
	return o
}

// Phase is where a session stands.
type Phase string

const (
	Connecting Phase = "connecting"
	Connected  Phase = "connected"
	Waiting    Phase = "waiting" // for the next try: State.NextTry
	Failed     Phase = "failed"  // the first attempt failed: nothing is tried again by itself
	// Disconnected: closed; or another client took the Session over, and nothing is tried again by itself, because that
	// would throw the other one out in turn.
	Disconnected Phase = "disconnected"
)

// State is a snapshot.
type State struct {
	Phase   Phase
	Stage   string            // while Connecting: "files", "resolve", "dial", "tls", "mqtt"
	Attempt *evidence.Attempt // the last finished attempt; nil: none yet. Never changed after it is handed out
	Since   time.Time         // when Phase began
	NextTry time.Time
	Tries   int // since a connection last stood
	// TwoWay: server verified, a CertificateRequest seen, a non-empty certificate sent, CONNACK success.
	TwoWay bool
	// Verified: TLS with a verified server.
	Verified bool
	// Ended says in one sentence why an established connection ended; empty while it stands or when the user closed it.
	Ended string
	// EndedReason is the DISCONNECT reason code that the server gave, nil when it gave none.
	EndedReason   *byte
	Subscriptions []Subscription
}

// Subscription is one topic filter and the server's answer.
type Subscription struct {
	profile.Subscription
	Answer *Answer // nil: not answered yet on this connection
}

// Session is one profile's connection. Open it, pull State when told that it changed, Close it.
type Session struct {
	profile  profile.Profile
	material pki.Material
	options  Options
	clientID string
	backoff  backoff
	inbox    *inbox
	inflight *inflight

	cancel    context.CancelFunc
	done      chan struct{}
	retry     chan struct{} // Reconnect
	wake      chan struct{} // something changed
	delivered chan history.Message

	mu    sync.Mutex
	state State
	link  *link // nil: not connected
	// unknown is cancelled when messages under way can no longer be acknowledged: the server has no Session.
	unknown       context.Context
	cancelUnknown context.CancelFunc
}

// ErrNotConnected says that there is no connection now.
var ErrNotConnected = errors.New("using the connection: it is not established")

// Try makes one attempt with a client identifier of its own choosing (or clientID, if not empty), clean start, no will
// and no subscription, disconnects, and reports what was seen.
func Try(ctx context.Context, p profile.Profile, m pki.Material, clientID string, o Options) *evidence.Attempt {
	if clientID == "" {
		clientID = randomClientID()
	}
	o = o.withDefaults()
	r := request{
		profile: p, material: m, clientID: clientID, cleanStart: true, options: o,
		inbox: &inbox{window: history.NewWindow(1, 0)}, session: newInflight(), stage: func(string) {},
	}
	l, a := r.connect(ctx)
	if l != nil {
		l.close()
	}
	return a
}

// Open starts a session and returns at once. It ends with Close or with ctx.
func Open(ctx context.Context, p profile.Profile, m pki.Material, o Options) *Session {
	return open(ctx, p, m, o, defaultBackoff)
}

func open(ctx context.Context, p profile.Profile, m pki.Material, o Options, b backoff) *Session {
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{
		profile: p.Clone(), material: m, options: o.withDefaults(), clientID: p.MQTT.ClientID, backoff: b,
		inflight: newInflight(), cancel: cancel,
		done: make(chan struct{}), retry: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		state: State{Phase: Connecting, Stage: "files", Since: time.Now()},
	}
	if s.clientID == "" {
		s.clientID = randomClientID() // the same for each connection of this session, so that a Session can be resumed
	}
	s.unknown, s.cancelUnknown = context.WithCancel(context.Background())
	s.inbox = &inbox{window: s.options.Messages, changed: s.notify}
	if s.options.Received != nil {
		s.delivered = make(chan history.Message, 256)
		s.inbox.take = s.take
	}
	for _, sub := range s.profile.Subscriptions {
		s.state.Subscriptions = append(s.state.Subscriptions, Subscription{Subscription: sub})
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		s.run(ctx)
	}()
	go s.tell(ctx, finished)
	return s
}

// take passes a received message on to Options.Received.
func (s *Session) take(m history.Message, closed <-chan struct{}) bool {
	select {
	case s.delivered <- m:
		return true
	case <-closed:
		return false
	}
}

// notify says that something changed, without waiting.
func (s *Session) notify() {
	select {
	case s.wake <- struct{}{}:
	default: // it has been said already
	}
}

// tell is the goroutine from which the program that opened the session is called, and nothing else: however long it
// takes, the connection is looked after.
func (s *Session) tell(ctx context.Context, finished <-chan struct{}) {
	defer close(s.done)
	changed := func() {
		if s.options.Changed != nil {
			s.options.Changed()
		}
	}
	for {
		select {
		case <-s.wake:
			changed()
		case m := <-s.delivered:
			if ctx.Err() == nil {
				s.options.Received(m)
			}
		case <-finished:
			changed() // the last state
			return
		}
	}
}

// State returns a snapshot. It is cheap.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state
	state.Subscriptions = slices.Clone(state.Subscriptions)
	return state
}

// update changes the state and tells it.
func (s *Session) update(change func(*State)) {
	s.mu.Lock()
	change(&s.state)
	s.mu.Unlock()
	s.notify()
}

// Messages is the live window.
func (s *Session) Messages() *history.Window { return s.options.Messages }

// Done is closed when the session has ended and left nothing behind.
func (s *Session) Done() <-chan struct{} { return s.done }

// Close sends DISCONNECT, bounded to 2 s, and waits for Done. It must not be called from Changed or Received.
func (s *Session) Close() {
	s.cancel()
	<-s.done
}

// Reconnect tries again now instead of at State.NextTry. It does nothing while a connection stands or is being tried.
func (s *Session) Reconnect() {
	select {
	case s.retry <- struct{}{}:
	default:
	}
}
