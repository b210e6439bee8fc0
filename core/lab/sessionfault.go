package lab

import (
	"io"
	"net"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// sessionFaults are those that show only in a connection that lasts: when something is subscribed to or published, or
// after that.
var sessionFaults = []fault{
	{Fault: Fault{"mqtt-subscribe-refused", MQTT, "The broker refuses every subscription",
		"That a connection can stand and still nothing arrive, because the broker's access rules say no to the topic filter."},
		scene: func(c *scene, _ string) error {
			c.deny = func(_ string, publish bool) bool { return !publish }
			return nil
		}},
	{Fault: Fault{"mqtt-publish-refused", MQTT, "The broker refuses every message",
		"That a broker tells a refusal of a message only with QoS 1 or 2, and drops what is sent with QoS 0 without a word."},
		scene: func(c *scene, _ string) error {
			c.deny = func(_ string, publish bool) bool { return publish }
			return nil
		}},
	{Fault: Fault{"mqtt-client-id-in-use", MQTT, "Another client comes with the same client identifier",
		"Why two clients with one identifier throw each other out, and that one of them needs another."},
		scene: func(c *scene, _ string) error { c.end = takeOver; return nil }},
	{Fault: Fault{"mqtt-disconnected", MQTT, "The broker ends the connection",
		"Where the reason stands that a broker gives when it ends a connection, and which reasons pass by themselves."},
		variants: []string{"shutting-down"},
		scene: func(c *scene, variant string) error {
			code := packets.ErrAdministrativeAction
			if variant == "shutting-down" {
				code = packets.ErrServerShuttingDown
			}
			c.end = func(s *server, cl *mqtt.Client) { s.broker.DisconnectClient(cl, code) }
			return nil
		}},
}

// ShowsInSession says that a fault does not show in one attempt, but in a session in which something is subscribed to
// and published.
func ShowsInSession(id string) bool {
	for _, f := range sessionFaults {
		if f.ID == id {
			return true
		}
	}
	return false
}

// door is the broker's door in c.
func (s *server) door(c *scene) *door {
	d := &door{refuse: c.refuse, deny: c.deny}
	if c.end != nil {
		d.settled = func(cl *mqtt.Client) { s.work.Go(func() { c.end(s, cl) }) } // cl's own connection is among the work
	}
	return d
}

// takeOver connects a second client with cl's identifier, which stays until it is thrown out itself.
func takeOver(s *server, cl *mqtt.Client) {
	rival, inside := net.Pipe()
	if !s.track(rival) {
		rival.Close()
		inside.Close()
		return
	}
	defer s.forget(rival)
	defer rival.Close()
	s.work.Go(func() { s.broker.EstablishConnection(listenerID, inside) })
	rival.SetWriteDeadline(time.Now().Add(greeting))
	if _, err := rival.Write(connectAs(cl.ID)); err == nil {
		io.Copy(io.Discard, rival)
	}
}

// connectAs is the CONNECT of a client with that identifier: MQTT 5.0, clean start, no keep-alive.
func connectAs(id string) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', level5, 2, 0, 0, 0, byte(len(id) >> 8), byte(len(id))}, id...)
	head := []byte{0x10}
	for n := len(body); ; n >>= 7 {
		if n < 0x80 {
			head = append(head, byte(n))
			break
		}
		head = append(head, byte(n)|0x80)
	}
	return append(head, body...)
}
