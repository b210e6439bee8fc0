package session

import (
	"errors"
	"fmt"
	"io"
)

// Control Packet types (MQTT 5.0 §2.1.2), those that this package looks at.
const (
	typeConnack     = 2
	typePublish     = 3
	typePuback      = 4
	typePubrec      = 5
	typePubrel      = 6
	typePubcomp     = 7
	typeSuback      = 9
	typeUnsuback    = 11
	typePingresp    = 13
	typeDisconnect  = 14
	typeAuth        = 15
	maxHeaderLength = 5 // one byte and a Variable Byte Integer of four at most (§1.5.5)
)

// violation is something that the server sent and must not send. It ends the connection with DISCONNECT and code.
type violation struct {
	code byte   // MQTT 5.0 reason code
	text string // what it was, to follow "The broker sent "
}

func (v *violation) Error() string { return "receiving " + v.text }

func malformed(format string, args ...any) error {
	return &violation{0x81, fmt.Sprintf(format, args...)}
}

func protocolError(format string, args ...any) error {
	return &violation{0x82, fmt.Sprintf(format, args...)}
}

// packet is one Control Packet. It is valid until the next is read.
type packet struct {
	raw  []byte // the whole of it
	body []byte // what follows the fixed header
}

func (p packet) kind() byte  { return p.raw[0] >> 4 }
func (p packet) flags() byte { return p.raw[0] & 0x0F }

const (
	bufferSize = 32 << 10
	// keepBuffer is the largest buffer that is kept for the next packet.
	keepBuffer = 256 << 10
)

// packetReader cuts a byte stream into Control Packets. Its buffer grows only with bytes that have come, never because
// a length was announced.
type packetReader struct {
	source io.Reader
	limit  uint32 // on the whole packet, in bytes
	// beforeRead is called before the source is asked for more.
	beforeRead func()

	buffer     []byte
	start, end int // what was read and not handed out yet
	announced  int // length of the packet that is being read; 0: its header is not complete
}

func newPacketReader(source io.Reader, limit uint32, beforeRead func()) *packetReader {
	return &packetReader{source: source, limit: limit, beforeRead: beforeRead, buffer: make([]byte, bufferSize)}
}

// next returns the next packet, a *violation where its length is over the limit or malformed, or the source's error.
func (r *packetReader) next() (packet, error) {
	for {
		header, total, err := measure(r.buffered())
		if err != nil {
			return packet{}, err
		}
		if total > int64(r.limit) {
			return packet{}, &violation{0x95, fmt.Sprintf("a packet of %d bytes, more than the limit of %d bytes", total, r.limit)}
		}
		if total > 0 && int64(r.end-r.start) >= total {
			raw := r.buffer[r.start : r.start+int(total)]
			r.start += int(total)
			r.announced = 0
			return packet{raw: raw, body: raw[header:]}, nil
		}
		r.announced = int(total)
		if err := r.fill(); err != nil {
			return packet{}, err
		}
	}
}

// buffered is what has come and was not handed out.
func (r *packetReader) buffered() []byte { return r.buffer[r.start:r.end] }

// fill reads once. It makes room by moving what is there to the front, and then by doubling.
func (r *packetReader) fill() error {
	if r.beforeRead != nil {
		r.beforeRead()
	}
	if r.start == r.end {
		r.start, r.end = 0, 0
		if len(r.buffer) > keepBuffer {
			r.buffer = make([]byte, bufferSize)
		}
	}
	if r.start > 0 && (r.end == len(r.buffer) || r.start+r.announced > len(r.buffer)) {
		copy(r.buffer, r.buffered())
		r.start, r.end = 0, r.end-r.start
	}
	if r.end == len(r.buffer) {
		bigger := make([]byte, min(2*len(r.buffer), max(r.announced, 2*bufferSize)))
		copy(bigger, r.buffer)
		r.buffer = bigger
	}
	n, err := r.source.Read(r.buffer[r.end:])
	r.end += n
	if n > 0 {
		return nil // an error comes again with the next read
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	if errors.Is(err, io.EOF) && r.start < r.end {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// measure reads a fixed header: its own length and that of the whole packet, both 0 while it is incomplete.
func measure(b []byte) (header int, total int64, err error) {
	var length int64
	for i := 1; i < len(b); i++ {
		if i == maxHeaderLength {
			break
		}
		length |= int64(b[i]&0x7F) << (7 * (i - 1))
		if b[i] < 0x80 {
			return i + 1, length + int64(i) + 1, nil
		}
	}
	if len(b) >= maxHeaderLength {
		return 0, 0, malformed("a packet whose length takes more than four bytes")
	}
	return 0, 0, nil
}
