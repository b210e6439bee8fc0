package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// TLS alert numbers that rules ask for (RFC 8446 §6, RFC 5246 §7.2).
const (
	alertHandshakeFailure       = 40
	alertBadCertificate         = 42
	alertUnsupportedCertificate = 43
	alertCertificateRevoked     = 44
	alertCertificateExpired     = 45
	alertCertificateUnknown     = 46
	alertUnknownCA              = 48
	alertAccessDenied           = 49
	alertDecryptError           = 51
	alertProtocolVersion        = 70
	alertUnrecognizedName       = 112
	alertCertificateRequired    = 116
	alertNoApplicationProtocol  = 120
)

// negotiationRules are about a handshake that did not come to an agreement.
var negotiationRules = []Rule{
	{ID: "tls-version-unsupported", Spec: "RFC 8446 §4.1.2, RFC 8996", Check: versionUnsupported, Hides: []string{"tls-alert"}},
	{ID: "server-key-unsupported", Spec: "RFC 8446 §4.2.3, RFC 5246 §7.4.2", Check: strangeServerKey, Hides: []string{"tls-alert", "tls-version-unsupported", "cipher-suite-unsupported"}},
	{ID: "server-key-unsupported", Spec: "RFC 8446 §4.2.3", Check: strangeOffline},
	{ID: "key-too-weak", Spec: "NIST SP 800-57 §5.6.1", Check: shortServerKey, Hides: []string{"server-key-mismatch", "tls-alert", "tls-version-unsupported", "cipher-suite-unsupported"}},
	{ID: "cipher-suite-unsupported", Spec: "RFC 5246 §7.4.1.3", Check: cipherSuiteUnsupported, Hides: []string{"tls-alert"}},
	{ID: "large-hello-dropped", Spec: "RFC 8446 §4.1.2", Check: largeHelloDropped, Hides: []string{"tcp-reset", "tcp-timeout"}},
	{ID: "sni-required", Spec: "RFC 6066 §3", Check: nameRequired, Hides: []string{"tls-alert"}},
	{ID: "sni-unrecognized", Spec: "RFC 6066 §3", Check: nameUnrecognized, Hides: []string{"tls-alert"}},
	{ID: "alpn-required", Spec: "RFC 7301 §3.2", Check: alpnRequired, Hides: []string{"tls-alert", "server-not-mqtt", "connection-closed-after-handshake"}},
	{ID: "server-key-mismatch", Spec: "RFC 8446 §4.4.3", Check: serverKeyMismatch},
	{ID: "certificate-malformed", Spec: "RFC 5280 §4.1", Check: unreadableChain},
	{ID: "tls-alert", Spec: "RFC 8446 §6", Check: otherAlert},
}

// alert is the fatal alert that the server sent, or -1.
func (c *Case) alert() int {
	if c.TLS == nil || c.TLS.Alert == nil {
		return -1
	}
	return int(*c.TLS.Alert)
}

// cipherSuiteUnsupported: before any certificate, alert 40 means that there was nothing in common to choose from. The
// probes offer every suite that crypto/tls knows, old ones too.
func cipherSuiteUnsupported(c *Case) []Finding {
	if c.alert() != alertHandshakeFailure || len(c.TLS.Sent) > 0 && !c.TLS.SentToProbe || c.TLS.CertificateRequested {
		return nil
	}
	if accepted := c.acceptedVersions(); len(accepted) > 0 && !slices.ContainsFunc(accepted, c.offered) {
		return nil // the version is the cause
	}
	f := Finding{
		Severity: Error,
		Title:    "The broker and this program have no cipher suite, curve or signature algorithm in common.",
		Detail:   "The broker ended the handshake with the alert handshake_failure before it sent a certificate. It may only know cipher suites that are no longer offered, or hold a key of a kind that this program cannot use, such as brainpool, secp256k1 or RSA-PSS.",
		Subject:  Subject{Kind: "broker"},
		Evidence: []Fact{{"alert", "40 handshake_failure"}},
	}
	if suite := c.acceptedSuite(); suite != "" {
		f.Title = fmt.Sprintf("The broker accepts only cipher suites that are no longer used, such as %s.", suite)
		f.Detail = "It ended the handshake with the alert handshake_failure, and took that suite from a hello that offered the old ones too. Suites with the RSA key exchange or with old ciphers protect nothing that is recorded today from whoever gets the key tomorrow. The broker, or its TLS library, has to be updated, or be set to ECDHE suites with AES-GCM or ChaCha20-Poly1305."
		f.Evidence = append(f.Evidence, Fact{"cipher suite accepted", suite})
	}
	return []Finding{f}
}

// acceptedSuite is the cipher suite that the server took from a probe of TLS 1.2; empty: none.
func (c *Case) acceptedSuite() string {
	for _, name := range []string{"version-1.2", "any-key-1.2"} {
		if p, ok := c.probe(name); ok && p.Status == evidence.OK && p.CipherSuite != 0 {
			return evidence.SuiteName(p.CipherSuite)
		}
	}
	return ""
}

// nameRequired: no server name can be sent when the server is reached by its address (RFC 6066 §3).
func nameRequired(c *Case) []Finding {
	if c.alert() != alertUnrecognizedName || c.TLS.ServerName != "" {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("The broker at %s wants to be told a server name, and a connection by IP address sends none.", c.Target.Host),
		Detail:   "Several brokers share this address, and the name in the TLS hello tells which one is meant. Use the host name that the broker's operator gives, or set it as the server name in the settings.",
		Subject:  Subject{Kind: "setting", Setting: "server-name"},
		Evidence: []Fact{{"alert", "112 unrecognized_name"}},
	}}
}

func nameUnrecognized(c *Case) []Finding {
	if c.alert() != alertUnrecognizedName || c.TLS.ServerName == "" {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The broker does not know the server name %q.", c.TLS.ServerName),
		Detail:   "The name sent in the TLS hello is not one that this broker serves. Use the host name that its operator gives, or set the server name in the settings.",
		Subject:  Subject{Kind: "setting", Setting: "server-name"},
		Evidence: []Fact{{"alert", "112 unrecognized_name"}, {"server name sent", c.TLS.ServerName}},
	}
	p, _ := c.probe("no-server-name")
	if p.Status != evidence.OK || len(p.Names) == 0 {
		return []Finding{f}
	}
	f.Detail += fmt.Sprintf(" To a client that names nobody it shows a certificate for %s.", list(p.Names))
	f.Evidence = append(f.Evidence, Fact{"names in the certificate", strings.Join(p.Names, ", ")})
	f.Fixes = expectNames(c.TLS.ServerName, p.Names)
	return []Finding{f}
}

// awsALPN is the protocol that AWS IoT wants on port 443 for a connection with a client certificate.
const awsALPN = "x-amzn-mqtt-ca"

// isAWS recognises the host names of AWS IoT's data endpoints.
func isAWS(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, domain := range []string{".amazonaws.com", ".amazonaws.com.cn"} {
		if name, ok := strings.CutSuffix(host, domain); ok && strings.Contains(name, ".iot.") {
			return true
		}
	}
	return false
}

// awsWithoutALPN: AWS IoT's port 443 is a web server unless it is told otherwise, and then what follows is not MQTT.
func (c *Case) awsWithoutALPN() bool {
	return c.Target.Transport == "mqtts" && c.Target.Port == 443 && len(c.Target.ALPN) == 0 && isAWS(c.Target.Host) &&
		c.TLS != nil && c.TLS.Complete && c.TLS.Verified && c.MQTT != nil && c.MQTT.Status == evidence.Failed && c.MQTT.ReasonCode == nil
}

func alpnRequired(c *Case) []Finding {
	refused := c.alert() == alertNoApplicationProtocol
	if !refused && !c.awsWithoutALPN() {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    "The broker wants to be told the application protocol (ALPN), and none was offered.",
		Detail:   "Set ALPN in the settings to what the broker's operator says. AWS IoT on port 443 wants x-amzn-mqtt-ca with a client certificate.",
		Subject:  Subject{Kind: "setting", Setting: "alpn"},
	}
	if len(c.Target.ALPN) > 0 {
		f.Title = fmt.Sprintf("The broker accepts none of the application protocols offered (%s).", strings.Join(c.Target.ALPN, ", "))
	}
	if refused {
		f.Evidence = append(f.Evidence, Fact{"alert", "120 no_application_protocol"})
	} else {
		f.Evidence = append(f.Evidence, Fact{"AWS IoT endpoint", fmt.Sprintf("%s:%d", c.Target.Host, c.Target.Port)})
	}
	if protocol, known := c.wantedALPN(); known {
		f.Fixes = append(f.Fixes, setALPN(protocol))
	}
	return []Finding{f}
}

// wantedALPN is the protocol that the endpoint is known to want, or that it took from a probe; empty: none at all.
func (c *Case) wantedALPN() (protocol string, known bool) {
	if isAWS(c.Target.Host) && c.Target.Port == 443 {
		return awsALPN, true
	}
	for _, protocol := range []string{"mqtt", awsALPN, ""} {
		if p, ok := c.probe("alpn:" + protocol); ok && p.Status == evidence.OK {
			return protocol, true
		}
	}
	return "", false
}

func setALPN(protocol string) Fix {
	f := Fix{
		ID: "set-alpn", Title: "Set ALPN to " + protocol, Risk: NoRisk, Automatic: true,
		Action: Action{Set: []Assignment{{FieldALPN, protocol}}},
	}
	if protocol == "" {
		f.Title = "Offer no application protocol"
	}
	return f
}

func serverKeyMismatch(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Failure != evidence.BadProof {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    "The broker does not hold the private key of the certificate that it sends.",
		Detail:   "Its signature over the handshake does not fit the certificate. On the broker, certificate and key come from different pairs; its operator has to set the key that belongs to the certificate.",
		Subject:  Subject{Kind: "broker"},
	}}
}

// unreadableChain is for a chain of which Go did not let anything be seen: TLS 1.3 encrypts it.
func unreadableChain(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Failure != evidence.Unparsable || len(c.TLS.Sent) > 0 {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    "The broker sends a certificate that breaks the rules for certificates, and Go cannot read it.",
		Detail:   "Other clients may be more lenient. It has to be reissued.",
		Subject:  Subject{Kind: "certificate", Source: evidence.Sent},
		Evidence: []Fact{{"parser", c.TLS.Error}},
	}}
}

// otherAlert is for an alert that neither the rules above nor those of the client certificate explain.
func otherAlert(c *Case) []Finding {
	n := c.alert()
	if c.TLS != nil && c.TLS.Failure == evidence.Other && n < 0 {
		return []Finding{{
			Severity: Error,
			Title:    "The TLS handshake ended on this side, because the broker's messages break the protocol.",
			Detail:   "The technical details have the exact words. The port may be for something else, or something in between changes what is sent.",
			Subject:  Subject{Kind: "broker"},
			Evidence: []Fact{{"detail", c.TLS.Error}},
		}}
	}
	if n < 0 || c.refusedClient() {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("The broker ended the TLS handshake with the alert %s.", evidence.AlertName(uint8(n))),
		Detail:   "The broker's log says why at that moment; nothing that was seen from here explains it further.",
		Subject:  Subject{Kind: "broker"},
		Evidence: []Fact{{"alert", fmt.Sprintf("%d %s", n, evidence.AlertName(uint8(n)))}},
	}}
}
