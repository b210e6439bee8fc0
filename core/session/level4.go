package session

import (
	"fmt"
	"io"

	"mutual/core/history"
	"mutual/core/profile"
)

// Protocol levels of CONNECT (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2).
const (
	level5 = 5
	level4 = 4 // MQTT 3.1.1
)

// Control Packet types that only a client sends (MQTT 5.0 §2.1.2).
const (
	typeConnect     = 1
	typeSubscribe   = 8
	typeUnsubscribe = 10
)

// neverExpires is the Session Expiry Interval of a Session that is kept (MQTT 5.0 §3.1.2.11.2), as every Session of MQTT
// 3.1.1 is that did not begin clean.
const neverExpires = 0xFFFFFFFF

// toLevel4 turns one packet of MQTT 5.0, as paho writes it, into one of MQTT 3.1.1, which differs by having no
// properties, no reason codes and no options of a subscription but its QoS. ok is false where raw cannot be read.
func toLevel4(raw []byte) (old []byte, ok bool) {
	header, total, err := measure(raw)
	if err != nil || total == 0 || int64(len(raw)) != total {
		return nil, false
	}
	f := fields{rest: raw[header:]}
	var body []byte
	switch raw[0] >> 4 {
	case typeConnect:
		body = connectLevel4(&f)
	case typePublish:
		body = publishLevel4(&f, raw[0]>>1&3)
	case typePuback, typePubrec, typePubrel, typePubcomp:
		body = f.take(2)
	case typeSubscribe:
		body = append(body, f.take(2)...)
		f.skipProperties()
		for len(f.rest) > 0 && f.ok() {
			body = appendBinary(body, f.binary())
			body = append(body, f.byte()&3)
		}
	case typeUnsubscribe:
		body = append(body, f.take(2)...)
		f.skipProperties()
		body = append(body, f.rest...)
	}
	if !f.ok() {
		return nil, false
	}
	return append(fixedHeader(raw[0], len(body)), body...), true
}

func connectLevel4(f *fields) []byte {
	body := append([]byte(nil), f.take(6)...) // the protocol's name
	f.byte()
	flags := f.byte()
	body = append(body, level4, flags)
	body = append(body, f.take(2)...) // Keep Alive
	f.skipProperties()
	body = appendBinary(body, f.binary()) // Client Identifier
	if flags&0x04 != 0 {
		f.skipProperties()
		body = appendBinary(body, f.binary()) // Will Topic
		body = appendBinary(body, f.binary()) // Will Message
	}
	return append(body, f.rest...) // User Name, Password
}

func publishLevel4(f *fields, qos byte) []byte {
	body := appendBinary(nil, f.binary())
	if qos > 0 {
		body = append(body, f.take(2)...)
	}
	f.skipProperties()
	return append(body, f.rest...)
}

func (f *fields) skipProperties() { f.take(f.varint()) }

func appendBinary(to, b []byte) []byte {
	return append(append(to, byte(len(b)>>8), byte(len(b))), b...)
}

// fixedHeader is the header of a packet with a body of n bytes (MQTT 3.1.1 §2.2).
func fixedHeader(first byte, n int) []byte {
	h := []byte{first}
	for ; n >= 0x80; n >>= 7 {
		h = append(h, byte(n)|0x80)
	}
	return append(h, byte(n))
}

// fromLevel4 turns an acknowledgement of MQTT 3.1.1 into one of MQTT 5.0, as paho reads it.
func fromLevel4(p packet) (packet, error) {
	switch p.kind() {
	case typePuback, typePubrec, typePubcomp:
		if len(p.body) != 2 {
			return p, malformed("an acknowledgement that cannot be read")
		}
		return p, nil // "Success" is left out in MQTT 5.0 too (§3.4.2.1)
	case typeSuback:
		if len(p.body) < 3 {
			return p, malformed("an acknowledgement that cannot be read")
		}
		return rebuilt(p, p.body[2:]), nil
	case typeUnsuback:
		if len(p.body) != 2 {
			return p, malformed("an acknowledgement that cannot be read")
		}
		return rebuilt(p, []byte{0}), nil // one filter at a time is unsubscribed
	}
	return p, nil
}

// rebuilt is p with no properties and those reason codes.
func rebuilt(p packet, codes []byte) packet {
	body := append([]byte{p.body[0], p.body[1], 0}, codes...)
	header := fixedHeader(p.raw[0], len(body))
	raw := append(header, body...)
	return packet{raw: raw, body: raw[len(header):]}
}

// connackFor5 is an accepting CONNACK as paho reads it.
func connackFor5(c connack) []byte {
	flags := byte(0)
	if c.sessionPresent {
		flags = 1
	}
	return []byte{typeConnack << 4, 3, flags, 0, 0}
}

// leave is the end of a connection by a server that says DISCONNECT, which in MQTT 3.1.1 only clients do.
func leave() error {
	return fmt.Errorf("reading: the server sent DISCONNECT without a reason: %w", io.EOF)
}

// Unsupported says what of m that version of MQTT has no place for: "content type"; empty: nothing.
func (m Outgoing) Unsupported(v profile.Version) string {
	switch {
	case v != profile.Version311:
		return ""
	case len(m.Properties) > 0:
		return "user properties"
	case m.ContentType != "":
		return "content type"
	case m.ResponseTo != "":
		return "response topic"
	case len(m.Correlation) > 0:
		return "correlation data"
	case m.Expiry > 0:
		return "message expiry"
	}
	return ""
}

// readPublish4 reads a PUBLISH of MQTT 3.1.1; see readPublish.
func readPublish4(p packet) (m history.Message, id uint16, err error) {
	f := fields{rest: p.body}
	topic := f.binary()
	idLength := 0
	if p.flags()>>1&3 > 0 {
		idLength = 2
	}
	number := f.take(idLength)
	if !f.ok() {
		return m, 0, malformed("a PUBLISH packet that cannot be read")
	}
	body := appendBinary(make([]byte, 0, len(p.body)+1), topic)
	body = append(append(append(body, number...), 0), f.rest...)
	return readPublish(packet{raw: p.raw[:1], body: body}, aliases{})
}
