package session

import (
	"fmt"
	"net"
	"time"

	"mutual/core/history"
)

// handle deals with one packet: it leaves it to paho in s.pending, or has done with it.
func (s *stream) handle(p packet) error {
	switch p.kind() {
	case typeConnack:
		return s.handleConnack(p)
	case typeDisconnect:
		if s.level == level4 && s.connected {
			return leave()
		}
		return s.handleDisconnect(p)
	}
	if !s.connected {
		return protocolError("something else than CONNACK in answer to CONNECT")
	}
	switch p.kind() {
	case typePublish:
		return s.handlePublish(p)
	case typePubrel:
		return s.handlePubrel(p)
	case typePuback, typePubrec, typePubcomp, typeSuback, typeUnsuback:
		if s.level == level4 {
			var err error
			if p, err = fromLevel4(p); err != nil {
				return err
			}
		}
		if err := checkAcknowledgement(p); err != nil {
			return err
		}
		s.pending = p.raw
	case typePingresp:
		s.pending = p.raw
	default: // AUTH too: none was asked for
		return protocolError("a packet of type %d, which a server may not send here", p.kind())
	}
	return nil
}

func (s *stream) handleConnack(p packet) error {
	if s.connected {
		return protocolError("a second CONNACK")
	}
	c, ok := readConnack(p)
	if !ok {
		// Put back: what looked like a CONNACK is something else.
		s.reader.start -= len(p.raw)
		return s.notMQTT()
	}
	c.properties = cloneProperties(c.properties)
	s.mu.Lock()
	s.answer = &c
	s.mu.Unlock()
	switch {
	case c.version != s.level && c.code == 0: // it takes one version for the other, and would misread all that follows
		return errOtherVersion
	case c.version != level5 && c.code > 0 || c.code >= 0x80:
		return errRefused
	}
	if _, used := find(c.properties, propertyAuthMethod); used {
		return protocolError("an authentication method that was not asked for") // §4.12; paho would call a nil handler
	}
	if !c.sessionPresent {
		s.inbox.forget()
	}
	s.connected = true
	s.pending = p.raw
	if s.level == level4 {
		s.pending = connackFor5(c)
	}
	return nil
}

// cloneProperties detaches binary data from the buffer that it was read from.
func cloneProperties(ps []property) []property {
	for i := range ps {
		ps[i].data = append([]byte(nil), ps[i].data...)
	}
	return ps
}

func (s *stream) handleDisconnect(p packet) error {
	d, ok := readDisconnect(p)
	if !ok {
		return malformed("a DISCONNECT packet that cannot be read")
	}
	d.properties = cloneProperties(d.properties)
	s.mu.Lock()
	if s.ending.err == nil {
		s.ending = ending{err: errDisconnected, disconnect: &d}
	}
	s.mu.Unlock()
	return errDisconnected
}

// handlePublish delivers a message and queues its acknowledgement. A QoS 2 message that was delivered before and not
// yet released is only acknowledged again (MQTT 5.0 §4.3.3).
func (s *stream) handlePublish(p packet) error {
	m, id, err := s.readPublish(p)
	if err != nil {
		return err
	}
	if m.QoS == 2 {
		known, ok := s.inbox.hold(id)
		if !ok {
			return tooMany
		}
		if known {
			return s.queue(typePubrec<<4, id, 0)
		}
	}
	if !s.deliver(m) {
		return net.ErrClosed
	}
	switch m.QoS {
	case 1:
		return s.queue(typePuback<<4, id, 0)
	case 2:
		return s.queue(typePubrec<<4, id, 0)
	}
	return nil
}

func (s *stream) readPublish(p packet) (m history.Message, id uint16, err error) {
	if s.level == level4 {
		return readPublish4(p)
	}
	return readPublish(p, s.aliases)
}

// deliver hands m over. While nobody takes it, the reader waits, and with it, through TCP, the server.
func (s *stream) deliver(m history.Message) bool {
	if s.inbox.take == nil {
		return s.inbox.deliver(m, s.closed)
	}
	s.busy.Store(true)
	defer func() {
		s.received.Store(time.Now().UnixNano())
		s.busy.Store(false)
	}()
	return s.inbox.deliver(m, s.closed)
}

func (s *stream) handlePubrel(p packet) error {
	f := fields{rest: p.body}
	id := f.uint16()
	if !f.ok() || p.flags() != 2 {
		return malformed("a PUBREL packet that cannot be read")
	}
	code := byte(0)
	if !s.inbox.release(id) {
		code = 0x92 // Packet Identifier not found
	}
	return s.queue(typePubcomp<<4, id, code)
}

// tooMany is more messages under way than the Receive Maximum that was announced (MQTT 5.0 §3.3.4).
var tooMany = &violation{0x93, fmt.Sprintf("more than %d messages without waiting for an acknowledgement", receiveMaximum)}

// queue puts an acknowledgement into the next write; "Success" is left out (MQTT 5.0 §3.4.2.1), and in MQTT 3.1.1 every code.
func (s *stream) queue(header byte, id uint16, code byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code == 0 || s.level == level4 {
		s.queued = append(s.queued, header, 2, byte(id>>8), byte(id))
	} else {
		s.queued = append(s.queued, header, 3, byte(id>>8), byte(id), code)
	}
	const shortest = 4
	if len(s.queued) > 2*receiveMaximum*shortest { // a QoS 2 message has two
		return tooMany
	}
	return nil
}

// acknowledge sends the acknowledgements that have gathered: before each read, so that a burst of messages costs one
// write. It does not wait for a packet that is being written, because a server that waits to be read would then never
// be; whoever writes that packet sends them afterwards.
func (s *stream) acknowledge() {
	for s.anyQueued() && s.writing.TryLock() {
		s.mu.Lock()
		queued := s.queued
		s.queued = nil
		s.mu.Unlock()
		s.Conn.Write(queued) // where this fails, the read that follows does too
		s.sent.Store(time.Now().UnixNano())
		s.writing.Unlock()
	}
}

func (s *stream) anyQueued() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queued) > 0
}
