package diagnose

import (
	"fmt"
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// clientRejected is for a refusal that none of the other findings names. What a closer look at the certificate shows
// is the likely reason; where it shows nothing, the alert at least narrows it down.
func clientRejected(c *Case) Finding {
	if fault := c.otherFault(); fault != nil {
		what := fmt.Sprintf("The client certificate %s", quote(called(fault.certificate)))
		if fault.certificate.SHA256 != c.ofClient().sent[0].SHA256 {
			what = fmt.Sprintf("The authority %s, on the client certificate's path,", quote(called(fault.certificate)))
		}
		return Finding{
			Title:   fmt.Sprintf("%s %s.", what, fault.what),
			Detail:  "The broker refused the client certificate, and this is what a closer look at it shows. It has to be issued anew.",
			Subject: certificateSubject(fault.certificate),
		}
	}
	if c.unusableHere() {
		return Finding{
			Title:  "The broker takes no kind of signature that the client certificate's key can make.",
			Detail: "It lists the signature algorithms that it accepts, and none fits this key. A client certificate with an ECDSA key on P-256, or an RSA key of 2048 bits or more, is accepted nearly everywhere.",
		}
	}
	if root := c.sharedRoot(); c.alert() == alertUnknownCA && root != nil {
		issuer := quote(issuerName(c.ofClient().sent[0]))
		return Finding{
			Title:   fmt.Sprintf("The broker refused the client certificate, although its chain leads to %s, which issued the broker's own.", quote(called(*root))),
			Detail:  fmt.Sprintf("The chain is complete, so the broker lacks something. Either it checks revocation lists and has none from %s (mosquitto: crlfile has to hold a list from every authority that issues client certificates), or its file of authorities for clients (mosquitto: cafile) does not hold %s.", issuer, quote(called(*root))),
			Subject: Subject{Kind: "broker"},
		}
	}
	why := map[int]string{
		alertHandshakeFailure:       "With this alert some brokers refuse a key or signature algorithm that they do not accept.",
		alertUnsupportedCertificate: "With this alert brokers refuse a kind of key or signature that they do not accept, or a certificate that is not for clients.",
		alertCertificateUnknown:     "Java brokers give this alert for every reason, others for those that have no alert of their own.",
		alertAccessDenied:           "With this alert brokers refuse a certificate that is good, but whose holder is not allowed in.",
		alertDecryptError:           "With this alert brokers say that a signature does not fit: often that of the certificate, when its authority has another key on the broker under the same name.",
	}[c.alert()]
	f := Finding{
		Title:  fmt.Sprintf("The broker refused %s.", c.clientNamed()),
		Detail: sentences("The certificate itself shows no fault: it is within its dates and may be used by clients.", why, "The broker's log says why; often its list of allowed or revoked certificates, or a key or signature algorithm that it does not accept."),
	}
	if c.ofClient().own() == nil {
		f.Detail = sentences("The certificate is not at hand, so that nothing can be said about it.", why, "The broker's log says why.")
	}
	return f
}

func closedAfterHandshake(c *Case) []Finding {
	late := c.TLS != nil && c.TLS.Complete && c.TLS.Late && c.TLS.Alert == nil
	causes := c.causes()
	if !slices.Contains(causes, silent) && (!late || len(causes) > 0) {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    "The broker closed the connection after the TLS handshake, without a reason.",
		Detail:   "TLS succeeded, and then neither an alert nor an MQTT answer came. Brokers do this when they do not accept the client certificate (Node.js brokers), when a policy does not allow this client identifier (AWS IoT), or when they are overloaded; the broker's log at that moment says which.",
		Subject:  Subject{Kind: "broker"},
	}
	if !c.TLS.Complete {
		f.Title = "The broker closed the connection during the TLS handshake, after it was shown the client certificate."
		f.Detail = "No alert came with it. The certificate itself shows no fault; the broker, or a load balancer in front of it, may not accept its authority, or its holder. The broker's log says more."
	}
	if c.TLS.CertificateRequested {
		f.Evidence = c.answerFacts()
		switch {
		case c.TLS.CertificateSent && len(c.TLS.AcceptableCAs) > 0:
			f.Detail += " The client certificate is within its dates, is for clients, and was issued below an authority that the broker says it accepts."
		case c.TLS.CertificateSent && c.ofClient().selfSigned():
			f.Detail += " The client certificate is self-signed: a broker that was not given it does not accept it."
		}
	}
	return []Finding{f}
}

// clientsOfOrder are the clients that take the first certificate of a file for the client's own. This program does
// not: it looks for the one that the key belongs to.
var clientsOfOrder = []string{"openssl", "openssl-partial", "python313", "mbedtls"}

// clientChainOrder is about a file that other programs stumble over, or other brokers: what this one sends is in order.
func clientChainOrder(c *Case) []Finding {
	p := c.ofClient()
	first := slices.IndexFunc(p.file.Blocks, func(b evidence.Block) bool { return len(b.Certificate) > 0 })
	if len(p.sent) == 0 || first < 0 {
		return nil
	}
	inOrder := slices.IsSortedFunc(p.sent, func(a, b chain.Certificate) int { return a.Block - b.Block })
	leads := p.file.Blocks[first].Index == p.sent[0].Block
	if leads && inOrder {
		return nil
	}
	var order []string
	for _, s := range p.sent {
		order = append(order, quote(called(s)))
	}
	fix := Fix{
		ID: "reorder-client-chain", Title: "Save a copy in order", Risk: NoRisk,
		Action: Action{Text: fmt.Sprintf("Arrange the certificates in %s in this order: %s.", c.clientFileName(), list(order))},
	}
	f := Finding{
		Severity: Info,
		Title:    fmt.Sprintf("The certificates in %s are not in the order from the client to the root.", c.clientFileName()),
		Detail:   "Mutual sends them in order. Programs that send the file as it is may be refused by strict brokers.",
		Subject:  certificateSubject(p.sent[0]),
		Fixes:    []Fix{c.rewriting(fix, p.sent, "in-order")},
	}
	if !leads {
		f.Clients = clientsOfOrder
		f.Severity = c.severity(f.Clients, Warning)
		f.Title = fmt.Sprintf("The client's own certificate %s does not come first in %s.", quote(called(p.sent[0])), c.clientFileName())
		f.Detail = "Mutual finds it by its key. OpenSSL-based programs (mosquitto's clients, Node.js, Python) take the first certificate for the client's own, and say that the key does not match it."
	}
	return []Finding{f}
}

func clientExpiresSoon(c *Case) []Finding {
	for _, s := range c.ofClient().sent {
		left := s.X.NotAfter.Sub(c.Started)
		if left < 0 || c.Started.Before(s.X.NotBefore) || c.Started.Before(pki.RenewBy(s.X)) {
			continue
		}
		return []Finding{{
			Severity: Warning,
			Title:    fmt.Sprintf("%s expires on %s, in %s.", theClients(s), date(s.X.NotAfter), ago(left)),
			Detail:   "From then on the broker refuses it. Have it renewed before; the broker needs no change as long as the same authority issues the new one.",
			Subject:  certificateSubject(s),
			Evidence: []Fact{{"expires", s.X.NotAfter.UTC().Format("2006-01-02 15:04:05 UTC")}},
		}}
	}
	return nil
}
