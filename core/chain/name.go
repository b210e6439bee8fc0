package chain

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// name is a distinguished name in three forms: as it is encoded, which is what Go compares; in OpenSSL's canonical
// form, which is what OpenSSL compares; and by attribute.
type name struct {
	raw        []byte
	canonical  string // x509_name_canon: strings as UTF-8, lower case, white space collapsed
	attributes []attribute
}

type attribute struct {
	rdn   int // which relative distinguished name, from 0
	oid   string
	tag   byte
	value []byte
}

const (
	oidCommonName   = "2.5.4.3"
	oidOrganization = "2.5.4.10"
	oidEmailAddress = "1.2.840.113549.1.9.1"
)

func readName(e element) (name, bool) {
	n := name{raw: e.full}
	if e.tag != tagSequence {
		return n, false
	}
	rdns, ok := elements(e.body)
	if !ok {
		return n, false
	}
	var canonical strings.Builder
	for i, rdn := range rdns {
		if rdn.tag != tagSet {
			return n, false
		}
		values, ok := elements(rdn.body)
		if !ok {
			return n, false
		}
		var encoded []string
		for _, v := range values {
			pair, ok := elements(v.body)
			if !ok || v.tag != tagSequence || len(pair) != 2 || !validOID(pair[0]) || !valueTag(pair[1].tag) {
				return n, false
			}
			a := attribute{rdn: i, oid: oidText(pair[0].body), tag: pair[1].tag, value: pair[1].body}
			text, ok := a.canonical()
			if !ok {
				return n, false
			}
			n.attributes = append(n.attributes, a)
			encoded = append(encoded, string(pair[0].full)+text)
		}
		// A SET OF is compared in the order of its encoding, whatever order it was written in.
		slices.Sort(encoded)
		canonical.WriteByte(tagSet)
		for _, s := range encoded {
			writeLength(&canonical, s)
		}
		canonical.WriteByte(tagNull)
	}
	n.canonical = canonical.String()
	return n, true
}

// valueTag reports the types that OpenSSL reads as the value of an attribute (ASN1_PRINTABLE): the usual strings, a
// SEQUENCE, and types that it does not know.
func valueTag(tag byte) bool {
	switch tag {
	case tagBitString, tagUTF8String, tagNumericString, tagPrintableString, tagT61String, tagIA5String, tagUniversalString,
		tagBMPString, tagSequence, 6, 7, 8, 9, 10, 11, 13, 14, 15, 29:
		return true
	}
	return false
}

func writeLength(b *strings.Builder, s string) {
	b.Write([]byte{byte(len(s) >> 24), byte(len(s) >> 16), byte(len(s) >> 8), byte(len(s))})
	b.WriteString(s)
}

// canonical is the value as OpenSSL compares it. The types of ASN1_MASK_CANON become one; others keep theirs.
func (a attribute) canonical() (string, bool) {
	switch a.tag {
	case tagUTF8String, tagBMPString, tagUniversalString, tagPrintableString, tagT61String, tagIA5String, tagVisibleString:
	default:
		return string(a.tag) + string(a.value), true
	}
	text, ok := a.text()
	if !ok {
		return "", false
	}
	var out []byte
	space := false
	for _, c := range []byte(text) {
		switch c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
			space = len(out) > 0
			continue
		}
		if space {
			out = append(out, ' ')
			space = false
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string([]byte{tagUTF8String}) + string(out), true
}

// text is the value as UTF-8; T61String is read as Latin-1, as OpenSSL does.
func (a attribute) text() (string, bool) {
	switch a.tag {
	case tagUTF8String:
		return string(a.value), utf8.Valid(a.value)
	case tagBMPString:
		if len(a.value)%2 != 0 {
			return "", false
		}
		units := make([]uint16, 0, len(a.value)/2)
		for i := 0; i < len(a.value); i += 2 {
			units = append(units, uint16(a.value[i])<<8|uint16(a.value[i+1]))
		}
		return string(utf16.Decode(units)), true
	case tagUniversalString:
		if len(a.value)%4 != 0 {
			return "", false
		}
		var runes []rune
		for i := 0; i < len(a.value); i += 4 {
			runes = append(runes, rune(uint32(a.value[i])<<24|uint32(a.value[i+1])<<16|uint32(a.value[i+2])<<8|uint32(a.value[i+3])))
		}
		return string(runes), true
	}
	var runes []rune
	for _, c := range a.value {
		runes = append(runes, rune(c))
	}
	return string(runes), true
}

// values returns every attribute of that type.
func (n name) values(oid string) []attribute {
	var found []attribute
	for _, a := range n.attributes {
		if a.oid == oid {
			found = append(found, a)
		}
	}
	return found
}

func (n name) empty() bool { return len(n.attributes) == 0 }

func (n name) commonName() string {
	// The last one, which is what Go calls the common name too.
	all := n.values(oidCommonName)
	if len(all) == 0 {
		return ""
	}
	text, _ := all[len(all)-1].text()
	return text
}

// same reports whether OpenSSL takes both for the same name; Go compares raw.
func (n name) same(m name) bool { return n.canonical == m.canonical }

// Descriptors of RFC 4514 §3 and the two that people know besides.
var descriptors = map[string]string{
	oidCommonName: "CN", "2.5.4.7": "L", "2.5.4.8": "ST", oidOrganization: "O", "2.5.4.11": "OU", "2.5.4.6": "C",
	"2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
	"2.5.4.5": "SERIALNUMBER", oidEmailAddress: "emailAddress",
}

// String writes n as RFC 4514 does: the last relative name first.
func (n name) String() string {
	var out strings.Builder
	for i := len(n.attributes) - 1; i >= 0; {
		rdn := n.attributes[i].rdn
		first := i
		for first > 0 && n.attributes[first-1].rdn == rdn {
			first--
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		for j := first; j <= i; j++ {
			if j > first {
				out.WriteByte('+')
			}
			n.attributes[j].write(&out)
		}
		i = first - 1
	}
	return out.String()
}

func (a attribute) write(out *strings.Builder) {
	descriptor := descriptors[a.oid]
	if descriptor == "" {
		descriptor = a.oid
	}
	out.WriteString(descriptor)
	out.WriteByte('=')
	text, ok := a.text()
	if !ok {
		out.WriteString("#" + hex.EncodeToString(a.value))
		return
	}
	for i, r := range text {
		last := i+utf8.RuneLen(r) == len(text)
		switch {
		case strings.ContainsRune(`,+"\<>;`, r), i == 0 && (r == '#' || r == ' '), last && r == ' ':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == 0:
			out.WriteString(`\00`)
		default:
			out.WriteRune(r)
		}
	}
}
