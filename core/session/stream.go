package session

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"mutual/core/evidence"
	"mutual/core/tlsdial"
)

const (
	// firstBytes is how much of an answer that is not MQTT is kept, and moreBytesWait how long to wait for it.
	firstBytes    = 64
	moreBytesWait = 200 * time.Millisecond
	// lastWordsWait is how long a failed write waits for the reader to come upon what the server said before it closed.
	lastWordsWait = 500 * time.Millisecond
	// partingWait bounds the DISCONNECT that is sent when the server broke the rules.
	partingWait = 500 * time.Millisecond
)

var (
	errNotMQTT       = errors.New("reading the answer to CONNECT: it is not MQTT")
	errOtherVersion  = errors.New("reading the answer to CONNECT: it accepts in the form of another version of MQTT")
	errRefused       = errors.New("reading the answer to CONNECT: it is a refusal")
	errDisconnected  = errors.New("reading: the server sent DISCONNECT")
	errEndedByCaller = errors.New("ending the connection: it was asked for")
)

// stream is the net.Conn that paho works on. On the way in it cuts the bytes into packets, bounds them, reads CONNACK
// and DISCONNECT for the evidence, and takes the messages out altogether: it resolves their topic aliases, delivers and
// acknowledges them, so that paho sees neither PUBLISH nor PUBREL. On the way out it makes one write of each packet.
type stream struct {
	net.Conn
	level   byte // of the protocol: level5 or level4. paho always speaks the former
	reader  *packetReader
	inbox   *inbox
	aliases aliases

	// pending is what paho has still to read of the current packet. With reader, aliases and connected it belongs to
	// whoever reads: paho's goroutines, one after the other.
	pending   []byte
	connected bool

	received atomic.Int64 // time of the last byte that came, UnixNano
	busy     atomic.Bool  // the reader waits for a message to be taken

	writing sync.Mutex // held by paho around a packet
	out     []byte     // the packet that is being put together
	sent    atomic.Int64

	mu     sync.Mutex
	queued []byte // acknowledgements that are to be sent
	answer *connack
	ending ending
	first  []byte // what came instead of MQTT

	closeOnce sync.Once
	closed    chan struct{} // the connection is closed on this side
	readEnded chan struct{} // the reader has met its last byte
}

// ending is how a connection came to its end: the first cause that was met.
type ending struct {
	err        error
	disconnect *disconnect // what the server's DISCONNECT says, if it sent one
}

func newStream(c net.Conn, level byte, in *inbox, limit uint32) *stream {
	s := &stream{Conn: c, level: level, inbox: in, aliases: aliases{}, closed: make(chan struct{}), readEnded: make(chan struct{})}
	s.reader = newPacketReader(timed{c, &s.received}, limit, s.acknowledge)
	s.received.Store(time.Now().UnixNano())
	return s
}

// timed notes when bytes come.
type timed struct {
	net.Conn
	last *atomic.Int64
}

func (t timed) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if n > 0 {
		t.last.Store(time.Now().UnixNano())
	}
	return n, err
}

// Lock and Unlock make paho write one packet at a time.
func (s *stream) Lock() { s.writing.Lock() }

// Unlock also sends the acknowledgements for which the reader would not wait.
func (s *stream) Unlock() {
	s.writing.Unlock()
	s.acknowledge()
}

// Write takes a part of a packet, and sends the packet when it is complete. paho calls it between Lock and Unlock.
func (s *stream) Write(p []byte) (int, error) {
	s.out = append(s.out, p...)
	_, total, err := measure(s.out)
	if err != nil {
		return 0, err
	}
	if total == 0 || int64(len(s.out)) < total {
		return len(p), nil
	}
	err = s.sendPacket(s.out)
	if s.out = s.out[:0]; cap(s.out) > keepBuffer {
		s.out = nil
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// sendPacket writes one packet in the version that the server speaks.
func (s *stream) sendPacket(raw []byte) error {
	if s.level != level4 {
		return s.send(raw)
	}
	old, ok := toLevel4(raw)
	if !ok {
		return errors.New("writing: a packet cannot be put into MQTT 3.1.1")
	}
	return s.send(old)
}

// send writes b; s.writing is held. After a failure it gives the reader a moment to find the server's last words.
func (s *stream) send(b []byte) error {
	_, err := s.Conn.Write(b)
	if err == nil {
		s.sent.Store(time.Now().UnixNano())
		return nil
	}
	if s.ended().err != nil {
		return err // it is known already
	}
	timer := time.NewTimer(lastWordsWait)
	defer timer.Stop()
	select {
	case <-s.readEnded:
	case <-s.closed:
	case <-timer.C:
	}
	s.end(fmt.Errorf("writing: %w", err))
	return err
}

// Read gives paho the packets that are left for it.
func (s *stream) Read(p []byte) (int, error) {
	for len(s.pending) == 0 {
		if err := s.next(); err != nil {
			s.finish(err)
			return 0, err
		}
	}
	n := copy(p, s.pending)
	s.pending = s.pending[n:]
	return n, nil
}

// next reads one packet and deals with it.
func (s *stream) next() error {
	if !s.connected {
		if err := s.checkFirstByte(); err != nil {
			return err
		}
	}
	p, err := s.reader.next()
	if err != nil {
		return err
	}
	return s.handle(p)
}

// finish ends the reading. A server that broke the rules is told so.
func (s *stream) finish(err error) {
	s.end(err)
	var v *violation
	if errors.As(err, &v) {
		s.part(v.code)
	}
	select {
	case <-s.readEnded:
	default:
		close(s.readEnded)
	}
}

// checkFirstByte makes sure that the server's first word is one of those that may answer CONNECT (MQTT 5.0 §3.2,
// §3.14, §3.15).
func (s *stream) checkFirstByte() error {
	for len(s.reader.buffered()) == 0 {
		if err := s.reader.fill(); err != nil {
			return err
		}
	}
	switch s.reader.buffered()[0] {
	case typeConnack << 4, typeDisconnect << 4, typeAuth << 4:
		return nil
	}
	return s.notMQTT()
}

// notMQTT keeps the first bytes of what is not MQTT.
func (s *stream) notMQTT() error {
	s.Conn.SetReadDeadline(time.Now().Add(moreBytesWait))
	for len(s.reader.buffered()) < firstBytes {
		if s.reader.fill() != nil {
			break
		}
	}
	b := s.reader.buffered()
	s.mu.Lock()
	s.first = append([]byte(nil), b[:min(len(b), firstBytes)]...)
	s.mu.Unlock()
	return errNotMQTT
}

// part says DISCONNECT with code to a server that broke the rules. It waits for nothing for long.
func (s *stream) part(code byte) {
	if s.level == level4 {
		return // MQTT 3.1.1 knows no such word: closing has to do (§4.8)
	}
	s.Conn.SetWriteDeadline(time.Now().Add(partingWait))
	s.writing.Lock()
	s.Conn.Write([]byte{typeDisconnect << 4, 1, code})
	s.writing.Unlock()
}

// end records why the connection ended; the first cause stays.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending.err == nil {
		s.ending.err = err
	}
}

func (s *stream) ended() ending {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

func (s *stream) connack() *connack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer
}

// firstBytes is what came instead of MQTT.
func (s *stream) firstBytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// Close closes the connection; paho and the session may both do so.
func (s *stream) Close() error {
	var err error
	s.closeOnce.Do(func() {
		close(s.closed)
		err = s.Conn.Close()
	})
	return err
}

// failure says how the connection ended, as evidence names it.
func (e ending) failure() evidence.Failure {
	var v *violation
	switch {
	case e.err == nil:
		return evidence.NoFailure
	case errors.As(e.err, &v) && v.code == 0x95:
		return evidence.TooBig
	case errors.Is(e.err, errNotMQTT):
		return evidence.NotMQTT
	case errors.As(e.err, &v), errors.Is(e.err, errOtherVersion):
		return evidence.Other
	case errors.Is(e.err, errRefused), errors.Is(e.err, errDisconnected):
		return evidence.RefusedMQTT
	case errors.Is(e.err, io.ErrUnexpectedEOF):
		return evidence.Closed
	}
	failure, _ := tlsdial.FailureOf(e.err)
	return failure
}
