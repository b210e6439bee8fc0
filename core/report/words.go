package report

import (
	"crypto/sha256"
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

// moment is a time of day as well.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

func server(t evidence.Target) profile.Server {
	return profile.Server{Transport: profile.Transport(t.Transport), Host: t.Host, Port: t.Port, Path: t.Path}
}

// hostPort is where a connection led, as people write it.
func hostPort(t evidence.Target) string {
	return net.JoinHostPort(t.Host, strconv.Itoa(server(t).PortOrDefault()))
}

func clientNames(judges []string) (names []string) {
	for _, j := range judges {
		names = append(names, ClientName(j))
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

// distinguishedName writes a name as RFC 4514 does; one that cannot be read, as hex.
func distinguishedName(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return "#" + hex.EncodeToString(der)
	}
	return name.String()
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
