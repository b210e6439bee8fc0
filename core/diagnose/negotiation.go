package diagnose

import (
	"fmt"
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
	{ID: "cipher-suite-unsupported", Spec: "RFC 5246 §7.4.1.3", Check: cipherSuiteUnsupported, Hides: []string{"tls-alert"}},
	{ID: "sni-unrecognized", Spec: "RFC 6066 §3", Check: nameUnrecognized, Hides: []string{"tls-alert"}},
	{ID: "alpn-required", Spec: "RFC 7301 §3.2", Check: alpnRequired, Hides: []string{"tls-alert"}},
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

// accepted lists the TLS versions that probes found the server to take, lowest first.
func (c *Case) acceptedVersions() (versions []uint16) {
	for _, v := range []uint16{0x0300, 0x0301, 0x0302, 0x0303, 0x0304} {
		if p, ok := c.probe("version-" + evidence.VersionName(v)); ok && p.Status == evidence.OK && p.Version == v {
			versions = append(versions, v)
		}
	}
	return versions
}

func versionUnsupported(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Complete || c.TLS.Status != evidence.Failed || len(c.TLS.Sent) > 0 {
		return nil
	}
	versions := c.acceptedVersions()
	modern := false
	var names []string
	for _, v := range versions {
		modern = modern || v >= 0x0303
		names = append(names, "TLS "+evidence.VersionName(v))
	}
	proved := len(versions) > 0 && !modern
	if !proved && c.TLS.Failure != evidence.VersionGap && c.alert() != alertProtocolVersion {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    "The broker does not speak TLS 1.2 or TLS 1.3.",
		Detail:   "It refused the versions that were offered, and told no other.",
		Subject:  Subject{Kind: "broker"},
	}
	if c.TLS.Version != 0 {
		f.Evidence = append(f.Evidence, Fact{"version chosen by the broker", "TLS " + evidence.VersionName(c.TLS.Version)})
	}
	if proved {
		f.Title = fmt.Sprintf("The broker speaks only %s, which is no longer secure.", list(names))
		f.Detail = "TLS 1.0 and 1.1 were withdrawn in 2021 (RFC 8996), and current clients refuse them. The broker, or the load balancer in front of it, has to be updated to TLS 1.2 or 1.3."
		f.Evidence = append(f.Evidence, Fact{"versions accepted", strings.Join(names, ", ")})
	}
	return []Finding{f}
}

// cipherSuiteUnsupported: before any certificate, alert 40 means that there was nothing in common to choose from.
func cipherSuiteUnsupported(c *Case) []Finding {
	if c.alert() != alertHandshakeFailure || len(c.TLS.Sent) > 0 || c.TLS.CertificateRequested {
		return nil
	}
	for _, v := range c.acceptedVersions() {
		if v < 0x0303 {
			return nil // the version is the cause
		}
	}
	return []Finding{{
		Severity: Error,
		Title:    "The broker and this program have no cipher suite, curve or signature algorithm in common.",
		Detail:   "The broker ended the handshake with the alert handshake_failure before it sent a certificate. It may only know cipher suites that are no longer offered, or hold a key of a kind that this program cannot use, such as brainpool, secp256k1 or RSA-PSS.",
		Subject:  Subject{Kind: "broker"},
		Evidence: []Fact{{"alert", "40 handshake_failure"}},
	}}
}

func nameUnrecognized(c *Case) []Finding {
	if c.alert() != alertUnrecognizedName {
		return nil
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("The broker does not know the server name %q.", c.TLS.ServerName),
		Detail:   "The name sent in the TLS hello is not one that this broker serves. Use the host name that its operator gives, or set the server name in the settings.",
		Subject:  Subject{Kind: "setting", Setting: "server-name"},
		Evidence: []Fact{{"alert", "112 unrecognized_name"}, {"server name sent", c.TLS.ServerName}},
	}}
}

func alpnRequired(c *Case) []Finding {
	if c.alert() != alertNoApplicationProtocol {
		return nil
	}
	title := fmt.Sprintf("The broker accepts none of the application protocols offered (%s).", strings.Join(c.Target.ALPN, ", "))
	if len(c.Target.ALPN) == 0 {
		title = "The broker wants to be told the application protocol (ALPN), and none was offered."
	}
	return []Finding{{
		Severity: Error,
		Title:    title,
		Detail:   "Set ALPN in the settings to what the broker's operator says. AWS IoT on port 443 wants x-amzn-mqtt-ca with a client certificate.",
		Subject:  Subject{Kind: "setting", Setting: "alpn"},
		Evidence: []Fact{{"alert", "120 no_application_protocol"}},
	}}
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
