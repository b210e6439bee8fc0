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

// size is what a message counts for in a Window: the bytes that the sender chose. Properties count too, so that they
// cannot be used to get round the bound.
func (m *Message) size() int64 {
	n := len(m.Topic) + len(m.Payload)
	for _, p := range m.Properties {
		n += len(p.Name) + len(p.Value)
	}
	return int64(n)
}
