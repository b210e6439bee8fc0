package evidence

import (
	"crypto/tls"
	"fmt"
)

// ReasonName returns the name that MQTT 5.0 (§2.4) gives to a reason code of CONNACK, DISCONNECT, SUBACK and the rest.
func ReasonName(code byte) string {
	if n, ok := reasonNames[code]; ok {
		return n
	}
	return fmt.Sprintf("Reason code 0x%02X", code)
}

// ReasonName is the name of ReasonCode in the version that the server answered in; "" where there is none.
func (m *MQTT) ReasonName() string {
	switch {
	case m.ReasonCode == nil:
		return ""
	case m.Version == 4 && int(*m.ReasonCode) < len(returnNames):
		return returnNames[*m.ReasonCode]
	case m.Version == 4:
		return fmt.Sprintf("Return code %d", *m.ReasonCode)
	}
	return ReasonName(*m.ReasonCode)
}

// Codes with which a CONNECT is refused for its version (MQTT 5.0 §3.1.2.2, MQTT 3.1.1 §3.1.2.2).
const (
	unsupportedVersion  = 0x84
	unacceptableVersion = 1
)

// VersionRefused says that the server's answer to CONNECT is that it does not know its version.
func (m *MQTT) VersionRefused() bool {
	switch {
	case m.ReasonCode == nil:
		return false
	case m.Version == 4:
		return *m.ReasonCode == unacceptableVersion
	}
	return *m.ReasonCode == unsupportedVersion
}

// returnNames is MQTT 3.1.1 table 3.1, in the words of MQTT 5.0 where it has them.
var returnNames = [...]string{
	"Connection accepted", "Unacceptable protocol version", "Identifier rejected", "Server unavailable",
	"Bad user name or password", "Not authorized",
}

// reasonNames is MQTT 5.0 table 2-6. 0x00 has three names; Success is right wherever an answer is waited for.
var reasonNames = map[byte]string{
	0x00: "Success",
	0x01: "Granted QoS 1",
	0x02: "Granted QoS 2",
	0x04: "Disconnect with Will Message",
	0x10: "No matching subscribers",
	0x11: "No subscription existed",
	0x18: "Continue authentication",
	0x19: "Re-authenticate",
	0x80: "Unspecified error",
	0x81: "Malformed Packet",
	0x82: "Protocol Error",
	0x83: "Implementation specific error",
	0x84: "Unsupported Protocol Version",
	0x85: "Client Identifier not valid",
	0x86: "Bad User Name or Password",
	0x87: "Not authorized",
	0x88: "Server unavailable",
	0x89: "Server busy",
	0x8A: "Banned",
	0x8B: "Server shutting down",
	0x8C: "Bad authentication method",
	0x8D: "Keep Alive timeout",
	0x8E: "Session taken over",
	0x8F: "Topic Filter invalid",
	0x90: "Topic Name invalid",
	0x91: "Packet Identifier in use",
	0x92: "Packet Identifier not found",
	0x93: "Receive Maximum exceeded",
	0x94: "Topic Alias invalid",
	0x95: "Packet too large",
	0x96: "Message rate too high",
	0x97: "Quota exceeded",
	0x98: "Administrative action",
	0x99: "Payload format invalid",
	0x9A: "Retain not supported",
	0x9B: "QoS not supported",
	0x9C: "Use another server",
	0x9D: "Server moved",
	0x9E: "Shared Subscriptions not supported",
	0x9F: "Connection rate exceeded",
	0xA0: "Maximum connect time",
	0xA1: "Subscription Identifiers not supported",
	0xA2: "Wildcard Subscriptions not supported",
}

// AlertName returns the name that RFC 8446 §6 and its forerunners give to a TLS alert: "certificate_required".
func AlertName(n uint8) string {
	if s, ok := alertNames[n]; ok {
		return s
	}
	return fmt.Sprintf("alert %d", n)
}

// alertNames is the IANA registry "TLS Alerts".
var alertNames = map[uint8]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
	30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
	43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
	47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
	60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
	86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
	110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
	113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
	116: "certificate_required", 120: "no_application_protocol", 121: "ech_required",
}

// SuiteName returns the name of a TLS cipher suite; "" for 0.
func SuiteName(suite uint16) string {
	if suite == 0 {
		return ""
	}
	if name, ok := suiteNames[suite]; ok {
		return name
	}
	return tls.CipherSuiteName(suite)
}

// suiteNames are the IANA's for suites that crypto/tls lacks: those with finite-field Diffie-Hellman and AES-CCM.
var suiteNames = map[uint16]string{
	0x009E: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", 0x009F: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", 0xCCAA: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", 0x006B: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", 0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
	0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", 0xC0AC: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", 0xC0AD: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
	0xC0AE: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 0xC0AF: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
}

// VersionName returns "1.3" for 0x0304, and so on; "" for 0.
func VersionName(v uint16) string {
	switch v {
	case 0:
		return ""
	case tls.VersionTLS10:
		return "1.0"
	case tls.VersionTLS11:
		return "1.1"
	case tls.VersionTLS12:
		return "1.2"
	case tls.VersionTLS13:
		return "1.3"
	case 0x0300:
		return "SSL 3.0"
	}
	return fmt.Sprintf("0x%04X", v)
}
