package lab

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// webDoor is a web server in front of the broker.
type webDoor struct {
	path   string // where MQTT is spoken over WebSocket
	other  string // where another protocol is
	status int    // the answer to everybody; 0: who asks for path comes in
}

// subprotocol is MQTT's name in WebSocket (MQTT 5.0 §6).
const subprotocol = "mqtt"

// serveWeb speaks HTTP on conn, and hands what becomes a WebSocket for MQTT to speak. It returns when conn is closed.
func (d *webDoor) serveWeb(conn net.Conn, speak func(net.Conn)) {
	one := &singleListener{conn: conn, closed: make(chan struct{})}
	web := http.Server{ReadHeaderTimeout: greeting, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		switch {
		case d.status != 0:
			http.Error(w, http.StatusText(d.status), d.status)
		case r.URL.Path == d.path && slices.Contains(websocketProtocols(r), subprotocol):
			d.upgrade(w, r, speak, subprotocol)
		case r.URL.Path == d.other:
			d.upgrade(w, r, func(net.Conn) {})
		default:
			http.NotFound(w, r)
		}
	})}
	web.Serve(one) // its error is that the only connection is closed
}

func (d *webDoor) upgrade(w http.ResponseWriter, r *http.Request, speak func(net.Conn), protocols ...string) {
	upgraded, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: protocols})
	if err != nil {
		return // Accept has answered
	}
	defer upgraded.CloseNow()
	speak(websocket.NetConn(context.Background(), upgraded, websocket.MessageBinary))
}

// websocketProtocols are those that the client offers, as Go reads a list of tokens.
func websocketProtocols(r *http.Request) []string {
	var all []string
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for token := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(token))
		}
	}
	return all
}

// singleListener accepts one connection, and ends with it.
type singleListener struct {
	conn   net.Conn
	taken  bool
	once   sync.Once
	closed chan struct{}
}

func (l *singleListener) Accept() (net.Conn, error) {
	if !l.taken {
		l.taken = true
		return closing{l.conn, l}, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *singleListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *singleListener) Addr() net.Addr { return l.conn.LocalAddr() }

// closing tells the listener when the connection is closed.
type closing struct {
	net.Conn
	listener *singleListener
}

func (c closing) Close() error {
	defer c.listener.Close()
	return c.Conn.Close()
}

// readRequest reads one HTTP request's head.
func readRequest(conn net.Conn) (*http.Request, error) {
	return http.ReadRequest(bufio.NewReader(conn))
}
