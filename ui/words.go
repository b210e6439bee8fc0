package ui

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/core/report"
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

// answerText words a server's answer: "Not authorized (0x87)".
func answerText(a session.Answer) string {
	name := a.Name
	if name == "" {
		name = evidence.ReasonName(a.Code)
	}
	text := fmt.Sprintf("%s (0x%02X)", name, a.Code)
	if a.Text != "" && !strings.EqualFold(a.Text, name) {
		text += ": " + a.Text
	}
	return text
}

// shortClient is the first word of it, for a mark.
func shortClient(judge string) string {
	name, _, _ := strings.Cut(report.ClientName(judge), " (")
	return name
}

// upperFirst begins s with a capital letter.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
