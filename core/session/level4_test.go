package session

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/profile"
)

// TestToLevel4 compares with what MQTT 3.1.1 writes down, byte by byte.
func TestToLevel4(t *testing.T) {
	size := uint32(1 << 20)
	for _, tt := range []struct {
		name string
		in   io.WriterTo
		want string
	}{
		{"CONNECT", connectFor(&paho.Connect{ClientID: "ab", KeepAlive: 60, CleanStart: true, UsernameFlag: true, Username: "u", PasswordFlag: true, Password: []byte("p"),
			Properties: &paho.ConnectProperties{MaximumPacketSize: &size, RequestProblemInfo: true}}),
			"\x10\x14\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02ab\x00\x01u\x00\x01p"},
		{"CONNECT with a will", connectFor(&paho.Connect{ClientID: "a", WillMessage: &paho.WillMessage{Topic: "w", Payload: []byte("m"), QoS: 1}, WillProperties: &paho.WillProperties{ContentType: "x"}}),
			"\x10\x13\x00\x04MQTT\x04\x0c\x00\x00\x00\x01a\x00\x01w\x00\x01m"},
		{"PUBLISH", (&paho.Publish{Topic: "t", Payload: []byte("xy"), QoS: 0, Retain: true, Properties: &paho.PublishProperties{ContentType: "text"}}).Packet(),
			"\x31\x05\x00\x01txy"},
		{"PUBLISH of QoS 2", publishOf(&paho.Publish{Topic: "t", QoS: 2, Properties: &paho.PublishProperties{}}, 7), "\x34\x05\x00\x01t\x00\x07"},
		{"PUBREL", &packets.Pubrel{PacketID: 7}, "\x62\x02\x00\x07"},
		{"SUBSCRIBE", subscribeOf([]packets.SubOptions{{Topic: "a/#", QoS: 1, RetainHandling: 1, NoLocal: true}, {Topic: "b", QoS: 0}}), "\x82\x0c\x00\x09\x00\x03a/#\x01\x00\x01b\x00"},
		{"UNSUBSCRIBE", &packets.Unsubscribe{PacketID: 9, Topics: []string{"a/#"}, Properties: &packets.Properties{}}, "\xa2\x07\x00\x09\x00\x03a/#"},
		{"PINGREQ", packets.NewControlPacket(packets.PINGREQ), "\xc0\x00"},
		{"DISCONNECT", &packets.Disconnect{ReasonCode: 4, Properties: &packets.Properties{}}, "\xe0\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if _, err := tt.in.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			got, ok := toLevel4(b.Bytes())
			if !ok || string(got) != tt.want {
				t.Errorf("%x\nbecame %x (%v)\nwant   %x", b.Bytes(), got, ok, tt.want)
			}
			for n := range b.Len() {
				if _, ok := toLevel4(b.Bytes()[:n]); ok {
					t.Errorf("the first %d bytes alone were taken for a packet", n)
				}
			}
		})
	}
}

func connectFor(c *paho.Connect) io.WriterTo {
	p := c.Packet()
	p.ProtocolName, p.ProtocolVersion = "MQTT", 5
	return p
}

func publishOf(p *paho.Publish, id uint16) io.WriterTo {
	packet := p.Packet()
	packet.PacketID = id
	return packet
}

func subscribeOf(subs []packets.SubOptions) io.WriterTo {
	return &packets.Subscribe{PacketID: 9, Subscriptions: subs, Properties: &packets.Properties{}}
}

// TestSession4 keeps a whole session in MQTT 3.1.1 with two real brokers.
func TestSession4(t *testing.T) {
	c := newCredentials(t)
	for name, address := range map[string]func() string{
		"mosquitto": func() string { return newMosquitto(t, c).address },
		"mochi":     func() string { return startBroker(t, c.serverConfig(), nil, nil).address },
	} {
		t.Run(name, func(t *testing.T) {
			p, m := c.profile(t, address())
			p.MQTT.Version = profile.Version311
			p.MQTT.KeepAlive = 1
			s := start(t, p, m, Options{})
			st := s.untilPhase(Connected)
			if !st.TwoWay || st.Attempt.MQTT.Version != 4 || st.Attempt.MQTT.ReasonName() != "Connection accepted" {
				t.Fatalf("%+v, MQTT %+v", st, st.Attempt.MQTT)
			}
			if a, err := s.Subscribe(t.Context(), profile.Subscription{Filter: "a/#", QoS: 2}); err != nil || a.Refused || a.Code != 2 {
				t.Fatalf("%+v, %v", a, err)
			}
			const each = 20
			for i := range each {
				for qos := range byte(3) {
					payload := strings.Repeat("x", i*i) + fmt.Sprint(i)
					if a, err := s.Publish(t.Context(), Outgoing{Topic: fmt.Sprintf("a/%d", qos), QoS: qos, Payload: []byte(payload)}); err != nil || a.Refused {
						t.Fatalf("%+v, %v", a, err)
					}
				}
			}
			s.untilMessages(2 * 3 * each)
			next := map[string]int{}
			for i := range s.Messages().Len() {
				m, _ := s.Messages().At(i)
				if m.Direction != history.Received {
					continue
				}
				n := next[m.Topic]
				if want := strings.Repeat("x", n*n) + fmt.Sprint(n); string(m.Payload) != want || m.Topic != fmt.Sprintf("a/%d", m.QoS) || len(m.Properties) > 0 {
					t.Fatalf("message %d came as %+v", n, m)
				}
				next[m.Topic]++
			}
			if a, err := s.Unsubscribe(t.Context(), "a/#"); err != nil || a.Refused {
				t.Errorf("%+v, %v", a, err)
			}
			for _, out := range []Outgoing{{Topic: "a", ContentType: "x"}, {Topic: "a", Expiry: 1}, {Topic: "a", Properties: []history.Property{{Name: "a"}}}} {
				if _, err := s.Publish(t.Context(), out); err == nil {
					t.Errorf("%+v was sent", out)
				}
			}
			s.mu.Lock()
			heard := &s.link.stream.received
			s.mu.Unlock()
			before := heard.Load()
			for end := time.Now().Add(10 * time.Second); heard.Load() == before && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			}
			if st := s.State(); st.Phase != Connected || heard.Load() == before {
				t.Errorf("no PINGRESP: %+v", st)
			}
		})
	}
}

// TestResume4 keeps a Session over a broken connection, as TestResume does.
func TestResume4(t *testing.T) {
	p, m := rawServer(t, func(n int, c net.Conn) {
		connect := readPacketOf(c)
		if connect[8] != 4 || connect[9]&2 != 0 {
			t.Errorf("CONNECT %x", connect)
		}
		if n == 0 {
			c.Write([]byte("\x20\x02\x00\x00"))
			readPacketOf(c) // PUBLISH, never acknowledged
			return
		}
		c.Write([]byte("\x20\x02\x01\x00"))
		again := readPacketOf(c)
		if string(again) != "\x3a\x06\x00\x01t\x00\x01x" { // PUBLISH, DUP, QoS 1
			t.Errorf("again came %x", again)
		}
		c.Write([]byte{0x40, 2, again[5], again[6]})
		readPacketOf(c)
	})
	p.MQTT.Version, p.MQTT.CleanStart = profile.Version311, false
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	if a, err := s.Publish(t.Context(), Outgoing{Topic: "t", QoS: 1, Payload: []byte("x")}); err != nil || a.Refused {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestAnswersToConnect4 meets what servers answer to a CONNECT of MQTT 3.1.1.
func TestAnswersToConnect4(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		failure      evidence.Failure
		version      byte
		reason       string
	}{
		{"version", "\x20\x02\x00\x01", evidence.RefusedMQTT, 4, "Unacceptable protocol version"},
		{"identifier", "\x20\x02\x00\x02", evidence.RefusedMQTT, 4, "Identifier rejected"},
		{"unavailable", "\x20\x02\x00\x03", evidence.RefusedMQTT, 4, "Server unavailable"},
		{"password", "\x20\x02\x00\x04", evidence.RefusedMQTT, 4, "Bad user name or password"},
		{"not authorized", "\x20\x02\x00\x05", evidence.RefusedMQTT, 4, "Not authorized"},
		{"reserved", "\x20\x02\x00\x09", evidence.RefusedMQTT, 4, "Return code 9"},
		{"in the form of MQTT 5.0", "\x20\x03\x00\x84\x00", evidence.RefusedMQTT, 5, "Unsupported Protocol Version"},
		{"accepted in the form of MQTT 5.0", accepted, evidence.Other, 5, "Success"},
		{"DISCONNECT instead", "\xe0\x01\x84", evidence.RefusedMQTT, 5, "Unsupported Protocol Version"},
		{"closed", "", evidence.Closed, 4, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, m := rawServer(t, func(_ int, c net.Conn) {
				readPacketOf(c)
				io.WriteString(c, tt.answer)
			})
			p.MQTT.Version, p.MQTT.UserName = profile.Version311, "user"
			r := Try(t.Context(), p, m, "", Options{Timeout: 5 * time.Second, Password: "secret"}).MQTT
			if r.Status != evidence.Failed || r.Failure != tt.failure || r.Version != tt.version || r.ReasonName() != tt.reason {
				t.Errorf("recorded %+v, %q", r, r.ReasonName())
			}
		})
	}
}
