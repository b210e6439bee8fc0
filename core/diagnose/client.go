package diagnose

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// clientRules are about the server's judgement of the client certificate. What the server says (an alert, or nothing)
// is compared with what the certificate itself shows: the same alert means different things from different servers, and
// some servers only close the connection.
var clientRules = []Rule{
	{ID: "client-certificate-required", Spec: "RFC 8446 §4.4.2.4", Check: clientCertificateRequired},
	{ID: "client-certificate-unknown-ca", Spec: "RFC 8446 §6.2", Check: refusal(unknownCA, clientUnknownCA)},
	{ID: "client-certificate-expired", Spec: "RFC 5280 §4.1.2.5", Check: clientExpired},
	{ID: "client-certificate-not-yet-valid", Spec: "RFC 5280 §4.1.2.5", Check: clientNotYetValid},
	{ID: "client-certificate-usage", Spec: "RFC 5280 §4.2.1.12", Check: clientUsage},
	{ID: "client-certificate-revoked", Spec: "RFC 8446 §6.2", Check: refusal(revoked, clientRevoked)},
	{ID: "server-crl-expired", Spec: "RFC 5280 §5.1.2.5", Check: refusal(crlExpired, serverCRLExpired)},
	{ID: "client-certificate-rejected", Spec: "RFC 8446 §6.2", Check: refusal(rejected, clientRejected)},
	{ID: "connection-closed-after-handshake", Spec: "RFC 8446 §6.1", Check: closedAfterHandshake},
}

// judgement is the cause of a refusal, worked out from alert and certificate together.
type judgement int

const (
	accepted judgement = iota // or not tested
	required
	unknownCA
	expired
	notYetValid
	wrongUsage
	revoked
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
		return slices.Contains(refusalAlerts, int(*t.Alert))
	}
	return t.Failure == evidence.Closed || t.Failure == evidence.Reset
}

// clientCertificate is the end-entity certificate that the client showed.
func (c *Case) clientCertificate() *x509.Certificate {
	for _, x := range c.clientChain() {
		return x
	}
	return nil
}

// clientChain is what the client certificate file holds, in its order.
func (c *Case) clientChain() (chain []*x509.Certificate) {
	for _, f := range c.files(evidence.RoleCertificate) {
		for _, b := range f.Blocks {
			if x, err := x509.ParseCertificate(b.Certificate); err == nil {
				chain = append(chain, x)
			}
		}
	}
	return chain
}

// judgementOfClient weighs the alert against the certificate. A fault that the certificate itself shows comes before
// alerts that servers use for everything; an alert with one meaning comes before all.
func (c *Case) judgementOfClient() judgement {
	if !c.refusedClient() {
		return accepted
	}
	if !c.TLS.CertificateSent {
		return required
	}
	switch c.alert() {
	case alertCertificateRevoked:
		return revoked
	case alertUnknownCA:
		return unknownCA
	}
	x := c.clientCertificate()
	switch {
	case x == nil:
		return rejected
	case c.Started.After(x.NotAfter):
		return expired
	case c.Started.Before(x.NotBefore):
		return notYetValid
	case c.alert() == alertCertificateExpired:
		return crlExpired
	case !c.acceptableIssuer():
		return unknownCA
	case !forClients(x):
		return wrongUsage
	case c.alert() < 0:
		return silent
	}
	return rejected
}

// acceptableIssuer says whether the client's chain leads to a name on the server's CA list; an empty list says nothing.
func (c *Case) acceptableIssuer() bool {
	if len(c.TLS.AcceptableCAs) == 0 {
		return true
	}
	for _, x := range c.clientChain() {
		for _, name := range c.TLS.AcceptableCAs {
			if bytes.Equal(name, x.RawIssuer) || bytes.Equal(name, x.RawSubject) {
				return true
			}
		}
	}
	return false
}

// forClients says whether the extended key usage allows TLS client authentication; without the extension it does.
func forClients(x *x509.Certificate) bool {
	if len(x.ExtKeyUsage) == 0 && len(x.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageClientAuth) || slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// refusal makes a check of a sentence for one judgement.
func refusal(j judgement, word func(*Case) Finding) func(*Case) []Finding {
	return func(c *Case) []Finding {
		if c.judgementOfClient() != j {
			return nil
		}
		f := word(c)
		f.Severity = Error
		f.Subject = c.clientSubject()
		f.Evidence = append(c.answerFacts(), f.Evidence...)
		return []Finding{f}
	}
}

// clientSubject is the client certificate as a finding's subject.
func (c *Case) clientSubject() Subject {
	s := Subject{Kind: "certificate", Source: evidence.ClientFile}
	if fs := c.files(evidence.RoleCertificate); len(fs) > 0 {
		s.File = fs[0].Path
	}
	if x := c.clientCertificate(); x != nil {
		s.CommonName = pki.CommonName(x)
		s.SHA256 = hexSHA256(x.Raw)
		zero := 0
		s.Block = &zero
	}
	return s
}

// answerFacts are what the server did about the client certificate, and which authorities it said it accepts.
func (c *Case) answerFacts() []Fact {
	answer := "closed the connection without an alert"
	if n := c.alert(); n >= 0 {
		answer = fmt.Sprintf("alert %d %s", n, evidence.AlertName(uint8(n)))
	}
	facts := []Fact{{"the broker's answer", answer}}
	if x := c.clientCertificate(); x != nil && c.TLS.CertificateSent {
		facts = append(facts, Fact{"client certificate", x.Subject.String()}, Fact{"its issuer", x.Issuer.String()})
	}
	if cas := acceptableNames(c.TLS.AcceptableCAs); len(cas) > 0 {
		facts = append(facts, Fact{"authorities that the broker accepts", list(cas)})
	}
	return facts
}

// acceptableNames writes the server's CA list as RFC 4514 names; one that cannot be read is shown in hex.
func acceptableNames(raw [][]byte) (out []string) {
	for _, der := range raw {
		var seq pkix.RDNSequence
		if rest, err := asn1.Unmarshal(der, &seq); err != nil || len(rest) > 0 {
			out = append(out, fmt.Sprintf("%x", der))
			continue
		}
		var name pkix.Name
		name.FillFromRDNSequence(&seq)
		out = append(out, name.String())
	}
	return out
}

// shortNames are RFC 4514 names as they stand in a sentence.
func shortNames(dns []string) (short []string) {
	for _, dn := range dns {
		short = append(short, quote(shortName(dn)))
	}
	return short
}

func clientCertificateRequired(c *Case) []Finding {
	return refusal(required, func(c *Case) Finding {
		f := Finding{
			Title:  "The broker requires a client certificate, and none was sent.",
			Detail: "It asked for one during the handshake and ended the connection when none came. Choose the client certificate and its key in the settings; if there is none yet, the Certificates page makes one, and the broker has to trust the authority that signed it.",
		}
		if cas := acceptableNames(c.TLS.AcceptableCAs); len(cas) > 0 {
			f.Detail += " This broker accepts certificates issued by " + list(shortNames(cas)) + "."
		}
		return f
	})(c)
}

func clientUnknownCA(c *Case) Finding {
	issuer := "an authority"
	if x := c.clientCertificate(); x != nil {
		issuer = quote(issuerName(x))
	}
	f := Finding{
		Title:  fmt.Sprintf("The broker does not trust %s, which issued the client certificate.", issuer),
		Detail: "Either another client certificate belongs to this broker, or the broker has to be given that authority's certificate (mosquitto: cafile).",
	}
	if cas := acceptableNames(c.TLS.AcceptableCAs); len(cas) > 0 {
		f.Detail += " It says that it accepts certificates issued by " + list(shortNames(cas)) + "."
	} else {
		f.Detail += " It did not say which authorities it accepts."
	}
	if len(c.clientChain()) == 1 {
		f.Detail += " If an intermediate authority issued the certificate, its certificate belongs into the client certificate file too, after the client's own."
	}
	return f
}

// issuerName is the short name of x's issuer.
func issuerName(x *x509.Certificate) string {
	if x.Issuer.CommonName != "" {
		return x.Issuer.CommonName
	}
	return shortName(x.Issuer.String())
}

// clientExpired is the cause when the server refused, and a warning when it did not (or was not asked yet).
func clientExpired(c *Case) []Finding {
	x := c.clientCertificate()
	if x == nil || !c.Started.After(x.NotAfter) {
		return nil
	}
	f := Finding{
		Severity: Warning,
		Title:    fmt.Sprintf("The client certificate %s expired on %s.", quote(pki.CommonName(x)), date(x.NotAfter)),
		Detail:   fmt.Sprintf("That is %s ago by this computer's clock (%s). Make a new one on the Certificates page, or ask its authority to renew it.", ago(c.Started.Sub(x.NotAfter)), date(c.Started)),
		Subject:  c.clientSubject(),
		Evidence: []Fact{{"expired", x.NotAfter.UTC().Format("2006-01-02 15:04:05 UTC")}},
	}
	return c.blame(f, expired)
}

func clientNotYetValid(c *Case) []Finding {
	x := c.clientCertificate()
	if x == nil || !c.Started.Before(x.NotBefore) {
		return nil
	}
	f := Finding{
		Severity: Warning,
		Title:    fmt.Sprintf("The client certificate %s is not valid before %s.", quote(pki.CommonName(x)), x.NotBefore.UTC().Format("2006-01-02 15:04 UTC")),
		Detail:   fmt.Sprintf("That is %s away by this computer's clock. Wait, or correct the clock of the computer that is wrong.", ago(x.NotBefore.Sub(c.Started))),
		Subject:  c.clientSubject(),
	}
	return c.blame(f, notYetValid)
}

func clientUsage(c *Case) []Finding {
	x := c.clientCertificate()
	if x == nil || forClients(x) {
		return nil
	}
	f := Finding{
		Severity: Warning,
		Title:    fmt.Sprintf("The client certificate %s is not meant for clients.", quote(pki.CommonName(x))),
		Detail:   "Its extended key usage does not contain clientAuth. Certificates from public web authorities have not had it since 2026; make a client certificate with an authority of your own, on the Certificates page.",
		Subject:  c.clientSubject(),
	}
	return c.blame(f, wrongUsage)
}

// blame makes f an error when it is what the server refused the certificate for.
func (c *Case) blame(f Finding, j judgement) []Finding {
	if c.judgementOfClient() == j {
		f.Severity = Error
		f.Evidence = append(c.answerFacts(), f.Evidence...)
	}
	return []Finding{f}
}

func clientRevoked(c *Case) Finding {
	return Finding{
		Title:  "The broker's revocation list says that the client certificate was revoked.",
		Detail: "Its authority has withdrawn it. A new client certificate has to be issued.",
	}
}

func serverCRLExpired(c *Case) Finding {
	return Finding{
		Title:  "The broker calls a certificate expired, though the client certificate is valid.",
		Detail: "Most likely the broker's own revocation list (CRL) has expired: mosquitto answers every client so until the list is renewed. Otherwise the broker's clock is wrong, or an intermediate certificate in the client file or on the broker has expired.",
	}
}

func clientRejected(c *Case) Finding {
	return Finding{
		Title:  "The broker refused the client certificate.",
		Detail: "The certificate itself shows no fault: it is within its dates and may be used by clients. The broker's log says why; often its list of allowed certificates, or a key or signature algorithm that it does not accept.",
	}
}

func closedAfterHandshake(c *Case) []Finding {
	late := c.TLS != nil && c.TLS.Complete && c.TLS.Late && c.TLS.Alert == nil
	if !late && c.judgementOfClient() != silent {
		return nil
	}
	if j := c.judgementOfClient(); j != silent && j != accepted {
		return nil // explained
	}
	f := Finding{
		Severity: Error,
		Title:    "The broker closed the connection after the TLS handshake, without a reason.",
		Detail:   "TLS succeeded, and then neither an alert nor an MQTT answer came. Brokers do this when they do not accept the client certificate (Node.js brokers), when a policy does not allow this client identifier (AWS IoT), or when they are overloaded.",
		Subject:  Subject{Kind: "broker"},
	}
	if c.TLS.CertificateRequested {
		f.Evidence = c.answerFacts()
	}
	return []Finding{f}
}
