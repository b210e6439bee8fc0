package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/eclipse/paho.golang/paho"
	pahosession "github.com/eclipse/paho.golang/paho/session"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/tlsdial"
)

// acknowledgementWait is a bound that never matters: contexts decide how long paho waits.
const acknowledgementWait = 24 * time.Hour

// closeWait bounds how long a connection is being taken leave of; Close promises 2 s.
const closeWait = 500 * time.Millisecond

// link is one established MQTT connection.
type link struct {
	client *paho.Client
	stream *stream
	server limits
	// begun is closed when what was subscribed to at the connection's beginning has been answered.
	begun chan struct{}
}

// limits are what the server announced in CONNACK (MQTT 5.0 §3.2.2.3).
type limits struct {
	packetSize uint32 // 0: none
	qos        byte
	retain     bool
	wildcards  bool
	shared     bool
	// expires says that the Session ends with the connection.
	expires bool
	resumed bool // Session Present
}

// request says how to connect: what differs from one connection to the next.
type request struct {
	profile    profile.Profile
	material   pki.Material
	clientID   string
	cleanStart bool
	expiry     uint32
	options    Options // with the defaults filled in
	inbox      *inbox
	session    pahosession.SessionManager
	stage      func(string)
}

// connect makes one attempt, from the files to CONNACK. The link is nil when it came to nothing; the attempt says why.
func (r request) connect(ctx context.Context) (*link, *evidence.Attempt) {
	r.stage("files")
	a := tlsdial.NewAttempt(r.profile, r.material)
	conn, err := tlsdial.Dial(ctx, r.profile, r.material, a, tlsdial.Options{
		Timeout: r.options.Timeout, Stage: r.stage, ProxyPassword: r.options.ProxyPassword,
	})
	if err != nil {
		return nil, a
	}
	r.stage("mqtt")
	start := time.Now()
	if a.WebSocket != nil {
		start = start.Add(-a.WebSocket.Duration) // its stage is that of MQTT
	}
	level := r.profile.MQTT.VersionOrDefault().Level()
	a.MQTT = &evidence.MQTT{Version: level, ClientID: r.clientID}
	s := newStream(conn, level, r.inbox, r.options.MaximumPacketSize)
	l := &link{stream: s, begun: make(chan struct{})}
	l.client = paho.NewClient(paho.ClientConfig{
		Conn: s, Session: r.session, PingHandler: &pinger{s}, PacketTimeout: acknowledgementWait,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){}, // none come: see stream
	})
	connectCtx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	_, err = l.client.Connect(connectCtx, r.packet())
	a.MQTT.Duration = max(time.Since(start), 1)
	c := s.connack()
	if c != nil {
		recordConnack(a.MQTT, c)
	}
	if err == nil {
		a.MQTT.Status = evidence.OK
		l.server = limitsOf(c, r.expiry)
		return l, a
	}
	s.Close()
	a.MQTT.Status, a.MQTT.Error = evidence.Failed, err.Error()
	a.MQTT.Failure = connectFailure(ctx, err, s)
	a.MQTT.FirstBytes = s.firstBytes()
	if d := s.ended().disconnect; d != nil && c == nil {
		code := d.code
		a.MQTT.ReasonCode, a.MQTT.Version = &code, level5 // MQTT 3.1.1 has no DISCONNECT of a server's
		a.MQTT.ReasonString, a.MQTT.ServerReference = findText(d.properties, propertyReasonString), findText(d.properties, propertyServerReference)
	}
	if c == nil {
		conn.Judge(a)
		if a.TLS != nil && a.TLS.Status == evidence.Failed {
			a.MQTT = nil // the handshake's end, learnt late: MQTT was not reached
		}
	}
	return nil, a
}

func connectFailure(ctx context.Context, err error, s *stream) evidence.Failure {
	switch {
	case ctx.Err() != nil:
		failure, _ := tlsdial.FailureOf(ctx.Err())
		return failure
	case errors.Is(err, context.DeadlineExceeded):
		return evidence.Timeout
	}
	if f := s.ended().failure(); f != evidence.NoFailure {
		return f
	}
	return evidence.Other
}

// packet is the CONNECT. Reason strings are asked for; paho leaves them out otherwise.
func (r request) packet() *paho.Connect {
	size, aliases, receive := r.options.MaximumPacketSize, uint16(topicAliasMaximum), uint16(receiveMaximum)
	c := &paho.Connect{
		ClientID:   r.clientID,
		KeepAlive:  uint16(min(max(r.profile.MQTT.KeepAlive, 0), 65535)),
		CleanStart: r.cleanStart,
		Properties: &paho.ConnectProperties{
			MaximumPacketSize: &size, TopicAliasMaximum: &aliases, ReceiveMaximum: &receive, RequestProblemInfo: true,
		},
	}
	if r.expiry > 0 {
		c.Properties.SessionExpiryInterval = &r.expiry
	}
	if r.profile.MQTT.UserName != "" {
		c.UsernameFlag, c.Username = true, r.profile.MQTT.UserName
	}
	if r.options.Password != "" && (c.UsernameFlag || r.profile.MQTT.VersionOrDefault() != profile.Version311) { // 3.1.1 §3.1.2.9
		c.PasswordFlag, c.Password = true, []byte(r.options.Password)
	}
	return c
}

func recordConnack(m *evidence.MQTT, c *connack) {
	code := c.code
	m.Version, m.ReasonCode, m.SessionPresent = c.version, &code, c.sessionPresent
	m.ReasonString = findText(c.properties, propertyReasonString)
	m.ServerReference = findText(c.properties, propertyServerReference)
	m.AssignedClientID = findText(c.properties, propertyAssignedClientID)
}

func limitsOf(c *connack, expiry uint32) limits {
	number := func(id byte, otherwise uint32) uint32 {
		if p, ok := find(c.properties, id); ok {
			return p.number
		}
		return otherwise
	}
	return limits{
		packetSize: number(propertyMaximumPacketSize, 0),
		qos:        byte(number(propertyMaximumQoS, 2)),
		retain:     number(propertyRetainAvailable, 1) != 0,
		wildcards:  number(propertyWildcardAvailable, 1) != 0,
		shared:     number(propertySharedAvailable, 1) != 0,
		expires:    number(propertySessionExpiry, expiry) == 0,
		resumed:    c.sessionPresent,
	}
}

// close takes leave of the server: DISCONNECT, as far as it can be written within closeWait.
func (l *link) close() {
	l.stream.end(errEndedByCaller)
	l.stream.Conn.SetWriteDeadline(time.Now().Add(closeWait))
	timer := time.AfterFunc(2*closeWait, func() { l.stream.Close() })
	defer timer.Stop()
	l.client.Disconnect(&paho.Disconnect{})
	<-l.client.Done()
}

// randomClientID is one that every server takes: at most 23 characters (MQTT 5.0 §3.1.3.1).
func randomClientID() string {
	var b [6]byte
	rand.Read(b[:]) // never returns an error (crypto/rand)
	return "mutual-" + hex.EncodeToString(b[:])
}

// sentence says why the connection ended, for people.
func (e ending) sentence() string {
	var v *violation
	var quiet *silence
	failure, alert := tlsdial.FailureOf(e.err)
	switch {
	case errors.Is(e.err, errEndedByCaller):
		return ""
	case e.disconnect != nil:
		text := fmt.Sprintf("The broker ended the connection: %s (0x%02X)", disconnectName(e.disconnect.code), e.disconnect.code)
		if reason := findText(e.disconnect.properties, propertyReasonString); reason != "" {
			text += fmt.Sprintf(", %q", reason)
		}
		return text + "."
	case errors.As(e.err, &v):
		return "The broker sent " + v.text + "."
	case errors.As(e.err, &quiet):
		return fmt.Sprintf("The broker has not been heard for %.3g s, longer than the keep-alive allows.", quiet.after.Seconds())
	case alert != nil:
		return fmt.Sprintf("The broker ended the connection with the TLS alert %s (%d).", evidence.AlertName(*alert), *alert)
	case failure == evidence.Reset:
		return "The broker reset the connection."
	case failure == evidence.Closed:
		return "The broker closed the connection."
	case failure == evidence.Timeout:
		return "The network lost the connection to the broker."
	case failure == evidence.Unreachable:
		return "The network no longer reaches the broker."
	}
	return "The connection to the broker ended."
}

// disconnectName is the reason's name; 0x00 has another one in DISCONNECT than elsewhere (MQTT 5.0 §3.14.2.1).
func disconnectName(code byte) string {
	if code == 0 {
		return "Normal disconnection"
	}
	return evidence.ReasonName(code)
}
