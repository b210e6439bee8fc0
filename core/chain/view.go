package chain

import (
	"bytes"
	"sync"
	"time"
)

// view is a certificate as OpenSSL reads it: it has no opinion on negative serial numbers, repeated extensions and
// most else that Go refuses to parse. A nil view is a certificate that OpenSSL cannot read either.
type view struct {
	tbs                []byte
	version            int // as encoded: 0 is version 1
	serial             []byte
	paddedSerial       bool      // see paddedInteger
	signatureAlgorithm algorithm // the outer one
	innerAlgorithm     algorithm
	issuer, subject    name
	notBefore          moment
	notAfter           moment
	key                publicKey
	signature          []byte
	extensions         []extension
	usage              // what the extensions come to

	// ownSignature is checkSignature with the certificate's own key, worked out when it is first asked for.
	ownSignature func() signatureResult
}

type algorithm struct {
	raw        []byte
	oid        string
	parameters element
	absent     bool // no parameters at all
}

type extension struct {
	oid      string
	critical bool
	value    []byte
}

// moment is a Time that need not be well formed: X509_cmp_time insists on RFC 5280's form only when it compares.
type moment struct {
	time  time.Time
	valid bool
}

func readCertificate(der []byte) *view {
	whole, rest, ok := readElement(der)
	if !ok || whole.tag != tagSequence || len(rest) != 0 {
		return nil
	}
	parts, ok := elements(whole.body)
	if !ok || len(parts) != 3 || parts[0].tag != tagSequence || parts[2].tag != tagBitString {
		return nil
	}
	v := &view{tbs: parts[0].full}
	if v.signatureAlgorithm, ok = readAlgorithm(parts[1]); !ok {
		return nil
	}
	if v.signature, ok = bitString(parts[2].body); !ok {
		return nil
	}
	fields, ok := elements(parts[0].body)
	if !ok || !v.readFields(fields) {
		return nil
	}
	v.usage = readUsage(v)
	v.ownSignature = sync.OnceValue(func() signatureResult { return checkSignature(v, v.key) })
	return v
}

// paddedInteger reports octets that DER leaves out (X.690 §8.3.2): OpenSSL (c2i_ibuf) and Go decode no certificate with a
// serial number like that; Java, mbedTLS and GnuTLS do.
func paddedInteger(b []byte) bool {
	return len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80)
}

func (v *view) readFields(fields []element) bool {
	if len(fields) > 0 && fields[0].tag == 0xa0 {
		inner, _, ok := readElement(fields[0].body)
		if !ok || inner.tag != tagInteger {
			return false
		}
		v.version = smallInteger(inner.body)
		fields = fields[1:]
	}
	if len(fields) < 6 || fields[0].tag != tagInteger || len(fields[0].body) == 0 {
		return false
	}
	v.serial = fields[0].body
	v.paddedSerial = paddedInteger(v.serial)
	var ok bool
	if v.innerAlgorithm, ok = readAlgorithm(fields[1]); !ok {
		return false
	}
	if v.issuer, ok = readName(fields[2]); !ok {
		return false
	}
	validity, ok := elements(fields[3].body)
	if !ok || fields[3].tag != tagSequence || len(validity) != 2 {
		return false
	}
	for _, e := range validity {
		if e.tag != tagUTCTime && e.tag != tagGeneralizedTime {
			return false
		}
	}
	v.notBefore, v.notAfter = readMoment(validity[0]), readMoment(validity[1])
	if v.subject, ok = readName(fields[4]); !ok {
		return false
	}
	if v.key, ok = readPublicKey(fields[5]); !ok {
		return false
	}
	return v.readRest(fields[6:])
}

// readRest reads the unique identifiers and the extensions.
func (v *view) readRest(fields []element) bool {
	last := byte(0)
	for _, f := range fields {
		if f.tag <= last {
			return false
		}
		last = f.tag
		switch f.tag {
		case 0x81, 0x82:
		case 0xa3:
			all, ok := sequence(f.body)
			if !ok {
				return false
			}
			for _, e := range all {
				x, ok := readExtension(e)
				if !ok {
					return false
				}
				v.extensions = append(v.extensions, x)
			}
		default:
			return false
		}
	}
	return true
}

func readExtension(e element) (extension, bool) {
	parts, ok := elements(e.body)
	if !ok || e.tag != tagSequence || len(parts) < 2 || len(parts) > 3 || !validOID(parts[0]) {
		return extension{}, false
	}
	x := extension{oid: oidText(parts[0].body)}
	if len(parts) == 3 {
		if parts[1].tag != tagBoolean || len(parts[1].body) != 1 {
			return extension{}, false
		}
		x.critical = parts[1].body[0] != 0
	}
	x.value, ok = octets(parts[len(parts)-1])
	return x, ok
}

func readAlgorithm(e element) (algorithm, bool) {
	parts, ok := elements(e.body)
	if !ok || e.tag != tagSequence || len(parts) < 1 || len(parts) > 2 || !validOID(parts[0]) {
		return algorithm{}, false
	}
	a := algorithm{raw: e.full, oid: oidText(parts[0].body), absent: len(parts) == 1}
	if !a.absent {
		a.parameters = parts[1]
	}
	return a, true
}

// readMoment reads a Time in the only two forms that RFC 5280 §4.1.2.5 allows.
func readMoment(e element) moment {
	text := string(e.body)
	switch {
	case e.tag == tagUTCTime && len(text) == 13:
		// Two-digit years are 1950 to 2049; Go's own pivot differs.
		century := "20"
		if text[0] >= '5' {
			century = "19"
		}
		text = century + text
	case e.tag == tagGeneralizedTime && len(text) == 15:
	default:
		return moment{}
	}
	t, err := time.Parse("20060102150405Z", text)
	return moment{time: t, valid: err == nil}
}

// extension returns the value of the extension when it is there exactly once. times is how often it is there.
func (v *view) extension(oid string) (value []byte, critical bool, times int) {
	for _, x := range v.extensions {
		if x.oid == oid {
			if times == 0 {
				value, critical = x.value, x.critical
			}
			times++
		}
	}
	if times != 1 {
		return nil, false, times
	}
	return value, critical, 1
}

// selfIssued reports whether subject and issuer are one name.
func (v *view) selfIssued() bool { return v.subject.same(v.issuer) }

func sameKey(a, b *view) bool { return bytes.Equal(a.key.raw, b.key.raw) }
