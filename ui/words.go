package ui

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/core/session"
)

// stageDoing says what a session does in a stage.
func stageDoing(stage string) string {
	switch stage {
	case "files":
		return "Reading certificates"
	case "resolve":
		return "Looking up the address"
	case "dial":
		return "Reaching the broker"
	case "tls":
		return "TLS handshake"
	case "mqtt":
		return "Waiting for the broker's welcome"
	}
	return "Preparing"
}

// stageNames are the stages of an attempt as people read them, in order.
var stageNames = [5]string{"Files", "Address", "Network", "TLS", "MQTT"}

// address is where p leads, as people write it: "broker.example:8883".
func address(p profile.Profile) string {
	if p.Server.Host == "" {
		return ""
	}
	return net.JoinHostPort(p.Server.Host, strconv.Itoa(p.Server.PortOrDefault()))
}

// note is the second line of a profile in the list.
func note(p profile.Profile) string {
	switch {
	case p.Server.Host != "":
		return address(p)
	case p.Practice:
		return "On this computer, ready to try"
	}
	return "No address yet"
}

// took words a duration for a stage.
func took(d time.Duration) string {
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

// answerText words a server's answer: "Not authorized (0x87)".
func answerText(a session.Answer) string {
	name := a.Name
	if name == "" {
		name = evidence.ReasonName(a.Code)
	}
	text := fmt.Sprintf("%s (0x%02X)", name, a.Code)
	if a.Text != "" {
		text += ": " + a.Text
	}
	return text
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

func base(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[i+1:]
	}
	return path
}

// day is a date as everything in the program writes it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

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

// shortClient is the first word of it, for a mark.
func shortClient(judge string) string {
	name, _, _ := strings.Cut(clientName(judge), " (")
	return name
}

// upperFirst begins s with a capital letter.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
