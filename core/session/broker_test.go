package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	mochi "github.com/mochi-mqtt/server/v2/packets"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/profile"
)

// guard records who connects, and refuses what its functions say.
type guard struct {
	allow
	mu      sync.Mutex
	clients []mochi.ConnectParams
	may     func(topic string, write bool) bool
	enter   func(mochi.ConnectParams) bool
}

func (g *guard) OnConnectAuthenticate(_ *mqtt.Client, p mochi.Packet) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clients = append(g.clients, p.Connect)
	return g.enter == nil || g.enter(p.Connect)
}

func (g *guard) OnACLCheck(_ *mqtt.Client, topic string, write bool) bool {
	return g.may == nil || g.may(topic, write)
}

func (g *guard) connects() []mochi.ConnectParams {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]mochi.ConnectParams(nil), g.clients...)
}

// TestCredentials looks at the CONNECT that a broker gets, and that one who is not to be trusted gets none.
func TestCredentials(t *testing.T) {
	c := newCredentials(t)
	tests := []struct {
		name, user, password string
		wantUser, wantPass   bool
	}{
		{"none", "", "", false, false},
		{"user name alone", "user", "", true, false},
		{"both", "user", "secret", true, true},
		{"password alone", "", "secret", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &guard{}
			b := startBroker(t, c.serverConfig(), nil, g)
			p, m := c.profile(t, b.address)
			p.MQTT.UserName = tt.user
			if a := Try(t.Context(), p, m, "", Options{Password: tt.password}); a.MQTT == nil || a.MQTT.Status != evidence.OK {
				t.Fatalf("%+v", a.MQTT)
			}
			got := g.connects()[0]
			if got.UsernameFlag != tt.wantUser || got.PasswordFlag != tt.wantPass || string(got.Username) != tt.user || string(got.Password) != tt.password {
				t.Errorf("the broker got %+v", got)
			}
			if !got.Clean || got.WillFlag || !strings.HasPrefix(got.ClientIdentifier, "mutual-") || len(got.ClientIdentifier) != 19 {
				t.Errorf("the broker got %+v", got)
			}
		})
	}
	t.Run("not to a stranger", func(t *testing.T) {
		g := &guard{}
		b := startBroker(t, newCredentials(t).serverConfig(), nil, g)
		p, m := c.profile(t, b.address)
		p.MQTT.UserName = "user"
		s := start(t, p, m, Options{Password: "secret"})
		st := s.untilPhase(Failed)
		if a := st.Attempt; a.TLS.Failure != evidence.Unverified || a.MQTT != nil || st.Verified || st.TwoWay {
			t.Errorf("TLS %+v, MQTT %+v", a.TLS, a.MQTT)
		}
		s.Close()
		if len(g.connects()) != 0 {
			t.Error("the stranger got a CONNECT")
		}
	})
}

func TestGreenMeans(t *testing.T) {
	c := newCredentials(t)
	tests := []struct {
		name     string
		clients  bool // the server requests a client certificate
		verify   bool
		own      bool // there is a client certificate
		green    bool
		verified bool
	}{
		{"two-way", true, true, true, true, true},
		{"not requested", false, true, true, false, true},
		{"not verified", true, false, true, false, false},
		{"none of one's own", false, true, false, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := c.serverConfig()
			if !tt.clients {
				config.ClientAuth = 0
			}
			b := startBroker(t, config, nil, nil)
			p, _ := c.profile(t, b.address)
			p.Trust.DoNotVerify = !tt.verify
			if !tt.own {
				p.ClientCertificate = profile.ClientCertificate{}
			}
			s := start(t, p, c.load(t, p), Options{})
			st := s.untilPhase(Connected)
			if st.TwoWay != tt.green || st.Verified != tt.verified {
				t.Errorf("TwoWay %t, Verified %t", st.TwoWay, st.Verified)
			}
		})
	}
}

// TestRefusals meets a broker that refuses by topic, and one that says in CONNACK what it does not take.
func TestRefusals(t *testing.T) {
	g := &guard{may: func(topic string, write bool) bool { return !strings.HasPrefix(topic, "secret") }}
	b := startBroker(t, nil, nil, g)
	p, m := plainProfile(b.address)
	p.Subscriptions = []profile.Subscription{{Filter: "open/#", QoS: 2}, {Filter: "secret/#"}}
	s := start(t, p, m, Options{})
	st := s.until("answers", func(st State) bool {
		return st.Phase == Connected && st.Subscriptions[0].Answer != nil && st.Subscriptions[1].Answer != nil
	})
	if a := st.Subscriptions[0].Answer; a.Refused || a.Name != "Granted QoS 2" {
		t.Errorf("the open filter: %+v", a)
	}
	if a := st.Subscriptions[1].Answer; !a.Refused || a.Code != 0x87 || a.Name != "Not authorized" {
		t.Errorf("the secret filter: %+v", a)
	}
	if later := st.Attempt.MQTT.Later; len(later) != 1 || later[0].Packet != "SUBACK" || later[0].Topic != "secret/#" || later[0].ReasonCode != 0x87 {
		t.Errorf("evidence: %+v", later)
	}
	defer func() {
		later := s.State().Attempt.MQTT.Later
		if len(later) != 3 || later[1].Packet != "PUBACK" || later[2].Packet != "PUBREC" || later[2].Topic != "secret/x" || len(st.Attempt.MQTT.Later) != 1 {
			t.Errorf("evidence: %+v", later)
		}
	}()
	for qos := byte(1); qos <= 2; qos++ {
		a, err := s.Publish(t.Context(), Outgoing{Topic: "secret/x", QoS: qos})
		if err != nil || !a.Refused || a.Code != 0x87 || a.Name != "Not authorized" {
			t.Errorf("publishing at QoS %d: %+v, %v", qos, a, err)
		}
		held, _ := s.Messages().At(s.Messages().Len() - 1)
		if !held.Refused || !strings.HasPrefix(held.Reason, "Not authorized (0x87)") {
			t.Errorf("the message is held as %+v", held)
		}
	}
	if a, err := s.Unsubscribe(t.Context(), "open/#"); err != nil || a.Refused {
		t.Errorf("unsubscribing: %+v, %v", a, err)
	}
	if a, err := s.Unsubscribe(t.Context(), "never/there"); err != nil || a.Code != 0x11 {
		t.Errorf("unsubscribing from nothing: %+v, %v", a, err)
	}
	if st := s.State(); len(st.Subscriptions) != 1 {
		t.Errorf("left: %+v", st.Subscriptions)
	}
}

func TestAnnouncedLimits(t *testing.T) {
	p, m := rawServer(t, func(_ int, c net.Conn) {
		readPacketOf(c)
		c.Write([]byte("\x20\x10\x00\x00\x0d\x24\x01\x25\x00\x28\x00\x2a\x00\x27\x00\x00\x00\xc8"))
		for {
			switch packet := readPacketOf(c); {
			case packet == nil || packet[0]>>4 == typeDisconnect:
				return
			case packet[0]>>4 == typePublish:
				c.Write([]byte{0x40, 2, packet[5], packet[6]})
			default: // SUBSCRIBE
				c.Write([]byte{0x90, 4, packet[2], packet[3], 0, 0})
			}
		}
	})
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	for _, tt := range []struct {
		out  Outgoing
		code byte
	}{
		{Outgoing{Topic: "t", QoS: 2}, 0x9B},
		{Outgoing{Topic: "t", Retain: true}, 0x9A},
		{Outgoing{Topic: "t", Payload: make([]byte, 300)}, 0x95},
		{Outgoing{Topic: "t", QoS: 1}, 0},
	} {
		if a, err := s.Publish(t.Context(), tt.out); err != nil || a.Code != tt.code {
			t.Errorf("%+v: %+v, %v", tt.out, a, err)
		}
	}
	for filter, code := range map[string]byte{"a/#": 0xA2, "$share/g/a": 0x9E, "plain": 0} {
		if a, err := s.Subscribe(t.Context(), profile.Subscription{Filter: filter}); err != nil || a.Code != code {
			t.Errorf("%s: %+v, %v", filter, a, err)
		}
	}
}

// TestMessages sends every kind of message through a broker and compares what comes back.
func TestMessages(t *testing.T) {
	b := startBroker(t, nil, nil, nil)
	p, m := plainProfile(b.address)
	var got []history.Message
	var mu sync.Mutex
	s := start(t, p, m, Options{Received: func(m history.Message) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, m)
	}})
	s.untilPhase(Connected)
	for _, filter := range []string{"a/#", "$share/group/shared"} {
		if a, err := s.Subscribe(t.Context(), profile.Subscription{Filter: filter, QoS: 2}); err != nil || a.Refused {
			t.Fatalf("%s: %+v, %v", filter, a, err)
		}
	}
	full := Outgoing{
		Topic: "a/full", Payload: []byte("payload"), QoS: 1, Properties: []history.Property{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}},
		ContentType: "text/plain", ResponseTo: "a/answer", Correlation: []byte{0, 0xFF}, Expiry: 60,
	}
	sent := []Outgoing{full, {Topic: "a/0"}, {Topic: "a/2", QoS: 2, Payload: bytes.Repeat([]byte("x"), 100_000)}, {Topic: "shared", QoS: 1}, {Topic: "a/kept", Retain: true, QoS: 1}}
	for _, out := range sent {
		if a, err := s.Publish(t.Context(), out); err != nil || a.Refused {
			t.Fatalf("%s: %+v, %v", out.Topic, a, err)
		}
	}
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(got) }
	s.until("all messages", func(State) bool { return count() == len(sent) })
	mu.Lock()
	defer mu.Unlock()
	for i, out := range sent {
		if got[i].Topic != out.Topic || !bytes.Equal(got[i].Payload, out.Payload) || got[i].QoS != out.QoS || got[i].ID == 0 {
			t.Errorf("message %d came as %.200v", i, got[i])
		}
	}
	want := "Message Expiry Interval=60|Content Type=text/plain|Response Topic=a/answer|Correlation Data=00ff|Topic Alias=1|User Property=b: 2|User Property=a: 1|"
	shown := ""
	for _, p := range got[0].Properties {
		shown += p.Name + "=" + p.Value + "|"
	}
	if shown != want { // the embedded broker uses topic aliases
		t.Errorf("the properties came as %+v", got[0].Properties)
	}
	for _, bad := range []Outgoing{{}, {Topic: "a/#"}, {Topic: "t", QoS: 3}, {Topic: "a\x00"}, {Topic: "t", ContentType: "\xff"}} {
		if _, err := s.Publish(t.Context(), bad); err == nil {
			t.Errorf("%+v was sent", bad)
		}
	}
	for _, bad := range []string{"", "a/#/b", "a+", "$share/x", "$share//a", "a\x00", "#a"} {
		if _, err := s.Subscribe(t.Context(), profile.Subscription{Filter: bad}); err == nil {
			t.Errorf("%q was subscribed", bad)
		}
	}
	if s.State().Phase != Connected {
		t.Error("what is wrong reached the broker")
	}
}

// TestReconnect stops a broker and starts it again: the messages stay, the subscriptions are made again.
func TestReconnect(t *testing.T) {
	b := startBroker(t, nil, nil, nil)
	p, m := plainProfile(b.address)
	p.Subscriptions = []profile.Subscription{{Filter: "a", QoS: 1}}
	s := start(t, p, m, Options{})
	subscribed := func(st State) bool { return st.Phase == Connected && st.Subscriptions[0].Answer != nil }
	s.until("a subscription", subscribed)
	if st := s.State(); st.Tries != 0 || st.Ended != "" {
		t.Errorf("connected: %+v", st)
	}
	if _, err := s.Publish(t.Context(), Outgoing{Topic: "a", QoS: 1}); err != nil {
		t.Fatal(err)
	}
	s.untilMessages(2)
	b.stop()
	st := s.until("several tries", func(st State) bool { return st.Phase == Waiting && st.Tries >= 2 })
	if st.Ended == "" || st.NextTry.Before(st.Since) || st.Attempt.Dial.Tries[0].Failure != evidence.Refused {
		t.Errorf("waiting: %+v", st)
	}
	if _, err := s.Publish(t.Context(), Outgoing{Topic: "a"}); !errors.Is(err, ErrNotConnected) {
		t.Errorf("publishing while away: %v", err)
	}
	if _, err := s.Subscribe(t.Context(), profile.Subscription{Filter: "b"}); !errors.Is(err, ErrNotConnected) {
		t.Errorf("subscribing while away: %v", err)
	}
	startBrokerAt(t, b.address, nil, nil, nil)
	st = s.until("subscriptions", func(st State) bool { return subscribed(st) && st.Subscriptions[1].Answer != nil })
	if st.Ended != "" || st.EndedReason != nil {
		t.Errorf("connected again: %+v", st)
	}
	for _, topic := range []string{"a", "b"} {
		if _, err := s.Publish(t.Context(), Outgoing{Topic: topic, QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	s.untilMessages(6)
}

// TestFirstAttempt fails: nothing is tried again by itself, and at once when asked.
func TestFirstAttempt(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address := l.Addr().String()
	l.Close()
	p, m := plainProfile(address)
	s := start(t, p, m, Options{})
	st := s.untilPhase(Failed)
	if st.Tries != 1 || st.Ended != "" || !st.NextTry.IsZero() || st.Attempt.Dial.Status != evidence.Failed {
		t.Errorf("failed: %+v", st)
	}
	s.Reconnect()
	s.until("a second failure", func(st State) bool { return st.Phase == Failed && st.Tries == 2 })
	startBrokerAt(t, address, nil, nil, nil)
	s.Reconnect()
	s.untilPhase(Connected)
}

// TestTakenOver has two sessions of one client identifier: the first gives way, and comes back only when asked.
func TestTakenOver(t *testing.T) {
	b := startBroker(t, nil, nil, nil)
	p, m := plainProfile(b.address)
	p.MQTT.ClientID = "same"
	first := start(t, p, m, Options{})
	first.untilPhase(Connected)
	second := start(t, p, m, Options{})
	second.untilPhase(Connected)
	st := first.untilPhase(Disconnected)
	if st.EndedReason == nil || *st.EndedReason != 0x8E || st.Ended == "" {
		t.Errorf("the first: %+v", st)
	}
	select {
	case <-first.Done():
		t.Error("the first session is over")
	default:
	}
	first.Reconnect()
	first.untilPhase(Connected)
}

// TestResume publishes into a connection that breaks before the acknowledgement: the Session is resumed, the message
// sent again, and Publish learns of it.
func TestResume(t *testing.T) {
	var second atomic.Bool
	p, m := rawServer(t, func(n int, c net.Conn) {
		connect := readPacketOf(c)
		if clean := connect[9]&2 != 0; clean {
			t.Error("the Session was thrown away")
		}
		if n == 0 {
			c.Write([]byte(accepted))
			readPacketOf(c) // PUBLISH, never acknowledged
			return
		}
		c.Write([]byte("\x20\x03\x01\x00\x00"))
		again := readPacketOf(c)
		if again[0] != 0x3A { // PUBLISH, DUP, QoS 1
			t.Errorf("again came %x", again)
		}
		second.Store(true)
		c.Write([]byte{0x40, 2, again[5], again[6]})
		readPacketOf(c)
	})
	p.MQTT.SessionExpiry, p.MQTT.CleanStart = 3600, false
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	a, err := s.Publish(t.Context(), Outgoing{Topic: "t", QoS: 1})
	if err != nil || a.Refused || !second.Load() {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestLostMessage publishes into a connection that breaks, and there is no Session to resume: nothing is known.
func TestLostMessage(t *testing.T) {
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		c.Write([]byte(accepted))
		readPacketOf(c)
	})
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	if a, err := s.Publish(t.Context(), Outgoing{Topic: "t", QoS: 1}); err == nil {
		t.Errorf("%+v", a)
	}
}

// TestReceiveMaximum has a server that takes two messages at a time.
func TestReceiveMaximum(t *testing.T) {
	var most, under atomic.Int32
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		c.Write([]byte("\x20\x06\x00\x00\x03\x21\x00\x02"))
		acks := make(chan []byte, 100)
		go func() {
			for ack := range acks {
				time.Sleep(2 * time.Millisecond)
				under.Add(-1)
				c.Write(ack)
			}
		}()
		defer close(acks)
		for {
			packet := readPacketOf(c)
			if packet == nil || packet[0]>>4 != typePublish {
				return
			}
			most.Store(max(most.Load(), under.Add(1)))
			acks <- []byte{0x40, 2, packet[5], packet[6]}
		}
	})
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := s.Publish(t.Context(), Outgoing{Topic: "t", QoS: 1}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most.Load() > 2 {
		t.Errorf("%d messages were under way at once", most.Load())
	}
}

// TestSlowReader takes its time with each message: nothing is lost, and the connection stays.
func TestSlowReader(t *testing.T) {
	b := startBroker(t, nil, nil, nil)
	p, m := plainProfile(b.address)
	p.MQTT.KeepAlive = 1
	p.Subscriptions = []profile.Subscription{{Filter: "#", QoS: 1}}
	const n = 400 // more than what is queued
	var got atomic.Int32
	s := start(t, p, m, Options{Received: func(m history.Message) {
		if string(m.Payload) != fmt.Sprint(got.Load()) {
			t.Errorf("message %d is %q", got.Load(), m.Payload)
		}
		if got.Add(1); got.Load() == 1 {
			time.Sleep(2 * time.Second) // longer than the keep-alive
		}
	}})
	s.until("a subscription", func(st State) bool { return st.Phase == Connected && st.Subscriptions[0].Answer != nil })
	for i := range n {
		b.Publish("t", []byte(fmt.Sprint(i)), false, 0)
	}
	s.until("all messages", func(st State) bool { return got.Load() == n })
	if st := s.State(); st.Phase != Connected || st.Ended != "" {
		t.Errorf("the state is %+v", st)
	}
}

// TestCancelled ends a session by its context, in the middle of an attempt.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		cancel()
		readPacketOf(c)
	})
	s := Open(ctx, p, m, Options{})
	<-s.Done()
	if st := s.State(); st.Phase != Disconnected || st.Attempt.MQTT.Failure != evidence.Cancelled {
		t.Errorf("the state is %+v, %+v", st, st.Attempt.MQTT)
	}
}

func TestBackoff(t *testing.T) {
	for n := range 100 {
		low, high := defaultBackoff.limit/2, defaultBackoff.limit
		if n < 5 {
			low, high = time.Second<<n, 2*time.Second<<n
		}
		for range 20 {
			if d := defaultBackoff.delay(n); d < low || d > high {
				t.Fatalf("the delay before try %d is %s", n, d)
			}
		}
	}
}
