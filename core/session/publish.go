package session

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"mutual/core/evidence"
	"mutual/core/history"
)

// Answer is a server's acknowledgement.
type Answer struct {
	Code    byte   // MQTT 5.0 reason code
	Name    string // its name in the standard: "Not authorized"
	Text    string // the Reason String property
	Refused bool   // Code is 0x80 or more
}

func newAnswer(code byte, text string) Answer {
	return Answer{Code: code, Name: evidence.ReasonName(code), Text: text, Refused: code >= 0x80}
}

// String is the answer as history shows it: "Success", "Not authorized (0x87)".
func (a Answer) String() string {
	if a.Code == 0 {
		return a.Name
	}
	return fmt.Sprintf("%s (0x%02X)", a.Name, a.Code)
}

// announced is the text of an Answer that the server gave beforehand, in CONNACK.
const announced = "announced by the broker in CONNACK"

// Outgoing is a message to publish.
type Outgoing struct {
	Topic       string
	Payload     []byte
	QoS         byte
	Retain      bool
	Properties  []history.Property // User Properties
	ContentType string
	ResponseTo  string // Response Topic
	Correlation []byte // Correlation Data
	Expiry      uint32 // Message Expiry Interval, seconds; 0: none
}

// Publish sends and waits for the acknowledgement that the QoS asks for. An error means that nothing is known of the
// message's fate; a refusal is an Answer. What the server said in CONNACK that it does not take is refused without
// sending it.
func (s *Session) Publish(ctx context.Context, m Outgoing) (Answer, error) {
	if err := m.check(); err != nil {
		return Answer{}, err
	}
	if what := m.Unsupported(s.profile.MQTT.VersionOrDefault()); what != "" {
		return Answer{}, fmt.Errorf("publishing to %q: MQTT 3.1.1 has no place for the %s", m.Topic, what)
	}
	s.mu.Lock()
	l, unknown := s.link, s.unknown
	s.mu.Unlock()
	if l == nil {
		return Answer{}, ErrNotConnected
	}
	p := m.packet()
	id := s.options.Messages.Append(m.record())
	s.notify()
	if code := l.server.refuses(m, p); code != 0 {
		answer := newAnswer(code, announced)
		s.answered(l, id, m, answer)
		return answer, nil
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(unknown, func() { time.AfterFunc(lastAnswerWait, func() { cancel(paho.ErrConnectionLost) }) })()
	response, err := l.client.Publish(ctx, p)
	if m.QoS == 0 {
		if err != nil {
			return Answer{}, fmt.Errorf("publishing to %s: %w", m.Topic, err)
		}
		return newAnswer(0, ""), nil
	}
	if response == nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return Answer{}, fmt.Errorf("publishing to %s: %w", m.Topic, err)
	}
	answer := newAnswer(response.ReasonCode, "")
	if response.Properties != nil {
		answer.Text = response.Properties.ReasonString
	}
	s.answered(l, id, m, answer)
	return answer, nil
}

func (s *Session) answered(l *link, id uint64, m Outgoing, a Answer) {
	packet := "PUBACK"
	if m.QoS == 2 {
		packet = "PUBREC"
	}
	if r, ok := refusalOf(packet, m.Topic, a); ok {
		s.refused(l, r)
	}
	text := a.String()
	if a.Text != "" && a.Refused {
		text += ": " + a.Text
	}
	s.options.Messages.Answer(id, text, a.Refused)
	s.notify()
}

// check refuses what MQTT cannot carry, before the server ends the connection because of it.
func (m Outgoing) check() error {
	problem := func(text string) error { return fmt.Errorf("publishing to %q: %s", m.Topic, text) }
	switch {
	case m.Topic == "":
		return problem("a topic name cannot be empty")
	case strings.ContainsAny(m.Topic, "+#"):
		return problem("a topic name cannot hold the wildcards + and #")
	case m.QoS > 2:
		return problem("QoS is 0, 1 or 2")
	}
	texts := []string{m.Topic, m.ContentType, m.ResponseTo}
	for _, p := range m.Properties {
		texts = append(texts, p.Name, p.Value)
	}
	for _, text := range texts {
		if !validText(text) {
			return problem("text must be UTF-8 without NUL and of at most 65,535 bytes")
		}
	}
	if len(m.Correlation) > 65535 {
		return problem("correlation data has at most 65,535 bytes")
	}
	return nil
}

// validText says whether s can be a UTF-8 Encoded String (MQTT 5.0 §1.5.4).
func validText(s string) bool {
	return utf8.ValidString(s) && len(s) <= 65535 && !strings.ContainsRune(s, 0)
}

func (m Outgoing) packet() *paho.Publish {
	p := &paho.Publish{Topic: m.Topic, Payload: m.Payload, QoS: m.QoS, Retain: m.Retain, Properties: &paho.PublishProperties{
		ContentType: m.ContentType, ResponseTopic: m.ResponseTo, CorrelationData: m.Correlation,
	}}
	if m.Expiry > 0 {
		p.Properties.MessageExpiry = &m.Expiry
	}
	for _, u := range m.Properties {
		p.Properties.User.Add(u.Name, u.Value)
	}
	return p
}

// record is the message as history holds it.
func (m Outgoing) record() history.Message {
	var ps []property
	if m.Expiry > 0 {
		ps = append(ps, property{id: 0x02, number: m.Expiry})
	}
	if m.ContentType != "" {
		ps = append(ps, property{id: 0x03, text: m.ContentType})
	}
	if m.ResponseTo != "" {
		ps = append(ps, property{id: 0x08, text: m.ResponseTo})
	}
	if len(m.Correlation) > 0 {
		ps = append(ps, property{id: propertyCorrelationData, data: m.Correlation})
	}
	for _, u := range m.Properties {
		ps = append(ps, property{id: propertyUserProperty, key: u.Name, text: u.Value})
	}
	return history.Message{
		Time: time.Now(), Direction: history.SentOut, Topic: m.Topic, Payload: m.Payload, QoS: m.QoS,
		Retained: m.Retain, Properties: display(ps),
	}
}

// refuses returns the reason code with which the server would refuse m, as far as it said so in CONNACK; 0: it did not.
func (l limits) refuses(m Outgoing, p *paho.Publish) byte {
	switch {
	case m.QoS > l.qos:
		return 0x9B // QoS not supported
	case m.Retain && !l.retain:
		return 0x9A // Retain not supported
	case l.packetSize > 0 && packetLength(p.Packet()) > int64(l.packetSize):
		return 0x95 // Packet too large
	}
	return 0
}

// packetLength is the length of a whole PUBLISH packet, in bytes.
func packetLength(p *packets.Publish) int64 {
	var n int64
	for _, b := range p.Buffers() {
		n += int64(len(b))
	}
	header := int64(2)
	for rest := n >> 7; rest > 0; rest >>= 7 {
		header++
	}
	return header + n
}
