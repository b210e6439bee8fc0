package lab

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
)

// trustFaults are those of what the CA file holds, and of what the broker sends and in which order.
var trustFaults = []fault{
	{Fault: Fault{"ca-rotated", Trust, "The CA file holds the authority's old certificate",
		"That an authority of the same name can have a new key, and that key identifiers tell the two apart."},
		scene: func(c *scene, _ string) error {
			old, err := forge(spec{subject: c.root.Subject, ca: true, notBefore: c.root.NotBefore.Add(-700 * day), notAfter: c.root.NotAfter}, nil)
			c.trusted = []*identity{old}
			return err
		}},
	{Fault: Fault{"ca-file-holds-leaf", Trust, "The CA file holds the broker's own certificate",
		"Why the broker's own certificate in the CA file satisfies some programs and not others."},
		scene: func(c *scene, _ string) error { c.trusted = []*identity{c.leaf}; return nil }},
	{Fault: Fault{"ca-name-encoding", Trust, "An issuer's name is encoded in another way than the authority's own",
		"That two names that read the same can differ in their bytes, and which programs mind."},
		scene: func(c *scene, _ string) error {
			leaf, err := resign(c.leaf, c.intermediate, ecdsaSHA256, func(t *tbsCertificate) (err error) {
				t.Issuer.FullBytes, err = inUTF8(t.Issuer.FullBytes)
				return err
			})
			c.sent[0] = leaf
			return err
		}},
	{Fault: Fault{"anchor-not-self-consistent", Trust, "The root's key identifiers contradict each other",
		"What key identifiers are for, and who trips over a root that contradicts itself."},
		specs: func(s *specs, _ string) {
			s.root.shape = func(t *x509.Certificate) {
				t.AuthorityKeyId = make([]byte, 20)
				rand.Read(t.AuthorityKeyId) // never returns an error (crypto/rand)
			}
		}},
	{Fault: Fault{"chain-order", Trust, "The broker sends its certificates out of order",
		"In which order a broker must send its certificates, and which clients insist on it."},
		scene: func(c *scene, _ string) error {
			lower, leaf, err := c.lengthen()
			c.sent = []*identity{leaf, c.intermediate, lower}
			return err
		}},
	{Fault: Fault{"leaf-not-first", Trust, "The broker sends the authority's certificate first",
		"Why the broker's own certificate must come first in its file."},
		scene: func(c *scene, _ string) error {
			c.sent = []*identity{{Certificate: c.intermediate.Certificate, key: c.leaf.key}, c.leaf}
			return nil
		}},
	{Fault: Fault{"chain-extra", Trust, "The broker sends a certificate that is not part of its chain",
		"That a certificate too many is harmless to most clients, and why it should go."},
		variants: []string{"twice"},
		scene: func(c *scene, variant string) error {
			extra, err := c.stranger()
			if variant == "twice" {
				extra = c.intermediate
			}
			c.sent = append(c.sent, extra)
			return err
		}},
	{Fault: Fault{"root-included", Trust, "The broker sends the root as well",
		"Why sending the root is allowed and useless."},
		scene: func(c *scene, _ string) error { c.sent = append(c.sent, c.root); return nil }},
	{Fault: Fault{"chain-too-complex", Trust, "The broker's chain takes too many signature checks",
		"That verifiers give up after so much work, and how a chain gets that far."},
		scene: tooComplex},
	{Fault: Fault{"root-distrusted", Trust, "The root program no longer accepts the root for new certificates",
		"That a public authority can be distrusted from a day on, which certificates that hits, and why only a certificate from another authority helps."},
		ownRoots: true,
		scene: func(c *scene, _ string) error {
			c.profile.Trust.Files, c.profile.Trust.Mozilla = nil, true
			c.known = nil
			until := c.leaf.NotBefore.Add(-day) // as a root program words it: certificates issued later do not count
			c.listed = func(path []*x509.Certificate) error {
				for _, x := range path {
					if x.NotBefore.After(until) {
						return fmt.Errorf("certificate issued after distrust-after date %q", until.UTC())
					}
				}
				return nil
			}
			return nil
		}},
	{Fault: Fault{"interception", TLS, "A product in between inspects TLS",
		"How to recognise a product that opens TLS on the way, and whose root certificate would be needed."},
		variants: []string{"trusted"},
		specs: func(s *specs, _ string) {
			for _, x := range []*spec{&s.root, &s.intermediate} { // as mitmproxy names its own
				x.subject = pkix.Name{Organization: []string{"mitmproxy"}, CommonName: "mitmproxy " + x.subject.CommonName}
			}
		},
		scene: func(c *scene, variant string) error {
			if variant == "trusted" {
				return nil
			}
			return untrusted(c, "private")
		}},
	{Fault: Fault{"server-key-mismatch", TLS, "The broker's key is not that of its certificate",
		"How a broker set up with the key of another certificate looks from outside."},
		scene: func(c *scene, _ string) error {
			other, err := c.stranger()
			if err != nil {
				return err
			}
			c.sent[0] = &identity{Certificate: c.leaf.Certificate, key: other.key}
			return nil
		}},
}

// lengthen puts another authority between the intermediate and the leaf.
func (c *scene) lengthen() (lower, leaf *identity, err error) {
	name := c.intermediate.Subject
	name.CommonName += " 2"
	lower, err = forge(spec{subject: pkix.Name{Country: name.Country, Organization: name.Organization, CommonName: name.CommonName},
		ca: true, usage: c.intermediate.ExtKeyUsage, notBefore: c.intermediate.NotBefore, notAfter: c.intermediate.NotAfter}, c.intermediate)
	if err != nil {
		return nil, nil, err
	}
	leaf, err = forge(spec{subject: c.leaf.Subject, names: []string{host, "127.0.0.1", "::1"}, usage: c.leaf.ExtKeyUsage,
		notBefore: c.leaf.NotBefore, notAfter: c.leaf.NotAfter}, lower)
	return lower, leaf, err
}

// tooComplex sends many authorities of one name, none of which signed the leaf, before the one that did: more than the
// hundred signatures that crypto/x509 checks for a chain.
func tooComplex(c *scene, _ string) error {
	leaf, err := forge(spec{subject: c.leaf.Subject, names: []string{host}, usage: c.leaf.ExtKeyUsage, notBefore: c.leaf.NotBefore,
		notAfter: c.leaf.NotAfter}, &identity{Certificate: withoutID(c.intermediate.Certificate), key: c.intermediate.key})
	if err != nil {
		return err
	}
	other, err := c.stranger()
	if err != nil {
		return err
	}
	c.sent = []*identity{leaf}
	for range 120 {
		decoy, err := forge(spec{subject: c.intermediate.Subject, ca: true, notBefore: c.intermediate.NotBefore,
			notAfter: c.intermediate.NotAfter, key: other.key}, c.root)
		if err != nil {
			return err
		}
		c.sent = append(c.sent, decoy)
	}
	c.sent = append(c.sent, c.intermediate)
	return nil
}

// withoutID is a copy that leaves no key identifier in what it issues: all of its namesakes are then possible issuers.
func withoutID(x *x509.Certificate) *x509.Certificate {
	copied := *x
	copied.SubjectKeyId = nil
	return &copied
}
