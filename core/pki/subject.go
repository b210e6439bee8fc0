package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// attribute is a kind of name attribute that openssl knows in -subj.
type attribute struct {
	short, long string
	oid         asn1.ObjectIdentifier
	max         int // characters: the upper bounds of RFC 5280 appendix A.1; 0: none
	tag         int // ASN.1 string type, as openssl chooses it; 0: UTF8String
}

var (
	oidCommonName = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidCountry    = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidEmail      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// attributes are those of openssl's objects.txt that stand in names.
var attributes = []attribute{
	{"CN", "commonName", oidCommonName, 64, 0},
	{"C", "countryName", oidCountry, 2, asn1.TagPrintableString},
	{"ST", "stateOrProvinceName", asn1.ObjectIdentifier{2, 5, 4, 8}, 128, 0},
	{"L", "localityName", asn1.ObjectIdentifier{2, 5, 4, 7}, 128, 0},
	{"O", "organizationName", asn1.ObjectIdentifier{2, 5, 4, 10}, 64, 0},
	{"OU", "organizationalUnitName", asn1.ObjectIdentifier{2, 5, 4, 11}, 64, 0},
	{"emailAddress", "emailAddress", oidEmail, 128, asn1.TagIA5String},
	{"DC", "domainComponent", asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, 0, asn1.TagIA5String},
	{"UID", "userId", asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, 256, 0},
	{"serialNumber", "serialNumber", asn1.ObjectIdentifier{2, 5, 4, 5}, 64, asn1.TagPrintableString},
	{"dnQualifier", "dnQualifier", asn1.ObjectIdentifier{2, 5, 4, 46}, 0, asn1.TagPrintableString},
	{"SN", "surname", asn1.ObjectIdentifier{2, 5, 4, 4}, 32768, 0},
	{"GN", "givenName", asn1.ObjectIdentifier{2, 5, 4, 42}, 32768, 0},
	{"initials", "initials", asn1.ObjectIdentifier{2, 5, 4, 43}, 32768, 0},
	{"title", "title", asn1.ObjectIdentifier{2, 5, 4, 12}, 64, 0},
	{"name", "name", asn1.ObjectIdentifier{2, 5, 4, 41}, 32768, 0},
	{"pseudonym", "pseudonym", asn1.ObjectIdentifier{2, 5, 4, 65}, 128, 0},
	{"generationQualifier", "generationQualifier", asn1.ObjectIdentifier{2, 5, 4, 44}, 64, 0},
	{"street", "streetAddress", asn1.ObjectIdentifier{2, 5, 4, 9}, 128, 0},
	{"postalCode", "postalCode", asn1.ObjectIdentifier{2, 5, 4, 17}, 40, 0},
	{"description", "description", asn1.ObjectIdentifier{2, 5, 4, 13}, 1024, 0},
	{"businessCategory", "businessCategory", asn1.ObjectIdentifier{2, 5, 4, 15}, 128, 0},
	{"organizationIdentifier", "organizationIdentifier", asn1.ObjectIdentifier{2, 5, 4, 97}, 256, 0},
}

// findAttribute knows short names, long names (both without regard to case) and dotted object identifiers.
func findAttribute(name string) (attribute, bool) {
	for _, a := range attributes {
		if strings.EqualFold(name, a.short) || strings.EqualFold(name, a.long) || name == a.oid.String() {
			return a, true
		}
	}
	if oid, ok := parseOID(name); ok {
		return attribute{short: name, oid: oid}, true
	}
	return attribute{}, false
}

func parseOID(s string) (asn1.ObjectIdentifier, bool) {
	parts := strings.Split(s, ".")
	if len(parts) < 3 {
		return nil, false
	}
	var oid asn1.ObjectIdentifier
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			return nil, false
		}
		oid = append(oid, int(n))
	}
	if _, err := asn1.Marshal(oid); err != nil {
		return nil, false
	}
	return oid, true
}

// ParseSubject reads openssl's form, "/C=US/O=Test Org/CN=Test CA", or a bare common name. A backslash takes the meaning
// from the character after it; "+" joins attributes, which become RDNs of their own; an attribute without a value is
// left out, as openssl does. The order is kept in ExtraNames, which this package encodes as it stands.
func ParseSubject(s string) (pkix.Name, error) {
	if strings.TrimSpace(s) == "" {
		return pkix.Name{}, fmt.Errorf("reading subject: it is empty")
	}
	if !strings.HasPrefix(s, "/") {
		s = strings.TrimSpace(s)
		if name, _, ok := strings.Cut(s, "="); ok {
			if _, known := findAttribute(strings.TrimSpace(name)); known {
				return pkix.Name{}, fmt.Errorf("reading subject %q: attributes are written with a slash before each, such as /C=US/CN=Test CA", s)
			}
		}
		return subjectOf([][2]string{{"CN", s}})
	}
	var pairs [][2]string
	for rest := s; rest != ""; {
		var pair [2]string
		var err error
		if pair, rest, err = cutAttribute(rest[1:]); err != nil {
			return pkix.Name{}, fmt.Errorf("reading subject %q: %w", s, err)
		}
		if pair != [2]string{} {
			pairs = append(pairs, pair)
		}
	}
	return subjectOf(pairs)
}

// cutAttribute reads "name=value" up to the separator, which stays at the start of rest. A lone separator is an empty
// pair.
func cutAttribute(s string) (pair [2]string, rest string, err error) {
	if s == "" || s[0] == '/' {
		return pair, s, nil
	}
	name, s, ok := strings.Cut(s, "=")
	if !ok || strings.ContainsAny(name, "/") {
		name, _, _ = strings.Cut(name, "/")
		return pair, "", fmt.Errorf("%q has no =", name)
	}
	var value strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			value.WriteByte(s[i])
		case s[i] == '\\':
			return pair, "", fmt.Errorf("a backslash stands at the end")
		case s[i] == '/' || s[i] == '+' && startsAttribute(s[i+1:]):
			return [2]string{strings.TrimSpace(name), value.String()}, s[i:], nil
		default:
			value.WriteByte(s[i])
		}
	}
	return [2]string{strings.TrimSpace(name), value.String()}, "", nil
}

// startsAttribute says whether s begins with a known attribute and "=", so that "CN=a+b" keeps its plus sign.
func startsAttribute(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	_, known := findAttribute(strings.TrimSpace(name))
	return ok && known
}

// subjectOf makes a name of attribute names and values, in that order.
func subjectOf(pairs [][2]string) (pkix.Name, error) {
	var name pkix.Name
	var rdns pkix.RDNSequence
	for _, p := range pairs {
		if p[1] == "" {
			continue
		}
		a, ok := findAttribute(p[0])
		if !ok {
			return pkix.Name{}, fmt.Errorf("reading subject: %q is not a name attribute such as CN, O, OU, L, ST, C", p[0])
		}
		if err := a.check(p[1]); err != nil {
			return pkix.Name{}, fmt.Errorf("reading subject: %w", err)
		}
		rdns = append(rdns, pkix.RelativeDistinguishedNameSET{{Type: a.oid, Value: p[1]}})
	}
	name.FillFromRDNSequence(&rdns)
	name.ExtraNames = name.Names
	return name, nil
}

// check holds value against the bounds and the alphabet of a.
func (a attribute) check(value string) error {
	n := utf8.RuneCountInString(value)
	switch {
	case !utf8.ValidString(value):
		return fmt.Errorf("%s is not UTF-8", a.short)
	case strings.IndexFunc(value, unicode.IsControl) >= 0:
		return fmt.Errorf("%s has a control character in it", a.short)
	case a.oid.Equal(oidCountry) && n != 2:
		return fmt.Errorf("a country (C) has two letters, unlike %q", value)
	case a.max > 0 && n > a.max:
		return fmt.Errorf("%s has %d characters, more than %d", a.short, n, a.max)
	case a.tag == asn1.TagIA5String && strings.IndexFunc(value, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		return fmt.Errorf("%s can have ASCII characters only", a.short)
	case a.tag == asn1.TagPrintableString && strings.IndexFunc(value, notPrintable) >= 0:
		return fmt.Errorf("%s can have letters, digits, spaces and '()+,-./:=? only", a.short)
	}
	return nil
}

// notPrintable is outside the alphabet of PrintableString (X.680 §41.4).
func notPrintable(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" '()+,-./:=?", r))
}

// encodeName writes n with the string types that openssl chooses (UTF8String but for country, e-mail address and a few
// others), so that both write the same bytes for the same -subj.
func encodeName(n pkix.Name) ([]byte, error) {
	rdns := n.ToRDNSequence()
	for _, rdn := range rdns {
		for i, a := range rdn {
			value, ok := a.Value.(string)
			if !ok {
				continue
			}
			tag := asn1.TagUTF8String
			if known, ok := findAttribute(a.Type.String()); ok && known.tag != 0 {
				if err := known.check(value); err != nil {
					return nil, fmt.Errorf("encoding name: %w", err)
				}
				tag = known.tag
			}
			rdn[i].Value = asn1.RawValue{Tag: tag, Bytes: []byte(value)}
		}
	}
	return asn1.Marshal(rdns)
}
