package tlsdial

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// webServer serves handler, with config over TLS, until the test ends.
func webServer(t testing.TB, config *tls.Config, handler http.HandlerFunc) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address := l.Addr().String()
	if config != nil {
		l = tls.NewListener(l, config)
	}
	s := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan struct{})
	go func() { defer close(served); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	return address
}

// echo is a WebSocket server that sends back what it gets, in frames of its own choosing.
func echo(t testing.TB, sizes ...int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}})
		if err != nil {
			t.Errorf("accepting: %v", err)
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		for i := 0; ; i++ {
			kind, b, err := c.Read(context.Background())
			if err != nil {
				return
			}
			if kind != websocket.MessageBinary {
				t.Errorf("a frame of kind %v", kind)
			}
			for len(b) > 0 {
				n := min(len(b), sizes[i%len(sizes)])
				c.Write(context.Background(), websocket.MessageBinary, b[:n])
				b = b[n:]
			}
		}
	}
}

func TestWebSocket(t *testing.T) {
	ca := newAuthority("CA")
	config := &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, NextProtos: []string{"h2", "http/1.1"}}
	text := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	for _, tt := range []struct {
		transport profile.Transport
		path      string
		config    *tls.Config
	}{{profile.WS, "", nil}, {profile.WSS, "/a/b?token=s3cret", config}} {
		t.Run(string(tt.transport), func(t *testing.T) {
			asked := make(chan *http.Request, 1)
			handler := echo(t, 1000, 64<<10)
			address := webServer(t, tt.config, func(w http.ResponseWriter, r *http.Request) { asked <- r; handler(w, r) })
			p, m := ca.trusting(t, address, nil)
			p.Server.Transport, p.Server.Path = tt.transport, tt.path
			a := NewAttempt(p, m)
			var stages []string
			c, err := Dial(t.Context(), p, m, a, Options{Stage: func(s string) { stages = append(stages, s) }})
			if err != nil {
				t.Fatal(err)
			}
			r := <-asked
			if r.URL.String() != p.Server.PathOrDefault() || r.Host != address || r.Header.Get("Sec-Websocket-Protocol") != "mqtt" || r.Header.Get("Origin") != "" || r.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s of %s with %v", r.URL, r.Host, r.Header)
			}
			if ws := a.WebSocket; ws.Status != evidence.OK || ws.HTTPStatus != 101 || ws.Subprotocol != "mqtt" || ws.Path != r.URL.Path || ws.Duration <= 0 {
				t.Errorf("recorded %+v", ws)
			}
			if tt.config != nil && (!a.TLS.Verified || a.TLS.ALPN != "http/1.1") {
				t.Errorf("TLS %+v", a.TLS)
			}
			if last := stages[len(stages)-1]; last != "mqtt" || a.MQTT != nil {
				t.Errorf("stages %v, MQTT %+v", stages, a.MQTT)
			}
			go func() {
				for b := text; len(b) > 0; b = b[min(len(b), 33_333):] {
					c.Write(b[:min(len(b), 33_333)])
				}
			}()
			got := make([]byte, len(text))
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, text) {
				t.Errorf("what came back differs: %v", err)
			}
			c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if _, err := c.Read(make([]byte, 1)); failureOf(err) != evidence.Timeout {
				t.Errorf("the deadline passed: %v", err)
			}
			start := time.Now()
			c.Close()
			if took := time.Since(start); took > time.Second {
				t.Errorf("Close took %s", took)
			}
		})
	}
}

// TestWebSocketRefused is about answers that make no connection for MQTT.
func TestWebSocketRefused(t *testing.T) {
	raw := func(answer string) func(testing.TB) string {
		return func(t testing.TB) string {
			return server(t, func(c net.Conn) { c.Read(make([]byte, 4096)); io.WriteString(c, answer) })
		}
	}
	web := func(h http.HandlerFunc) func(testing.TB) string {
		return func(t testing.TB) string { return webServer(t, nil, h) }
	}
	for _, tt := range []struct {
		name    string
		start   func(testing.TB) string
		failure evidence.Failure
		status  int
		check   func(*evidence.WebSocket) bool
	}{
		{"no such path", web(http.NotFound), evidence.NotUpgraded, 404, func(w *evidence.WebSocket) bool {
			return w.Body == "404 page not found\n" && w.StatusLine == "HTTP/1.1 404 Not Found"
		}},
		{"moved", web(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }), evidence.NotUpgraded, 302, func(w *evidence.WebSocket) bool {
			for _, h := range w.Headers {
				if h.Name == "Location" && h.Value == "/elsewhere" {
					return true
				}
			}
			return false
		}},
		{"a long page", web(func(w http.ResponseWriter, r *http.Request) { w.Write(bytes.Repeat([]byte("\xffä"), 5000)) }), evidence.NotUpgraded, 200, func(w *evidence.WebSocket) bool {
			return len(w.Body) <= 3*keptBody && strings.Contains(w.Body, "ä")
		}},
		{"no sub-protocol", web(func(w http.ResponseWriter, r *http.Request) {
			if c, err := websocket.Accept(w, r, nil); err == nil {
				c.CloseNow()
			}
		}), evidence.NotUpgraded, 101, func(w *evidence.WebSocket) bool { return w.Subprotocol == "" }},
		{"not the key", raw("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: bm8=\r\n\r\n"), evidence.NotUpgraded, 101, nil},
		{"not HTTP", raw("\x15\x03\x01\x00\x02\x02\x16"), evidence.NotHTTP, 0, func(w *evidence.WebSocket) bool { return string(w.FirstBytes) == "\x15\x03\x01\x00\x02\x02\x16" }},
		{"closed", raw(""), evidence.Closed, 0, nil},
		{"half a line", raw("HTTP/1.1 2"), evidence.NotHTTP, 0, nil},
		{"silent", func(t testing.TB) string { return server(t, func(c net.Conn) { io.Copy(io.Discard, c) }) }, evidence.Timeout, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, m := newAuthority("CA").trusting(t, tt.start(t), nil)
			p.Server.Transport = profile.WS
			a := NewAttempt(p, m)
			var o Options
			if tt.failure == evidence.Timeout {
				o.Timeout = time.Second
			}
			c, err := Dial(t.Context(), p, m, a, o)
			if err == nil {
				c.Close()
				t.Fatal("there is a connection")
			}
			w := a.WebSocket
			if w.Status != evidence.Failed || w.Failure != tt.failure || w.HTTPStatus != tt.status || tt.check != nil && !tt.check(w) {
				t.Errorf("recorded %+v", w)
			}
			if a.MQTT == nil || a.MQTT.Status != evidence.Failed || a.MQTT.Failure != tt.failure || a.TLS != nil {
				t.Errorf("MQTT %+v, TLS %+v", a.MQTT, a.TLS)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, m := newAuthority("CA").trusting(t, server(t, func(c net.Conn) { c.Read(make([]byte, 1)); cancel(); io.Copy(io.Discard, c) }), nil)
		p.Server.Transport = profile.WS
		a := NewAttempt(p, m)
		if _, err := Dial(ctx, p, m, a, Options{}); err == nil || a.WebSocket.Failure != evidence.Cancelled {
			t.Errorf("%v, %+v", err, a.WebSocket)
		}
	})
}

// TestWebSocketAfterTLS holds what is promised of TLS for WebSocket too: nothing is asked of a server that is refused, also
// behind a proxy, and a verdict on the client certificate that comes late is the TLS stage's, not an HTTP matter.
func TestWebSocketAfterTLS(t *testing.T) {
	ca, other := newAuthority("CA"), newAuthority("Other")
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	wrong := other.issue(newKey(), nil)
	t.Run("refused server", func(t *testing.T) {
		address, heard := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{wrong}})
		proxy, _ := httpProxy(t, "s3cret")
		for _, by := range []string{"", "http://me@" + proxy} {
			p, m := ca.trusting(t, address, nil)
			p.Server.Transport, p.Server.Proxy = profile.WSS, by
			a := NewAttempt(p, m)
			if c, err := Dial(t.Context(), p, m, a, Options{ProxyPassword: "s3cret"}); err == nil || c != nil || a.TLS.Failure != evidence.Unverified || a.WebSocket != nil {
				t.Errorf("%v: TLS %+v, WebSocket %+v", err, a.TLS, a.WebSocket)
			}
			if told, _ := heard.get(); told != "" {
				t.Errorf("a server that was refused heard %q", told)
			}
		}
	})
	for name, client := range map[string]*tls.Certificate{"none": nil, "of another authority": &wrong} {
		t.Run("refused client certificate: "+name, func(t *testing.T) {
			config := &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
			address := webServer(t, config, echo(t, 1))
			for range 20 {
				p, m := ca.trusting(t, address, client)
				p.Server.Transport = profile.WSS
				a := NewAttempt(p, m)
				if c, err := Dial(t.Context(), p, m, a, Options{}); err == nil {
					c.Close()
					t.Fatal("there is a connection")
				}
				if r := a.TLS; r.Status != evidence.Failed || r.Alert == nil || !r.Late || a.MQTT != nil {
					t.Errorf("TLS %+v, WebSocket %+v, MQTT %+v", r, a.WebSocket, a.MQTT)
				}
			}
		})
	}
}

// TestFramesEnd is about what a server may do instead of sending MQTT.
func TestFramesEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*websocket.Conn)
		want string
	}{
		"normal":   {func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "bye") }, "EOF"},
		"policy":   {func(c *websocket.Conn) { c.Close(websocket.StatusPolicyViolation, "not you") }, `status 1008 "not you"`},
		"text":     {func(c *websocket.Conn) { c.Write(context.Background(), websocket.MessageText, []byte("x")) }, "holds text"},
		"no words": {func(c *websocket.Conn) { c.CloseNow() }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			address := webServer(t, nil, func(w http.ResponseWriter, r *http.Request) {
				c := must(websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}}))
				defer c.CloseNow()
				c.Write(context.Background(), websocket.MessageBinary, nil) // an empty frame is no end
				c.Write(context.Background(), websocket.MessageBinary, []byte("first"))
				tt.do(c)
				c.Read(context.Background())
			})
			p, m := newAuthority("CA").trusting(t, address, nil)
			p.Server.Transport = profile.WS
			c, err := Dial(t.Context(), p, m, NewAttempt(p, m), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, err := io.ReadAll(io.MultiReader(c, strings.NewReader("")))
			if err == nil {
				err = io.EOF
			}
			if string(got) != "first" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v", got, err)
			}
			if f, _ := FailureOf(err); name == "policy" && f != evidence.Closed {
				t.Errorf("the failure is %s", f)
			}
		})
	}
}

// TestOwnEndIsNoVerdict closes a connection to a server that says nothing: that it ended is this side's doing.
func TestOwnEndIsNoVerdict(t *testing.T) {
	ca := newAuthority("CA")
	address, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, ClientAuth: tls.RequestClientCert})
	p, m := ca.trusting(t, address, nil)
	a := NewAttempt(p, m)
	c, err := Dial(t.Context(), p, m, a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	c.Judge(a)
	if a.TLS.Failure != "" || a.TLS.Late {
		t.Errorf("recorded %+v", a.TLS)
	}
}

func TestRequestURL(t *testing.T) {
	for _, tt := range []struct {
		server profile.Server
		want   string
	}{
		{profile.Server{Transport: profile.WSS, Host: "h"}, "ws://h/mqtt"},
		{profile.Server{Transport: profile.WSS, Host: "h", Port: 8084, Path: "/a?b"}, "ws://h:8084/a?b"},
		{profile.Server{Transport: profile.WS, Host: "fe80::1%lo", Port: 80}, "ws://[fe80::1]/mqtt"},
		{profile.Server{Transport: profile.WS, Host: "::1", Port: 443}, "ws://[::1]:443/mqtt"},
	} {
		if got := requestURL(tt.server); got != tt.want {
			t.Errorf("%+v: %s", tt.server, got)
		}
	}
}
