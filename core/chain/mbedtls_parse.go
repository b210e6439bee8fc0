package chain

import (
	"crypto"
	"math/big"
	"slices"
	"time"
)

// readMbedTLS is x509_crt_parse_der_core.
func readMbedTLS(m *member) *mbedtlsCertificate {
	c := &mbedtlsCertificate{member: m, pathLength: -1, hasUsage: map[string]bool{}}
	c.err = c.read(m.DER)
	return c
}

func (c *mbedtlsCertificate) read(der mbedtlsReader) mbedtlsError {
	whole, err := der.next(tagSequence)
	if err != 0 {
		return mbedtlsFormat
	}
	tbs, err := whole.next(tagSequence)
	if err != 0 {
		return err.under(mbedtlsFormat)
	}
	if len(tbs) == 0 {
		return mbedtlsSerial + mbedtlsNoData
	}
	signed, err := c.readHead(&tbs)
	if err != 0 {
		return err
	}
	if err := c.readKey(&tbs); err != 0 {
		return err
	}
	if c.version > 1 {
		for _, tag := range []byte{0xa1, 0xa2} {
			if len(tbs) > 0 && tbs[0] == tag {
				if _, err := tbs.next(tag); err != 0 {
					return err.under(mbedtlsFormat)
				}
			}
		}
	}
	if c.version == 3 && len(tbs) > 0 {
		if err := c.readExtensions(&tbs); err != 0 {
			return err
		}
	}
	if len(tbs) > 0 {
		return mbedtlsFormat + mbedtlsMismatch
	}
	again, err := mbedtlsReadAlgorithm(&whole)
	if err != 0 {
		return err.under(mbedtlsAlgorithm)
	}
	if again.oid != signed.oid || again.parameters.tag != signed.parameters.tag ||
		string(again.parameters.body) != string(signed.parameters.body) {
		return mbedtlsSigMismatch
	}
	if _, err := whole.wholeOctets(); err != 0 {
		return err.under(mbedtlsBadSignature)
	}
	if len(whole) > 0 {
		return mbedtlsFormat + mbedtlsMismatch
	}
	return 0
}

// readHead reads up to the subject.
func (c *mbedtlsCertificate) readHead(tbs *mbedtlsReader) (signed algorithm, err mbedtlsError) {
	version := 0
	if (*tbs)[0] == 0xa0 {
		inner, err := tbs.next(0xa0)
		if err != 0 {
			return signed, err.under(mbedtlsFormat)
		}
		if version, err = inner.integer(); err == 0 && len(inner) > 0 {
			err = mbedtlsMismatch
		}
		if err != 0 {
			return signed, err.under(mbedtlsVersion)
		}
	}
	switch {
	case len(*tbs) == 0:
		return signed, mbedtlsSerial + mbedtlsNoData
	case (*tbs)[0] != tagInteger && (*tbs)[0] != 0x82:
		return signed, mbedtlsSerial + mbedtlsTag
	}
	if _, err := tbs.any(); err != 0 {
		return signed, err.under(mbedtlsSerial)
	}
	if signed, err = mbedtlsReadAlgorithm(tbs); err != 0 {
		return signed, err.under(mbedtlsAlgorithm)
	}
	if version > 2 {
		return signed, mbedtlsUnknown
	}
	c.version = version + 1
	if err = c.readSignatureAlgorithm(signed); err != 0 {
		return signed, err
	}
	if c.issuer, err = mbedtlsReadName(tbs, false); err != 0 {
		return signed, err
	}
	validity, err := tbs.next(tagSequence)
	if err != 0 {
		return signed, err.under(mbedtlsDate)
	}
	if c.from, err = validity.moment(); err != 0 {
		return signed, err
	}
	if c.until, err = validity.moment(); err != 0 {
		return signed, err
	}
	if len(validity) > 0 {
		return signed, mbedtlsDate + mbedtlsMismatch
	}
	c.subject, err = mbedtlsReadName(tbs, true)
	return signed, err
}

// mbedtlsReadAlgorithm is mbedtls_asn1_get_alg.
func mbedtlsReadAlgorithm(r *mbedtlsReader) (a algorithm, err mbedtlsError) {
	body, err := r.next(tagSequence)
	if err != 0 {
		return a, err
	}
	oid, err := body.next(tagOID)
	if err != 0 {
		return a, err
	}
	a = algorithm{oid: oidText(oid), absent: len(body) == 0}
	if a.absent {
		return a, 0
	}
	if a.parameters, err = body.any(); err == 0 && len(body) > 0 {
		err = mbedtlsMismatch
	}
	return a, err
}

// readSignatureAlgorithm is mbedtls_x509_get_sig_alg.
func (c *mbedtlsCertificate) readSignatureAlgorithm(a algorithm) mbedtlsError {
	s, known := schemes[a.oid]
	hash := s.hash
	switch {
	case !known, s.key != rsaKey && s.key != ecKey && s.key != rsaPSSKey:
		return mbedtlsSigAlgorithm + mbedtlsNotFound
	case s.key == rsaPSSKey:
		p, ok := readPSS(a)
		if !ok {
			return mbedtlsAlgorithm
		}
		hash = p.hash
	case !a.absent && (a.parameters.tag != tagNull || len(a.parameters.body) > 0):
		return mbedtlsAlgorithm
	}
	c.weakHash = hash == 0 || hash == crypto.MD5 || hash == crypto.SHA1 // 0: MD2 and MD4
	return 0
}

// mbedtlsReadName is mbedtls_x509_get_name; only a subject may be empty.
func mbedtlsReadName(r *mbedtlsReader, mayBeEmpty bool) ([]mbedtlsName, mbedtlsError) {
	body, err := r.next(tagSequence)
	if err != 0 {
		return nil, err.under(mbedtlsFormat)
	}
	if len(body) == 0 && mayBeEmpty {
		return nil, 0
	}
	var all []mbedtlsName
	for {
		set, err := body.next(tagSet)
		if err != 0 {
			return nil, err.under(mbedtlsBadName)
		}
		for {
			pair, err := set.next(tagSequence)
			if err != 0 {
				return nil, err.under(mbedtlsBadName)
			}
			oid, err := pair.next(tagOID)
			if err != 0 {
				return nil, err.under(mbedtlsBadName)
			}
			if len(pair) == 0 {
				return nil, mbedtlsBadName + mbedtlsNoData
			}
			if !slices.Contains(mbedtlsStrings, pair[0]) {
				return nil, mbedtlsBadName + mbedtlsTag
			}
			value, err := pair.any()
			if err == 0 && len(pair) > 0 {
				err = mbedtlsMismatch
			}
			if err != 0 {
				return nil, err.under(mbedtlsBadName)
			}
			all = append(all, mbedtlsName{oid: string(oid), value: value, merged: len(set) > 0})
			if len(set) == 0 {
				break
			}
		}
		if len(body) == 0 {
			return all, 0
		}
	}
}

// mbedtlsStrings are the types of attribute values that it reads.
var mbedtlsStrings = []byte{
	tagBMPString, tagUTF8String, tagT61String, tagPrintableString, tagIA5String, tagUniversalString, tagBitString,
}

// moment is mbedtls_x509_get_time.
func (r *mbedtlsReader) moment() (time.Time, mbedtlsError) {
	if len(*r) == 0 {
		return time.Time{}, mbedtlsDate + mbedtlsNoData
	}
	layout := "20060102150405"
	switch (*r)[0] {
	case tagUTCTime, tagGeneralizedTime:
	default:
		return time.Time{}, mbedtlsDate + mbedtlsTag
	}
	e, err := r.any()
	if err != 0 {
		return time.Time{}, err.under(mbedtlsDate)
	}
	text := string(e.body)
	if e.tag == tagUTCTime && text != "" {
		century := "20"
		if text[0] >= '5' {
			century = "19"
		}
		text = century + text
	}
	if len(text) == len(layout)+1 && text[len(layout)] == 'Z' {
		text = text[:len(layout)]
	}
	if len(text) != len(layout) {
		return time.Time{}, mbedtlsDate
	}
	t, failure := time.Parse(layout, text)
	if failure != nil {
		return time.Time{}, mbedtlsDate
	}
	return t, 0
}

// mbedtlsCurves are the curves of Debian's configuration.
var mbedtlsCurves = []string{
	"1.2.840.10045.3.1.1", "1.3.132.0.33", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35",
	"1.3.132.0.31", "1.3.132.0.32", "1.3.132.0.10",
	"1.3.36.3.3.2.8.1.1.7", "1.3.36.3.3.2.8.1.1.11", "1.3.36.3.3.2.8.1.1.13",
}

// readKey is mbedtls_pk_parse_subpubkey.
func (c *mbedtlsCertificate) readKey(tbs *mbedtlsReader) mbedtlsError {
	body, err := tbs.next(tagSequence)
	if err != 0 {
		return err.under(mbedtlsKeyFormat)
	}
	a, err := mbedtlsReadAlgorithm(&body)
	if err != 0 {
		return err.under(mbedtlsKeyParameters)
	}
	if a.oid != oidRSA && a.oid != oidECKey && a.oid != "1.3.132.1.12" {
		return mbedtlsKeyAlgorithm
	}
	if a.oid == oidRSA && !a.absent && (a.parameters.tag != tagNull || len(a.parameters.body) > 0) {
		return mbedtlsKeyParameters
	}
	key, err := body.wholeOctets()
	if err == 0 && len(body) > 0 {
		err = mbedtlsMismatch
	}
	if err != 0 {
		return err.under(mbedtlsPublicKey)
	}
	if a.oid == oidRSA {
		return c.readRSA(key)
	}
	switch {
	case a.absent, a.parameters.tag != tagOID && a.parameters.tag != tagSequence:
		return mbedtlsKeyFormat
	case a.parameters.tag == tagSequence: // a curve written out, which it takes where it knows the curve
		return 0
	}
	oid := oidText(a.parameters.body)
	if !slices.Contains(mbedtlsCurves, oid) {
		return mbedtlsNamedCurve
	}
	known, readable := curves()[oid]
	switch {
	case !readable:
		return 0
	case len(key) > 0 && key[0] != 4:
		return mbedtlsCurveFeature
	case len(key) != 1+2*((known.p.BitLen()+7)/8):
		return mbedtlsCurveInput
	case known.point(key) == nil:
		return mbedtlsInvalidKey
	}
	return 0
}

// readRSA is pk_get_rsapubkey.
func (c *mbedtlsCertificate) readRSA(bits mbedtlsReader) mbedtlsError {
	body, err := bits.whole(tagSequence)
	if err != 0 {
		return err.under(mbedtlsPublicKey)
	}
	var numbers [2]mbedtlsReader
	for i := range numbers {
		if numbers[i], err = body.next(tagInteger); err != 0 {
			return err.under(mbedtlsPublicKey)
		}
	}
	modulus, exponent := new(big.Int).SetBytes(numbers[0]), new(big.Int).SetBytes(numbers[1])
	if modulus.Bit(0) == 0 || modulus.BitLen() < 128 || exponent.Bit(0) == 0 || exponent.BitLen() < 2 || exponent.Cmp(modulus) >= 0 {
		return mbedtlsPublicKey
	}
	if len(body) > 0 {
		return mbedtlsPublicKey + mbedtlsMismatch
	}
	c.keyBits = modulus.BitLen()
	return 0
}
