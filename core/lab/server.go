package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Bounds of the server, all in the broker's favour: it is on this computer.
const (
	greeting = 10 * time.Second       // for the handshake and CONNECT
	farewell = time.Second            // for a DISCONNECT to be written on Close
	linger   = 500 * time.Millisecond // for a refused client to read why
)

// listenerID is the broker's name for where clients come from.
const listenerID = "practice"

// server is what answers on the port.
type server struct {
	port      int
	listeners []net.Listener
	held      []io.Closer // what keeps a port that nothing listens on
	config    *tls.Config // nil: no TLS
	broker    *mqtt.Server
	speak     func(net.Conn) // nil: the broker speaks
	screen    func(net.Conn) (net.Conn, bool)
	greet     func(net.Conn) (net.Conn, bool)
	webSocket *webDoor // nil: MQTT is spoken without it
	proxyURL  string   // of the proxy that stands in the way; empty: none

	work  sync.WaitGroup // accept loops and connections
	mu    sync.Mutex
	conns map[net.Conn]bool // open ones; nil once closed
}

// serve brings the scene's port to life.
func serve(ctx context.Context, c *scene) (*server, error) {
	s := &server{conns: map[net.Conn]bool{}, speak: c.speak, screen: c.screen, greet: c.greet, webSocket: c.webSocket}
	var err error
	switch c.listen {
	case refusing:
		s.port, s.held, err = holdPort(ctx)
		return s, err
	case silent:
		s.port, s.held, err = deafPort(ctx)
		return s, err
	case overTLS:
		s.config = c.config()
	}
	if s.port, s.listeners, err = listenLoopback(ctx); err != nil {
		return nil, err
	}
	if s.broker, err = newBroker(s.door(c)); err != nil {
		s.close()
		return nil, err
	}
	for _, l := range s.listeners {
		s.work.Go(func() { s.accept(l, s.converse) })
	}
	if c.proxy != "" {
		if s.proxyURL, err = s.startProxy(ctx, c.proxy); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// listenAlso lets something else than the broker answer on a further port.
func (s *server) listenAlso(l net.Listener, answer func(net.Conn)) {
	s.listeners = append(s.listeners, l)
	s.work.Go(func() {
		s.accept(l, func(conn net.Conn) {
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(greeting))
			answer(conn)
		})
	})
}

// listenLoopback listens on the same free port of 127.0.0.1 and, where there is IPv6, of ::1: localhost is both.
func listenLoopback(ctx context.Context) (port int, listeners []net.Listener, err error) {
	var config net.ListenConfig
	const tries = 20 // somebody may have the port on ::1 only
	for range tries {
		four, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return 0, nil, err
		}
		port = portOf(four.Addr())
		if !hasIPv6(ctx) {
			return port, []net.Listener{four}, nil
		}
		six, err := config.Listen(ctx, "tcp6", fmt.Sprintf("[::1]:%d", port))
		if err == nil {
			return port, []net.Listener{four, six}, nil
		}
		four.Close()
	}
	return 0, nil, errors.New("finding a port that is free on 127.0.0.1 and ::1")
}

func portOf(a net.Addr) int { return a.(*net.TCPAddr).Port }

func hasIPv6(ctx context.Context) bool {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// holdPort occupies a port without listening on it, by a connection that starts there: it stays refused for as long as
// the lab runs, for nobody else can listen on it.
func holdPort(ctx context.Context) (port int, held []io.Closer, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	defer l.Close()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	conn, err := dialer.DialContext(ctx, "tcp4", l.Addr().String())
	if err != nil {
		return 0, nil, err
	}
	other, err := l.Accept()
	if err != nil {
		conn.Close()
		return 0, nil, err
	}
	return portOf(conn.LocalAddr()), []io.Closer{conn, other}, nil
}

func (s *server) accept(l net.Listener, converse func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of file descriptors: they come back
			continue
		}
		if !s.track(conn) {
			conn.Close()
			return
		}
		s.work.Go(func() {
			defer s.forget(conn)
			converse(conn)
		})
	}
}

// converse lives through one connection.
func (s *server) converse(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(greeting)) // the broker sets its own after CONNECT
	if s.screen != nil {
		screened, ok := s.screen(conn)
		if !ok {
			return
		}
		conn = screened
	}
	if s.config != nil {
		secure := tls.Server(conn, s.config)
		if secure.Handshake() != nil {
			lingerClose(conn)
			return
		}
		conn = secure
	}
	if s.greet != nil {
		greeted, ok := s.greet(conn)
		if !ok {
			lingerClose(conn)
			return
		}
		conn = greeted
	}
	if s.speak != nil {
		s.speak(conn)
		lingerClose(conn)
		return
	}
	establish := func(conn net.Conn) {
		s.broker.EstablishConnection(listenerID, conn) // the client has been told, if it could be
	}
	if s.webSocket != nil {
		s.webSocket.serveWeb(conn, establish)
		return
	}
	establish(conn)
}

// lingerClose ends a connection so that the alert arrives: closing with unread bytes would send a reset after it.
func lingerClose(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok { // TCP, and TLS on it
		half.CloseWrite()
	}
	conn.SetReadDeadline(time.Now().Add(linger))
	io.Copy(io.Discard, conn)
}

// track remembers an open connection; not ok: the server is closed.
func (s *server) track(conn net.Conn) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *server) forget(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// close tells the clients, ends what is open and waits for all of it.
func (s *server) close() {
	for _, l := range s.listeners {
		l.Close()
	}
	if s.broker != nil {
		hangUp := time.AfterFunc(farewell, s.hangUp) // a client that does not read could hold a farewell up
		for _, client := range present(s.broker) {
			s.broker.DisconnectClient(client, packets.ErrServerShuttingDown)
		}
		hangUp.Stop()
	}
	s.hangUp()
	s.work.Wait()
	if s.broker != nil {
		s.broker.Close()
	}
	for _, c := range s.held {
		c.Close()
	}
}

// present are the clients that are connected. The library's own way to ask, GetByListener, takes a lock for reading twice:
// when a client leaves between the two, everybody waits for everybody.
func present(broker *mqtt.Server) []*mqtt.Client {
	var all []*mqtt.Client
	for _, client := range broker.Clients.GetAll() {
		if !client.Closed() {
			all = append(all, client)
		}
	}
	return all
}

// hangUp closes all connections and lets no further one in.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
}
