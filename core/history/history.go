// Package history holds Application Messages: the live window in memory, bounded by count and bytes. It may be written
// from one goroutine and read from another.
package history

import "time"

// Direction tells received from sent.
type Direction byte

const (
	Received Direction = iota
	SentOut
)

// Property is one MQTT 5.0 property for display, in the order met. Name is the standard's ("Content Type",
// "User Property").
type Property struct{ Name, Value string }

// Message is one Application Message.
type Message struct {
	ID         uint64 // counts up from 1 within a Window
	Time       time.Time
	Direction  Direction
	Topic      string
	Payload    []byte
	QoS        byte
	Retained   bool
	Duplicate  bool
	Properties []Property
	// Reason is the server's answer to a sent message: "" while none came, "Success", or a refusal by name and code.
	Reason  string
	Refused bool
}

// Window is the newest messages.
type Window struct{}

// NewWindow holds at most count messages and about size bytes of topics and payloads; the oldest go first.
func NewWindow(count int, size int64) *Window { panic("skeleton") }

// Append adds m, gives it an ID and returns it.
func (w *Window) Append(m Message) uint64 { panic("skeleton") }

// Answer records the server's answer to a sent message, if it is still held.
func (w *Window) Answer(id uint64, reason string, refused bool) { panic("skeleton") }

// Version changes whenever anything in the window does.
func (w *Window) Version() uint64 { panic("skeleton") }

// Len is how many messages are held; Total how many were ever appended.
func (w *Window) Len() int      { panic("skeleton") }
func (w *Window) Total() uint64 { panic("skeleton") }

// At returns the i-th held message, oldest first.
func (w *Window) At(i int) (Message, bool) { panic("skeleton") }

// Clear forgets everything held; Total stays.
func (w *Window) Clear() { panic("skeleton") }
