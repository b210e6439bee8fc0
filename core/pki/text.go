package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"
)

// Text shows c as "openssl x509 -noout -text" of OpenSSL 3.0 does, line for line for the keys and extensions in common
// use; an extension that is not known here is shown as its printable bytes, as openssl shows those that it does not
// know.
func Text(c *x509.Certificate) string {
	t := &textWriter{}
	t.line(0, "Certificate:")
	t.line(4, "Data:")
	t.line(8, "Version: %d (0x%x)", c.Version, c.Version-1)
	t.serial(c)
	algorithm := signatureName(c)
	t.line(8, "Signature Algorithm: %s", algorithm)
	t.line(8, "Issuer: %s", nameText(c.RawIssuer))
	t.line(8, "Validity")
	t.line(12, "Not Before: %s", timeText(c.NotBefore))
	t.line(12, "Not After : %s", timeText(c.NotAfter))
	t.line(8, "Subject: %s", nameText(c.RawSubject))
	t.publicKey(c)
	if len(c.Extensions) > 0 {
		t.line(8, "X509v3 extensions:")
		for _, e := range c.Extensions {
			t.extension(c, e)
		}
	}
	t.line(4, "Signature Algorithm: %s", algorithm)
	t.line(4, "Signature Value:")
	t.hex(8, 18, c.Signature)
	return t.String()
}

// textWriter writes indented lines.
type textWriter struct{ strings.Builder }

func (t *textWriter) line(indent int, format string, args ...any) {
	t.WriteString(strings.Repeat(" ", indent) + fmt.Sprintf(format, args...) + "\n")
}

// hex writes bytes in lower case with colons, perLine of them on a line.
func (t *textWriter) hex(indent, perLine int, data []byte) {
	for len(data) > 0 {
		n := min(perLine, len(data))
		text := colonHex(data[:n])
		if data = data[n:]; len(data) > 0 {
			text += ":"
		}
		t.line(indent, "%s", text)
	}
}

func colonHex(data []byte) string {
	parts := make([]string, len(data))
	for i, b := range data {
		parts[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(parts, ":")
}

func upperHex(data []byte) string { return strings.ToUpper(colonHex(data)) }

// serial writes what fits into 63 bits as a number and anything else as bytes.
func (t *textWriter) serial(c *x509.Certificate) {
	n := c.SerialNumber
	if n.IsInt64() && n.Sign() >= 0 {
		t.line(8, "Serial Number: %d (0x%x)", n, n)
		return
	}
	t.line(8, "Serial Number:")
	negative := ""
	if n.Sign() < 0 {
		negative = " (Negative)"
	}
	t.line(12, "%s%s", negative, colonHex(n.Bytes()))
}

func (t *textWriter) publicKey(c *x509.Certificate) {
	t.line(8, "Subject Public Key Info:")
	algorithm, _, _ := algorithmOf(c.RawSubjectPublicKeyInfo)
	t.line(12, "Public Key Algorithm: %s", oidName(algorithm))
	const in = 16
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		t.line(in, "Public-Key: (%d bit)", k.N.BitLen())
		t.line(in, "Modulus:")
		t.hex(in+4, 15, withSignByte(k.N.Bytes()))
		t.line(in, "Exponent: %d (0x%x)", k.E, k.E)
	case *ecdsa.PublicKey:
		t.line(in, "Public-Key: (%d bit)", k.Curve.Params().BitSize)
		t.line(in, "pub:")
		if point, err := k.Bytes(); err == nil {
			t.hex(in+4, 15, point)
		}
		name := k.Curve.Params().Name
		t.line(in, "ASN1 OID: %s", curveText[name])
		t.line(in, "NIST CURVE: %s", name)
	case ed25519.PublicKey:
		t.line(in, "ED25519 Public-Key:")
		t.line(in, "pub:")
		t.hex(in+4, 15, k)
	default:
		t.line(in, "Unable to load Public Key")
	}
}

// curveText are OpenSSL's names of the curves.
var curveText = map[string]string{"P-224": "secp224r1", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}

// withSignByte is how a positive ASN.1 INTEGER looks.
func withSignByte(b []byte) []byte {
	if len(b) > 0 && b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}

// timeText is ASN1_TIME_print's form.
func timeText(t time.Time) string { return t.UTC().Format("Jan _2 15:04:05 2006 GMT") }

// signatureName is OpenSSL's name of the algorithm that signed c.
func signatureName(c *x509.Certificate) string {
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.Raw, &outer); err != nil {
		return c.SignatureAlgorithm.String()
	}
	return oidName(outer.Algorithm.Algorithm)
}

// oidNames are OpenSSL's long names, where this package needs them.
var oidNames = map[string]string{
	"1.2.840.113549.1.1.1": "rsaEncryption", "1.2.840.113549.1.1.10": "rsassaPss", "1.2.840.10045.2.1": "id-ecPublicKey",
	"1.3.101.110": "X25519", "1.3.101.111": "X448", "1.3.101.112": "ED25519", "1.3.101.113": "ED448", "1.2.840.10040.4.1": "dsaEncryption",
	"1.2.840.113549.1.1.4": "md5WithRSAEncryption", "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
	"1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.113549.1.1.12": "sha384WithRSAEncryption", "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
	"1.2.840.10045.4.1": "ecdsa-with-SHA1", "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384", "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
}

func oidName(oid asn1.ObjectIdentifier) string {
	if name, ok := oidNames[oid.String()]; ok {
		return name
	}
	return oid.String()
}

// nameText writes a name in its own order: "C = US, O = Test Org, CN = Test CA".
func nameText(der []byte) string {
	var rdns []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return "(not readable)"
	}
	var parts []string
	for _, raw := range rdns {
		var set pkix.RelativeDistinguishedNameSET
		if _, err := asn1.UnmarshalWithParams(raw.FullBytes, &set, "set"); err != nil {
			return "(not readable)"
		}
		var values []string
		for _, a := range set {
			name := a.Type.String()
			if known, ok := findAttribute(name); ok {
				name = known.short
			}
			values = append(values, name+" = "+quoteValue(fmt.Sprint(a.Value)))
		}
		parts = append(parts, strings.Join(values, " + "))
	}
	return strings.Join(parts, ", ")
}

// quoteValue puts quotes around a value with a character that is special in RFC 2253, as ASN1_STRFLGS_ESC_QUOTE does, and
// writes control characters and the bytes of those beyond ASCII in hex, as ASN1_STRFLGS_ESC_CTRL and ESC_MSB do.
func quoteValue(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c < ' ' || c >= 0x7F:
			fmt.Fprintf(&b, "\\%02X", c)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	if strings.ContainsAny(s, `,+<>;`) || strings.HasPrefix(s, "#") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") {
		return `"` + b.String() + `"`
	}
	return b.String()
}

// printable shows bytes as ASN1_STRING_print does: a dot for what is not ASCII text.
func printable(data []byte) string {
	return string(bytes.Map(func(r rune) rune {
		if r > '~' || r < ' ' && r != '\n' && r != '\r' {
			return '.'
		}
		return r
	}, latin1(data)))
}

// latin1 makes each byte a character, so that bytes.Map sees bytes.
func latin1(data []byte) []byte {
	out := make([]rune, len(data))
	for i, b := range data {
		out[i] = rune(b)
	}
	return []byte(string(out))
}
