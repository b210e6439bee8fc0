package report

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/profile"
)

// took words a duration.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// day is a date as everything in the program writes it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// moment is a time of day as well.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

func server(t evidence.Target) profile.Server {
	return profile.Server{Transport: profile.Transport(t.Transport), Host: t.Host, Port: t.Port, Path: t.Path}
}

// hostPort is where a connection led, as people write it.
func hostPort(t evidence.Target) string {
	return net.JoinHostPort(t.Host, strconv.Itoa(server(t).PortOrDefault()))
}

// base is a path's last part, of any system: a report may be read on another one than wrote it.
func base(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[i+1:]
	}
	return path
}

// sourceWords says where a certificate was met.
func sourceWords(c evidence.Certificate) string {
	switch c.Source {
	case evidence.Sent:
		return fmt.Sprintf("sent by the broker, no. %d", c.Position+1)
	case evidence.CAFile:
		return fmt.Sprintf("CA file %s, block %d", base(c.File), c.Block+1)
	case evidence.UntrustedFile, evidence.ClientFile:
		return fmt.Sprintf("file %s, block %d", base(c.File), c.Block+1)
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

// clientName is how people call a judge's client.
func clientName(judge string) string {
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

func clientNames(judges []string) (names []string) {
	for _, j := range judges {
		names = append(names, clientName(j))
	}
	return names
}

// said is what a client would print, in its own words.
func said(v chain.Verdict) string {
	switch {
	case v.Accepted:
		return "accepts"
	case v.Code != "" && v.Client != "go":
		text := fmt.Sprintf("refuses: error %s, %s", v.Code, v.Text)
		if v.Depth >= 0 {
			text += fmt.Sprintf(" (depth %d)", v.Depth)
		}
		return text
	case v.Text == "":
		return "refuses"
	}
	return "refuses: " + v.Text
}

// probeWords words the name of an experiment as the question that it asks.
func probeWords(name string) string {
	switch {
	case name == "plain-connect":
		return "Does the port speak MQTT without TLS?"
	case name == "server-hello":
		return "Does the port speak TLS?"
	case strings.HasPrefix(name, "version-"):
		return "Does the broker accept TLS " + strings.TrimPrefix(name, "version-") + "?"
	}
	text := strings.ReplaceAll(name, "-", " ")
	if text == "" {
		return "(no name)"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// roleWords says what a file is for.
func roleWords(r evidence.Role) string {
	switch r {
	case evidence.RoleCA:
		return "CA file"
	case evidence.RoleCertificate:
		return "Client certificate"
	case evidence.RoleKey:
		return "Client key"
	case evidence.RoleChain:
		return "Chain"
	case evidence.RoleUntrusted:
		return "Further intermediates"
	case evidence.RoleNearby:
		return "Found nearby, not used"
	}
	return string(r)
}

// mqttVersion is the name of a protocol level (MQTT 5.0 §3.1.2.2).
func mqttVersion(level byte) string {
	switch level {
	case 3:
		return "3.1"
	case 4:
		return "3.1.1"
	case 5:
		return "5.0"
	}
	return strconv.Itoa(int(level))
}

func suiteName(suite uint16) string {
	if suite == 0 {
		return ""
	}
	return tls.CipherSuiteName(suite)
}

// distinguishedName writes a name as RFC 4514 does; one that cannot be read, as hex.
func distinguishedName(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return "#" + hex.EncodeToString(der)
	}
	return name.String()
}

// shortName is the common name of an RFC 4514 name where it has one, else the whole.
func shortName(dn string) string {
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

// nameOf is the name by which people know a certificate.
func nameOf(c chain.Certificate) string {
	if cn := c.CommonName(); cn != "" {
		return cn
	}
	if c.X != nil && len(c.X.DNSNames) > 0 {
		return c.X.DNSNames[0]
	}
	return shortName(c.Subject())
}

// colons writes bytes as certificate viewers do: "AB:CD".
func colons(b []byte) string {
	parts := make([]string, len(b))
	for i, x := range b {
		parts[i] = fmt.Sprintf("%02X", x)
	}
	return strings.Join(parts, ":")
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return colons(sum[:])
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// clean makes foreign text safe to look at: one line, no control characters, and none of those that turn the direction
// of writing, with which a name can pretend to be another (Unicode TR36 §2.1). Very long text is cut.
func clean(s string) string {
	const most = 2000 // characters: more than any sentence; a server may send 64 KiB of reason string
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0,
			r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0x061c, r == 0xfeff,
			r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
			b.WriteRune('\ufffd')
		default:
			b.WriteRune(r) // bytes that are not UTF-8 arrive here as U+FFFD
		}
	}
	return b.String()
}
