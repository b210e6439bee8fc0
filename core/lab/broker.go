package lab

import (
	"io"
	"log/slog"
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// maxPacket bounds what a client may send, in bytes.
const maxPacket = 16 << 20

// newBroker returns a quiet MQTT broker with that door.
func newBroker(d *door) (*mqtt.Server, error) {
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumPacketSize = maxPacket
	broker := mqtt.New(&mqtt.Options{
		Capabilities:           capabilities,
		Logger:                 slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1})),
		SysTopicResendInterval: 60, // seconds: nobody looks at $SYS here
	})
	if err := broker.AddHook(d, nil); err != nil {
		return nil, err
	}
	return broker, broker.Serve()
}

// refusal is the answer to every CONNECT.
type refusal struct {
	code packets.Code
	text string // Reason String
}

// door decides who may come in, and what may be done inside.
type door struct {
	mqtt.HookBase
	refuse *refusal                              // the answer to every CONNECT; nil: everybody may come in
	deny   func(topic string, publish bool) bool // nil: nothing
	// settled is called when a client has got its first answers besides CONNACK; nil: nobody wants to know.
	settled func(*mqtt.Client)
	// asked are the packet identifiers of SUBSCRIBE and UNSUBSCRIBE that are being answered, by client.
	asked sync.Map
}

func (d *door) ID() string { return "door" }

func (d *door) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketEncode, mqtt.OnPacketSent, mqtt.OnPacketRead, mqtt.OnDisconnect:
		return true
	}
	return false
}

func (d *door) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return d.refuse == nil }

func (d *door) OnACLCheck(_ *mqtt.Client, topic string, publish bool) bool {
	return d.deny == nil || !d.deny(topic, publish)
}

// OnPacketRead gives SUBSCRIBE and UNSUBSCRIBE another packet identifier where the library has a message of that number
// under way to the client: it would refuse them, though the two are assigned independently of each other (MQTT 5.0
// §2.2.1). OnPacketEncode puts the client's back.
func (d *door) OnPacketRead(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if kind := pk.FixedHeader.Type; kind != packets.Subscribe && kind != packets.Unsubscribe || pk.PacketID == 0 {
		return pk, nil
	}
	d.asked.Store(cl, pk.PacketID)
	for free := uint16(65535); free > 0; free-- {
		if _, used := cl.State.Inflight.Get(free); !used {
			pk.PacketID = free
			break
		}
	}
	return pk, nil
}

func (d *door) OnDisconnect(cl *mqtt.Client, _ error, _ bool) { d.asked.Delete(cl) }

func (d *door) OnPacketSent(cl *mqtt.Client, pk packets.Packet, _ []byte) {
	switch pk.FixedHeader.Type {
	case packets.Suback, packets.Puback, packets.Pubcomp:
		if d.settled != nil {
			d.settled(cl)
		}
	}
}

// OnPacketEncode puts the refusal's own code in the place of the broker's, which has but one. MQTT 3.1.1 has other
// codes, and no Reason String: what the broker says there stays. It also mends the library's PUBACK, which carries
// "Granted QoS 1", a code that belongs to SUBACK (MQTT 5.0 §3.4.2.1).
func (d *door) OnPacketEncode(cl *mqtt.Client, pk packets.Packet) packets.Packet {
	if pk.FixedHeader.Type == packets.Puback && pk.ReasonCode == packets.CodeGrantedQos1.Code {
		pk.ReasonCode = packets.CodeSuccess.Code
	}
	if kind := pk.FixedHeader.Type; kind == packets.Suback || kind == packets.Unsuback {
		if id, ok := d.asked.LoadAndDelete(cl); ok {
			pk.PacketID = id.(uint16)
		}
	}
	if d.refuse != nil && pk.FixedHeader.Type == packets.Connack && cl.Properties.ProtocolVersion >= 5 {
		pk.ReasonCode = d.refuse.code.Code
		pk.Properties.ReasonString = d.refuse.text
	}
	return pk
}
