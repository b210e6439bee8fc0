package diagnose

import (
	"fmt"
	"strings"

	"mutual/core/evidence"
)

// mqttRules are about the server's answer to CONNECT.
var mqttRules = []Rule{
	{ID: "mqtt-version-unsupported", Spec: "MQTT 5.0 §3.1.2.2", Check: mqttVersion,
		Hides: []string{"mqtt-refused", "tcp-reset", "connection-closed-after-handshake"}},
	{ID: "mqtt-refused", Spec: "MQTT 5.0 §3.2.2.2", Check: mqttRefused},
	{ID: "tcp-timeout", Spec: "MQTT 5.0 §4.8", Check: noAnswer},
}

// connackFacts are the reason and what the server said besides.
func (c *Case) connackFacts() []Fact {
	m := c.MQTT
	facts := []Fact{
		{"reason_code", fmt.Sprintf("0x%02X", *m.ReasonCode)},
		{"reason_name", m.ReasonName()},
	}
	if m.ReasonString != "" {
		facts = append(facts, Fact{"reason_string", m.ReasonString})
	}
	if m.ServerReference != "" {
		facts = append(facts, Fact{"server_reference", m.ServerReference})
	}
	return facts
}

// refusalAdvice says what to do about a CONNACK code (MQTT 5.0 table 3-1).
var refusalAdvice = map[byte]string{
	0x85: "Choose another client identifier in the settings; some brokers limit its length or characters, or allow only registered ones.",
	0x86: "Check user name and password in the settings, upper and lower case included.",
	0x87: "The broker knows who this is, or does not care, and still does not allow the connection: its access rules have to be changed, or another user name or client certificate be used.",
	0x88: "The broker is there, but cannot serve now. Try again later.",
	0x89: "The broker has too much to do. Try again later.",
	0x8A: "This client, user or address is on the broker's list of those that it keeps out; whoever runs the broker can take it off.",
	0x8C: "The broker wants another way of authentication than the one in the settings.",
	0x95: "The CONNECT packet is larger than the broker allows.",
	0x97: "A limit of the broker is reached, such as its number of connections.",
	0x9C: "The broker asks to use another server for now.",
	0x9D: "The broker has moved for good.",
	0x9F: "Connections come too fast. Wait, and try again.",
}

// equivalents are the reason codes of MQTT 5.0 that mean what the return codes of MQTT 3.1.1 do (table 3.1).
var equivalents = map[byte]byte{2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}

// refusedWith is the reason code of MQTT 5.0 that CONNECT was refused with; 0: it was not.
func (c *Case) refusedWith() byte {
	m := c.MQTT
	switch {
	case m == nil || m.ReasonCode == nil || m.VersionRefused():
		return 0
	case m.Version == level311 && *m.ReasonCode > 0:
		if code, ok := equivalents[*m.ReasonCode]; ok {
			return code
		}
		return 0x80
	case m.Version == level311 || *m.ReasonCode < 0x80:
		return 0
	}
	return *m.ReasonCode
}

func mqttRefused(c *Case) []Finding {
	code := c.refusedWith()
	if code == 0 {
		return nil
	}
	name := c.MQTT.ReasonName()
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The broker refused the connection: %s.", strings.ReplaceAll(strings.ToLower(name), "qos", "QoS")),
		Detail:   refusalAdvice[code],
		Subject:  Subject{Kind: "broker"},
		Evidence: c.connackFacts(),
	}
	switch code {
	case 0x85:
		f.Subject = Subject{Kind: "setting", Setting: "client-id"}
	case 0x86:
		f.Subject = Subject{Kind: "setting", Setting: "username"}
	}
	if c.MQTT.ReasonString != "" {
		f.Detail = sentences(fmt.Sprintf("It says: %s.", quote(c.MQTT.ReasonString)), f.Detail)
	}
	if c.MQTT.ServerReference != "" {
		f.Detail = sentences(f.Detail, fmt.Sprintf("It names another server: %s.", c.MQTT.ServerReference))
	}
	if f.Detail == "" {
		f.Detail = "The broker's log says more about it."
	}
	return []Finding{f}
}

// noAnswer is for a server that took the connection and then fell silent.
func noAnswer(c *Case) []Finding {
	var during string
	switch {
	case c.TLS != nil && c.TLS.Status == evidence.Failed && c.TLS.Failure == evidence.Timeout && !c.TLS.Complete:
		during = "the TLS hello"
	case c.MQTT != nil && c.MQTT.Status == evidence.Failed && c.MQTT.Failure == evidence.Timeout:
		during = "MQTT CONNECT"
	default:
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s took the connection, but did not answer %s.", c.Target.Port, c.Target.Host, during),
		Detail:   "The port may be for another protocol, the broker may be overloaded, or something in between (a firewall or VPN) lets small packets pass and drops large ones.",
		Subject:  Subject{Kind: "network"},
	}}
}
