package chain

import (
	"strconv"
	"strings"
)

// ASN.1 tags as they stand in the first octet (X.690 §8.1.2).
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagOID             = 0x06
	tagUTF8String      = 0x0c
	tagNumericString   = 0x12
	tagPrintableString = 0x13
	tagT61String       = 0x14
	tagIA5String       = 0x16
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagVisibleString   = 0x1a
	tagUniversalString = 0x1c
	tagBMPString       = 0x1e
	tagSequence        = 0x30
	tagSet             = 0x31
)

// element is one ASN.1 element. Lengths need not be minimal, because OpenSSL reads such certificates as well; the
// indefinite form and tag numbers above 30 do not occur in certificates and are not read.
type element struct {
	tag  byte
	full []byte
	body []byte
}

// readElement reads the first element of b.
func readElement(b []byte) (e element, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return element{}, nil, false
	}
	length, header := int(b[1]), 2
	if length >= 0x80 {
		octets := length & 0x7f
		if octets == 0 || octets > 4 || len(b) < 2+octets {
			return element{}, nil, false
		}
		length = 0
		for _, c := range b[2 : 2+octets] {
			length = length<<8 | int(c)
		}
		header += octets
	}
	if length < 0 || length > len(b)-header {
		return element{}, nil, false
	}
	end := header + length
	return element{tag: b[0], full: b[:end], body: b[header:end]}, b[end:], true
}

// elements reads the content of a constructed element.
func elements(body []byte) ([]element, bool) {
	var all []element
	for len(body) > 0 {
		e, rest, ok := readElement(body)
		if !ok {
			return nil, false
		}
		all = append(all, e)
		body = rest
	}
	return all, true
}

// sequence reads the elements of the SEQUENCE that b begins with; what follows it is ignored, as OpenSSL does with
// the value of an extension.
func sequence(b []byte) ([]element, bool) {
	e, _, ok := readElement(b)
	if !ok || e.tag != tagSequence {
		return nil, false
	}
	return elements(e.body)
}

// validOID reports an object identifier that OpenSSL reads: it ends, and no arc has a superfluous leading octet.
func validOID(e element) bool {
	if e.tag != tagOID || len(e.body) == 0 || e.body[len(e.body)-1]&0x80 != 0 {
		return false
	}
	starts := true
	for _, c := range e.body {
		if starts && c == 0x80 {
			return false
		}
		starts = c&0x80 == 0
	}
	return true
}

// octets is the content of an OCTET STRING, which OpenSSL also takes in pieces.
func octets(e element) ([]byte, bool) {
	switch e.tag {
	case tagOctetString:
		return e.body, true
	case tagOctetString | 0x20:
		return pieces(e.body, maxPieceDepth)
	}
	return nil, false
}

// maxPieceDepth is OpenSSL's ASN1_MAX_STRING_NEST.
const maxPieceDepth = 5

// pieces joins a string in pieces; OpenSSL does not look at their tags.
func pieces(body []byte, depth int) ([]byte, bool) {
	all, ok := elements(body)
	if !ok || depth == 0 {
		return nil, false
	}
	var joined []byte
	for _, e := range all {
		piece := e.body
		if e.tag&0x20 != 0 {
			if piece, ok = pieces(e.body, depth-1); !ok {
				return nil, false
			}
		}
		joined = append(joined, piece...)
	}
	return joined, true
}

// oidText writes an object identifier's content in dotted form; empty when it is malformed.
func oidText(body []byte) string {
	if len(body) == 0 || body[len(body)-1]&0x80 != 0 || len(body) > 64 {
		return ""
	}
	var text strings.Builder
	first := true
	for len(body) > 0 {
		var arc uint64
		n := 0
		for {
			if arc >= 1<<57 {
				return ""
			}
			c := body[n]
			arc = arc<<7 | uint64(c&0x7f)
			n++
			if c&0x80 == 0 {
				break
			}
		}
		body = body[n:]
		if first {
			top := min(arc/40, 2)
			text.WriteString(strconv.FormatUint(top, 10))
			arc -= top * 40
			first = false
		}
		text.WriteByte('.')
		text.WriteString(strconv.FormatUint(arc, 10))
	}
	return text.String()
}

// bitString splits a BIT STRING's content into its bits, with the unused ones cleared.
func bitString(body []byte) ([]byte, bool) {
	if len(body) == 0 || body[0] > 7 || (len(body) == 1 && body[0] != 0) {
		return nil, false
	}
	bits := append([]byte(nil), body[1:]...)
	if len(bits) > 0 {
		bits[len(bits)-1] &= 0xff << body[0]
	}
	return bits, true
}

// smallInteger reads an INTEGER that is to fit an int32; larger ones are cut to its limits.
func smallInteger(body []byte) int {
	if len(body) == 0 {
		return 0
	}
	value := int64(int8(body[0]))
	for _, c := range body[1:] {
		value = value<<8 | int64(c)
		if value > 1<<31-1 {
			return 1<<31 - 1
		}
		if value < -1<<31 {
			return -1 << 31
		}
	}
	return int(value)
}
