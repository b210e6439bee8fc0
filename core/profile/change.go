package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// Change is one setting that differs between two profiles, in words for people.
type Change struct{ Setting, Before, After string }

// Changes lists what differs, in the order of the form. The ID is not a setting.
func Changes(before, after Profile) []Change {
	var changes []Change
	b, a := before.lines(), after.lines()
	for i := range b {
		if b[i].value != a[i].value {
			changes = append(changes, Change{Setting: b[i].setting, Before: b[i].value, After: a[i].value})
		}
	}
	return changes
}

// line is one setting as people read it.
type line struct{ setting, value string }

// lines lists all settings, always the same ones in the same order.
func (p Profile) lines() []line {
	return []line{
		{"Name", p.Name},
		{"Practice broker", onOff(p.Practice)},
		{"Transport", transportWords(p.Server.Transport)},
		{"Host", or(p.Server.Host, "none")},
		{"Port", portWords(p.Server)},
		{"Name expected of the broker", or(p.Server.Name, "same as the host")},
		{"ALPN", list(p.Server.ALPN)},
		{"WebSocket path", p.Server.PathOrDefault()},
		{"Proxy", or(p.Server.Proxy, "none")},
		{"Oldest TLS version", or(string(p.TLS.Min), "the usual one")},
		{"Newest TLS version", or(string(p.TLS.Max), "the newest")},
		{"Small TLS hello", onOff(p.TLS.SmallHello)},
		{"CA files", list(p.Trust.Files)},
		{"Trusted authorities", trustWords(p.Trust)},
		{"Verify the broker", onOff(!p.Trust.DoNotVerify)},
		{"Check for revocation", onOff(p.Trust.CheckRevocation)},
		{"Client certificate", or(p.ClientCertificate.CertificateFile, "none")},
		{"Client key", keyWords(p.ClientCertificate)},
		{"MQTT version", string(p.MQTT.VersionOrDefault())},
		{"Client identifier", or(p.MQTT.ClientID, "a random one")},
		{"User name", or(p.MQTT.UserName, "none")},
		{"Keep-alive", seconds(p.MQTT.KeepAlive)},
		{"Clean start", onOff(p.MQTT.CleanStart)},
		{"Session expiry", expiryWords(p.MQTT.SessionExpiry)},
		{"Must also work with", list(p.AlsoFor)},
		{"Subscriptions", subscriptionWords(p.Subscriptions)},
	}
}

func or(s, ifEmpty string) string {
	if s == "" {
		return ifEmpty
	}
	return s
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func list(items []string) string { return or(strings.Join(items, ", "), "none") }

func transportWords(t Transport) string {
	switch t {
	case MQTTS, "":
		return "MQTT over TLS"
	case MQTT:
		return "MQTT, not encrypted"
	case WSS:
		return "MQTT over WebSocket and TLS"
	case WS:
		return "MQTT over WebSocket, not encrypted"
	}
	return string(t)
}

func portWords(s Server) string {
	if s.Port == 0 {
		return "the usual one"
	}
	return strconv.Itoa(s.Port)
}

func trustWords(t Trust) string {
	var words []string
	file, system, mozilla := t.Sources()
	for _, source := range []struct {
		on   bool
		name string
	}{{file, "own CA files"}, {system, "system roots"}, {mozilla, "Mozilla roots"}} {
		if source.on {
			words = append(words, source.name)
		}
	}
	return strings.Join(words, ", ")
}

func keyWords(c ClientCertificate) string {
	if c.KeyFile == "" && c.CertificateFile != "" {
		return "in the certificate's file"
	}
	return or(c.KeyFile, "none")
}

func seconds(n int) string {
	switch n {
	case 0:
		return "off"
	case 1:
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", n)
}

func expiryWords(n uint32) string {
	switch n {
	case 0:
		return "when the connection ends"
	case 0xFFFFFFFF: // MQTT 5.0 §3.1.2.11.2
		return "never"
	}
	return fmt.Sprintf("after %d seconds", n)
}

func subscriptionWords(subscriptions []Subscription) string {
	var words []string
	for _, s := range subscriptions {
		words = append(words, fmt.Sprintf("%s (QoS %d)", s.Filter, s.QoS))
	}
	return list(words)
}
