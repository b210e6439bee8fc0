package deploy

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
)

// IDs of the fields of EMQX Cloud's dialog, and of what its interface takes instead of the first two.
const (
	FieldBody     = "certificate-body"
	FieldChain    = "certificate-chain"
	FieldKey      = "private-key"
	FieldClientCA = "client-ca"
	FieldMerged   = "merged-certificate"
	FieldBundle   = "bundle"
)

// EMQXCloud prepares the dialog "TLS/SSL configuration" of a deployment. The fields stand there also when a check
// failed.
func EMQXCloud(m Material, o Options) (Handover, error) {
	plan, ok := PlanNamed(o.Plan)
	if !ok {
		return Handover{}, fmt.Errorf("preparing for EMQX Cloud: no kind of deployment is called %q", o.Plan)
	}
	key, err := m.keyPEM()
	if err != nil {
		return Handover{}, err
	}
	h := Handover{Broker: "emqx", Title: "EMQX Cloud", TwoWay: !o.OneWay, Checks: plan.check(m, o)}
	if !plan.Custom {
		h.Steps = []string{plan.Instead}
		return h, nil
	}
	h.Fields = []Field{
		{ID: FieldBody, Title: "Certificate body", File: "certificate-body.pem", Value: certificatesPEM(m.Certificate),
			Help: "The server's own certificate."},
		{ID: FieldChain, Title: "Certificate chain", File: "certificate-chain.pem", Value: certificatesPEM(m.dialogChain()...),
			Help: "Every further certificate, in order: all of them are needed, not only the second."},
		{ID: FieldKey, Title: "Private key", File: "private-key.pem", Value: key, Secret: true,
			Help: "The key of the certificate, without a passphrase."},
	}
	if !o.OneWay {
		h.Fields = append(h.Fields, Field{ID: FieldClientCA, Title: "Client CA certificate", File: "client-ca.pem", Value: certificatesPEM(m.ClientCAs...),
			Help: "The authority that issues the clients' certificates."})
	}
	h.Fields = append(h.Fields, Field{ID: FieldMerged, Title: "Certificate body and chain, merged", File: "merged-certificate.pem",
		Value: certificatesPEM(m.sent()...), Help: "What the interface, and a dialog with one field for both, take: the server's own certificate first."})
	if plan.ID == "byoc" {
		h.Fields = append(h.Fields, Field{ID: FieldBundle, Title: "Certificate, chain and key in one file", File: "byoc.pem", Secret: true,
			Value: certificatesPEM(m.sent()...) + key, Help: "What ./byoc create --sslCertPath takes."})
		h.Steps = []string{"Copy byoc.pem to the machine that you install from, and name it with ./byoc create --sslCertPath."}
		return h, nil
	}
	kind := "two-way"
	if o.OneWay {
		kind = "one-way"
	}
	h.Steps = []string{
		"Open the deployment's overview in the console and click +TLS/SSL configuration.",
		fmt.Sprintf("Choose the type %s, paste each field, and click Confirm.", kind),
		"Where the dialog has one field for certificate and chain, paste the merged one.",
	}
	return h, nil
}

// dialogChain is what goes into the field for the chain: where the root itself issued the certificate there is nothing
// to bridge, and the dialog wants something all the same.
func (m Material) dialogChain() []*x509.Certificate {
	if len(m.Chain) == 0 && m.Root != nil && m.Root != m.Certificate {
		return []*x509.Certificate{m.Root}
	}
	return m.Chain
}

// sent is body and chain merged.
func (m Material) sent() []*x509.Certificate {
	return slices.Concat([]*x509.Certificate{m.Certificate}, m.dialogChain())
}

// check asks everything that the plan demands.
func (p Plan) check(m Material, o Options) []Check {
	c := &checker{m: m, o: o, source: p.Source}
	rule := "The kind of deployment takes a certificate of your own."
	if !p.Custom {
		c.add("plan", rule, Failed, fmt.Sprintf("%s takes no certificate of yours.", p.Title), p.Instead)
		return c.checks
	}
	c.add("plan", rule, Passed, fmt.Sprintf("%s takes a certificate of your own.", p.Title), "")
	p.format(c)
	c.keyType(p.Keys)
	c.key()
	c.passphrase()
	c.chainComplete()
	c.merged("The merged field", m.sent())
	c.algorithms()
	c.name()
	c.window(p.Margin)
	c.renewals(p.Margin)
	c.from("RFC 5280 §4.2.1.12", func() {
		c.usage("server-auth", "The certificate may be used for a server.", m.Certificate, x509.ExtKeyUsageServerAuth, "serverAuth")
	})
	c.clients()
	if !o.OneWay {
		c.clientCA()
	}
	return c.checks
}

// format asks for X.509 in PEM, which is how it is written here, and for what BYOC asks besides.
func (p Plan) format(c *checker) {
	rule := "The certificate is X.509, in PEM."
	outcome, do := Passed, ""
	if p.Version3 {
		rule = "The certificate is X.509 version 3, in PEM."
		if c.m.Certificate.Version < 3 {
			outcome, do = Failed, "Have it issued with extensions, which makes it version 3: at least its names as subject alternative names."
		}
	}
	c.add("format", rule, outcome, fmt.Sprintf("%s is X.509 version %d, and is handed over as PEM.", c.who(), c.m.Certificate.Version), do)
	if !p.PublicOnly {
		return
	}
	rule = "The certificate was issued by a trusted authority."
	if c.m.Root != nil && c.m.isPublic(c.m.Root) {
		c.add("public-authority", rule, Passed, fmt.Sprintf("%s leads to a public root.", c.who()), "")
		return
	}
	c.add("public-authority", rule, Warning, fmt.Sprintf("%s leads to no public root.", c.who()),
		"EMQX's page says both that only trusted authorities are accepted and that self-signed certificates are: try it, or take a public authority.")
}

// isPublic says whether x is one of the public roots.
func (m Material) isPublic(x *x509.Certificate) bool {
	for _, r := range m.roots.Mozilla() {
		if bytes.Equal(r.DER, x.Raw) {
			return true
		}
	}
	return false
}
