package lab

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// TestIdentifiersAreTheClients: a client may number what it asks as it likes, whatever the broker's own messages to it
// are numbered.
func TestIdentifiersAreTheClients(t *testing.T) {
	broker, err := newBroker(&door{})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	client, inside := net.Pipe()
	done := make(chan struct{})
	go func() { defer close(done); broker.EstablishConnection(listenerID, inside) }()
	defer func() { client.Close(); <-done }()
	client.SetDeadline(time.Now().Add(10 * time.Second))
	ask := func(packet string) { // and read one packet
		go io.WriteString(client, packet)
	}
	read := func(want byte) []byte {
		t.Helper()
		head := make([]byte, 2) // no packet is longer than 127 bytes here
		if _, err := io.ReadFull(client, head); err != nil {
			t.Fatal(err)
		}
		body := make([]byte, head[1])
		if _, err := io.ReadFull(client, body); err != nil || head[0]>>4 != want {
			t.Fatalf("packet %x %x: %v", head, body, err)
		}
		return body
	}
	ask(string(connectAs("numbers")))
	read(packets.Connack)
	ask("\x33\x0a\x00\x04kept\x00\x07\x00x")
	read(packets.Puback)
	ask("\x82\x0a\x00\x01\x00\x00\x04kept\x01")
	if suback := read(packets.Suback); string(suback[:2]) != "\x00\x01" || suback[len(suback)-1] != 1 {
		t.Errorf("SUBACK %x", suback)
	}
	if publish := read(packets.Publish); string(publish[6:8]) != "\x00\x01" { // it is not acknowledged
		t.Fatalf("the broker's message has another number: %x", publish)
	}
	ask("\x82\x0b\x00\x01\x00\x00\x05other\x01")
	if suback := read(packets.Suback); string(suback[:2]) != "\x00\x01" || suback[len(suback)-1] != 1 {
		t.Errorf("SUBACK %x", suback)
	}
	ask("\xa2\x0a\x00\x01\x00\x00\x05other")
	if unsuback := read(packets.Unsuback); string(unsuback[:2]) != "\x00\x01" || unsuback[len(unsuback)-1] != 0 {
		t.Errorf("UNSUBACK %x", unsuback)
	}
}
