package session

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/eclipse/paho.golang/packets"

	"mutual/core/history"
)

func TestPacketReader(t *testing.T) {
	large := append([]byte{0x30, 0xF0, 0xA2, 0x04}, bytes.Repeat([]byte{1}, 70_000)...)
	stream := append([]byte{0xD0, 0, 0x40, 2, 0, 1}, large...)
	stream = append(stream, 0xD0, 0)
	for name, source := range map[string]io.Reader{
		"at once":         bytes.NewReader(stream),
		"byte by byte":    iotest.OneByteReader(bytes.NewReader(stream)),
		"in halves":       iotest.HalfReader(bytes.NewReader(stream)),
		"with the ending": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newPacketReader(source, 1<<20, nil)
			var got []byte
			var err error
			for {
				var p packet
				if p, err = r.next(); err != nil {
					break
				}
				got = append(got, p.raw...)
			}
			if err != io.EOF || !bytes.Equal(got, stream) {
				t.Errorf("read %d bytes of %d: %v", len(got), len(stream), err)
			}
		})
	}
}

func TestPacketReaderRefuses(t *testing.T) {
	tests := []struct {
		name, stream string
		code         byte
	}{
		{"2 GB", "\x30\xff\xff\xff\x7f", 0x95},
		{"one over the limit", "\x30\x7f", 0x95},
		{"five bytes of length", "\x30\xff\xff\xff\xff\x7f", 0x81},
		{"endless length", "\x30\x80\x80\x80\x80\x80", 0x81},
	}
	for _, tt := range tests {
		_, err := newPacketReader(strings.NewReader(tt.stream), 128, nil).next()
		var v *violation
		if !errors.As(err, &v) || v.code != tt.code {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := newPacketReader(strings.NewReader("\x30\x7e"+strings.Repeat("x", 126)), 128, nil).next(); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	if _, err := newPacketReader(strings.NewReader("\x30\x05abc"), 128, nil).next(); err != io.ErrUnexpectedEOF {
		t.Errorf("half a packet: %v", err)
	}
}

// TestAnnouncedLengthCostsNothing announces the largest packet that is allowed and sends a few bytes of it.
func TestAnnouncedLengthCostsNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		newPacketReader(strings.NewReader("\x30\xff\xff\xff\x7fabcdefgh"), 1<<30, nil).next()
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20*(2*bufferSize+keepBuffer) {
		t.Errorf("%d bytes were allocated", grown)
	}
}

// publishPacket is a PUBLISH as a server sends it.
func publishPacket(flags byte, topic string, id uint16, properties, payload string) []byte {
	body := append([]byte{byte(len(topic) >> 8), byte(len(topic))}, topic...)
	if flags&6 != 0 {
		body = append(body, byte(id>>8), byte(id))
	}
	body = append(body, byte(len(properties)))
	body = append(append(body, properties...), payload...)
	return append([]byte{typePublish<<4 | flags, byte(len(body))}, body...)
}

func TestReadPublish(t *testing.T) {
	everything := "\x01\x01" + "\x02\x00\x00\x00\x3c" + "\x03\x00\x04text" + "\x08\x00\x01r" + "\x26\x00\x01b\x00\x012" +
		"\x09\x00\x02\x00\xff" + "\x0b\x07" + "\x0b\x80\x01" + "\x26\x00\x01a\x00\x011"
	tests := []struct {
		name  string
		raw   []byte
		code  byte
		want  history.Message
		id    uint16
		props string
	}{
		{"plain", publishPacket(0, "a/b", 0, "", "hello"), 0, history.Message{Topic: "a/b", Payload: []byte("hello")}, 0, ""},
		{"empty payload", publishPacket(0, "a", 0, "", ""), 0, history.Message{Topic: "a", Payload: []byte{}}, 0, ""},
		{"QoS 2, duplicate, retained", publishPacket(0x0D, "a", 7, "", "x"), 0, history.Message{Topic: "a", Payload: []byte("x"), QoS: 2, Duplicate: true, Retained: true}, 7, ""},
		{"all properties", publishPacket(0, "a", 0, everything, "x"), 0, history.Message{Topic: "a", Payload: []byte("x")}, 0,
			"Payload Format Indicator=1;Message Expiry Interval=60;Content Type=text;Response Topic=r;Correlation Data=00ff;" +
				"Subscription Identifier=7;Subscription Identifier=128;User Property=b: 2;User Property=a: 1;"},
		{"alias set", publishPacket(0, "long", 0, "\x23\x00\x01", "x"), 0, history.Message{Topic: "long", Payload: []byte("x")}, 0, "Topic Alias=1;"},
		{"alias used", publishPacket(0, "", 0, "\x23\x00\x01", "y"), 0, history.Message{Topic: "long", Payload: []byte("y")}, 0, "Topic Alias=1;"},
		{"largest alias", publishPacket(0, "t", 0, "\x23\x00\x40", "y"), 0, history.Message{Topic: "t", Payload: []byte("y")}, 0, "Topic Alias=64;"},
		{"alias 0", publishPacket(0, "t", 0, "\x23\x00\x00", ""), 0x94, history.Message{}, 0, ""},
		{"alias too large", publishPacket(0, "t", 0, "\x23\x00\x41", ""), 0x94, history.Message{}, 0, ""},
		{"alias not set", publishPacket(0, "", 0, "\x23\x00\x09", ""), 0x82, history.Message{}, 0, ""},
		{"no topic", publishPacket(0, "", 0, "", ""), 0x82, history.Message{}, 0, ""},
		{"wildcard", publishPacket(0, "a/#", 0, "", ""), 0x90, history.Message{}, 0, ""},
		{"QoS 3", publishPacket(6, "a", 1, "", ""), 0x81, history.Message{}, 0, ""},
		{"identifier 0", publishPacket(2, "a", 0, "", ""), 0x82, history.Message{}, 0, ""},
		{"not UTF-8", publishPacket(0, "\xff", 0, "", ""), 0x81, history.Message{}, 0, ""},
		{"NUL", publishPacket(0, "a\x00", 0, "", ""), 0x81, history.Message{}, 0, ""},
		{"unknown property", publishPacket(0, "a", 0, "\x7f\x00", ""), 0x81, history.Message{}, 0, ""},
		{"property cut off", publishPacket(0, "a", 0, "\x03\x00\x09x", ""), 0x81, history.Message{}, 0, ""},
		{"properties longer than the packet", []byte{0x30, 4, 0, 1, 'a', 9}, 0x81, history.Message{}, 0, ""},
		{"nothing at all", []byte{0x30, 0}, 0x81, history.Message{}, 0, ""},
	}
	known := aliases{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, id, err := readPublish(packet{raw: tt.raw, body: tt.raw[2:]}, known)
			var v *violation
			if tt.code != 0 {
				if !errors.As(err, &v) || v.code != tt.code {
					t.Fatalf("%v, want code 0x%02X", err, tt.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w := tt.want
			if m.Topic != w.Topic || !bytes.Equal(m.Payload, w.Payload) || m.QoS != w.QoS || m.Retained != w.Retained || m.Duplicate != w.Duplicate || id != tt.id {
				t.Errorf("read %+v, identifier %d", m, id)
			}
			props := ""
			for _, p := range m.Properties {
				props += p.Name + "=" + p.Value + ";"
			}
			if props != tt.props {
				t.Errorf("the properties are %s", props)
			}
		})
	}
}

// canned is a connection on which everything has come already.
type canned struct {
	io.Reader
	written bytes.Buffer
}

func (c *canned) Write(p []byte) (int, error)      { return c.written.Write(p) }
func (c *canned) Close() error                     { return nil }
func (c *canned) LocalAddr() net.Addr              { return nil }
func (c *canned) RemoteAddr() net.Addr             { return nil }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }

// FuzzStream feeds a stream with whatever a server might send, and paho's parser with what the stream lets through:
// nothing may panic, take more memory than came, or let a message past.
func FuzzStream(f *testing.F) {
	connack := "\x20\x03\x00\x00\x00"
	for _, s := range []string{
		connack, connack + "\x90\x04\x00\x01\x00\x01", connack + "\xb0\x04\x00\x01\x00\x00", connack + "\x40\x02\x00\x01", connack + "\x50\x04\x00\x01\x87\x00",
		connack + "\x70\x03\x00\x01\x92", connack + "\x62\x02\x00\x01", connack + "\xd0\x00", connack + "\xe0\x00", connack + "\xe0\x02\x8e\x00",
		connack + "\xf0\x00", "\x20\x02\x00\x01", "\x20\x09\x00\x87\x06\x1f\x00\x03bad", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x03\x00\x02\x02\x46",
		connack + string(publishPacket(4, "a", 1, "\x26\x00\x01b\x00\x012", "x")) + string(publishPacket(4, "a", 1, "", "x")) + "\x62\x02\x00\x01",
		connack + string(publishPacket(0, "t", 0, "\x23\x00\x01", "x")) + string(publishPacket(0, "", 0, "\x23\x00\x01", "x")),
		connack + "\x30\xff\xff\xff\x7f", "\x20\x0b\x00\x00\x08\x15\x00\x05PLAIN", "\x20\x06\x00\x00\x03\x22\x00\x0a",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { feed(t, level5, in) })
}

// FuzzStream4 does the same in MQTT 3.1.1.
func FuzzStream4(f *testing.F) {
	connack := "\x20\x02\x00\x00"
	for _, s := range []string{
		connack, connack + "\x90\x03\x00\x01\x80", connack + "\xb0\x02\x00\x01", connack + "\x40\x02\x00\x01", connack + "\x50\x02\x00\x01",
		connack + "\x70\x02\x00\x01", connack + "\x62\x02\x00\x01", connack + "\xd0\x00", connack + "\xe0\x00", "\x20\x03\x00\x84\x00", "\xe0\x01\x84",
		connack + "\x32\x06\x00\x01a\x00\x01x\x30\x03\x00\x01b", connack + "\x34\x05\x00\x01a\x00\x02\x62\x02\x00\x02", connack + "\x30\xff\xff\xff\x7f",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { feed(t, level4, in) })
}

// feed is what both do with what came.
func feed(t *testing.T, level byte, in []byte) {
	c := &canned{Reader: bytes.NewReader(in)}
	w := history.NewWindow(1<<20, 1<<30)
	s := newStream(c, level, &inbox{window: w}, 1<<16)
	for {
		p, err := packets.ReadPacket(s)
		if err != nil {
			break
		}
		switch p.Type {
		case packets.PUBLISH, packets.PUBREL, packets.DISCONNECT, packets.AUTH:
			t.Fatalf("paho was shown %s", p)
		}
	}
	held := 0
	for i := range w.Len() {
		m, _ := w.At(i)
		held += len(m.Payload)
	}
	if held > len(in) {
		t.Errorf("%d bytes of payload from %d bytes", held, len(in))
	}
	if s.ended().sentence() == "" || s.ended().failure() == "" {
		t.Errorf("the end has no reason: %v", s.ended().err)
	}
}

// BenchmarkStream reads messages of 100 bytes that have all come already.
func BenchmarkStream(b *testing.B) {
	one := publishPacket(0, "sensors/temperature", 0, "", strings.Repeat("x", 100))
	many := bytes.Repeat(one, 1000)
	w := history.NewWindow(10_000, 64<<20)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for n := 0; n < b.N; n += 1000 {
		s := newStream(&canned{Reader: io.MultiReader(strings.NewReader(accepted), bytes.NewReader(many))}, level5, &inbox{window: w}, 1<<20)
		io.Copy(io.Discard, s)
	}
}
