package diagnose

import (
	"slices"

	"mutual/core/evidence"
)

// clientRules are about the client certificate: what is wrong with it by itself, and the server's judgement of it. What
// the server says (an alert, or nothing) is compared with what the certificate itself shows: the same alert means
// different things from different servers, and some servers only close the connection.
var clientRules = []Rule{
	{ID: "client-certificate-required", Spec: "RFC 8446 §4.4.2.4", Check: refusal(required, clientRequired)},
	{ID: "client-chain-incomplete", Spec: "RFC 8446 §4.4.2", Check: refusal(incomplete, clientChainIncomplete)},
	{ID: "client-certificate-unknown-ca", Spec: "RFC 8446 §6.2", Check: refusal(unknownCA, clientUnknownCA)},
	{ID: "client-certificate-revoked", Spec: "RFC 8446 §6.2", Check: refusal(revoked, clientRevoked)},
	{ID: "client-certificate-expired", Spec: "RFC 5280 §4.1.2.5", Check: clientExpired},
	{ID: "client-certificate-not-yet-valid", Spec: "RFC 5280 §4.1.2.5", Check: clientNotYetValid},
	{ID: "client-certificate-usage", Spec: "RFC 5280 §4.2.1.12", Check: clientUsage},
	{ID: "server-crl-expired", Spec: "RFC 5280 §5.1.2.5", Check: refusal(crlExpired, serverCRLExpired)},
	{ID: "client-certificate-rejected", Spec: "RFC 8446 §6.2", Check: refusal(rejected, clientRejected), Hides: []string{"tls-alert"}},
	{ID: "connection-closed-after-handshake", Spec: "RFC 8446 §6.1", Check: closedAfterHandshake},
	{ID: "client-certificate-unknown-ca", Spec: "RFC 8446 §4.2.4", Check: clientUnlisted},
	{ID: "client-chain-order", Spec: "RFC 8446 §4.4.2", Check: clientChainOrder},
	{ID: "client-certificate-expires-soon", Spec: "RFC 5280 §4.1.2.5", Check: clientExpiresSoon},
}

// judgement is a cause of a refusal, worked out from alert and certificate together.
type judgement int

const (
	required judgement = iota
	unknownCA
	incomplete
	revoked
	expired
	notYetValid
	wrongUsage
	crlExpired
	rejected
	silent // closed without an alert, and the certificate shows no fault
)

// refusalAlerts are those that servers send because of a client certificate, or of none.
var refusalAlerts = []int{
	alertHandshakeFailure, alertBadCertificate, alertUnsupportedCertificate, alertCertificateRevoked, alertCertificateExpired,
	alertCertificateUnknown, alertUnknownCA, alertAccessDenied, alertDecryptError, alertCertificateRequired,
}

// refusedClient says that the server asked for a client certificate and then ended the connection in a way that can
// be a judgement of it. When this side refused the server, the server's judgement was not tested.
func (c *Case) refusedClient() bool {
	t := c.TLS
	if t == nil || !t.CertificateRequested || t.Failure == evidence.Unverified || c.MQTT != nil && c.MQTT.ReasonCode != nil {
		return false
	}
	if t.Alert != nil {
		// A server that stumbles over the certificate may send anything; that is believed only when there is a fault.
		return slices.Contains(refusalAlerts, int(*t.Alert)) || t.Late && len(c.ownFaults()) > 0
	}
	return t.Failure == evidence.Closed || t.Failure == evidence.Reset || c.unusableHere()
}

// unusableHere says that crypto/tls itself gave up after the server was verified and the client certificate chosen:
// it does so only when the server takes no kind of signature that the certificate's key can make.
func (c *Case) unusableHere() bool {
	return c.TLS.Failure == evidence.Other && c.TLS.CertificateSent && !c.TLS.Complete
}

// causes are what the server refused the client for; none when it did not refuse. Where there are several, their
// findings come in the order of clientRules: a certificate from the right authority first, for it has dates of its own.
func (c *Case) causes() []judgement {
	if c.client == nil {
		c.client = &clientCase{path: c.clientPath()}
	}
	if !c.client.judged {
		c.client.judged, c.client.causes = true, slices.Compact(c.weigh())
	}
	return c.client.causes
}

// clientCase is what is worked out about the client certificate, once for all rules.
type clientCase struct {
	path   clientPath
	judged bool
	causes []judgement
	other  *clientFault // memo of otherFault
	looked bool
}

// weigh weighs the alert against the certificate. An alert with one meaning comes before what the certificate shows;
// what it shows comes before an alert that servers use for everything (stacks differ: Java says certificate_unknown to
// all faults, Node.js says nothing, OpenSSL calls a certificate bad that is not valid yet, and Go calls that expired).
func (c *Case) weigh() []judgement {
	if !c.refusedClient() {
		return nil
	}
	if !c.TLS.CertificateSent {
		return []judgement{required}
	}
	own := c.ownFaults()
	switch c.alert() {
	case alertCertificateRevoked:
		return append([]judgement{revoked}, own...)
	case alertUnknownCA:
		return append([]judgement{c.pathFault()}, own...)
	case alertCertificateExpired:
		return c.weighExpired(own)
	case alertBadCertificate, alertUnsupportedCertificate:
		if len(own) > 0 {
			return own
		}
		if c.otherFault() != nil {
			return []judgement{rejected}
		}
	}
	if c.unlisted() || c.alert() >= 0 && c.untrustedSelf() {
		return append([]judgement{c.pathFault()}, own...)
	}
	switch {
	case len(own) > 0:
		return own
	case c.client.path.namesake != nil && c.otherFault() == nil:
		return []judgement{unknownCA}
	case c.alert() < 0 && c.otherFault() == nil && !c.unusableHere():
		return []judgement{silent}
	}
	return []judgement{rejected}
}

// weighExpired is about the alert certificate_expired. Where the client's certificates are in their time, what has
// expired is on the server: its revocation list, which OpenSSL reports in the same words. OpenSSL does not use this
// alert for a certificate that is not valid yet (crypto/tls does), so from a server that behaves like mosquitto it is
// a second fault beside the first.
func (c *Case) weighExpired(own []judgement) []judgement {
	if len(c.client.path.sent) == 0 {
		return []judgement{rejected}
	}
	switch {
	case slices.Contains(own, expired):
		return own
	case slices.Contains(own, notYetValid) && len(c.TLS.AcceptableCAs) == 0:
		return append(own, crlExpired)
	case slices.Contains(own, notYetValid):
		return own
	}
	return append([]judgement{crlExpired}, own...)
}

// pathFault says why a server finds no path from the client certificate to an authority that it trusts.
func (c *Case) pathFault() judgement {
	p := c.client.path
	switch {
	case len(p.sent) == 0:
		return unknownCA
	case c.otherFault() != nil && c.otherFault().path:
		return rejected // the issuer that was sent may not issue: OpenSSL calls that unknown_ca too
	case c.missingIssuer() != complete:
		return incomplete
	case len(p.sent) > 1 && len(c.TLS.AcceptableCAs) == 0 && c.sharedRoot() != nil:
		return rejected
	}
	return unknownCA
}
