package diagnose

import (
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// refusal makes a check of a sentence for one judgement.
func refusal(j judgement, word func(*Case) Finding) func(*Case) []Finding {
	return func(c *Case) []Finding {
		if !slices.Contains(c.causes(), j) {
			return nil
		}
		f := word(c)
		f.Severity = Error
		if f.Subject.Kind == "" {
			f.Subject = c.clientSubject()
		}
		f.Evidence = append(c.answerFacts(), f.Evidence...)
		return []Finding{f}
	}
}

// clientSubject is the client certificate as a finding's subject.
func (c *Case) clientSubject() Subject {
	p := c.ofClient()
	if len(p.sent) == 0 {
		return Subject{Kind: "certificate", Source: evidence.ClientFile, File: p.file.Path}
	}
	return certificateSubject(p.sent[0])
}

// answerFacts are what the server did about the client certificate, and which authorities it said it accepts.
func (c *Case) answerFacts() []Fact {
	var facts []Fact
	switch n := c.alert(); {
	case n >= 0:
		facts = append(facts, Fact{"the broker's answer", fmt.Sprintf("alert %d %s", n, evidence.AlertName(uint8(n)))})
	case c.unusableHere():
		facts = append(facts, Fact{"detail", c.TLS.Error})
	default:
		facts = append(facts, Fact{"the broker's answer", "closed the connection without an alert"})
	}
	if x := c.ofClient().own(); x != nil && c.TLS.CertificateSent {
		facts = append(facts, Fact{"client certificate", x.Subject.String()}, Fact{"its issuer", x.Issuer.String()},
			Fact{"valid", date(x.NotBefore) + " to " + date(x.NotAfter)})
	}
	if cas := acceptableNames(c.TLS.AcceptableCAs); len(cas) > 0 {
		facts = append(facts, Fact{"authorities that the broker accepts", list(cas)})
	}
	return facts
}

// acceptable names the authorities that the server says it accepts, as they stand in a sentence; empty when it does not.
func (c *Case) acceptable() string {
	var short []string
	for _, dn := range acceptableNames(c.TLS.AcceptableCAs) {
		short = append(short, quote(shortName(dn)))
	}
	return list(short)
}

// clientFileName is the client certificate file's name, as the object of a sentence.
func (c *Case) clientFileName() string {
	if f := c.ofClient().file; f.Path != "" {
		return base(f.Path)
	}
	return "the client certificate file"
}

// issuerName is the name of the issuer of c.
func issuerName(c chain.Certificate) string {
	if c.X.Issuer.CommonName != "" {
		return c.X.Issuer.CommonName
	}
	return shortName(c.X.Issuer.String())
}

func clientRequired(c *Case) Finding {
	f := Finding{
		Title:  "The broker requires a client certificate, and none was sent.",
		Detail: "It asked for one during the handshake and ended the connection when none came. Choose the client certificate and its key in the settings; if there is none yet, the Certificates page makes one, and the broker has to trust the authority that signed it.",
	}
	if cas := c.acceptable(); cas != "" {
		f.Detail += " This broker accepts certificates issued by " + cas + "."
	}
	return f
}

func clientUnknownCA(c *Case) Finding {
	p := c.ofClient()
	f := Finding{
		Title:  "The broker does not trust the authority that issued the client certificate.",
		Detail: "Either another client certificate belongs to this broker, or the broker has to be given that authority's certificate (mosquitto: cafile).",
	}
	if len(p.sent) > 0 {
		f.Title = fmt.Sprintf("The broker does not trust %s, which issued the client certificate.", quote(issuerName(p.sent[0])))
	}
	if len(p.sent) > 1 {
		f.Title = fmt.Sprintf("The broker does not trust %s, to which the client certificate's chain leads.", quote(issuerName(p.top())))
	}
	if p.selfSigned() {
		f.Title = fmt.Sprintf("The broker does not trust the client certificate %s, which is self-signed.", quote(called(p.sent[0])))
		f.Detail = "No authority vouches for it. Have a client certificate issued by an authority that the broker trusts, or give the broker this very certificate as an authority (mosquitto: cafile)."
	}
	f.Detail = sentences(f.Detail, c.trustWords(), c.otherwise())
	return f
}

// clientUnlisted is a warning beside another fault, which the server named: when that is repaired, the certificate's
// authority is the next.
func clientUnlisted(c *Case) []Finding {
	causes := c.causes()
	if len(causes) == 0 || !c.TLS.CertificateSent || !c.unlisted() || c.missingIssuer() != complete ||
		slices.Contains(causes, unknownCA) || slices.Contains(causes, incomplete) {
		return nil
	}
	p := c.ofClient()
	return []Finding{{
		Severity: Warning,
		Title:    fmt.Sprintf("The broker does not name %s, which issued the client certificate, among the authorities that it accepts.", quote(issuerName(p.sent[0]))),
		Detail:   fmt.Sprintf("It says that it accepts certificates issued by %s. A certificate from there may be the one that is needed.", c.acceptable()),
		Subject:  c.clientSubject(),
		Evidence: c.answerFacts(),
	}}
}

// trustWords compare the client's path with the authorities that the server names.
func (c *Case) trustWords() string {
	p := c.ofClient()
	cas := c.acceptable()
	switch {
	case cas == "":
		return "It did not say which authorities it accepts."
	case len(p.sent) == 0 || c.unlisted():
		return "It says that it accepts certificates issued by " + cas + "."
	}
	return "It does name " + cas + " among the authorities that it accepts, so it has one of the right name, but probably with another key: an authority that was made anew signs with another key under the same name."
}

// otherwise says what else the answer "unknown authority" can mean.
func (c *Case) otherwise() string {
	p := c.ofClient()
	if len(p.sent) == 0 || p.selfSigned() {
		return ""
	}
	also := c.perhapsIntermediate()
	if p.namesake != nil {
		also = fmt.Sprintf("A certificate named %s is known here (%s), but another key signed the client certificate.", quote(called(*p.namesake)), where(*p.namesake))
	}
	if len(c.TLS.AcceptableCAs) == 0 {
		also = sentences(also, fmt.Sprintf("A broker that checks revocation lists (mosquitto: crlfile) answers in the same way when it has no list from %s.", quote(issuerName(p.sent[0]))))
	}
	return also
}

// perhapsIntermediate names the other possibility where it cannot be told whether the issuer that is not known is a
// root; empty where it can.
func (c *Case) perhapsIntermediate() string {
	p := c.ofClient()
	top := p.top()
	name := quote(issuerName(top))
	if len(p.beyond) > 0 || top.SelfSigned() || c.listed(top.X) || strings.Contains(strings.ToLower(issuerName(top)), "root") {
		return ""
	}
	if above := authorityCertIssuer(top.X); above != nil {
		if sameName(above, top.X.RawIssuer) {
			return ""
		}
		of, _ := readName(above)
		return fmt.Sprintf("The certificate says that %s was issued by %s, which is not among them either.", name, quote(shortName(of)))
	}
	return fmt.Sprintf("If %s is an intermediate authority below one that the broker trusts, its certificate belongs in %s too, after the client's own: nothing here tells whether it is.", name, c.clientFileName())
}

func clientChainIncomplete(c *Case) Finding {
	p := c.ofClient()
	missing, name := p.top(), quote(issuerName(p.top()))
	f := Finding{
		Title: fmt.Sprintf("The client certificate file %s lacks the intermediate certificate %s.", c.clientFileName(), name),
		Detail: fmt.Sprintf("%s issued %s. Brokers know roots; the authorities between root and client have to be sent by the client, and so belong in its file, after the client's own certificate.",
			name, quote(called(missing))),
		Evidence: []Fact{{"missing issuer", missing.X.Issuer.String()}},
	}
	if len(missing.X.AuthorityKeyId) > 0 {
		f.Evidence = append(f.Evidence, Fact{"its key identifier", colons(missing.X.AuthorityKeyId)})
	}
	if len(p.beyond) == 0 {
		f.Detail = sentences(f.Detail, c.guess(missing))
		return f
	}
	var text strings.Builder
	var added []chain.Certificate
	for _, b := range p.beyond {
		if b.SelfSigned() {
			break // servers have the root
		}
		added = append(added, b)
		fmt.Fprintf(&text, "%s\n", b.X.Subject)
		pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: b.DER})
		f.Evidence = append(f.Evidence, Fact{"SHA-256 of " + called(b), colons(b.SHA256[:])})
	}
	f.Detail = sentences(f.Detail, fmt.Sprintf("It is at hand: %s.", where(p.beyond[0])))
	if cas := c.acceptable(); cas != "" {
		f.Detail += " With it, the chain leads to what the broker accepts: " + cas + "."
	}
	fix := Fix{
		ID: "complete-client-chain", Title: "Save a copy with the missing certificate", Risk: NoRisk,
		Action: Action{Text: fmt.Sprintf("Append this to %s, after the client's own certificate:\n\n%s", c.clientFileName(), text.String())},
	}
	f.Fixes = []Fix{c.rewriting(fix, slices.Concat(p.sent, added), "complete")}
	return f
}

// guess says how it is known that an issuer of which nothing but the name is known is an intermediate, and what to do.
func (c *Case) guess(top chain.Certificate) string {
	how := fmt.Sprintf("That %s is an intermediate is a conclusion from its name", quote(issuerName(top)))
	switch name := authorityCertIssuer(top.X); {
	case name != nil:
		of, _ := readName(name)
		how = fmt.Sprintf("%s says that %s issued %s", quote(called(top)), quote(shortName(of)), quote(issuerName(top)))
	case len(top.X.IssuingCertificateURL) > 0:
		how = fmt.Sprintf("%s says where the certificate of its issuer can be fetched (%s), as only those below an intermediate do", quote(called(top)), top.X.IssuingCertificateURL[0])
	}
	ask := "Ask the authority for its certificate."
	if len(top.X.IssuingCertificateURL) > 0 {
		ask = "Fetch it there."
	}
	unsure := "If the file does hold all that lies below the root, the broker does not trust that root."
	if cas := c.acceptable(); cas != "" {
		unsure = "The broker accepts " + cas + "; if that is not where the certificate comes from, another client certificate is needed."
	}
	return sentences(how+".", ask, unsure)
}

// clientExpired is a cause when the server refused, and a warning when it did not (or was not asked yet).
func clientExpired(c *Case) []Finding {
	for _, x := range c.judgedForTime() {
		if !c.Started.After(x.X.NotAfter) {
			continue
		}
		f := Finding{
			Title:    fmt.Sprintf("%s expired on %s.", theClients(x), date(x.X.NotAfter)),
			Detail:   fmt.Sprintf("That is %s ago by this computer's clock (%s).", ago(c.Started.Sub(x.X.NotAfter)), date(c.Started)),
			Subject:  certificateSubject(x),
			Evidence: []Fact{{"expired", x.X.NotAfter.UTC().Format("2006-01-02 15:04:05 UTC")}},
		}
		switch {
		case x.SHA256 == c.ofClient().sent[0].SHA256:
			f.Detail += " Make a new one on the Certificates page, or ask its authority to renew it."
		case x.Source == evidence.ClientFile:
			f.Detail += fmt.Sprintf(" Put the authority's current certificate in its place in %s.", c.clientFileName())
		default:
			f.Detail += fmt.Sprintf(" It is known from elsewhere (%s) and not sent by the client; the broker has to be given the authority's current certificate.", where(x))
		}
		return c.blame(f, expired)
	}
	return nil
}

// theClients is one of the client's certificates as the subject of a sentence.
func theClients(x chain.Certificate) string {
	if x.X.IsCA {
		return fmt.Sprintf("The certificate of %s, on the client certificate's path,", quote(called(x)))
	}
	return fmt.Sprintf("The client certificate %s", quote(called(x)))
}

func clientNotYetValid(c *Case) []Finding {
	for _, x := range c.judgedForTime() {
		if c.Started.Before(x.X.NotBefore) {
			return c.blame(Finding{
				Title:   fmt.Sprintf("%s is not valid before %s.", theClients(x), x.X.NotBefore.UTC().Format("2006-01-02 15:04 UTC")),
				Detail:  fmt.Sprintf("That is %s away by this computer's clock. Wait, or correct the clock of the computer that is wrong.", ago(x.X.NotBefore.Sub(c.Started))),
				Subject: certificateSubject(x),
			}, notYetValid)
		}
	}
	return nil
}

func clientUsage(c *Case) []Finding {
	p := c.ofClient()
	for i, x := range p.sent {
		if forClients(x.X) {
			continue
		}
		f := Finding{
			Title:   fmt.Sprintf("The client certificate %s is not meant for clients.", quote(called(x))),
			Detail:  "Its extended key usage does not contain clientAuth. Certificates from public web authorities have not had it since 2026; make a client certificate with an authority of your own, on the Certificates page.",
			Subject: certificateSubject(x),
		}
		if anyUsage(x.X) {
			f.Title = fmt.Sprintf("The extended key usage of %s does not name client authentication.", quote(called(x)))
			f.Detail = "It says anyExtendedKeyUsage. Some brokers let that pass, those on OpenSSL (mosquitto, Node.js) and Erlang (EMQX) do not. The certificate has to be reissued with clientAuth."
		} else if i > 0 {
			f.Title = fmt.Sprintf("The authority %s may not issue certificates for clients.", quote(called(x)))
			f.Detail = "Its extended key usage does not contain clientAuth, and so nothing that it issues may serve a client. Public web authorities are made so; make a client certificate with an authority of your own, on the Certificates page."
		}
		return c.blame(f, wrongUsage)
	}
	if !c.cannotSign() {
		return nil
	}
	x := p.sent[0]
	f := Finding{
		Title:   fmt.Sprintf("The key usage of the client certificate %s does not allow digital signatures.", quote(called(x))),
		Detail:  "With a signature the client proves that it holds the key. Some brokers let it pass, OpenSSL's (mosquitto, Node.js) do not. The certificate has to be reissued with digitalSignature.",
		Subject: certificateSubject(x),
	}
	if x.X.IsCA {
		f.Title = fmt.Sprintf("The client certificate %s is an authority's own certificate.", quote(called(x)))
		f.Detail = "Its key usage lets it sign certificates, but not prove who a client is; some brokers let it pass, OpenSSL's (mosquitto, Node.js) do not. Make a client certificate with this authority, on the Certificates page, and keep the authority's key away from clients."
	}
	return c.blame(f, wrongUsage)
}

// blame makes f an error when it is what the server refused the certificate for, and a warning else.
func (c *Case) blame(f Finding, j judgement) []Finding {
	f.Severity = Warning
	if slices.Contains(c.causes(), j) {
		f.Severity = Error
		f.Evidence = append(c.answerFacts(), f.Evidence...)
	}
	return []Finding{f}
}

func clientRevoked(c *Case) Finding {
	f := Finding{
		Title:  "The broker's revocation list says that the client certificate was revoked.",
		Detail: "Its authority has withdrawn it. A new client certificate has to be issued.",
	}
	if x := c.ofClient().own(); x != nil {
		f.Title = fmt.Sprintf("The broker's revocation list says that the client certificate %s was revoked.", quote(pki.CommonName(x)))
		f.Evidence = []Fact{{"serial number", colons(x.SerialNumber.Bytes())}}
	}
	return f
}

func serverCRLExpired(c *Case) Finding {
	valid := "valid"
	if x := c.ofClient().own(); x != nil {
		valid = "valid until " + date(x.NotAfter)
	}
	f := Finding{
		Title:   fmt.Sprintf("The broker calls a certificate expired, though %s is %s.", c.clientNamed(), valid),
		Detail:  "Most likely the broker's own revocation list (CRL) has expired: mosquitto answers every client so until the list is renewed (crlfile). Otherwise the broker's clock is wrong, or the certificate of an authority on the broker has expired.",
		Subject: Subject{Kind: "broker"},
	}
	if slices.Contains(c.causes(), notYetValid) {
		f.Title = fmt.Sprintf("The broker calls a certificate expired, though %s is not even valid yet.", c.clientNamed())
	}
	return f
}

// clientNamed is the client certificate within a sentence, by its name where it is at hand.
func (c *Case) clientNamed() string {
	if x := c.ofClient().own(); x != nil && pki.CommonName(x) != "" {
		return "the client certificate " + quote(pki.CommonName(x))
	}
	return "the client certificate"
}
