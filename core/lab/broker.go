package lab

import (
	"io"
	"log/slog"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// maxPacket bounds what a client may send, in bytes.
const maxPacket = 16 << 20

// newBroker returns a quiet MQTT broker that lets in everybody, or nobody when refuse is not nil.
func newBroker(refuse *refusal) (*mqtt.Server, error) {
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumPacketSize = maxPacket
	broker := mqtt.New(&mqtt.Options{
		Capabilities:           capabilities,
		Logger:                 slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1})),
		SysTopicResendInterval: 60, // seconds: nobody looks at $SYS here
	})
	if err := broker.AddHook(&door{refuse: refuse}, nil); err != nil {
		return nil, err
	}
	return broker, broker.Serve()
}

// refusal is the answer to every CONNECT.
type refusal struct {
	code packets.Code
	text string // Reason String
}

// door decides who may come in.
type door struct {
	mqtt.HookBase
	refuse *refusal
}

func (d *door) ID() string { return "door" }

func (d *door) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketEncode:
		return true
	}
	return false
}

func (d *door) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return d.refuse == nil }

func (d *door) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// OnPacketEncode puts the refusal's own code in the place of the broker's, which has but one. MQTT 3.1.1 has other
// codes, and no Reason String: what the broker says there stays. It also mends the library's PUBACK, which carries
// "Granted QoS 1", a code that belongs to SUBACK (MQTT 5.0 §3.4.2.1).
func (d *door) OnPacketEncode(cl *mqtt.Client, pk packets.Packet) packets.Packet {
	if pk.FixedHeader.Type == packets.Puback && pk.ReasonCode == packets.CodeGrantedQos1.Code {
		pk.ReasonCode = packets.CodeSuccess.Code
	}
	if d.refuse != nil && pk.FixedHeader.Type == packets.Connack && cl.Properties.ProtocolVersion >= 5 {
		pk.ReasonCode = d.refuse.code.Code
		pk.Properties.ReasonString = d.refuse.text
	}
	return pk
}
