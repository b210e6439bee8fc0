package session

import (
	"sync"

	"mutual/core/history"
)

// inbox is where received messages go, on every connection of a session. It also remembers which QoS 2 messages were
// delivered and not released: they belong to the MQTT Session, which may outlast a connection (MQTT 5.0 §4.1).
type inbox struct {
	window *history.Window
	// take passes a message on to whoever wants each one, and waits until there is room; false: closed came first. nil:
	// nobody does.
	take func(m history.Message, closed <-chan struct{}) bool
	// changed is told of each message; it does not wait.
	changed func()

	mu         sync.Mutex
	unreleased map[uint16]struct{}
}

func (b *inbox) deliver(m history.Message, closed <-chan struct{}) bool {
	m.ID = b.window.Append(m)
	if b.changed != nil {
		b.changed()
	}
	return b.take == nil || b.take(m, closed)
}

// hold remembers a QoS 2 message: known says that it was delivered before, ok is false when there are too many.
func (b *inbox) hold(id uint16) (known, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known = b.unreleased[id]; known {
		return true, true
	}
	if len(b.unreleased) >= receiveMaximum {
		return false, false
	}
	if b.unreleased == nil {
		b.unreleased = map[uint16]struct{}{}
	}
	b.unreleased[id] = struct{}{}
	return false, true
}

// release forgets a QoS 2 message; false: it was not held.
func (b *inbox) release(id uint16) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.unreleased[id]
	delete(b.unreleased, id)
	return known
}

// forget forgets them all: the server has no Session.
func (b *inbox) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.unreleased)
}
