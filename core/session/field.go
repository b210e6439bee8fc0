package session

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mutual/core/history"
)

// fields reads the fields of a packet's body (MQTT 5.0 §1.5). After a field that is not there or malformed, ok is false
// and stays so.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) ok() bool { return !f.bad }

func (f *fields) take(n int) []byte {
	if f.bad || n > len(f.rest) {
		f.bad = true
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) byte() byte {
	if b := f.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) uint16() uint16 {
	if b := f.take(2); b != nil {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return 0
}

func (f *fields) uint32() uint32 { return uint32(f.uint16())<<16 | uint32(f.uint16()) }

// varint reads a Variable Byte Integer of at most four bytes (§1.5.5).
func (f *fields) varint() int {
	n := 0
	for shift := 0; shift < 28; shift += 7 {
		b := f.byte()
		n |= int(b&0x7F) << shift
		if b < 0x80 {
			return n
		}
	}
	f.bad = true
	return 0
}

func (f *fields) binary() []byte { return f.take(int(f.uint16())) }

// text reads a UTF-8 Encoded String, which must be well-formed and must not hold U+0000 (§1.5.4).
func (f *fields) text() string {
	b := f.binary()
	if !utf8.Valid(b) || slices.Contains(b, 0) {
		f.bad = true
		return ""
	}
	return string(b)
}

// property is one MQTT 5.0 property. number holds those that are numbers, text or data the others; key is a User
// Property's name.
type property struct {
	id        byte
	number    uint32
	key, text string
	data      []byte
}

// Property identifiers (MQTT 5.0 table 2-4) that this package asks for by number.
const (
	propertyTopicAlias        = 0x23
	propertyCorrelationData   = 0x09
	propertyUserProperty      = 0x26
	propertyAuthMethod        = 0x15
	propertyReasonString      = 0x1F
	propertyServerReference   = 0x1C
	propertyAssignedClientID  = 0x12
	propertySessionExpiry     = 0x11
	propertyReceiveMaximum    = 0x21
	propertyMaximumQoS        = 0x24
	propertyRetainAvailable   = 0x25
	propertyMaximumPacketSize = 0x27
	propertyWildcardAvailable = 0x28
	propertySharedAvailable   = 0x2A
)

// propertyKind is a property's name and the type of its value: 1, 2 and 4 are numbers of so many bytes, 'v' a Variable
// Byte Integer, 's' a string, 'p' a pair of strings, 'b' binary data.
type propertyKind struct {
	name string
	kind byte
}

// propertyKinds is MQTT 5.0 table 2-4.
var propertyKinds = map[byte]propertyKind{
	0x01: {"Payload Format Indicator", 1},
	0x02: {"Message Expiry Interval", 4},
	0x03: {"Content Type", 's'},
	0x08: {"Response Topic", 's'},
	0x09: {"Correlation Data", 'b'},
	0x0B: {"Subscription Identifier", 'v'},
	0x11: {"Session Expiry Interval", 4},
	0x12: {"Assigned Client Identifier", 's'},
	0x13: {"Server Keep Alive", 2},
	0x15: {"Authentication Method", 's'},
	0x16: {"Authentication Data", 'b'},
	0x17: {"Request Problem Information", 1},
	0x18: {"Will Delay Interval", 4},
	0x19: {"Request Response Information", 1},
	0x1A: {"Response Information", 's'},
	0x1C: {"Server Reference", 's'},
	0x1F: {"Reason String", 's'},
	0x21: {"Receive Maximum", 2},
	0x22: {"Topic Alias Maximum", 2},
	0x23: {"Topic Alias", 2},
	0x24: {"Maximum QoS", 1},
	0x25: {"Retain Available", 1},
	0x26: {"User Property", 'p'},
	0x27: {"Maximum Packet Size", 4},
	0x28: {"Wildcard Subscription Available", 1},
	0x29: {"Subscription Identifier Available", 1},
	0x2A: {"Shared Subscription Available", 1},
}

// The properties that may stand in the packets of a server (MQTT 5.0 table 2-4), by identifier.
const (
	connackProperties         = "\x11\x12\x13\x15\x16\x1a\x1c\x1f\x21\x22\x24\x25\x26\x27\x28\x29\x2a"
	publishProperties         = "\x01\x02\x03\x08\x09\x0b\x23\x26"
	acknowledgementProperties = "\x1f\x26"
	disconnectProperties      = "\x11\x1c\x1f\x26"
)

// properties reads the properties of a packet, which begin with their length and are among those allowed.
func (f *fields) properties(allowed string) []property {
	inner := fields{rest: f.take(f.varint())}
	var ps []property
	for len(inner.rest) > 0 && inner.ok() {
		p := property{id: inner.byte()}
		inner.bad = inner.bad || strings.IndexByte(allowed, p.id) < 0
		switch propertyKinds[p.id].kind {
		case 1:
			p.number = uint32(inner.byte())
		case 2:
			p.number = uint32(inner.uint16())
		case 4:
			p.number = inner.uint32()
		case 'v':
			p.number = uint32(inner.varint())
		case 's':
			p.text = inner.text()
		case 'p':
			p.key, p.text = inner.text(), inner.text()
		case 'b':
			p.data = inner.binary()
		default:
			inner.bad = true
		}
		ps = append(ps, p)
	}
	f.bad = f.bad || inner.bad
	return ps
}

// find returns the property with that identifier.
func find(ps []property, id byte) (property, bool) {
	i := slices.IndexFunc(ps, func(p property) bool { return p.id == id })
	if i < 0 {
		return property{}, false
	}
	return ps[i], true
}

func findText(ps []property, id byte) string {
	p, _ := find(ps, id)
	return p.text
}

// display turns properties into what people see: in the order of the standard's table, with its names. Of those that
// may come more than once, the order stays. A User Property is shown as "name: value".
func display(ps []property) []history.Property {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b property) int { return cmp.Compare(a.id, b.id) })
	shown := make([]history.Property, 0, len(ps))
	for _, p := range ps {
		kind := propertyKinds[p.id]
		value := p.text
		switch kind.kind {
		case 1, 2, 4, 'v':
			value = strconv.FormatUint(uint64(p.number), 10)
		case 'p':
			value = p.key + ": " + p.text
		case 'b':
			value = displayData(p.data)
		}
		shown = append(shown, history.Property{Name: kind.name, Value: value})
	}
	return shown
}

// displayData shows binary data as text where it is printable text, else as hexadecimal digits.
func displayData(b []byte) string {
	if utf8.Valid(b) && !strings.ContainsFunc(string(b), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return string(b)
	}
	return hex.EncodeToString(b)
}
