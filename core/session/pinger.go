package session

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/eclipse/paho.golang/packets"
	pahologs "github.com/eclipse/paho.golang/paho/log"
)

// pinger keeps a connection alive and notices when it is not. paho's own looks only once in each keep-alive, and so
// takes up to twice that; and it would take a slow reader of messages for a dead server.
type pinger struct{ stream *stream }

// silence is a server that has not been heard for too long.
type silence struct{ after time.Duration }

func (e *silence) Error() string {
	return fmt.Sprintf("waiting for PINGRESP: nothing came for %s", e.after)
}

// Timeout makes silence a time-out for whoever asks.
func (e *silence) Timeout() bool { return true }

// Run sends PINGREQ when nothing was sent or nothing came for half the keep-alive, and ends the connection when nothing
// came for the whole of it, which leaves a server half of it to answer. It ends with ctx.
func (p *pinger) Run(ctx context.Context, conn net.Conn, keepAlive uint16) error {
	if keepAlive == 0 {
		return nil
	}
	period := time.Duration(keepAlive) * time.Second
	ticker := time.NewTicker(period / 20)
	defer ticker.Stop()
	failed := make(chan error, 1)
	var pinged time.Time
	var pinging chan struct{} // the PINGREQ under way: it may have to wait for a large message before it
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case now := <-ticker.C:
			if p.stream.busy.Load() {
				p.stream.received.Store(now.UnixNano()) // it is this side that is not reading
			}
			heard, sent := time.Unix(0, p.stream.received.Load()), time.Unix(0, p.stream.sent.Load())
			if quiet := now.Sub(heard); quiet > period {
				err := &silence{quiet}
				p.stream.end(err)
				return err
			}
			due := now.Sub(heard) > period/2 || now.Sub(sent) > period/2
			if !due || now.Sub(pinged) < period/4 || !done(pinging) {
				continue
			}
			pinged = now
			pinging = make(chan struct{})
			go func(sending chan struct{}) {
				defer close(sending)
				if _, err := packets.NewControlPacket(packets.PINGREQ).WriteTo(conn); err != nil {
					failed <- err
				}
			}(pinging)
		}
	}
}

// done says that c is closed, or nil.
func done(c chan struct{}) bool {
	if c == nil {
		return true
	}
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// The stream knows better than paho when packets come and go.

func (p *pinger) PacketSent()              {}
func (p *pinger) PacketReceived()          {}
func (p *pinger) PingResp()                {}
func (p *pinger) SetDebug(pahologs.Logger) {}
