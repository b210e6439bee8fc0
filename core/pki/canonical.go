package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// canonicalName makes names comparable as RFC 5280 §7.1 asks: string types, case and runs of spaces do not count. A
// name that cannot be read stands for itself.
func canonicalName(der []byte) string {
	if name, ok := plainName(der); ok {
		return name
	}
	return canonicalOf(der)
}

// canonicalOf is canonicalName for any name. It takes forty times as long as plainName.
func canonicalOf(der []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return "raw:" + string(der)
	}
	var b strings.Builder
	for _, rdn := range rdns {
		b.WriteByte('/')
		for _, a := range rdn {
			value := strings.ToLower(strings.Join(strings.Fields(fmt.Sprint(a.Value)), " "))
			fmt.Fprintf(&b, "%s=%q,", a.Type, value)
		}
	}
	return b.String()
}

// plainName is canonicalOf where each value is a PrintableString or UTF8String of letters, digits and the punctuation
// that needs no escape, as in nearly all names; ok is false for others.
func plainName(der []byte) (name string, ok bool) {
	in := cryptobyte.String(der)
	var rdns cryptobyte.String
	if !in.ReadASN1(&rdns, cbasn1.SEQUENCE) || !in.Empty() {
		return "", false
	}
	out := make([]byte, 0, len(der)+16)
	for !rdns.Empty() {
		var rdn cryptobyte.String
		if !rdns.ReadASN1(&rdn, cbasn1.SET) {
			return "", false
		}
		out = append(out, '/')
		for !rdn.Empty() {
			var pair, oid, value cryptobyte.String
			var tag cbasn1.Tag
			if !rdn.ReadASN1(&pair, cbasn1.SEQUENCE) || !pair.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) ||
				!pair.ReadAnyASN1(&value, &tag) || !pair.Empty() || tag != cbasn1.PrintableString && tag != cbasn1.UTF8String {
				return "", false
			}
			if out, ok = appendType(out, oid); !ok {
				return "", false
			}
			out = append(out, `="`...)
			if out, ok = appendPlain(out, value); !ok {
				return "", false
			}
			out = append(out, `",`...)
		}
	}
	return string(out), true
}

// appendType writes an object identifier in dotted form, where it is of the kind that attributes of names have: 2.5.4.n
// with a small n.
func appendType(out, oid []byte) ([]byte, bool) {
	if len(oid) != 3 || oid[0] != 0x55 || oid[1] != 4 || oid[2] > 0x7f {
		return out, false
	}
	return strconv.AppendUint(append(out, "2.5.4."...), uint64(oid[2]), 10), true
}

// appendPlain writes value in lower case, with single spaces inside and none around it.
func appendPlain(out, value []byte) ([]byte, bool) {
	start, space := len(out), false
	for _, c := range value {
		switch {
		case c == ' ':
			space = len(out) > start
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte(`'()+,-./:=?`, c) >= 0:
		default:
			return out, false
		}
		if space {
			out = append(out, ' ')
			space = false
		}
		out = append(out, c)
	}
	return out, true
}
