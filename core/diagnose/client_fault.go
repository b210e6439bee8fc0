package diagnose

import (
	"bytes"
	"crypto/x509"
	"slices"

	"mutual/core/chain"
)

// ownFaults are the faults that the client's certificates themselves show, whatever the server trusts.
func (c *Case) ownFaults() []judgement {
	var out []judgement
	for _, s := range c.judgedForTime() {
		switch {
		case c.Started.After(s.X.NotAfter):
			out = append(out, expired)
		case c.Started.Before(s.X.NotBefore):
			out = append(out, notYetValid)
		}
	}
	for _, s := range c.ofClient().sent {
		if !forClients(s.X) && !(anyUsage(s.X) && c.acceptsAnyUsage()) {
			out = append(out, wrongUsage)
		}
	}
	if c.cannotSign() {
		out = append(out, wrongUsage)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judgedForTime are the certificates whose dates the server looks at. Authorities that the client does not send are
// among them only when the server says that something has expired: it may have newer certificates for them.
func (c *Case) judgedForTime() []chain.Certificate {
	p := c.ofClient()
	if c.TLS != nil && c.alert() == alertCertificateExpired {
		return slices.Concat(p.sent, p.beyond)
	}
	return p.sent
}

// forClients says whether the extended key usage names TLS client authentication; without the extension it need not. In
// an authority it limits what is issued below (RFC 5280 §4.2.1.12 leaves that open; OpenSSL and crypto/x509 do so).
func forClients(x *x509.Certificate) bool {
	return len(x.ExtKeyUsage) == 0 && len(x.UnknownExtKeyUsage) == 0 || slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
}

// anyUsage says that the extended key usage allows everything without naming it: crypto/x509 and Java accept that for
// clients, OpenSSL (check_purpose_ssl_client) and Erlang (ssl_certificate:validate) ask for clientAuth itself.
func anyUsage(x *x509.Certificate) bool {
	return !forClients(x) && slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// acceptsAnyUsage says that the server's alert is not one with which those refuse a wrong usage that do not let anyUsage
// pass: OpenSSL says unsupported_certificate, Erlang handshake_failure, and Node.js nothing.
func (c *Case) acceptsAnyUsage() bool {
	n := c.alert()
	return n >= 0 && n != alertUnsupportedCertificate && n != alertHandshakeFailure
}

// cannotSign says that the key usage does not let the client prove that it holds the key: the proof is a signature
// (RFC 8446 §4.4.2.2). An authority's certificate that is used as a client's is the usual case.
func (c *Case) cannotSign() bool {
	x := c.ofClient().own()
	return x != nil && x.KeyUsage != 0 && x.KeyUsage&x509.KeyUsageDigitalSignature == 0
}

// clientFault is another fault of the client's certificates: one that has no finding of its own.
type clientFault struct {
	certificate chain.Certificate
	what        string // the rest of a sentence whose subject is the certificate
	path        bool   // the certificate is an issuer that may not issue
}

// clientFaults are those faults, by the ids that chain uses.
var clientFaults = map[string]clientFault{
	"issuer-not-ca":                   {what: "issued a certificate, but is not marked as an authority (CA:TRUE)", path: true},
	"issuer-cannot-sign":              {what: "may not sign certificates", path: true},
	"path-length-exceeded":            {what: "allows fewer authorities below it than the chain has", path: true},
	"name-constraint":                 {what: "has a name that its authority may not sign for"},
	"policy-constraint":               {what: "lacks a certificate policy that its authority requires"},
	"critical-extension-unknown":      {what: "has a critical extension that brokers do not know"},
	"signature-invalid":               {what: "carries a signature that does not fit"},
	"signature-algorithm-weak":        {what: "is signed with an algorithm that is no longer secure"},
	"signature-algorithm-unsupported": {what: "is signed with an algorithm that many brokers do not know"},
	"key-too-weak":                    {what: "has a key that is too short"},
	"certificate-malformed":           {what: "breaks the rules for certificates"},
	"certificate-version":             {what: "is of an old version, without extensions"},
}

// otherFault is the first fault that other verifiers find in the client's certificates and that is none of ownFaults;
// nil when there is none. Only what was refused is looked at so closely.
func (c *Case) otherFault() *clientFault {
	p := c.ofClient()
	if c.client.looked || len(p.sent) == 0 {
		return c.client.other
	}
	c.client.looked = true
	if p.altered() {
		fault := clientFaults["signature-invalid"]
		fault.certificate = p.last()
		c.client.other = &fault
		return c.client.other
	}
	q := chain.Question{Sent: p.sent, Candidates: p.beyond, At: c.Started, Purpose: chain.ClientAuth}
	if len(p.sent)+len(p.beyond) > 1 { // trusting the last one lets the others be judged by all their rules
		q.Anchors = []chain.Certificate{p.last()}
		q.Untrusted = p.beyond
	}
	for _, f := range chain.Analyse(q).Faults {
		fault, known := clientFaults[f.ID]
		if known && len(f.Clients) > 0 && slices.ContainsFunc(p.sent, func(s chain.Certificate) bool { return s.SHA256 == f.Certificate.SHA256 }) {
			fault.certificate = f.Certificate
			c.client.other = &fault
			break
		}
	}
	return c.client.other
}

// altered says that the certificate whose issuer is looked for names the key of one that has the issuer's name, though
// that key did not make its signature: the certificate was changed since. Where it names another key, or none, the
// authority may as well have been made anew.
func (p clientPath) altered() bool {
	if p.namesake == nil || len(p.last().X.AuthorityKeyId) == 0 {
		return false
	}
	return bytes.Equal(p.last().X.AuthorityKeyId, p.namesake.X.SubjectKeyId)
}
