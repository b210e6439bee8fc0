package chain

import (
	"fmt"
	"strings"
	"time"
)

// mbedtlsCertificate is a certificate as mbedTLS reads it (mbedtls_x509_crt_parse_der): stricter than OpenSSL about
// extensions, which it refuses as it reads them, and without key identifiers and name constraints.
type mbedtlsCertificate struct {
	*member
	err             mbedtlsError // 0: it can be read
	criticalUnknown bool         // err is about a critical extension that it does not know
	version         int          // 1 to 3; 0: an empty certificate
	issuer, subject []mbedtlsName
	from, until     time.Time
	weakHash        bool // the profile takes nothing below SHA-2
	hasUsage        map[string]bool
	ca              bool
	pathLength      int // -1: none
	keyUsage        int
	purposes        []string
	names           []element // of subjectAltName
	keyBits         int       // RSA; 0: another key
}

// mbedtlsName is one attribute of a distinguished name. merged: the next one is of the same set.
type mbedtlsName struct {
	oid    string
	value  element
	merged bool
}

// mbedtlsError is a negative error number of mbedTLS, made positive: a high part in the hundreds (hexadecimal) from the
// module that fails and a low part from the one below it.
type mbedtlsError int

const (
	mbedtlsFeature       mbedtlsError = 0x2080
	mbedtlsFormat        mbedtlsError = 0x2180
	mbedtlsVersion       mbedtlsError = 0x2200
	mbedtlsSerial        mbedtlsError = 0x2280
	mbedtlsAlgorithm     mbedtlsError = 0x2300
	mbedtlsBadName       mbedtlsError = 0x2380
	mbedtlsDate          mbedtlsError = 0x2400
	mbedtlsBadSignature  mbedtlsError = 0x2480
	mbedtlsExtensions    mbedtlsError = 0x2500
	mbedtlsUnknown       mbedtlsError = 0x2580
	mbedtlsSigAlgorithm  mbedtlsError = 0x2600
	mbedtlsSigMismatch   mbedtlsError = 0x2680
	mbedtlsVerifyFailed  mbedtlsError = 0x2700
	mbedtlsFatal         mbedtlsError = 0x3000
	mbedtlsNamedCurve    mbedtlsError = 0x3a00
	mbedtlsKeyParameters mbedtlsError = 0x3a80
	mbedtlsPublicKey     mbedtlsError = 0x3b00
	mbedtlsKeyAlgorithm  mbedtlsError = 0x3c80
	mbedtlsKeyFormat     mbedtlsError = 0x3d00
	mbedtlsInvalidKey    mbedtlsError = 0x4c80
	mbedtlsCurveFeature  mbedtlsError = 0x4e80
	mbedtlsCurveInput    mbedtlsError = 0x4f80
	mbedtlsHandshake     mbedtlsError = 0x7a00
	mbedtlsUnknownFormat mbedtlsError = 0x2780

	mbedtlsNotFound  mbedtlsError = 0x2e
	mbedtlsNoData    mbedtlsError = 0x60
	mbedtlsTag       mbedtlsError = 0x62
	mbedtlsLength    mbedtlsError = 0x64
	mbedtlsMismatch  mbedtlsError = 0x66
	mbedtlsBadData   mbedtlsError = 0x68
	mbedtlsLowErrors mbedtlsError = 0x7f
)

var mbedtlsErrorTexts = map[mbedtlsError]string{
	mbedtlsFeature:       "X509 - Unavailable feature, e.g. RSA hashing/encryption combination",
	mbedtlsFormat:        "X509 - The CRT/CRL/CSR format is invalid, e.g. different type expected",
	mbedtlsVersion:       "X509 - The CRT/CRL/CSR version element is invalid",
	mbedtlsSerial:        "X509 - The serial tag or value is invalid",
	mbedtlsAlgorithm:     "X509 - The algorithm tag or value is invalid",
	mbedtlsBadName:       "X509 - The name tag or value is invalid",
	mbedtlsDate:          "X509 - The date tag or value is invalid",
	mbedtlsBadSignature:  "X509 - The signature tag or value invalid",
	mbedtlsExtensions:    "X509 - The extension tag or value is invalid",
	mbedtlsUnknown:       "X509 - CRT/CRL/CSR has an unsupported version number",
	mbedtlsSigAlgorithm:  "X509 - Signature algorithm (oid) is unsupported",
	mbedtlsSigMismatch:   "X509 - Signature algorithms do not match. (see \\c ::mbedtls_x509_crt sig_oid)",
	mbedtlsVerifyFailed:  "X509 - Certificate verification failed, e.g. CRL, CA or signature check failed",
	mbedtlsFatal:         "X509 - A fatal error occurred, eg the chain is too long or the vrfy callback failed",
	mbedtlsNamedCurve:    "PK - Elliptic curve is unsupported (only NIST curves are supported)",
	mbedtlsKeyParameters: "PK - The algorithm tag or value is invalid",
	mbedtlsPublicKey:     "PK - The pubkey tag or value is invalid (only RSA and EC are supported)",
	mbedtlsKeyAlgorithm:  "PK - Key algorithm is unsupported (only RSA and EC are supported)",
	mbedtlsKeyFormat:     "PK - Invalid key tag or value",
	mbedtlsInvalidKey:    "ECP - Invalid private or public key",
	mbedtlsCurveFeature:  "ECP - The requested feature is not available, for example, the requested curve is not supported",
	mbedtlsCurveInput:    "ECP - Bad input parameters to function",
	mbedtlsUnknownFormat: "X509 - Format not recognized as DER or PEM",
	mbedtlsHandshake:     "SSL - Processing of the Certificate handshake message failed",
	mbedtlsNotFound:      "OID - OID is not found",
	mbedtlsNoData:        "ASN1 - Out of data when parsing an ASN1 data structure",
	mbedtlsTag:           "ASN1 - ASN1 tag was of an unexpected value",
	mbedtlsLength:        "ASN1 - Error when trying to determine the length or invalid length",
	mbedtlsMismatch:      "ASN1 - Actual length differs from expected length",
	mbedtlsBadData:       "ASN1 - Data is invalid",
}

func (e mbedtlsError) code() string { return fmt.Sprintf("-0x%04x", int(e)) }

// text is mbedtls_strerror.
func (e mbedtlsError) text() string {
	var parts []string
	for _, part := range []mbedtlsError{e &^ mbedtlsLowErrors, e & mbedtlsLowErrors} {
		if t := mbedtlsErrorTexts[part]; t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, " : ")
}

// mbedtlsReader walks over ASN.1 as asn1parse.c does.
type mbedtlsReader []byte

func (r *mbedtlsReader) any() (element, mbedtlsError) {
	b := *r
	if len(b) < 2 {
		return element{}, mbedtlsNoData
	}
	if n := b[1]; n == 0x80 || n > 0x84 {
		return element{}, mbedtlsLength
	}
	header, length := 2, int(b[1])
	if length > 0x80 {
		header += length - 0x80
		if len(b) < header {
			return element{}, mbedtlsNoData
		}
		length = 0
		for _, c := range b[2:header] {
			length = length<<8 | int(c)
		}
	}
	if length > len(b)-header {
		return element{}, mbedtlsNoData
	}
	end := header + length
	*r = b[end:]
	return element{tag: b[0], full: b[:end:end], body: b[header:end:end]}, 0
}

// next reads an element that must have the tag.
func (r *mbedtlsReader) next(tag byte) (mbedtlsReader, mbedtlsError) {
	if len(*r) == 0 {
		return nil, mbedtlsNoData
	}
	if (*r)[0] != tag {
		return nil, mbedtlsTag
	}
	e, err := r.any()
	return e.body, err
}

// whole reads an element that must have the tag and leave nothing behind.
func (r *mbedtlsReader) whole(tag byte) (mbedtlsReader, mbedtlsError) {
	body, err := r.next(tag)
	if err == 0 && len(*r) > 0 {
		err = mbedtlsMismatch
	}
	return body, err
}

// integer is mbedtls_asn1_get_int: of 31 bits, and not negative.
func (r *mbedtlsReader) integer() (int, mbedtlsError) {
	body, err := r.next(tagInteger)
	if err != 0 {
		return 0, err
	}
	if len(body) == 0 || body[0]&0x80 != 0 {
		return 0, mbedtlsLength
	}
	for len(body) > 0 && body[0] == 0 {
		body = body[1:]
	}
	if len(body) > 4 || len(body) == 4 && body[0]&0x80 != 0 {
		return 0, mbedtlsLength
	}
	n := 0
	for _, c := range body {
		n = n<<8 | int(c)
	}
	return n, 0
}

// boolean is mbedtls_asn1_get_bool.
func (r *mbedtlsReader) boolean() (bool, mbedtlsError) {
	body, err := r.next(tagBoolean)
	if err == 0 && len(body) != 1 {
		err = mbedtlsLength
	}
	return err == 0 && body[0] != 0, err
}

// bits is mbedtls_asn1_get_bitstring of the whole rest.
func (r *mbedtlsReader) bits() ([]byte, mbedtlsError) {
	body, err := r.next(tagBitString)
	switch {
	case err != 0:
		return nil, err
	case len(body) == 0:
		return nil, mbedtlsNoData
	case body[0] > 7:
		return nil, mbedtlsLength
	case len(*r) > 0:
		return nil, mbedtlsMismatch
	}
	return body[1:], 0
}

// wholeOctets is mbedtls_asn1_get_bitstring_null: a BIT STRING without unused bits.
func (r *mbedtlsReader) wholeOctets() ([]byte, mbedtlsError) {
	body, err := r.next(tagBitString)
	if err == 0 && (len(body) == 0 || body[0] != 0) {
		err = mbedtlsBadData
	}
	if err != 0 {
		return nil, err
	}
	return body[1:], 0
}

// under adds an error of a lower module to that of a higher one.
func (e mbedtlsError) under(high mbedtlsError) mbedtlsError {
	if e == 0 {
		return 0
	}
	return high + e
}
