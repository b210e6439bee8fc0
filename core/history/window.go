package history

import (
	"sync"
	"sync/atomic"
)

// Window is the newest messages. Topics, payloads and properties handed in or out are shared, not copied: nobody may
// change them afterwards.
type Window struct {
	count int   // bound on messages
	size  int64 // bound on bytes

	version atomic.Uint64 // outside the lock, so that a reader who only asks "anything new?" never waits
	length  atomic.Int64
	total   atomic.Uint64 // also the ID of the newest message

	mu    sync.RWMutex
	ring  []Message // grows to count, then wraps
	first int       // index in ring of the oldest message
	held  int
	bytes int64
}

// firstRing is how many messages the ring starts with: a quiet session should not pay for 10,000.
const firstRing = 64

// NewWindow holds at most count messages and about size bytes of topics, payloads and properties; the oldest go first.
// The newest message is always held, even when it is larger than size by itself. A count below 1 counts as 1.
func NewWindow(count int, size int64) *Window {
	count = max(count, 1)
	return &Window{count: count, size: size, ring: make([]Message, min(count, firstRing))}
}

// Append adds m, gives it an ID and returns it.
func (w *Window) Append(m Message) uint64 {
	n := m.size()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.held > 0 && (w.held == w.count || w.bytes+n > w.size) {
		w.dropOldest()
	}
	if w.held == len(w.ring) {
		w.grow()
	}
	m.ID = w.total.Add(1)
	w.ring[w.index(w.held)] = m
	w.held++
	w.bytes += n
	w.changed()
	return m.ID
}

// Answer records the server's answer to a sent message, if it is still held.
func (w *Window) Answer(id uint64, reason string, refused bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	oldest := w.total.Load() - uint64(w.held) + 1 // IDs are handed out in order, so those held have no gap
	if w.held == 0 || id < oldest || id > w.total.Load() {
		return
	}
	m := &w.ring[w.index(int(id-oldest))]
	m.Reason, m.Refused = reason, refused
	w.changed()
}

// Version changes whenever anything in the window does.
func (w *Window) Version() uint64 { return w.version.Load() }

// Len is how many messages are held; Total how many were ever appended.
func (w *Window) Len() int      { return int(w.length.Load()) }
func (w *Window) Total() uint64 { return w.total.Load() }

// At returns the i-th held message, oldest first; false when there are not that many (any more).
func (w *Window) At(i int) (Message, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if i < 0 || i >= w.held {
		return Message{}, false
	}
	return w.ring[w.index(i)], true
}

// Clear forgets everything held; Total stays.
func (w *Window) Clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ring = make([]Message, min(w.count, firstRing))
	w.first, w.held, w.bytes = 0, 0, 0
	w.changed()
}

// The functions below need w.mu.

func (w *Window) index(i int) int {
	if i += w.first; i >= len(w.ring) {
		i -= len(w.ring)
	}
	return i
}

func (w *Window) dropOldest() {
	oldest := &w.ring[w.first]
	w.bytes -= oldest.size()
	*oldest = Message{} // lets go of the payload
	w.first = w.index(1)
	w.held--
}

func (w *Window) grow() {
	ring := make([]Message, min(2*len(w.ring), w.count))
	for i := range w.held {
		ring[i] = w.ring[w.index(i)]
	}
	w.ring, w.first = ring, 0
}

func (w *Window) changed() {
	w.length.Store(int64(w.held))
	w.version.Add(1)
}
