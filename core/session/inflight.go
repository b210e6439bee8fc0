package session

import (
	"context"
	"io"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	pahosession "github.com/eclipse/paho.golang/paho/session"
	"github.com/eclipse/paho.golang/paho/session/state"
)

// inflight is paho's session state with two repairs: the send quota is counted here, because paho's underflows when
// messages are sent again to a server with a smaller Receive Maximum; and a PUBREC is not answered when the connection
// is going down, because paho then writes to nothing and panics.
type inflight struct {
	*state.State

	mu    sync.Mutex
	limit int                 // the server's Receive Maximum on this connection
	ids   map[uint16]struct{} // messages sent and not acknowledged
	taken int                 // ids, and those that are about to get one
	up    bool
	freed chan struct{} // closed and replaced when there may be room
}

func newInflight() *inflight {
	return &inflight{State: state.NewInMemory(), ids: map[uint16]struct{}{}, freed: make(chan struct{})}
}

func (f *inflight) ConAckReceived(w io.Writer, cp *packets.Connect, ca *packets.Connack) error {
	f.mu.Lock()
	f.limit, f.up = 65535, true // MQTT 5.0 §3.2.2.3.3
	if ca.Properties != nil && ca.Properties.ReceiveMaximum != nil && *ca.Properties.ReceiveMaximum > 0 {
		f.limit = int(*ca.Properties.ReceiveMaximum)
	}
	if !ca.SessionPresent {
		f.taken -= len(f.ids)
		clear(f.ids)
	}
	f.wake()
	f.mu.Unlock()

	unlimited := *ca
	if ca.Properties != nil {
		properties := *ca.Properties
		properties.ReceiveMaximum = nil
		unlimited.Properties = &properties
	}
	return f.State.ConAckReceived(w, cp, &unlimited)
}

func (f *inflight) ConnectionLost(d *packets.Disconnect) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up = false
	return f.State.ConnectionLost(d)
}

func (f *inflight) AddToSession(ctx context.Context, p pahosession.Packet, answer chan<- packets.ControlPacket) error {
	publish, ok := p.(*packets.Publish)
	if !ok {
		return f.State.AddToSession(ctx, p, answer)
	}
	if err := f.acquire(ctx); err != nil {
		return err
	}
	err := f.State.AddToSession(ctx, p, answer)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.taken--
		f.wake()
		return err
	}
	f.ids[publish.PacketID] = struct{}{}
	return nil
}

// acquire waits for room in the server's Receive Maximum.
func (f *inflight) acquire(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.taken >= f.limit {
		freed := f.freed
		f.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			f.mu.Lock()
			return ctx.Err()
		}
		f.mu.Lock()
	}
	f.taken++
	return nil
}

// wake lets all who wait look again; f.mu is held.
func (f *inflight) wake() {
	close(f.freed)
	f.freed = make(chan struct{})
}

func (f *inflight) PacketReceived(recv *packets.ControlPacket, messages chan<- *packets.Publish) error {
	switch p := recv.Content.(type) {
	case *packets.Puback:
		defer f.release(p.PacketID)
	case *packets.Pubcomp:
		defer f.release(p.PacketID)
	case *packets.Pubrec:
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.up {
			return nil // it is acknowledged when the message is sent again
		}
		if p.ReasonCode >= 0x80 {
			f.releaseLocked(p.PacketID)
		}
	}
	return f.State.PacketReceived(recv, messages)
}

func (f *inflight) release(id uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.releaseLocked(id)
}

func (f *inflight) releaseLocked(id uint16) {
	if _, held := f.ids[id]; held {
		delete(f.ids, id)
		f.taken--
		f.wake()
	}
}
