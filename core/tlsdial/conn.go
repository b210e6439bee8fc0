package tlsdial

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"mutual/core/evidence"
)

const (
	// earlySize is what the first Read may fetch: one TLS record.
	earlySize = 16 << 10
	// verdictWait is how long a failed Write waits for the server's last words, which are on their way already.
	verdictWait = time.Second
	// closeWait bounds the close_notify, for which crypto/tls would wait 5 s.
	closeWait = 300 * time.Millisecond
)

// Conn is a connection to a server, over TLS or not. It begins to read before anything is written, because in TLS 1.3
// the server's judgement of the client certificate comes after the handshake, and a Write that fails because the
// server has closed would bury it. One goroutine may read and others write.
type Conn struct {
	net.Conn
	wire *wire
	// early is closed when the first Read has ended; first and firstErr may be read from then on.
	early    chan struct{}
	first    []byte
	firstErr error
	taken    bool        // the reader has got all of first and firstErr
	left     atomic.Bool // this side closed before anything came: that it ended is no verdict
	settled  bool        // the server has answered already: what comes now is no verdict on the handshake
}

// newConn makes a Conn of c, which is w itself or TLS over it.
func newConn(c net.Conn, w *wire) *Conn { return beginReading(&Conn{Conn: c, wire: w}) }

// newUpgraded makes a Conn of c, which is WebSocket over another Conn over w.
func newUpgraded(c net.Conn, w *wire) *Conn {
	return beginReading(&Conn{Conn: c, wire: w, settled: true})
}

func beginReading(conn *Conn) *Conn {
	conn.early = make(chan struct{})
	go func() {
		defer close(conn.early)
		buffer := make([]byte, earlySize)
		n, err := conn.Conn.Read(buffer)
		conn.first, conn.firstErr = buffer[:n], err
	}()
	return conn
}

// Read reads what the server sends. Its error is the server's alert where there is one: see FailureOf.
func (c *Conn) Read(p []byte) (int, error) {
	if c.taken {
		return c.Conn.Read(p)
	}
	<-c.early // ends with Close or a deadline, as any Read does
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		c.taken = len(c.first) == 0 && c.firstErr == nil
		return n, nil
	}
	c.taken = true
	return 0, c.firstErr
}

// Write sends p. When it fails before the server's first word was read, it waits a moment for that, and returns it
// instead of a broken pipe if it is an alert.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil || errors.Is(err, net.ErrClosed) {
		return n, err
	}
	timer := time.NewTimer(verdictWait)
	defer timer.Stop()
	select {
	case <-c.early:
		if _, alert := alertOf(c.firstErr); alert {
			err = c.firstErr
		}
	case <-timer.C:
	}
	return n, err
}

// Close closes the connection and waits until nothing of it is running. It takes no longer than closeWait, even when
// the network takes nothing any more.
func (c *Conn) Close() error {
	select {
	case <-c.early:
	default:
		c.left.Store(true)
	}
	timer := time.AfterFunc(closeWait, func() { c.wire.Close() })
	err := c.Conn.Close()
	timer.Stop()
	c.wire.Close()
	<-c.early
	return err
}

// Judge writes into a.TLS what came after the handshake instead of an answer: an alert makes the TLS stage Failed, a
// reset or an end of stream is only noted. It is to be called when the server has not answered the first packet, and
// does nothing over TCP alone.
func (c *Conn) Judge(a *evidence.Attempt) {
	select {
	case <-c.early:
	default:
		return
	}
	if c.settled || a.TLS == nil || c.firstErr == nil || a.TLS.Status != evidence.OK {
		return
	}
	switch failure, alert := FailureOf(c.firstErr); failure {
	case evidence.AlertSent:
		a.TLS.Status, a.TLS.Failure, a.TLS.Alert, a.TLS.Late, a.TLS.Error = evidence.Failed, failure, alert, true, c.firstErr.Error()
	case evidence.Reset, evidence.Closed:
		if !c.left.Load() {
			a.TLS.Failure, a.TLS.Late = failure, true
		}
	}
}
