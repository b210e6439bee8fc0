package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// extensionText says how OpenSSL names an extension and shows its value, a line each. lines answers false for a value
// that it cannot read.
type extensionText struct {
	name  string
	lines func(c *x509.Certificate, value []byte) ([]string, bool)
}

var extensionTexts = map[string]extensionText{
	"2.5.29.14":               {"X509v3 Subject Key Identifier", func(c *x509.Certificate, _ []byte) ([]string, bool) { return []string{upperHex(c.SubjectKeyId)}, true }},
	"2.5.29.15":               {"X509v3 Key Usage", keyUsageLines},
	"2.5.29.17":               {"X509v3 Subject Alternative Name", func(_ *x509.Certificate, v []byte) ([]string, bool) { return joined(generalNames(v)) }},
	"2.5.29.18":               {"X509v3 Issuer Alternative Name", func(_ *x509.Certificate, v []byte) ([]string, bool) { return joined(generalNames(v)) }},
	"2.5.29.19":               {"X509v3 Basic Constraints", basicConstraintsLines},
	"2.5.29.30":               {"X509v3 Name Constraints", nameConstraintsLines},
	"2.5.29.31":               {"X509v3 CRL Distribution Points", distributionPointLines},
	"2.5.29.32":               {"X509v3 Certificate Policies", policyLines},
	"2.5.29.35":               {"X509v3 Authority Key Identifier", authorityKeyLines},
	"2.5.29.37":               {"X509v3 Extended Key Usage", extendedKeyUsageLines},
	"1.3.6.1.5.5.7.1.1":       {"Authority Information Access", informationAccessLines},
	"2.16.840.1.113730.1.1":   {name: "Netscape Cert Type"},
	"2.16.840.1.113730.1.13":  {"Netscape Comment", stringLines},
	"1.3.6.1.4.1.11129.2.4.2": {name: "CT Precertificate SCTs"},
	"1.3.6.1.5.5.7.1.24":      {name: "TLS Feature"},
}

func (t *textWriter) extension(c *x509.Certificate, e pkix.Extension) {
	known := extensionTexts[e.Id.String()]
	name := known.name
	if name == "" {
		name = e.Id.String()
	}
	critical := ""
	if e.Critical {
		critical = "critical"
	}
	t.line(12, "%s: %s", name, critical)
	if known.lines != nil {
		if lines, ok := known.lines(c, e.Value); ok {
			for _, l := range lines {
				t.line(16, "%s", l)
			}
			return
		}
	}
	t.line(16, "%s", printable(e.Value))
}

func joined(parts []string, ok bool) ([]string, bool) { return []string{strings.Join(parts, ", ")}, ok }

// stringLines shows a value that is one ASN.1 string.
func stringLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	var raw asn1.RawValue
	_, err := asn1.Unmarshal(value, &raw)
	return []string{string(raw.Bytes)}, err == nil
}

// keyUsageNames are in the order of the bits (RFC 5280 §4.2.1.3).
var keyUsageNames = []string{
	"Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement",
	"Certificate Sign", "CRL Sign", "Encipher Only", "Decipher Only",
}

func keyUsageLines(c *x509.Certificate, _ []byte) ([]string, bool) {
	var out []string
	for bit, name := range keyUsageNames {
		if c.KeyUsage&(1<<bit) != 0 {
			out = append(out, name)
		}
	}
	return joined(out, true)
}

// extendedKeyUsageNames are OpenSSL's names of the purposes of RFC 5280 §4.2.1.12 and of Netscape's and Microsoft's.
var extendedKeyUsageNames = map[string]string{
	"2.5.29.37.0":       "Any Extended Key Usage",
	"1.3.6.1.5.5.7.3.1": "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.2": "TLS Web Client Authentication",
	"1.3.6.1.5.5.7.3.3": "Code Signing", "1.3.6.1.5.5.7.3.4": "E-mail Protection",
	"1.3.6.1.5.5.7.3.5": "IPSec End System", "1.3.6.1.5.5.7.3.6": "IPSec Tunnel", "1.3.6.1.5.5.7.3.7": "IPSec User",
	"1.3.6.1.5.5.7.3.8": "Time Stamping", "1.3.6.1.5.5.7.3.9": "OCSP Signing",
	"2.16.840.1.113730.4.1": "Netscape Server Gated Crypto", "1.3.6.1.4.1.311.10.3.3": "Microsoft Server Gated Crypto",
}

func extendedKeyUsageLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	var oids []asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(value, &oids); err != nil {
		return nil, false
	}
	var out []string
	for _, oid := range oids {
		name, ok := extendedKeyUsageNames[oid.String()]
		if !ok {
			name = oid.String()
		}
		out = append(out, name)
	}
	return joined(out, true)
}

func basicConstraintsLines(c *x509.Certificate, _ []byte) ([]string, bool) {
	if !c.IsCA {
		return []string{"CA:FALSE"}, true
	}
	if c.MaxPathLen > 0 || c.MaxPathLenZero {
		return []string{fmt.Sprintf("CA:TRUE, pathlen:%d", c.MaxPathLen)}, true
	}
	return []string{"CA:TRUE"}, true
}

// authorityKeyLines reads RFC 5280 §4.2.1.1; only beside an issuer and serial number is the key identifier labelled.
func authorityKeyLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	var id struct {
		KeyID  []byte        `asn1:"optional,tag:0"`
		Issuer asn1.RawValue `asn1:"optional,tag:1"`
		Serial asn1.RawValue `asn1:"optional,tag:2"`
	}
	if _, err := asn1.Unmarshal(value, &id); err != nil {
		return nil, false
	}
	if id.Issuer.Bytes == nil && id.Serial.Bytes == nil {
		return []string{upperHex(id.KeyID)}, true
	}
	var out []string
	if id.KeyID != nil {
		out = append(out, "keyid:"+upperHex(id.KeyID))
	}
	issuer := cryptobyte.String(id.Issuer.Bytes)
	for !issuer.Empty() {
		name, ok := generalName(&issuer)
		if !ok {
			return nil, false
		}
		out = append(out, name)
	}
	if id.Serial.Bytes != nil {
		out = append(out, "serial:"+upperHex(id.Serial.Bytes))
	}
	return out, true
}

// generalNames reads a SEQUENCE of GeneralName (RFC 5280 §4.2.1.6).
func generalNames(der []byte) ([]string, bool) {
	in := cryptobyte.String(der)
	var names cryptobyte.String
	if !in.ReadASN1(&names, cbasn1.SEQUENCE) {
		return nil, false
	}
	var out []string
	for !names.Empty() {
		name, ok := generalName(&names)
		if !ok {
			return nil, false
		}
		out = append(out, name)
	}
	return out, true
}

func generalName(in *cryptobyte.String) (string, bool) {
	var value cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&value, &tag) {
		return "", false
	}
	switch tag &^ 0xE0 {
	case 1:
		return "email:" + string(value), true
	case 2:
		return "DNS:" + string(value), true
	case 4:
		return "DirName:" + slashName(value), true
	case 6:
		return "URI:" + string(value), true
	case 7:
		return "IP Address:" + addressText(value), true
	case 8:
		var oid asn1.ObjectIdentifier
		if _, err := asn1.UnmarshalWithParams(append([]byte{6, byte(len(value))}, value...), &oid, ""); err == nil {
			return "Registered ID:" + oid.String(), true
		}
	}
	return "othername:<unsupported>", true
}

// slashName is X509_NAME_oneline's form: "/C=US/CN=Test CA".
func slashName(der []byte) string {
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		return "(not readable)"
	}
	var b strings.Builder
	for _, rdn := range rdns {
		for _, a := range rdn {
			name := a.Type.String()
			if known, ok := findAttribute(name); ok {
				name = known.short
			}
			fmt.Fprintf(&b, "/%s=%v", name, a.Value)
		}
	}
	return b.String()
}

// addressText writes IPv6 as OpenSSL does, without shortening; with a mask (name constraints) both are shown.
func addressText(b []byte) string {
	switch len(b) {
	case net.IPv4len:
		return net.IP(b).String()
	case net.IPv6len:
		var groups []string
		for i := 0; i < len(b); i += 2 {
			groups = append(groups, fmt.Sprintf("%X", int(b[i])<<8|int(b[i+1])))
		}
		return strings.Join(groups, ":")
	case 2 * net.IPv4len, 2 * net.IPv6len:
		return addressText(b[:len(b)/2]) + "/" + addressText(b[len(b)/2:])
	}
	return "<invalid>"
}

// informationAccessLines reads RFC 5280 §4.2.2.1.
func informationAccessLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	in := cryptobyte.String(value)
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil, false
	}
	var out []string
	for !list.Empty() {
		var description cryptobyte.String
		var method asn1.ObjectIdentifier
		if !list.ReadASN1(&description, cbasn1.SEQUENCE) || !description.ReadASN1ObjectIdentifier(&method) {
			return nil, false
		}
		name, ok := generalName(&description)
		if !ok {
			return nil, false
		}
		label := method.String()
		switch label {
		case "1.3.6.1.5.5.7.48.1":
			label = "OCSP"
		case "1.3.6.1.5.5.7.48.2":
			label = "CA Issuers"
		}
		out = append(out, label+" - "+name)
	}
	return out, true
}

// distributionPointLines reads RFC 5280 §4.2.1.13, full names only.
func distributionPointLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	in := cryptobyte.String(value)
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil, false
	}
	context := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).Constructed().ContextSpecific() }
	var out []string
	for !list.Empty() {
		var point, name, full cryptobyte.String
		if !list.ReadASN1(&point, cbasn1.SEQUENCE) || !point.ReadASN1(&name, context(0)) || !name.ReadASN1(&full, context(0)) || !point.Empty() {
			return nil, false
		}
		out = append(out, "Full Name:")
		for !full.Empty() {
			n, ok := generalName(&full)
			if !ok {
				return nil, false
			}
			out = append(out, "  "+n)
		}
	}
	return out, true
}

// policyLines reads RFC 5280 §4.2.1.4 with its CPS pointers and user notices; of other qualifiers the number is shown.
func policyLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	var policies []struct {
		ID         asn1.ObjectIdentifier
		Qualifiers []struct {
			ID    asn1.ObjectIdentifier
			Value asn1.RawValue
		} `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(value, &policies); err != nil {
		return nil, false
	}
	var out []string
	for _, p := range policies {
		name := p.ID.String()
		if name == "2.5.29.32.0" {
			name = "X509v3 Any Policy"
		}
		out = append(out, "Policy: "+name)
		for _, q := range p.Qualifiers {
			switch q.ID.String() {
			case "1.3.6.1.5.5.7.2.1":
				out = append(out, "  CPS: "+string(q.Value.Bytes))
			case "1.3.6.1.5.5.7.2.2":
				lines, ok := noticeLines(q.Value.FullBytes)
				if !ok {
					return nil, false
				}
				out = append(append(out, "  User Notice:"), lines...)
			default:
				out = append(out, "  Unknown Qualifier: "+q.ID.String())
			}
		}
	}
	return out, true
}

// noticeLines reads UserNotice of RFC 5280 §4.2.1.4.
func noticeLines(der []byte) ([]string, bool) {
	in := cryptobyte.String(der)
	var notice, reference, organization, numbers, text cryptobyte.String
	var tag cbasn1.Tag
	var out []string
	if !in.ReadASN1(&notice, cbasn1.SEQUENCE) {
		return nil, false
	}
	if notice.PeekASN1Tag(cbasn1.SEQUENCE) {
		if !notice.ReadASN1(&reference, cbasn1.SEQUENCE) || !reference.ReadAnyASN1(&organization, &tag) || !reference.ReadASN1(&numbers, cbasn1.SEQUENCE) {
			return nil, false
		}
		var list []string
		for !numbers.Empty() {
			var n int
			if !numbers.ReadASN1Integer(&n) {
				return nil, false
			}
			list = append(list, fmt.Sprint(n))
		}
		plural := ""
		if len(list) > 1 {
			plural = "s"
		}
		out = append(out, "    Organization: "+string(organization), "    Number"+plural+": "+strings.Join(list, ", "))
	}
	if !notice.Empty() {
		if !notice.ReadAnyASN1(&text, &tag) {
			return nil, false
		}
		// OpenSSL prints it as a C string, which ends at a zero: of a BMPString nothing is left.
		shown, _, _ := strings.Cut(string(text), "\x00")
		out = append(out, "    Explicit Text: "+shown)
	}
	return out, true
}

// nameConstraintsLines reads RFC 5280 §4.2.1.10.
func nameConstraintsLines(_ *x509.Certificate, value []byte) ([]string, bool) {
	in := cryptobyte.String(value)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, false
	}
	var out []string
	for n, title := range []string{"Permitted:", "Excluded:"} {
		var subtrees cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&subtrees, &present, cbasn1.Tag(n).Constructed().ContextSpecific()) {
			return nil, false
		}
		if present {
			out = append(out, title)
		}
		for !subtrees.Empty() {
			var subtree cryptobyte.String
			if !subtrees.ReadASN1(&subtree, cbasn1.SEQUENCE) {
				return nil, false
			}
			name, ok := generalName(&subtree)
			if !ok {
				return nil, false
			}
			out = append(out, "  "+strings.Replace(name, "IP Address:", "IP:", 1))
		}
	}
	return out, true
}
