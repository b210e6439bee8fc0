package pki

import (
	"bytes"
	"strings"

	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Formats of evidence.File.Format.
const (
	formatPEM            = "pem"
	formatDERCertificate = "der-certificate"
	formatDERKey         = "der-key"
	formatDERRequest     = "der-csr"
	formatPKCS7          = "pkcs7"
	formatPKCS12         = "pkcs12"
	formatJKS            = "jks"
	formatJCEKS          = "jceks"
	formatBKS            = "bks"
	formatDERCRL         = "der-crl"
	formatHTML           = "html"
	formatRTF            = "rtf"
	formatOpenSSH        = "openssh"
	formatUTF16          = "utf-16"
	formatUnknown        = "unknown"
)

// formatOf says what data without a readable PEM block is, by its first bytes and its structure.
func formatOf(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xED, 0xFE, 0xED}):
		return formatJKS
	case bytes.HasPrefix(data, []byte{0xCE, 0xCE, 0xCE, 0xCE}):
		return formatJCEKS
	case isBKS(data):
		return formatBKS
	case isUTF16(data):
		return formatUTF16
	case data[0] == 0x30: // SEQUENCE
		return derFormat(data)
	}
	if format := foreignBinary(data); format != "" {
		return format
	}
	if format := foreignText(bytes.TrimPrefix(data, []byte(byteOrderMark))); format != "" {
		return format
	}
	text := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), 1024)], []byte(byteOrderMark)))))
	switch {
	case strings.HasPrefix(text, `{\rtf`):
		return formatRTF
	case strings.HasPrefix(text, "<") && (strings.Contains(text, "<html") || strings.Contains(text, "<!doctype html")):
		return formatHTML
	case isOpenSSHPublicKey(text):
		return formatOpenSSH
	}
	return formatUnknown
}

// isUTF16 knows a byte order mark, and text whose every other byte is zero.
func isUTF16(data []byte) bool {
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return true
	}
	if len(data) < 16 || len(data)%2 != 0 {
		return false
	}
	zeros := [2]int{}
	for i, b := range data[:16] {
		if b == 0 {
			zeros[i%2]++
		}
	}
	return zeros == [2]int{8, 0} || zeros == [2]int{0, 8}
}

func isOpenSSHPublicKey(text string) bool {
	// The last two: the form of RFC 4716 §3.2, which ssh-keygen -e writes, and PuTTY's private keys.
	for _, kind := range []string{"ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-", "sk-", "---- begin ssh2 ", "putty-user-key-file-"} {
		if strings.HasPrefix(text, kind) {
			return true
		}
	}
	return false
}

var (
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
)

// derFormat tells the DER structures apart by their frames, so that a certificate that Go refuses is still one.
func derFormat(der []byte) string {
	if _, ok := outlineOf(der); ok {
		return formatDERCertificate
	}
	if _, ok := requestKey(der); ok {
		return formatDERRequest
	}
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadAnyASN1(&body, nil) {
		return berFormat(der)
	}
	if format := containerFormat(body); format != formatUnknown {
		return format
	}
	if in.Empty() {
		switch kind, _ := derKind(der); kind {
		case kindCRL:
			return formatDERCRL
		case kindUnknown:
		default:
			return formatDERKey
		}
	}
	if format := foreignDER(der); format != "" {
		return format
	}
	return formatUnknown
}

// requestKey is the SubjectPublicKeyInfo of a PKCS #10 request, by its frame (RFC 2986 §4), so that one with a key that Go
// does not know is still one.
func requestKey(der []byte) (publicKey []byte, ok bool) {
	in := cryptobyte.String(der)
	var request, info, key cryptobyte.String
	var version int
	ok = in.ReadASN1(&request, cbasn1.SEQUENCE) && in.Empty() && request.ReadASN1(&info, cbasn1.SEQUENCE) &&
		request.SkipASN1(cbasn1.SEQUENCE) && request.SkipASN1(cbasn1.BIT_STRING) && request.Empty() &&
		info.ReadASN1Integer(&version) && info.SkipASN1(cbasn1.SEQUENCE) && // subject
		info.ReadASN1Element(&key, cbasn1.SEQUENCE) && isPublicKeyInfo(key)
	return key, ok
}

// isPublicKeyInfo knows the frame of RFC 5280 §4.1's SubjectPublicKeyInfo.
func isPublicKeyInfo(der []byte) bool {
	in := cryptobyte.String(der)
	var info, algorithm cryptobyte.String
	return in.ReadASN1(&info, cbasn1.SEQUENCE) && in.Empty() && info.ReadASN1(&algorithm, cbasn1.SEQUENCE) &&
		algorithm.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) && info.SkipASN1(cbasn1.BIT_STRING) && info.Empty()
}

// containerFormat looks for the beginnings of PKCS #7 (RFC 2315 §7: a content type) and PKCS #12 (RFC 7292 §4: version 3
// and then a content).
func containerFormat(body cryptobyte.String) string {
	var oid asn1.ObjectIdentifier
	if body.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) && body.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidSignedData) {
		return formatPKCS7
	}
	var version int
	var safe cryptobyte.String
	if body.PeekASN1Tag(cbasn1.INTEGER) && body.ReadASN1Integer(&version) && version == 3 &&
		body.ReadASN1(&safe, cbasn1.SEQUENCE) && safe.ReadASN1ObjectIdentifier(&oid) && (oid.Equal(oidData) || oid.Equal(oidSignedData)) {
		return formatPKCS12
	}
	return formatUnknown
}

// berFormat is for containers in BER with indefinite lengths (30 80 …), which older programs write and cryptobyte does
// not read: the first elements are looked at as bytes.
func berFormat(data []byte) string {
	head := data[:min(len(data), 64)]
	signed, _ := asn1.Marshal(oidSignedData)
	plain, _ := asn1.Marshal(oidData)
	switch {
	case len(head) > 2 && head[1] == 0x80 && bytes.HasPrefix(head[2:], signed):
		return formatPKCS7
	case len(head) > 5 && head[1] == 0x80 && bytes.HasPrefix(head[2:], []byte{2, 1, 3}) && (bytes.Contains(head, plain) || bytes.Contains(head, signed)):
		return formatPKCS12
	}
	return formatUnknown
}
