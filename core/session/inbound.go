package session

import (
	"strings"
	"time"

	"mutual/core/history"
)

const (
	// topicAliasMaximum is how many topic aliases the server may use: each costs at most a topic of 64 KiB.
	topicAliasMaximum = 64
	// receiveMaximum is how many QoS 2 messages the server may have under way at once; QoS 1 is acknowledged at once.
	receiveMaximum = 1024
)

// aliases are the topic aliases that the server has set on this connection.
type aliases map[uint16]string

// resolve returns the topic of a PUBLISH, and remembers it where an alias is set (MQTT 5.0 §3.3.2.3.4).
func (a aliases) resolve(topic string, ps []property) (string, error) {
	p, used := find(ps, propertyTopicAlias)
	if !used {
		if topic == "" {
			return "", protocolError("a message without a topic")
		}
		return topic, nil
	}
	alias := uint16(p.number)
	if alias == 0 || alias > topicAliasMaximum {
		return "", &violation{0x94, "a topic alias that is not between 1 and the maximum that was announced"}
	}
	if topic != "" {
		a[alias] = topic
		return topic, nil
	}
	known, ok := a[alias]
	if !ok {
		return "", protocolError("a topic alias that it has not set")
	}
	return known, nil
}

// readPublish reads a PUBLISH; id is 0 at QoS 0. What it returns shares nothing with p.
func readPublish(p packet, a aliases) (m history.Message, id uint16, err error) {
	m = history.Message{
		Time:      time.Now(),
		QoS:       p.flags() >> 1 & 3,
		Retained:  p.flags()&1 != 0,
		Duplicate: p.flags()&8 != 0,
	}
	if m.QoS == 3 {
		return m, 0, malformed("a message with QoS 3")
	}
	f := fields{rest: p.body}
	topic := f.text()
	if m.QoS > 0 {
		id = f.uint16()
	}
	ps := f.properties(publishProperties)
	if !f.ok() {
		return m, 0, malformed("a PUBLISH packet that cannot be read")
	}
	if m.QoS > 0 && id == 0 {
		return m, 0, protocolError("a message whose packet identifier is 0")
	}
	if strings.ContainsAny(topic, "+#") {
		return m, 0, &violation{0x90, "a message whose topic name holds a wildcard"}
	}
	if m.Topic, err = a.resolve(topic, ps); err != nil {
		return m, 0, err
	}
	m.Payload = append([]byte{}, f.rest...)
	for i := range ps {
		ps[i].data = append([]byte(nil), ps[i].data...)
	}
	m.Properties = display(ps)
	return m, id, nil
}

// connack is what a CONNACK says.
type connack struct {
	version        byte // 5, or 4 where it has the form of MQTT 3.1.1
	code           byte
	sessionPresent bool
	properties     []property
}

// readConnack reads a CONNACK of MQTT 5.0, or of 3.1.1, which has no properties: some servers answer so to say that
// they do not know MQTT 5.0. ok is false where it is neither.
func readConnack(p packet) (c connack, ok bool) {
	f := fields{rest: p.body}
	flags := f.byte()
	c = connack{version: 5, code: f.byte(), sessionPresent: flags&1 != 0}
	if len(p.body) == 2 {
		c.version = 4
	} else {
		c.properties = f.properties(connackProperties)
	}
	return c, f.ok() && len(f.rest) == 0 && flags&0xFE == 0 && p.flags() == 0
}

// disconnect is what a DISCONNECT of the server says.
type disconnect struct {
	code       byte
	properties []property
}

// readDisconnect reads a DISCONNECT; a short one means "Normal disconnection" (MQTT 5.0 §3.14.2).
func readDisconnect(p packet) (d disconnect, ok bool) {
	f := fields{rest: p.body}
	if len(f.rest) > 0 {
		d.code = f.byte()
	}
	if len(f.rest) > 0 {
		d.properties = f.properties(disconnectProperties)
	}
	return d, f.ok()
}

// checkAcknowledgement looks at a packet that paho is to read: its identifier, reason code and properties must be there
// as the standard says, because paho trusts them.
func checkAcknowledgement(p packet) error {
	f := fields{rest: p.body}
	f.uint16()
	switch p.kind() {
	case typeSuback, typeUnsuback:
		f.properties(acknowledgementProperties)
		f.byte() // at least one reason code
	default: // PUBACK, PUBREC, PUBCOMP (§3.4.2): code and properties may be left out
		if len(f.rest) > 0 {
			f.byte()
		}
		if len(f.rest) > 0 {
			f.properties(acknowledgementProperties)
		}
	}
	if !f.ok() || p.flags() != 0 {
		return malformed("an acknowledgement that cannot be read")
	}
	return nil
}
