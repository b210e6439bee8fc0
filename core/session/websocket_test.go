package session

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/profile"
)

// startWebBroker is the embedded broker with its own WebSocket listener, over TLS if config is not nil.
func startWebBroker(t testing.TB, config *tls.Config) string {
	t.Helper()
	s := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := s.AddHook(new(allow), nil); err != nil {
		t.Fatal(err)
	}
	free := must(net.Listen("tcp", "127.0.0.1:0")) // the listener takes an address only
	address := free.Addr().String()
	free.Close()
	if err := s.AddListener(listeners.NewWebsocket(listeners.Config{ID: "web", Address: address, TLSConfig: config})); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for range 500 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the broker does not listen")
	return ""
}

// connectProxy is a proxy for CONNECT; it tells whom it was asked for.
func connectProxy(t testing.TB) (address string, asked func() []string) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	var mu sync.Mutex
	var hosts []string
	var group sync.WaitGroup
	serve := func(c net.Conn) {
		defer c.Close()
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil || r.Method != http.MethodConnect {
			return
		}
		mu.Lock()
		hosts = append(hosts, r.Host+" "+r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			return
		}
		defer to.Close()
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		var both sync.WaitGroup
		both.Go(func() { io.Copy(to, c); to.Close() })
		both.Go(func() { io.Copy(c, to); c.Close() })
		both.Wait()
	}
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(hosts)
	}
}

// TestWebSocket sends messages of all kinds through the embedded broker's WebSocket listener, in the open, over two-way
// TLS, and that by way of a proxy.
func TestWebSocket(t *testing.T) {
	c := newCredentials(t)
	proxy, asked := connectProxy(t)
	for _, tt := range []struct {
		name      string
		transport profile.Transport
		config    *tls.Config
		proxy     string
	}{{"ws", profile.WS, nil, ""}, {"wss", profile.WSS, c.serverConfig(), ""}, {"wss by proxy", profile.WSS, c.serverConfig(), "http://me@" + proxy}} {
		t.Run(tt.name, func(t *testing.T) {
			p, m := c.profile(t, startWebBroker(t, tt.config))
			p.Server.Transport, p.Server.Proxy = tt.transport, tt.proxy
			p.Subscriptions = []profile.Subscription{{Filter: "a/#", QoS: 2}}
			s := start(t, p, m, Options{ProxyPassword: "pw"})
			st := s.until("an answered subscription", func(s State) bool {
				return s.Phase == Failed || s.Phase == Connected && s.Subscriptions[0].Answer != nil
			})
			a := st.Attempt
			if st.Phase == Failed || a.WebSocket == nil || a.WebSocket.Status != evidence.OK || a.MQTT.Duration < a.WebSocket.Duration {
				t.Fatalf("the state is %+v, %+v, %+v", st, a.WebSocket, a.MQTT)
			}
			if two := tt.config != nil; st.TwoWay != two || st.Verified != two {
				t.Errorf("two-way %v, verified %v", st.TwoWay, st.Verified)
			}
			payloads := [][]byte{nil, []byte("hello"), bytes.Repeat([]byte("x"), 300_000)}
			for i, payload := range payloads {
				if a, err := s.Publish(t.Context(), Outgoing{Topic: "a/b", Payload: payload, QoS: byte(i)}); err != nil || a.Refused {
					t.Fatalf("publishing at QoS %d: %+v, %v", i, a, err)
				}
			}
			s.untilMessages(2 * len(payloads))
			var received [][]byte
			for i := range s.Messages().Len() {
				if m, _ := s.Messages().At(i); m.Direction == history.Received {
					received = append(received, m.Payload)
				}
			}
			if !slices.EqualFunc(received, payloads, bytes.Equal) {
				t.Errorf("received %d messages that differ", len(received))
			}
			start := time.Now()
			s.Close()
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("Close took %s", took)
			}
		})
	}
	for _, host := range asked() {
		if host[len(host)-len("Basic bWU6cHc="):] != "Basic bWU6cHc=" {
			t.Errorf("the proxy was told %q", host)
		}
	}
	if len(asked()) != 1 {
		t.Errorf("the proxy was asked for %v", asked())
	}
}

// TestWebSocketFrames gives several packets in one frame and one packet in several: frames bound no packets and packets
// no frames (MQTT-6.0.0-4), and the bound on a packet stands.
func TestWebSocketFrames(t *testing.T) {
	connack := []byte{0x20, 3, 0, 0, 0}
	big := append([]byte{0x30, 0xac, 2, 0, 1, 'a', 0}, bytes.Repeat([]byte("x"), 296)...) // PUBLISH of 300 bytes
	for _, tt := range []struct {
		name   string
		frames [][]byte
		limit  uint32
		want   func(State, int) bool
	}{
		{"many in one", [][]byte{slices.Concat(connack, big, big, big)}, 400, func(_ State, n int) bool { return n == 3 }},
		{"one in many", [][]byte{connack[:1], connack[1:], big[:2], {}, big[2:100], big[100:]}, 400, func(_ State, n int) bool { return n == 1 }},
		{"too large", [][]byte{connack, big}, 200, func(s State, _ int) bool { return s.Phase == Waiting && s.Ended != "" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := must(net.Listen("tcp", "127.0.0.1:0"))
			web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}})
				if err != nil {
					return
				}
				defer c.CloseNow()
				c.Read(context.Background())
				for _, f := range tt.frames {
					c.Write(context.Background(), websocket.MessageBinary, f)
				}
				c.Read(context.Background())
			})}
			served := make(chan struct{})
			go func() { defer close(served); web.Serve(l) }()
			t.Cleanup(func() { web.Close(); <-served })
			c := newCredentials(t)
			p, m := c.profile(t, l.Addr().String())
			p.Server.Transport = profile.WS
			s := start(t, p, m, Options{MaximumPacketSize: tt.limit})
			s.until("the messages", func(st State) bool { return tt.want(st, s.Messages().Len()) })
			s.Close()
		})
	}
}

// TestWebSocketRefused is an attempt that ends with the upgrade.
func TestWebSocketRefused(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	web := &http.Server{Handler: http.NotFoundHandler()}
	served := make(chan struct{})
	go func() { defer close(served); web.Serve(l) }()
	t.Cleanup(func() { web.Close(); <-served })
	p, m := newCredentials(t).profile(t, l.Addr().String())
	p.Server.Transport = profile.WS
	a := Try(t.Context(), p, m, "", Options{Password: "pw"})
	if a.MQTT == nil || a.MQTT.Status != evidence.Failed || a.MQTT.Failure != evidence.NotUpgraded || a.WebSocket.HTTPStatus != 404 {
		t.Errorf("MQTT %+v, WebSocket %+v", a.MQTT, a.WebSocket)
	}
}
