package session

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// rawServer accepts connections and hands each to serve, numbered from 0. It is for servers that no sound broker plays.
func rawServer(t testing.TB, serve func(n int, c net.Conn)) (profile.Profile, pki.Material) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	var group sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	group.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			group.Go(func() {
				defer c.Close()
				serve(n, c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		group.Wait()
	})
	return plainProfile(l.Addr().String())
}

// plainProfile connects without TLS.
func plainProfile(address string) (profile.Profile, pki.Material) {
	p := profile.New("test")
	at := must(net.ResolveTCPAddr("tcp", address))
	p.Server = profile.Server{Transport: profile.MQTT, Host: at.IP.String(), Port: at.Port}
	return p, pki.Material{}
}

// readPacketOf reads one packet from a client; nil when there is none.
func readPacketOf(c net.Conn) []byte {
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	r := newPacketReader(oneByte{c}, 1<<28, nil)
	p, err := r.next()
	if err != nil {
		return nil
	}
	return p.raw
}

// oneByte reads no further than asked, so that nothing is lost between two readers.
type oneByte struct{ net.Conn }

func (o oneByte) Read(p []byte) (int, error) { return o.Conn.Read(p[:1]) }

const accepted = "\x20\x03\x00\x00\x00"

func TestAnswersToConnect(t *testing.T) {
	http := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
	tests := []struct {
		name    string
		answer  string
		stays   bool // open after the answer
		failure evidence.Failure
		version byte
		code    int // -1: none
		reason  string
		first   string
	}{
		{"refused with everything", "\x20\x1a\x00\x87\x17\x1f\x00\x05no: x\x1c\x00\x05other\x26\x00\x01a\x00\x01b", false, evidence.RefusedMQTT, 5, 0x87, "no: x", ""},
		{"refused without properties", "\x20\x03\x00\x86\x00", false, evidence.RefusedMQTT, 5, 0x86, "", ""},
		{"refused with an unknown code", "\x20\x03\x00\xee\x00", false, evidence.RefusedMQTT, 5, 0xEE, "", ""},
		{"refused by MQTT 3.1.1", "\x20\x02\x00\x01", false, evidence.RefusedMQTT, 4, 1, "", ""},
		{"accepted by MQTT 3.1.1", "\x20\x02\x00\x00", true, evidence.Other, 4, 0, "", ""},
		{"DISCONNECT instead", "\xe0\x09\x8b\x07\x1f\x00\x04bye!", false, evidence.RefusedMQTT, 5, 0x8B, "bye!", ""},
		{"closed", "", false, evidence.Closed, 5, -1, "", ""},
		{"silent", "", true, evidence.Timeout, 5, -1, "", ""},
		{"half a CONNACK", "\x20\x03\x00", false, evidence.Closed, 5, -1, "", ""},
		{"web server", http, false, evidence.NotMQTT, 5, -1, "", http[:64]},
		{"TLS alert", "\x15\x03\x03\x00\x02\x02\x46", false, evidence.NotMQTT, 5, -1, "", "\x15\x03\x03\x00\x02\x02\x46"},
		{"greeting", "SSH-2.0-x\r\n", true, evidence.NotMQTT, 5, -1, "", "SSH-2.0-x\r\n"},
		{"text that begins like CONNACK", " \x08abcdefgh", true, evidence.NotMQTT, 5, -1, "", " \x08abcdefgh"},
		{"2 GB", "\x20\xff\xff\xff\x7f", true, evidence.TooBig, 5, -1, "", ""},
		{"authentication not asked for", "\x20\x0b\x00\x00\x08\x15\x00\x05PLAIN", true, evidence.Other, 5, 0, "", ""},
		{"AUTH", "\xf0\x00", true, evidence.Other, 5, -1, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, m := rawServer(t, func(_ int, c net.Conn) {
				readPacketOf(c)
				io.WriteString(c, tt.answer)
				if tt.stays {
					io.Copy(io.Discard, c)
				}
			})
			timeout := 5 * time.Second
			if tt.failure == evidence.Timeout {
				timeout = 50 * time.Millisecond
			}
			a := Try(t.Context(), p, m, "", Options{Timeout: timeout})
			r := a.MQTT
			code := -1
			if r.ReasonCode != nil {
				code = int(*r.ReasonCode)
			}
			if r.Status != evidence.Failed || r.Failure != tt.failure || r.Version != tt.version || code != tt.code || r.ReasonString != tt.reason || string(r.FirstBytes) != tt.first {
				t.Errorf("recorded %+v, code %d, first bytes %q", r, code, r.FirstBytes)
			}
			if r.Error == "" || r.Duration <= 0 || a.TLS != nil {
				t.Errorf("recorded %+v, TLS %v", r, a.TLS)
			}
		})
	}
}

// TestEndings is about servers that end an established connection, or make this side end it.
func TestEndings(t *testing.T) {
	tests := []struct {
		name, sends string
		stays       bool
		want        string // in Ended
		reason      int    // EndedReason; -1: nil
		told        string // what this side said to the server
	}{
		{"closed", "", false, "The broker closed the connection.", -1, ""},
		{"closed in a packet", "\x30\x20abc", false, "The broker closed the connection.", -1, ""},
		{"taken over", "\xe0\x01\x8e", true, "The broker ended the connection: Session taken over (0x8E).", 0x8E, ""},
		{"shutting down", "\xe0\x09\x8b\x07\x1f\x00\x04bye!", true, `The broker ended the connection: Server shutting down (0x8B), "bye!".`, 0x8B, ""},
		{"without a reason", "\xe0\x00", true, "The broker ended the connection: Normal disconnection (0x00).", 0, ""},
		{"2 GB", "\x30\xff\xff\xff\x7f", true, "The broker sent a packet of 268435460 bytes, more than the limit of 1000 bytes.", -1, "\xe0\x01\x95"},
		{"alias 0", string(publishPacket(0, "t", 0, "\x23\x00\x00", "")), true, "The broker sent a topic alias that is not between 1 and the maximum that was announced.", -1, "\xe0\x01\x94"},
		{"alias too large", string(publishPacket(0, "t", 0, "\x23\xff\xff", "")), true, "The broker sent a topic alias that is not", -1, "\xe0\x01\x94"},
		{"garbage", "\x00\x01\x02\x03", true, "The broker sent a packet of type 0, which a server may not send here.", -1, "\xe0\x01\x82"},
		{"second CONNACK", accepted, true, "The broker sent a second CONNACK.", -1, "\xe0\x01\x82"},
		{"AUTH", "\xf0\x00", true, "The broker sent a packet of type 15", -1, "\xe0\x01\x82"},
		{"SUBACK cut short", "\x90\x01\x00", true, "The broker sent an acknowledgement that cannot be read.", -1, "\xe0\x01\x81"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			told := make(chan []byte, 1)
			p, m := rawServer(t, func(n int, c net.Conn) {
				readPacketOf(c)
				if n > 0 { // only the first connection is accepted
					return
				}
				io.WriteString(c, accepted+tt.sends)
				if tt.stays {
					heard, _ := io.ReadAll(c)
					told <- heard
				} else {
					told <- nil
				}
			})
			p.MQTT.KeepAlive = 0
			s := start(t, p, m, Options{MaximumPacketSize: 1000})
			st := s.until("the end", func(st State) bool { return st.Ended != "" })
			reason := -1
			if st.EndedReason != nil {
				reason = int(*st.EndedReason)
			}
			if !strings.HasPrefix(st.Ended, tt.want) || !strings.HasSuffix(st.Ended, ".") || reason != tt.reason {
				t.Errorf("ended with %q, reason %d", st.Ended, reason)
			}
			s.Close()
			if heard := <-told; !bytes.Equal(heard, []byte(tt.told)) {
				t.Errorf("the server was told %x", heard)
			}
		})
	}
}

// TestLastAnswer: what the server answers is noticed, however soon after it the connection ends. Only the first connection
// is accepted: a further one would be a second chance for an answer that was lost.
func TestLastAnswer(t *testing.T) {
	const goodbye = "\xe0\x01\x98"
	refuse := func(n int, c net.Conn) {
		if readPacketOf(c); n > 0 {
			return
		}
		io.WriteString(c, accepted)
		switch ask := readPacketOf(c); ask[0] >> 4 {
		case typeSubscribe:
			io.WriteString(c, "\x90\x04"+string(ask[2:4])+"\x00\x87"+goodbye)
		case typePublish:
			io.WriteString(c, "\x40\x03"+string(ask[5:7])+"\x87"+goodbye)
		}
		io.ReadAll(c)
	}
	for range 30 {
		p, m := rawServer(t, refuse)
		p.MQTT.KeepAlive = 0
		p.Subscriptions = []profile.Subscription{{Filter: "first"}}
		s := start(t, p, m, Options{})
		s.until("the refusal at the beginning", func(st State) bool {
			return len(st.Subscriptions) > 0 && st.Subscriptions[0].Answer != nil && st.Subscriptions[0].Answer.Refused
		})
		s.Close()

		p, m = rawServer(t, refuse)
		p.MQTT.KeepAlive = 0
		s = start(t, p, m, Options{})
		s.untilPhase(Connected)
		if answer, err := s.Publish(t.Context(), Outgoing{Topic: "a", QoS: 1}); err != nil || !answer.Refused {
			t.Fatalf("the refusal of a message was not noticed: %v %v", answer, err)
		}
		s.Close()
	}
}

// TestSubscribedOnce: what is subscribed to just when the connection has come about is asked for once. Asked for twice,
// its retained messages come twice.
func TestSubscribedOnce(t *testing.T) {
	for range 30 { // which goroutine is first is chance
		subscribeAtOnce(t)
	}
}

func subscribeAtOnce(t *testing.T) {
	asked := make(chan int, 1)
	p, m := rawServer(t, func(_ int, c net.Conn) {
		readPacketOf(c)
		io.WriteString(c, accepted)
		n := 0
		for ask := readPacketOf(c); ask != nil; ask = readPacketOf(c) {
			if ask[0]>>4 == typeSubscribe {
				n++
				io.WriteString(c, "\x90\x04"+string(ask[2:4])+"\x00\x00")
			}
		}
		asked <- n
	})
	p.MQTT.KeepAlive = 0
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	if _, err := s.Subscribe(t.Context(), profile.Subscription{Filter: "late"}); err != nil {
		t.Error(err)
	}
	s.Close()
	if n := <-asked; n != 1 {
		t.Errorf("it was asked for %d times", n)
	}
}

// TestVanishedServer is about a server that takes everything and says nothing any more.
// TestUnsubscribedAtOnce: what is taken back in a connection's first moment is not subscribed to after that.
func TestUnsubscribedAtOnce(t *testing.T) {
	for range 30 { // which goroutine is first is chance
		asked := make(chan string, 1)
		p, m := rawServer(t, func(_ int, c net.Conn) {
			readPacketOf(c)
			io.WriteString(c, accepted)
			heard := ""
			for ask := readPacketOf(c); ask != nil; ask = readPacketOf(c) {
				switch ask[0] >> 4 {
				case typeSubscribe:
					heard += "S"
					io.WriteString(c, "\x90\x04"+string(ask[2:4])+"\x00\x00")
				case typeUnsubscribe:
					heard += "U"
					io.WriteString(c, "\xb0\x04"+string(ask[2:4])+"\x00\x00")
				}
			}
			asked <- heard
		})
		p.MQTT.KeepAlive = 0
		p.Subscriptions = []profile.Subscription{{Filter: "saved"}}
		s := start(t, p, m, Options{})
		s.untilPhase(Connected)
		if _, err := s.Unsubscribe(t.Context(), "saved"); err != nil {
			t.Error(err)
		}
		s.Close()
		if heard := <-asked; heard != "SU" {
			t.Fatalf("the server heard %s", heard)
		}
	}
}

func TestVanishedServer(t *testing.T) {
	accept := make(chan time.Time, 100)
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		accept <- time.Now()
		io.WriteString(c, accepted)
		io.Copy(io.Discard, c)
	})
	p.MQTT.KeepAlive = 1
	s := start(t, p, m, Options{})
	begin := <-accept
	st := s.until("the end", func(st State) bool { return st.Ended != "" })
	if took := st.Since.Sub(begin); took < time.Second {
		t.Errorf("it took %s", took)
	}
	if !strings.HasPrefix(st.Ended, "The broker has not been heard for ") {
		t.Errorf("ended with %q", st.Ended)
	}
	<-accept // it was tried again
}

// TestStuckServer is about a server that does not even take what is sent: Close is bounded all the same.
func TestStuckServer(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		io.WriteString(c, accepted)
		<-release
	})
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	failed := make(chan error)
	go func() {
		_, err := s.Publish(t.Context(), Outgoing{Topic: "t", Payload: make([]byte, 16<<20)})
		failed <- err
	}()
	s.until("the message under way", func(State) bool { return s.Messages().Total() == 1 })
	begin := time.Now()
	s.Close()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("Close took %s", took)
	}
	if <-failed == nil {
		t.Error("the message is said to have been sent")
	}
}

// TestBothSidesFull has a server that sends more than it reads while this side sends more than it reads: the reader
// must not wait for the writer.
func TestBothSidesFull(t *testing.T) {
	const messages = 800 // within the Receive Maximum, 8 MB in all
	p, m := rawServer(t, func(n int, c net.Conn) {
		readPacketOf(c)
		io.WriteString(c, accepted)
		var one [1]byte
		c.Read(one[:]) // the large message has begun to come
		body := append([]byte{0, 1, 't', 0, 0, 0}, make([]byte, 10_000)...)
		for id := 1; id <= messages; id++ {
			body[3], body[4] = byte(id>>8), byte(id)
			c.Write(append([]byte{0x32, byte(len(body))&0x7F | 0x80, byte(len(body) >> 7)}, body...))
		}
		io.Copy(io.Discard, c) // only now is the rest read
	})
	s := start(t, p, m, Options{})
	s.untilPhase(Connected)
	if _, err := s.Publish(t.Context(), Outgoing{Topic: "large", Payload: make([]byte, 32<<20)}); err != nil {
		t.Error(err)
	}
	s.untilMessages(messages + 1)
}

// TestWrongFilterInProfile is refused here: the server would end the connection because of it, again and again.
func TestWrongFilterInProfile(t *testing.T) {
	b := startBroker(t, nil, nil, nil)
	p, m := plainProfile(b.address)
	p.Subscriptions = []profile.Subscription{{Filter: "a#"}, {Filter: "a"}}
	s := start(t, p, m, Options{})
	st := s.until("answers", func(st State) bool { return st.Subscriptions[0].Answer != nil && st.Subscriptions[1].Answer != nil })
	if a := st.Subscriptions[0].Answer; !a.Refused || a.Name != "Topic Filter invalid" || st.Subscriptions[1].Answer.Refused {
		t.Errorf("%+v", st.Subscriptions)
	}
}
