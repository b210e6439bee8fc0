package report

import (
	"fmt"
	"strings"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// Took words a duration.
func Took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Day is a date as everything in the program writes it.
func Day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// Base is a path's last part, of any system: a report may be read on another one than wrote it.
func Base(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[i+1:]
	}
	return path
}

// SourceWords says where a certificate was met.
func SourceWords(c evidence.Certificate) string {
	switch c.Source {
	case evidence.Sent:
		return fmt.Sprintf("sent by the broker, no. %d", c.Position+1)
	case evidence.CAFile:
		return fmt.Sprintf("CA file %s, block %d", Base(c.File), c.Block+1)
	case evidence.UntrustedFile, evidence.ClientFile:
		return fmt.Sprintf("file %s, block %d", Base(c.File), c.Block+1)
	case evidence.System:
		return "this computer's authorities"
	case evidence.Mozilla:
		return "Mozilla's authorities"
	case evidence.BuiltIn:
		return "known to Mutual"
	case evidence.Fetched:
		return "fetched"
	}
	return string(c.Source)
}

// ClientName is how people call a judge's client.
func ClientName(judge string) string {
	switch judge {
	case "go":
		return "Mutual (Go)"
	case "openssl":
		return "OpenSSL (mosquitto, MQTT X, Node.js)"
	case "openssl-partial":
		return "OpenSSL with partial chains (curl)"
	case "python313":
		return "Python 3.13"
	case "java":
		return "Java"
	case "mbedtls":
		return "mbedTLS (ESP32)"
	case "gnutls":
		return "GnuTLS"
	}
	return judge
}

// ShortName is the common name of an RFC 4514 name where it has one, else the whole.
func ShortName(dn string) string {
	for _, part := range strings.Split(dn, ",") {
		if cn, ok := strings.CutPrefix(strings.TrimSpace(part), "CN="); ok {
			return cn
		}
	}
	if dn == "" {
		return "(no name)"
	}
	return dn
}

// NameOf is the name by which people know a certificate.
func NameOf(c chain.Certificate) string {
	if cn := c.CommonName(); cn != "" {
		return cn
	}
	if c.X != nil && len(c.X.DNSNames) > 0 {
		return c.X.DNSNames[0]
	}
	return ShortName(c.Subject())
}
