// Package session keeps MQTT 5.0 sessions: connect, subscribe, publish, receive, reconnect. It is the only package that
// imports paho, and never hands it a bare connection: a connection wrapper of its own stands between, which bounds
// packet sizes, keeps alerts that arrive late and resolves inbound topic aliases.
package session

import (
	"context"
	"time"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/profile"
)

// Options of one session. The zero value is safe.
type Options struct {
	Password string        // sent with the profile's user name; never kept beyond the session
	Timeout  time.Duration // for each of resolve, dial, TLS and CONNACK; 0: 10 s
	// Changed is called when a snapshot would differ from the last; from the session's goroutine; must not block.
	Changed func()
	// Messages receives what is received and sent; nil: a window of 10,000 messages and 64 MiB.
	Messages *history.Window
	// Received, when not nil, is called with each received message, in order, from the session's goroutine: for
	// programs that print.
	Received func(history.Message)
	// MaximumPacketSize bounds what the server may send, in bytes; 0: 16 MiB.
	MaximumPacketSize uint32
}

// Phase is where a session stands.
type Phase string

const (
	Connecting   Phase = "connecting"
	Connected    Phase = "connected"
	Waiting      Phase = "waiting" // for the next try: State.NextTry
	Failed       Phase = "failed"  // the first attempt failed: nothing is tried again by itself
	Disconnected Phase = "disconnected"
)

// State is a snapshot.
type State struct {
	Phase   Phase
	Stage   string            // while Connecting: "files", "resolve", "dial", "tls", "mqtt"
	Attempt *evidence.Attempt // the last finished attempt; nil: none yet. Never changed after it is handed out
	Since   time.Time         // when Phase began
	NextTry time.Time
	Tries   int
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

// Answer is a server's acknowledgement.
type Answer struct {
	Code    byte   // MQTT 5.0 reason code
	Name    string // its name in the standard: "Not authorized"
	Text    string // the Reason String property
	Refused bool   // Code is 0x80 or more
}

// Session is one profile's connection. Open it, pull State when told that it changed, Close it.
type Session struct{}

// Try makes one attempt with a client identifier of its own choosing (or clientID, if not empty), clean start, no will
// and no subscription, disconnects, and reports what was seen.
func Try(ctx context.Context, p profile.Profile, m pki.Material, clientID string, o Options) *evidence.Attempt {
	panic("skeleton")
}

// Open starts a session and returns at once. It ends with Close or with ctx.
func Open(ctx context.Context, p profile.Profile, m pki.Material, o Options) *Session {
	panic("skeleton")
}

func (s *Session) State() State { panic("skeleton") }

// Messages is the live window.
func (s *Session) Messages() *history.Window { panic("skeleton") }

// Done is closed when the session has ended and left nothing behind.
func (s *Session) Done() <-chan struct{} { panic("skeleton") }

// Close sends DISCONNECT, bounded to 2 s, and waits for Done.
func (s *Session) Close() { panic("skeleton") }

// Reconnect tries again now instead of at State.NextTry.
func (s *Session) Reconnect() { panic("skeleton") }

// Outgoing is a message to publish.
type Outgoing struct {
	Topic       string
	Payload     []byte
	QoS         byte
	Retain      bool
	Properties  []history.Property // User Properties
	ContentType string
	ResponseTo  string // Response Topic
	Correlation []byte // Correlation Data
	Expiry      uint32 // Message Expiry Interval, seconds; 0: none
}

// Publish sends and waits for the acknowledgement that the QoS asks for. An error means that nothing is known of the
// message's fate; a refusal is an Answer.
func (s *Session) Publish(ctx context.Context, m Outgoing) (Answer, error) { panic("skeleton") }

// Subscribe adds a topic filter, now and on every later connection.
func (s *Session) Subscribe(ctx context.Context, sub profile.Subscription) (Answer, error) {
	panic("skeleton")
}

// Unsubscribe removes it.
func (s *Session) Unsubscribe(ctx context.Context, filter string) (Answer, error) { panic("skeleton") }
