package deploy

import (
	"crypto/x509"
	"fmt"
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// clientCA demands an authority that has issued the client's certificate.
func (c *checker) clientCA() {
	rule := "The client CA certificate is that of an authority."
	if len(c.m.ClientCAs) == 0 {
		c.add("client-ca", rule, Failed, "No client CA certificate was given.", "Give the certificate of the authority that issues the clients' certificates.")
		return
	}
	for _, x := range c.m.ClientCAs {
		name := pki.CommonName(x)
		switch {
		case !authority(x):
			c.add("client-ca", rule, Failed, fmt.Sprintf("%q is no authority's certificate.", name),
				fmt.Sprintf("Give the certificate of its issuer, %q.", x.Issuer.String()))
		case x.Version >= 3 && x.KeyUsage != 0 && x.KeyUsage&x509.KeyUsageCertSign == 0:
			c.add("client-ca", rule, Failed, fmt.Sprintf("The authority %q may not sign certificates: its key usage does not say so.", name),
				"Give the certificate of the authority that signs.")
		case c.o.at().After(x.NotAfter):
			c.add("client-ca", rule, Failed, fmt.Sprintf("The authority %q expired on %s.", name, day(x.NotAfter)), "Give its current certificate.")
		default:
			c.add("client-ca", rule, Passed, fmt.Sprintf("%q is an authority, until %s.", name, day(x.NotAfter)), "")
		}
	}
	c.publicClientCA()
	c.clientIssued()
}

// publicClientCA warns of an authority that issues to everybody: the broker would let everybody in.
func (c *checker) publicClientCA() {
	public := map[string]bool{}
	for _, roots := range [][]pki.Root{c.m.roots.Mozilla(), c.m.roots.BuiltIn()} {
		for _, r := range roots {
			if x := r.Certificate(); x != nil {
				public[string(x.RawSubjectPublicKeyInfo)] = true
			}
		}
	}
	for _, x := range c.m.ClientCAs {
		if public[string(x.RawSubjectPublicKeyInfo)] {
			c.add("client-ca-private", "The client CA issues to your clients only.", Warning,
				fmt.Sprintf("%q is a public authority: whoever has a certificate of its would be let in.", pki.CommonName(x)),
				"Give the certificate of an authority of your own.")
		}
	}
}

// clientIssued looks for the path from the client's certificate to the client CA.
func (c *checker) clientIssued() {
	rule := "The client CA issued the client's certificate."
	if len(c.m.Client) == 0 {
		c.add("client-issued", rule, Skipped, "No client's certificate was given.", "Give one, and it is compared.")
		return
	}
	if !slices.ContainsFunc(c.m.ClientCAs, authority) {
		c.add("client-issued", rule, Skipped, "There is no authority to compare the client's certificate with.", "")
		return
	}
	q := chain.Question{At: c.o.at(), Purpose: chain.ClientAuth}
	for _, x := range c.m.Client {
		q.Sent = append(q.Sent, parsed(x, evidence.Sent))
	}
	for _, x := range c.m.ClientCAs {
		q.Anchors = append(q.Anchors, parsed(x, evidence.CAFile))
	}
	x, name := c.m.Client[0], pki.CommonName(c.m.Client[0])
	judge, _ := chain.Named("openssl") // what brokers in C and Erlang judge like
	anchored := chain.Analyse(q).Anchored
	verdict := chain.Verdict{Accepted: anchored}
	if judge != nil {
		verdict = judge.Judge(q)
	}
	switch {
	case verdict.Accepted:
		c.add("client-issued", rule, Passed, fmt.Sprintf("The client's certificate %q leads to the client CA.", name), "")
	case anchored:
		c.add("client-issued", rule, Failed, fmt.Sprintf("The client's certificate %q was issued by the client CA, and is refused (%s).", name, verdict.Text),
			"mutualctl verify --purpose client explains why.")
	default:
		c.add("client-issued", rule, Failed, fmt.Sprintf("The client's certificate %q was issued by %q, which is not the client CA.", name, x.Issuer.String()),
			"Give the certificate of that authority, or a client's certificate that the client CA issued.")
	}
}
