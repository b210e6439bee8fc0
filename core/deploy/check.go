package deploy

import (
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// checker collects the checks of one hand-over.
type checker struct {
	m      Material
	o      Options
	source string // of the demands
	checks []Check
}

func (c *checker) add(id, rule string, outcome Outcome, text, do string) {
	if outcome == Passed {
		do = ""
	}
	c.checks = append(c.checks, Check{ID: id, Rule: rule, Source: c.source, Outcome: outcome, Text: text, Do: do})
}

func (c *checker) from(source string, f func()) {
	before := c.source
	c.source = source
	f()
	c.source = before
}

// who names the certificate for a sentence that begins with it.
func (c *checker) who() string {
	return fmt.Sprintf("The certificate %q", pki.CommonName(c.m.Certificate))
}

// keyType demands one of these kinds of key; none: any.
func (c *checker) keyType(allowed []string) {
	kind := pki.KeyTypeOf(c.m.Certificate.PublicKey)
	if kind == "" {
		kind = "of a kind that is not known here"
	}
	outcome, rule := Passed, fmt.Sprintf("The key is %s.", listed(allowed, "or"))
	if !slices.Contains(allowed, kind) {
		outcome = Failed
	}
	c.add("key-type", rule, outcome, fmt.Sprintf("The key of %q is %s.", pki.CommonName(c.m.Certificate), kind),
		fmt.Sprintf("Have a certificate issued for a key of %s.", listed(suggested(allowed), "or")))
}

// suggested leaves out of the kinds of key what clients refuse as too weak today: OpenSSL does at its usual level.
func suggested(kinds []string) []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == "RSA 1024" })
}

func (c *checker) key() {
	rule := "The private key is the certificate's."
	switch {
	case c.m.KeyType == "":
		c.add("key-match", rule, Failed, "No private key was given.", "Give the key file that was made with the certificate's request.")
	case !c.m.KeyMatches:
		c.add("key-match", rule, Failed,
			fmt.Sprintf("The private key (%s) belongs to another certificate than %q.", c.m.KeyType, pki.CommonName(c.m.Certificate)),
			"Give the key file that was made with this certificate's request, or the certificate of this key.")
	default:
		c.add("key-match", rule, Passed, fmt.Sprintf("The private key is that of %q.", pki.CommonName(c.m.Certificate)), "")
	}
}

func (c *checker) passphrase() {
	rule := "The private key has no passphrase."
	switch {
	case c.m.KeyType == "":
		c.add("key-passphrase", rule, Skipped, "No private key was given.", "")
	case c.m.Decrypted:
		c.add("key-passphrase", rule, Passed, "The key file has a passphrase; the key that is handed over has none.", "")
	default:
		c.add("key-passphrase", rule, Passed, "The private key has no passphrase.", "")
	}
}

func (c *checker) chainComplete() {
	rule := "The chain leads from the certificate to its root without a gap."
	x, added := c.m.Certificate, ""
	if len(c.m.Added) > 0 {
		added = fmt.Sprintf(" Added, because the certificate's files lack it: %s.", listed(names(c.m.Added), "and"))
	}
	switch {
	case c.m.Root == nil:
		c.add("chain-complete", rule, Failed, fmt.Sprintf("The certificate of the issuer %q is not in the files.", c.m.Missing),
			"Add the file with the authority's certificates: the authority that issued the certificate offers it.")
	case c.m.Root == x:
		c.add("chain-complete", rule, Passed, c.who()+" is self-signed: it has no chain, and clients need this very certificate in their CA file.", "")
	case len(c.m.Chain) == 0:
		c.add("chain-complete", rule, Passed, fmt.Sprintf("The root %q issued the certificate itself.", pki.CommonName(c.m.Root)), "")
	default:
		c.add("chain-complete", rule, Passed,
			fmt.Sprintf("The chain leads over %s to the root %q.%s", listed(names(c.m.Chain), "and"), pki.CommonName(c.m.Root), added), "")
	}
}

// merged says what is sent; where names the field or file that holds it.
func (c *checker) merged(where string, sent []*x509.Certificate) {
	rule := "Certificate and chain are merged, the server's own certificate first."
	text := fmt.Sprintf("%s holds %d certificates, %q first.", where, len(sent), pki.CommonName(c.m.Certificate))
	if len(sent) == 1 {
		text = fmt.Sprintf("%s holds %q alone.", where, pki.CommonName(c.m.Certificate))
	}
	if c.m.Reordered {
		text += " The files have them in another order."
	}
	if len(c.m.Dropped) > 0 {
		text += fmt.Sprintf(" Left out, because it does not belong to the chain: %s.", listed(names(c.m.Dropped), "and"))
	}
	c.add("chain-merged", rule, Passed, text, "")
}

func (c *checker) algorithms() {
	rule := "The certificate's key and that of the authority that signed it are of the same algorithm: RSA and RSA, or EC and EC."
	own := c.m.Certificate.PublicKeyAlgorithm
	signer, known := signedWith(c.m.Certificate)
	if !known {
		c.add("algorithm-match", rule, Skipped, "The signature of the certificate is of a kind that is not known here.", "")
		return
	}
	outcome := Passed
	if own != signer {
		outcome = Failed
	}
	c.add("algorithm-match", rule, outcome,
		fmt.Sprintf("%s has a key of %s and is signed by one of %s.", c.who(), algorithm(own), algorithm(signer)),
		fmt.Sprintf("Have it issued for a key of %s, or by an authority with a key of %s.", algorithm(signer), algorithm(own)))
}

// signedWith is the algorithm of the key that signed x.
func signedWith(x *x509.Certificate) (x509.PublicKeyAlgorithm, bool) {
	switch x.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return x509.RSA, true
	case x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512:
		return x509.ECDSA, true
	case x509.PureEd25519:
		return x509.Ed25519, true
	}
	return 0, false
}

func algorithm(a x509.PublicKeyAlgorithm) string {
	if a == x509.ECDSA {
		return "EC"
	}
	return a.String()
}

func (c *checker) name() {
	rule := "The certificate's names cover the address that clients connect to."
	x := c.m.Certificate
	covered := append(slices.Clone(x.DNSNames), addresses(x)...)
	switch {
	case c.o.Host == "":
		text := fmt.Sprintf("%s is for %s; the deployment's address was not given.", c.who(), listed(covered, "and"))
		if len(covered) == 0 {
			text = c.who() + " names no host, and the deployment's address was not given."
		}
		c.add("name", rule, Skipped, text, "Give the deployment's address, and it is compared.")
	case x.VerifyHostname(hostForVerify(c.o.Host)) == nil:
		c.add("name", rule, Passed, fmt.Sprintf("%s covers %s.", c.who(), c.o.Host), "")
	case len(covered) == 0 && strings.EqualFold(x.Subject.CommonName, c.o.Host):
		c.add("name", rule, Failed, fmt.Sprintf("%s has %s only as its common name, which most clients no longer look at.", c.who(), c.o.Host),
			fmt.Sprintf("Have a certificate issued with %s as a subject alternative name.", c.o.Host))
	case len(covered) == 0:
		c.add("name", rule, Failed, fmt.Sprintf("%s names no host, so it does not cover %s.", c.who(), c.o.Host),
			fmt.Sprintf("Have a certificate issued with %s as a subject alternative name.", c.o.Host))
	default:
		c.add("name", rule, Failed, fmt.Sprintf("%s is for %s, and not for %s.", c.who(), listed(covered, "and"), c.o.Host),
			fmt.Sprintf("Have a certificate issued for %s, or let clients connect to a name that it covers.", c.o.Host))
	}
}

// hostForVerify puts an IP address into the brackets that make x509 compare it as one.
func hostForVerify(host string) string {
	if net.ParseIP(host) != nil {
		return "[" + host + "]"
	}
	return strings.TrimSuffix(host, ".")
}

func addresses(x *x509.Certificate) []string {
	var out []string
	for _, ip := range x.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// usage asks for one of the extended key usages, which a certificate without any has (RFC 5280 §4.2.1.12).
func (c *checker) usage(id, rule string, x *x509.Certificate, wanted x509.ExtKeyUsage, name string) {
	all := append(slices.Clone(x.ExtKeyUsage), x509.ExtKeyUsageAny)
	limited := len(x.ExtKeyUsage)+len(x.UnknownExtKeyUsage) > 0
	if !limited || slices.Contains(all[:len(all)-1], x509.ExtKeyUsageAny) || slices.Contains(x.ExtKeyUsage, wanted) {
		c.add(id, rule, Passed, fmt.Sprintf("The certificate %q allows %s.", pki.CommonName(x), name), "")
		return
	}
	c.add(id, rule, Failed, fmt.Sprintf("The certificate %q is limited to other uses than %s.", pki.CommonName(x), name),
		fmt.Sprintf("Have it issued anew with %s among its extended key usages.", name))
}

// clients asks the judges of all clients about what would be sent.
func (c *checker) clients() {
	c.from("Mutual's own judgement", func() {
		rule := "Clients that trust the root accept what the broker sends."
		if c.m.Root == nil {
			c.add("clients", rule, Skipped, "Without the root it is not known who would accept the chain.", "")
			return
		}
		q := chain.Question{At: c.o.at(), Purpose: chain.ServerAuth, Anchors: []chain.Certificate{parsed(c.m.Root, evidence.CAFile)}}
		if c.o.Host != "" && c.m.Certificate.VerifyHostname(hostForVerify(c.o.Host)) == nil {
			q.Name = c.o.Host // else the check of names has said so
		}
		for _, x := range c.m.merged() {
			q.Sent = append(q.Sent, parsed(x, evidence.Sent))
		}
		var refusing []string
		reason := ""
		for _, j := range chain.Judges() {
			if v := j.Judge(q); !v.Accepted {
				refusing = append(refusing, v.Client)
				if reason == "" {
					reason = v.Text
				}
			}
		}
		if len(refusing) == 0 {
			c.add("clients", rule, Passed, "All clients that are known here accept it.", "")
			return
		}
		outcome := Warning
		if len(refusing) == len(chain.Judges()) {
			outcome = Failed
		}
		c.add("clients", rule, outcome, fmt.Sprintf("Refused by %s (%s).", listed(refusing, "and"), strings.TrimSuffix(reason, ".")),
			"mutualctl verify explains what each of them has against it.")
	})
}

func names(all []*x509.Certificate) []string {
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%q", pki.CommonName(c)))
	}
	return out
}
