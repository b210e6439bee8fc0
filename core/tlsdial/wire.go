package tlsdial

import (
	"net"
	"sync/atomic"
	"time"
)

const (
	// firstBytes is how much of an answer that is not TLS is kept.
	firstBytes = 64
	// moreBytesWait is how long to wait for the rest of it.
	moreBytesWait = 200 * time.Millisecond
	// maxRecorded bounds what is kept of a handshake: crypto/tls takes certificate messages up to 256 KiB.
	maxRecorded = 512 << 10
)

// wire is the socket under TLS. During the handshake it records both directions, so that what crypto/tls refuses
// without saying why can be looked at afterwards; and it acknowledges what it has read at once.
type wire struct {
	net.Conn
	quick quickAck

	recording atomic.Bool
	// in and out belong to the goroutine that shakes hands.
	in, out []byte
}

func newWire(socket net.Conn) *wire {
	w := &wire{Conn: socket, quick: newQuickAck(socket)}
	w.recording.Store(true)
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.quick.now()
		if w.recording.Load() {
			w.in = record(w.in, p[:n])
		}
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if n > 0 && w.recording.Load() {
		w.out = record(w.out, p[:n])
	}
	return n, err
}

func record(kept, more []byte) []byte {
	return append(kept, more[:min(len(more), maxRecorded-len(kept))]...)
}

// stopRecording ends the recording and lets go of what was recorded.
func (w *wire) stopRecording() {
	w.recording.Store(false)
	w.in, w.out = nil, nil
}

// answer returns the first bytes that the server sent, after waiting a moment for more of them.
func (w *wire) answer() []byte {
	w.SetReadDeadline(time.Now().Add(moreBytesWait))
	var buffer [firstBytes]byte
	for len(w.in) < firstBytes {
		if _, err := w.Read(buffer[:]); err != nil {
			break
		}
	}
	return w.in[:min(len(w.in), firstBytes)]
}
