package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"encoding/json"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Formats of evidence.File.Format that are told by name and not read.
const (
	formatOCSPResponse = "ocsp-response"
	formatOCSPRequest  = "ocsp-request"
	formatCMS          = "cms" // a message that is encrypted, digested or compressed: no certificates to be had
	formatJWK          = "jwk"
	formatPVK          = "pvk"
	formatMSBlob       = "msblob"
	formatSMIME        = "smime"
	formatOpenSSLEnc   = "openssl-enc"
	formatSPKAC        = "spkac"
	formatPGP          = "pgp"
)

// foreignText tells formats of text, by how they begin or what they cannot be without; empty: none of them.
func foreignText(data []byte) string {
	head := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 4096)])))
	switch {
	case strings.HasPrefix(head, "-----begin pgp "):
		return formatPGP
	case strings.HasPrefix(head, "u2fsdgvkx1"): // the base64 of Salted__
		return formatOpenSSLEnc
	case strings.HasPrefix(head, "spkac="):
		return formatSPKAC
	case (strings.HasPrefix(head, "mime-version:") || strings.Contains(head, "\nmime-version:")) && strings.Contains(head, "pkcs7"):
		return formatSMIME
	case strings.HasPrefix(head, "{") && isJWK(data):
		return formatJWK
	}
	return ""
}

// isJWK knows a JSON Web Key, and a set of them (RFC 7517 §4, §5).
func isJWK(data []byte) bool {
	var key struct {
		KeyType string `json:"kty"`
		Keys    []struct {
			KeyType string `json:"kty"`
		} `json:"keys"`
	}
	if len(data) > maxRepair || json.Unmarshal(data, &key) != nil {
		return false
	}
	return key.KeyType != "" || len(key.Keys) > 0 && key.Keys[0].KeyType != ""
}

// foreignBinary tells formats of bytes that are not ASN.1: what "openssl enc" writes, and Microsoft's key files (OpenSSL's
// pvkfmt.c): a PVK file begins with a number of its own, a key blob with its kind (6: public, 7: private), version 2, and a
// number behind that says RSA or DSA.
func foreignBinary(data []byte) string {
	const blobHeader = 16
	switch {
	case bytes.HasPrefix(data, []byte("Salted__")):
		return formatOpenSSLEnc
	case bytes.HasPrefix(data, []byte{0x1e, 0xf1, 0xb5, 0xb0}):
		return formatPVK
	case len(data) >= blobHeader && (data[0] == 6 || data[0] == 7) && data[1] == 2:
		switch binary.LittleEndian.Uint32(data[8:]) {
		case 0x31415352, 0x32415352, 0x31535344, 0x32535344: // RSA1, RSA2, DSS1, DSS2
			return formatMSBlob
		}
	}
	return ""
}

// foreignDER tells messages in DER that hold nothing that is read here: OCSP (RFC 6960 §4.1.1, §4.2.1), and CMS whose content is not
// signed data (RFC 5652 §3).
func foreignDER(der []byte) string {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return ""
	}
	var oid asn1.ObjectIdentifier
	if content := body; content.ReadASN1ObjectIdentifier(&oid) {
		pkcs7 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7}
		smime := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1}
		if len(oid) > 6 && oid[:6].Equal(pkcs7) || len(oid) > 8 && oid[:8].Equal(smime) {
			return formatCMS
		}
		return ""
	}
	context0 := cbasn1.Tag(0).Constructed().ContextSpecific()
	var wrapped, answer cryptobyte.String
	if response := body; response.SkipASN1(cbasn1.ENUM) && (response.Empty() || response.ReadASN1(&wrapped, context0)) && response.Empty() {
		if wrapped == nil || wrapped.ReadASN1(&answer, cbasn1.SEQUENCE) && answer.ReadASN1ObjectIdentifier(&oid) {
			return formatOCSPResponse
		}
	}
	// OCSPRequest: the request list is the first SEQUENCE of the first SEQUENCE, each with a SEQUENCE that is a CertID.
	var request, list, one, id, hash cryptobyte.String
	if body.ReadASN1(&request, cbasn1.SEQUENCE) && request.SkipOptionalASN1(context0) &&
		request.SkipOptionalASN1(cbasn1.Tag(1).Constructed().ContextSpecific()) && request.ReadASN1(&list, cbasn1.SEQUENCE) &&
		list.ReadASN1(&one, cbasn1.SEQUENCE) && one.ReadASN1(&id, cbasn1.SEQUENCE) && id.SkipASN1(cbasn1.SEQUENCE) &&
		id.ReadASN1(&hash, cbasn1.OCTET_STRING) && id.SkipASN1(cbasn1.OCTET_STRING) && id.SkipASN1(cbasn1.INTEGER) {
		return formatOCSPRequest
	}
	return ""
}
