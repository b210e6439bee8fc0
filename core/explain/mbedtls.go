package explain

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"mutual/core/expression"
)

// mbedtlsError is a high-level error of mbedTLS 2 and 3 (ssl.h, x509.h, pk.h, pem.h, net_sockets.h), as ESP-IDF, Arduino
// and others print it: -0x2700, 0x2700, -9984.
type mbedtlsError struct {
	code   int // without its sign
	tier   tier
	causes []cause
}

// mbedtlsErrors hold where the number says more than the words beside it, which stand in mbedtlsSignatures.
var mbedtlsErrors = sync.OnceValue(func() []mbedtlsError {
	return []mbedtlsError{
		{0x2700, vague, serverUnverified},
		{0x7780, vague, []cause{may("client-certificate-rejected", "mbedTLS error 0x7780: the broker ended the handshake with an alert; the number of the alert says why."), could("tls-version-unsupported", "mbedTLS error 0x7780: or it does not accept the version of TLS."), could("client-certificate-required", "mbedTLS error 0x7780: or it wants a client certificate.")}},
		{0x7a00, coarse, []cause{may("extended-key-usage", "mbedTLS error 0x7A00: the server's certificate could not be used as it is."), may("key-usage", "mbedTLS error 0x7A00: or its key usage does not allow the handshake."), could("certificate-malformed", "mbedTLS error 0x7A00: or it cannot be read.")}},
		{0x7680, exact, []cause{may("file-empty", "mbedTLS error 0x7680: no authority was set that the server's certificate could be verified with.")}},
		{0x7200, exact, plainPort("mbedTLS error 0x7200")},
		{0x7100, coarse, []cause{may("tls-alert", "mbedTLS error 0x7100: a function of the TLS library was called with settings that do not fit.")}},
		{0x6800, exact, []cause{may("tcp-timeout", "mbedTLS error 0x6800: the other side did not answer in time."), could("large-hello-dropped", "mbedTLS error 0x6800: or something on the way drops large TLS hellos.")}},
		{0x7280, exact, closedBy("mbedTLS error 0x7280")},
		{0x7880, coarse, closedBy("mbedTLS error 0x7880")},
		{0x50, exact, closedBy("mbedTLS error 0x0050")},
		{0x4c, coarse, closedBy("mbedTLS error 0x004C")},
		{0x4e, coarse, closedBy("mbedTLS error 0x004E")},
		{0x44, exact, []cause{may("tcp-refused", "mbedTLS error 0x0044: the connection could not be made."), could("tcp-timeout", "mbedTLS error 0x0044: or nobody answered.")}},
		{0x52, exact, []cause{is("dns-not-found", "mbedTLS error 0x0052: the name of the broker was not found.")}},
		{0x6e80, exact, []cause{is("tls-version-unsupported", "mbedTLS error 0x6E80: the two sides have no version of TLS in common.")}},
		{0x6e00, exact, []cause{may("cipher-suite-unsupported", "mbedTLS error 0x6E00: the two sides could not agree on how to encrypt.")}},
		{0x7380, exact, []cause{is("cipher-suite-unsupported", "mbedTLS error 0x7380: the two sides have no cipher suite in common.")}},
		{0x7480, exact, []cause{is("client-certificate-required", "mbedTLS error 0x7480: a certificate was wanted, and the other side gave none.")}},
		{0x7580, exact, []cause{may("client-certificate-required", "mbedTLS error 0x7580: no certificate was set, and one is needed.")}},
		{0x7600, exact, []cause{may("key-mismatch", "mbedTLS error 0x7600: the private key that belongs to the certificate was not set.")}},
		{0x7800, exact, []cause{is("sni-unrecognized", "mbedTLS error 0x7800: the server name was not recognized.")}},
		{0x7700, coarse, []cause{may("tls-alert", "mbedTLS error 0x7700: a message came at the wrong moment.")}},
		{0x7900, coarse, []cause{may("tls-version-unsupported", "mbedTLS error 0x7900: the client's hello was not acceptable.")}},
		{0x7980, coarse, []cause{may("tls-version-unsupported", "mbedTLS error 0x7980: the server's hello was not acceptable."), may("cipher-suite-unsupported", "mbedTLS error 0x7980: or the suite that it chose was not.")}},
		{0x3000, vague, serverUnverified},
		{0x2180, exact, []cause{may("file-wrong-format", "mbedTLS error 0x2180: a certificate that was set in the program is not PEM or DER as mbedTLS reads it."), may("file-encoding", "mbedTLS error 0x2180: or its text is damaged: line ends are missing, or the end of the text is.")}},
		{0x2780, exact, []cause{may("file-encoding", "mbedTLS error 0x2780: what was given as a certificate or key is incomplete; PEM needs its closing zero byte.")}},
		{0x2600, exact, []cause{is("signature-algorithm-unsupported", "mbedTLS error 0x2600: a certificate is signed with an algorithm that mbedTLS does not know.")}},
		{0x2680, exact, []cause{is("certificate-malformed", "mbedTLS error 0x2680: a certificate names two signature algorithms.")}},
		{0x2580, exact, []cause{is("certificate-version", "mbedTLS error 0x2580: the version of a certificate is not one that mbedTLS knows.")}},
		{0x2500, exact, []cause{may("name-constraint", "mbedTLS error 0x2500: an extension of a certificate cannot be read; mbedTLS does not know name constraints."), may("critical-extension-unknown", "mbedTLS error 0x2500: or a critical extension is one that it does not know."), could("certificate-malformed", "mbedTLS error 0x2500: or an extension is damaged.")}},
		{0x3c80, exact, []cause{is("server-key-unsupported", "mbedTLS error 0x3C80: mbedTLS knows only RSA and elliptic curve keys, and this one is neither.")}},
		{0x3c00, exact, []cause{is("key-encrypted", "mbedTLS error 0x3C00: the private key is encrypted, and no passphrase was given.")}},
		{0x3b80, exact, []cause{is("passphrase-wrong", "mbedTLS error 0x3B80: the passphrase does not open the private key.")}},
		{0x1300, exact, []cause{is("key-encrypted", "mbedTLS error 0x1300: the private key is encrypted, and no passphrase was given.")}},
		{0x1380, exact, []cause{is("passphrase-wrong", "mbedTLS error 0x1380: the passphrase does not open the private key.")}},
		{0x1080, exact, []cause{may("file-wrong-format", "mbedTLS error 0x1080: no PEM block was found."), may("file-encoding", "mbedTLS error 0x1080: or its first line is damaged.")}},
		{0x1100, exact, []cause{is("file-encoding", "mbedTLS error 0x1100: the text of a PEM block is damaged.")}},
		{0x3d00, exact, []cause{may("file-wrong-format", "mbedTLS error 0x3D00: the private key is in a form that mbedTLS does not read."), may("key-unsupported", "mbedTLS error 0x3D00: or it is of a kind that it does not know.")}},
		{0x3f00, exact, []cause{is("key-mismatch", "mbedTLS error 0x3F00: key and certificate are of different kinds.")}},
		{0x4e00, exact, []cause{is("server-key-mismatch", "mbedTLS error 0x4E00: the signature in the handshake does not fit the certificate that was sent.")}},
		{0x3e00, exact, []cause{is("file-unreadable", "mbedTLS error 0x3E00: a key file could not be read.")}},
		{0x2900, exact, []cause{is("file-unreadable", "mbedTLS error 0x2900: a certificate file could not be read.")}},
		{0x8001, exact, []cause{is("dns-not-found", "ESP-TLS error 0x8001: the name of the broker was not found.")}},
		{0x8004, exact, []cause{may("tcp-refused", "ESP-TLS error 0x8004: the connection could not be made."), may("tcp-timeout", "ESP-TLS error 0x8004: or nobody answered.")}},
		{0x8006, exact, []cause{may("tcp-timeout", "ESP-TLS error 0x8006: the broker did not answer in time.")}},
		{0x8008, coarse, closedBy("ESP-TLS error 0x8008")},
	}
})

func plainPort(says string) []cause {
	return []cause{
		may("server-speaks-plain-mqtt", says+": what came back is not TLS; the port most likely speaks MQTT without it."),
		may("server-speaks-http", says+": or it is a web server without TLS."),
		could("tls-alert", says+": or something between the two changes what is sent."),
	}
}

func closedBy(says string) []cause {
	return []cause{
		may("tcp-reset", says+": the other side closed the connection."),
		could("connection-closed-after-handshake", says+": a broker does so without a word when it refuses the client."),
		could("server-speaks-plain-mqtt", says+": a port that speaks MQTT without TLS does so when it is sent a TLS hello."),
	}
}

var (
	mbedtlsHex     = expression.New(`(-?)\b?0x([0-9a-f]{2,4})\b`)
	mbedtlsDecimal = expression.New(`-(\d{2,5})\b`)
	loneDecimal    = expression.New(`^-\d{4,5}$`)
	mbedtlsWords   = expression.New(`mbed|esp-tls|esp_tls|ssl_client|start_ssl|tls stack|handshake|wificlientsecure|psa_|x509|esp_err|tls_error|\b(?:ssl|x509|pk|ecp|pem|net|asn1|rsa) - `)
)

// mbedtlsCodes finds mbedTLS's numbers, where the text shows that they are its own.
func (t *text) mbedtlsCodes() []hit {
	var hits []hit
	if !mbedtlsWords.MatchString(t.s) && !lone(t.s) {
		return nil
	}
	for _, at := range mbedtlsHex.FindAllStringSubmatchIndex(t.s, maxHits) {
		n, err := strconv.ParseInt(t.s[at[4]:at[5]], 16, 32)
		if err == nil && (n >= 0x1000 || at[3] > at[2]) {
			hits = t.mbedtlsHit(hits, int(n), at[0], at[1])
		}
	}
	for _, at := range mbedtlsDecimal.FindAllStringSubmatchIndex(t.s, maxHits) {
		n, err := strconv.Atoi(t.s[at[2]:at[3]])
		if err == nil && n >= 0x1000 && !t.ofApple(n, at[2]) {
			hits = t.mbedtlsHit(hits, n, at[0], at[1])
		}
	}
	return hits
}

// lone reports whether the text begins with a negative hexadecimal number, as nothing else does, or is nothing but a
// large negative one.
func lone(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "-0x") || loneDecimal.MatchString(s)
}

// mbedtlsHit adds the hit of an error number. A number of two levels is the sum of both; the upper one is a multiple of
// 0x80 (error.h).
func (t *text) mbedtlsHit(hits []hit, n, start, end int) []hit {
	for _, e := range mbedtlsErrors() {
		if e.code == n || n > 0x1000 && n < 0x8000 && e.code == n&^0x7f {
			code := fmt.Sprintf("-0x%04X", n)
			if n >= 0x8000 {
				code = fmt.Sprintf("0x%X", n)
			}
			return append(hits, hit{start: start, end: end, tier: e.tier, client: "mbedtls", code: code, causes: e.causes})
		}
	}
	return hits
}

// mbedtlsFlag is one bit of what mbedtls_ssl_get_verify_result returns (x509.h).
var mbedtlsFlagBits = []struct {
	bit    int
	causes []cause
}{
	{0x01, mbedtlsExpired}, {0x02, mbedtlsRevoked}, {0x04, mbedtlsName}, {0x08, mbedtlsUntrusted},
	{0x10, mbedtlsCRL}, {0x20, mbedtlsCRL}, {0x40, mbedtlsNone}, {0x200, mbedtlsFuture}, {0x400, mbedtlsCRL},
	{0x800, mbedtlsKeyUsage}, {0x1000, mbedtlsExtended}, {0x2000, mbedtlsExtended}, {0x4000, mbedtlsDigest},
	{0x8000, mbedtlsKey}, {0x10000, mbedtlsKey}, {0x20000, mbedtlsCRL}, {0x40000, mbedtlsCRL}, {0x80000, mbedtlsCRL},
}

var mbedtlsFlagNumber = newPattern(`\b(?:flags?|verify[\s_]result|verification result|verify_flags)[\s:=(\[]*(?:is )?(0x[0-9a-f]{1,8}|\d{1,6})\b`)

// mbedtlsFlags decodes the bits of a verification result.
func (t *text) mbedtlsFlags() []hit {
	var hits []hit
	for _, at := range mbedtlsFlagNumber.find(t.s, maxHits) {
		number := t.s[at[2]:at[3]]
		flags, err := strconv.ParseInt(number, 0, 32)
		if err != nil || !strings.HasPrefix(number, "0x") && !mbedtlsWords.MatchString(t.s) {
			continue
		}
		for _, f := range mbedtlsFlagBits {
			if int(flags)&f.bit != 0 {
				hits = append(hits, hit{start: at[0], end: at[1], tier: exact, client: "mbedtls", code: number, causes: f.causes})
			}
		}
	}
	return hits
}
