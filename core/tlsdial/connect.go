package tlsdial

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"mutual/core/evidence"
)

// attemptDelay is how long one address is given before the next is tried beside it (RFC 8305 §5 recommends 250 ms).
const attemptDelay = 250 * time.Millisecond

// try is one address being dialled.
type try struct {
	index  int
	socket net.Conn
	err    error
	took   time.Duration
}

// connect dials the addresses in order, each beside those before it, takes the first that answers, and fills a.Dial
// with every address that was tried. timeout is for all of them together.
func connect(ctx context.Context, addresses []netip.Addr, port int, a *evidence.Attempt, timeout time.Duration) (net.Conn, error) {
	start := time.Now()
	d := &evidence.Dial{}
	if a.Dial != nil {
		d.Proxy = a.Dial.Proxy
	}
	a.Dial = d
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	tries := make(chan try, len(addresses))
	begin := func() {
		index, address := len(d.Tries), net.JoinHostPort(addresses[len(d.Tries)].String(), strconv.Itoa(port))
		d.Tries = append(d.Tries, evidence.DialAttempt{Address: address})
		go func() {
			start := time.Now()
			var dialer net.Dialer // sets TCP_NODELAY and TCP keep-alive by itself
			socket, err := dialer.DialContext(ctx, "tcp", address)
			tries <- try{index, socket, err, since(start)}
		}()
	}
	begin()
	next := time.NewTicker(attemptDelay)
	defer next.Stop()

	var winner net.Conn
	var firstErr error
	for running := 1; running > 0; {
		more := winner == nil && ctx.Err() == nil && len(d.Tries) < len(addresses)
		select {
		case t := <-tries:
			running--
			record := &d.Tries[t.index]
			record.Took = t.took
			switch {
			case t.err != nil:
				record.Failure, record.Error = failureOf(t.err), t.err.Error()
				if firstErr == nil {
					firstErr = t.err
				}
				if more {
					begin()
					running++
				}
			case winner != nil: // answered too, but later
				record.Failure = evidence.Cancelled
				t.socket.Close()
			default:
				winner, d.Address = t.socket, record.Address
				cancel()
			}
		case <-next.C:
			if more {
				begin()
				running++
			}
		}
	}
	d.Duration = since(start)
	if winner == nil {
		if outer.Err() != nil {
			firstErr = outer.Err()
		}
		d.Status, d.Error = evidence.Failed, firstErr.Error()
		return nil, fmt.Errorf("dialling port %d: %w", port, firstErr)
	}
	d.Status = evidence.OK
	return winner, nil
}
