package diagnose

import (
	"bytes"
	"fmt"

	"mutual/core/evidence"
)

// protocolRules are about a port that speaks something else than the profile says.
var protocolRules = []Rule{
	{ID: "server-speaks-plain-mqtt", Spec: "MQTT 5.0 §3.2", Check: speaksPlainMQTT, Hides: []string{"tcp-reset", "tls-alert"}},
	{ID: "server-requires-tls", Spec: "RFC 8446 §4.1.3", Check: requiresTLS, Hides: []string{"tcp-reset"}},
	{ID: "server-speaks-http", Spec: "RFC 9112 §4", Check: speaksHTTP, Hides: []string{"tcp-reset"}},
	{ID: "server-speaks-other", Check: speaksOther, Hides: []string{"tcp-reset"}},
	{ID: "server-not-mqtt", Spec: "MQTT 5.0 §3.2", Check: notMQTT},
	{ID: "tcp-reset", Spec: "RFC 9293 §3.10.7", Check: tcpReset},
}

// firstBytes are what the port said, in the attempt or to a probe.
func (c *Case) firstBytes() []byte {
	if c.TLS != nil && len(c.TLS.FirstBytes) > 0 {
		return c.TLS.FirstBytes
	}
	if (c.TLS == nil || !c.TLS.Complete) && c.MQTT != nil && len(c.MQTT.FirstBytes) > 0 {
		return c.MQTT.FirstBytes
	}
	if p, ok := c.probe("plain-connect"); ok {
		return p.Bytes
	}
	return nil
}

// isConnack recognises a CONNACK of MQTT 3.1, 3.1.1 or 5.0 by its fixed header and flags (MQTT 5.0 §3.2.1, §3.2.2.1).
func isConnack(b []byte) bool {
	return len(b) >= 4 && b[0] == 0x20 && b[1] >= 2 && b[1] < 0x80 && b[2]&0xFE == 0
}

// isTLS recognises a TLS record that carries a handshake message or an alert (RFC 8446 §5.1).
func isTLS(b []byte) bool {
	return len(b) >= 3 && (b[0] == 0x16 || b[0] == 0x15) && b[1] == 3 && b[2] <= 4
}

func isHTTP(b []byte) bool { return bytes.HasPrefix(b, []byte("HTTP/")) }

func (c *Case) hexBytes(b []byte) Fact { return Fact{"first bytes", fmt.Sprintf("% x", b)} }

func speaksPlainMQTT(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Complete || c.TLS.Status != evidence.Failed || len(c.TLS.Sent) > 0 {
		return nil
	}
	b := c.firstBytes()
	p, _ := c.probe("plain-connect")
	if !isConnack(p.Bytes) && !isConnack(b) && !isDisconnect(c.TLS.FirstBytes) {
		return nil
	}
	if isConnack(p.Bytes) {
		b = p.Bytes
	}
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s speaks MQTT without TLS.", c.Target.Port, c.Target.Host),
		Detail:   "TLS was offered and not understood; a plain MQTT CONNECT, sent without user name and password, was answered with a CONNACK. Use the broker's TLS port, usually 8883. Over the plain port, everything including the password would travel unencrypted.",
		Subject:  Subject{Kind: "setting", Setting: "port"},
		Evidence: []Fact{c.hexBytes(b)},
	}
	if c.Target.Port == 1883 { // the plain port of the pair that IANA assigned: its other half is worth a try
		f.Fixes = append(f.Fixes, Fix{
			ID: "use-tls-port", Title: "Use port 8883", Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{FieldPort, "8883"}}},
		})
	}
	f.Fixes = append(f.Fixes, Fix{
		ID: "use-plain-mqtt", Title: "Connect without TLS", Risk: Weakens,
		Action: Action{Text: "If this network is trusted and nothing secret is sent, choose the transport mqtt:// in the settings. Nothing is encrypted then, and no certificate is checked."},
	})
	return []Finding{f}
}

// isDisconnect recognises the MQTT 5.0 DISCONNECT that some brokers answer a ClientHello with.
func isDisconnect(b []byte) bool { return len(b) >= 2 && b[0] == 0xE0 && b[1] < 0x80 }

func requiresTLS(c *Case) []Finding {
	if c.Target.Transport != "mqtt" || c.MQTT == nil || c.MQTT.Status != evidence.Failed || c.MQTT.ReasonCode != nil {
		return nil
	}
	p, ok := c.probe("server-hello")
	if !isTLS(c.MQTT.FirstBytes) && !(ok && p.Status == evidence.OK) {
		return nil
	}
	fact := c.hexBytes(c.MQTT.FirstBytes)
	if ok && p.Status == evidence.OK {
		fact = Fact{"answer to a ClientHello", p.Detail}
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s requires TLS.", c.Target.Port, c.Target.Host),
		Detail:   "Plain MQTT was not answered; a TLS hello to the same port was. The transport has to be mqtts://.",
		Subject:  Subject{Kind: "setting", Setting: "transport"},
		Evidence: []Fact{fact},
		Fixes: []Fix{{
			ID: "use-tls", Title: "Connect with TLS", Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{FieldTransport, "mqtts"}, {FieldPort, fmt.Sprint(c.Target.Port)}}},
		}},
	}}
}

// spoke says that a TCP connection stood and no MQTT answer came: the state in which the port's language matters.
func (c *Case) spoke() bool {
	return (c.TLS == nil || !c.TLS.Complete) && (c.MQTT == nil || c.MQTT.ReasonCode == nil)
}

func speaksHTTP(c *Case) []Finding {
	b := c.firstBytes()
	if !c.spoke() || !isHTTP(b) {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s is a web server or a WebSocket listener, not MQTT.", c.Target.Port, c.Target.Host),
		Detail:   "It answered in HTTP. The broker's own port is usually 8883 with TLS or 1883 without; MQTT over WebSocket has ports of its own.",
		Subject:  Subject{Kind: "setting", Setting: "port"},
		Evidence: []Fact{{"answer", printable(b)}},
	}}
}

func speaksOther(c *Case) []Finding {
	if c.spoke() && c.brokeMQTT() {
		return []Finding{c.brokenAnswer()}
	}
	b := c.firstBytes()
	if !c.spoke() || len(b) == 0 || isHTTP(b) || isConnack(b) || isTLS(b) || isDisconnect(b) {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s speaks neither TLS nor MQTT.", c.Target.Port, c.Target.Host),
		Detail:   "What it sent belongs to another protocol: " + printable(b) + ". Check the port number.",
		Subject:  Subject{Kind: "setting", Setting: "port"},
		Evidence: []Fact{c.hexBytes(b)},
	}}
}

// printable shows foreign bytes as text, up to the first line's end.
func printable(b []byte) string {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		b = b[:i]
	}
	return fmt.Sprintf("%q", b)
}

func notMQTT(c *Case) []Finding {
	if c.TLS == nil || !c.TLS.Complete || c.MQTT == nil {
		return nil
	}
	if c.brokeMQTT() {
		return []Finding{c.brokenAnswer()}
	}
	if c.MQTT.Failure != evidence.NotMQTT {
		return nil
	}
	b := c.MQTT.FirstBytes
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s speaks TLS, but what follows is not MQTT.", c.Target.Port, c.Target.Host),
		Detail:   "The handshake succeeded, and the answer to CONNECT was " + printable(b) + ". Check the port number.",
		Subject:  Subject{Kind: "setting", Setting: "port"},
		Evidence: []Fact{c.hexBytes(b)},
	}
	if isHTTP(b) {
		f.Detail = "The handshake succeeded, and CONNECT was answered in HTTP: " + printable(b) + ". This is a web server or a listener for MQTT over WebSocket; MQTT itself is usually on port 8883."
	}
	return []Finding{f}
}

// brokeMQTT says that what began like MQTT broke its rules before the connection was accepted or refused. An answer in
// the form of the other MQTT version has a reason code.
func (c *Case) brokeMQTT() bool {
	m := c.MQTT
	return m != nil && m.Status == evidence.Failed && m.Failure == evidence.Other && m.ReasonCode == nil && m.Error != ""
}

func (c *Case) brokenAnswer() Finding {
	return Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The answer of port %d of %s to CONNECT breaks the rules of MQTT.", c.Target.Port, c.Target.Host),
		Detail:   "It begins like an MQTT packet and is none. The port may be for another protocol, or the broker or something in between does not keep to the standard. Check the port number.",
		Subject:  Subject{Kind: "setting", Setting: "port"},
		Evidence: []Fact{{"answer", c.MQTT.Error}},
	}
}

// tcpReset is for a connection that ends before any TLS or MQTT byte came, when nothing better explains it.
func tcpReset(c *Case) []Finding {
	ended := func(f evidence.Failure) bool { return f == evidence.Reset || f == evidence.Closed }
	tlsEnded := c.TLS != nil && c.TLS.Status == evidence.Failed && !c.TLS.Complete && ended(c.TLS.Failure) && c.TLS.Version == 0
	plainEnded := c.TLS == nil && c.MQTT != nil && ended(c.MQTT.Failure) && len(c.MQTT.FirstBytes) == 0
	if !tlsEnded && !plainEnded {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s closed the connection without a word.", c.Target.Port, c.Target.Host),
		Detail:   "It accepted the connection and ended it before any answer. A firewall or load balancer in between may do this, the broker may be starting or full, or the port may be for something else.",
		Subject:  Subject{Kind: "network"},
	}}
}
