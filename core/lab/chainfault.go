package lab

// tiers are the variants of the faults that can befall any certificate of the chain.
var tiers = []string{"intermediate", "root"}

// tier is the certificate that a variant means; the plain form: the end-entity certificate.
func (s *specs) tier(variant string) *spec {
	switch variant {
	case "intermediate":
		return &s.intermediate
	case "root":
		return &s.root
	}
	return &s.leaf
}

// chainFaults are those of the server's chain, its dates and its names.
var chainFaults = []fault{
	{Fault: Fault{"anchor-not-root", Trust, "The CA file holds a cross-certificate instead of the root",
		"Why the last block of fullchain.pem is no root, why Go still connects, and why OpenSSL says \"unable to get issuer certificate\"."},
		variants: []string{"intermediate"},
		scene:    anchorNotRoot},
	{Fault: Fault{"intermediate-missing", Trust, "The broker does not send its intermediate certificate",
		"Why a broker must send every certificate but the root, and why it works in a browser all the same."},
		variants: []string{"known", "fetchable", "fetchable-two"},
		scene: func(c *scene, variant string) error {
			c.sent = c.sent[:1]
			switch variant {
			case "known": // the public authorities' are
				c.known = append(c.known, c.intermediate)
			case "fetchable", "fetchable-two":
				return fetchable(c, variant == "fetchable-two")
			}
			return nil
		}},
	{Fault: Fault{"root-unknown", Trust, "The CA file holds another authority's root",
		"What a trust anchor is, and how to find the one that this broker needs."},
		variants: []string{"private"},
		scene:    untrusted},
	{Fault: Fault{"root-sent-untrusted", Trust, "The broker sends its root, which is not trusted",
		"That nobody trusts a root because the broker sends it."},
		variants: []string{"private"},
		scene: func(c *scene, variant string) error {
			c.sent = append(c.sent, c.root)
			return untrusted(c, variant)
		}},
	{Fault: Fault{"self-signed-leaf", Trust, "The broker's certificate is self-signed",
		"What a self-signed certificate means, and how to trust exactly this one."},
		scene: func(c *scene, _ string) error {
			leaf, err := forge(spec{
				subject:   commonName(host),
				names:     []string{host},
				usage:     c.leaf.ExtKeyUsage,
				notBefore: c.leaf.NotBefore,
				notAfter:  c.leaf.NotAfter,
			}, nil)
			c.sent = []*identity{leaf}
			return err
		}},
	{Fault: Fault{"certificate-expired", Validity, "A certificate of the broker's has expired",
		"How to see which certificate of the chain has expired; it is not always the broker's own."},
		variants: tiers,
		specs: func(s *specs, variant string) {
			t := s.tier(variant)
			t.notBefore, t.notAfter = t.notBefore.Add(-400*day), s.leaf.notBefore.Add(-9*day)
		}},
	{Fault: Fault{"certificate-not-yet-valid", Validity, "A certificate of the broker's is not valid yet",
		"That a certificate from the future is a matter of issuing or of the clock."},
		variants: tiers,
		specs: func(s *specs, variant string) {
			t := s.tier(variant)
			t.notBefore, t.notAfter = s.leaf.notBefore.Add(30*day), t.notAfter.Add(400*day)
		}},
	{Fault: Fault{"name-mismatch", Names, "The broker's certificate is for another name",
		"Which name is compared with what, and which of the two to change."},
		specs: func(s *specs, _ string) {
			name := "broker-" + random(3) + ".example"
			s.leaf.subject, s.leaf.names = commonName(name), []string{name, "*." + name}
		}},
	{Fault: Fault{"name-only-in-common-name", Names, "The broker's certificate has its name in the common name only",
		"Why the common name no longer counts, and what a subject alternative name is."},
		specs: func(s *specs, _ string) { s.leaf.names = nil }},
	{Fault: Fault{"ip-address-not-in-certificate", Names, "The broker is reached by an address that its certificate lacks",
		"That an address needs an entry of its own kind in the certificate."},
		variants: []string{"dns-name"},
		specs: func(s *specs, variant string) {
			s.leaf.names = []string{host}
			if variant == "dns-name" {
				s.leaf.dnsNames = []string{"127.0.0.1"}
			}
		},
		scene: func(c *scene, _ string) error { c.profile.Server.Host = "127.0.0.1"; return nil }},
	{Fault: Fault{"certificate-expires-soon", Validity, "A certificate of the broker's is about to expire",
		"How to notice an expiry before it stops everything."},
		variants: tiers,
		specs: func(s *specs, variant string) {
			t := s.tier(variant)
			t.notBefore, t.notAfter = t.notBefore.Add(-80*day), s.leaf.notBefore.Add(13*day)
		}},
	{Fault: Fault{"clock-wrong", Validity, "This computer's clock is off",
		"How to tell a wrong clock from expired certificates: at another time, all of the chain would be valid."},
		variants: []string{"ahead"},
		specs: func(s *specs, variant string) {
			off := 800 * day // the clock cannot be set here, so that the certificates are made for another time
			if variant == "ahead" {
				off = -900 * day
			}
			for _, x := range []*spec{&s.root, &s.intermediate, &s.leaf} {
				x.notBefore, x.notAfter = x.notBefore.Add(off), x.notAfter.Add(off)
			}
		}},
}

// anchorNotRoot puts into the CA file what stands last in fullchain.pem: the cross-certificate by which the lab's root,
// which plays a publicly known one, vouches for a newer root. In the variant it is the intermediate.
func anchorNotRoot(c *scene, variant string) error {
	if variant == "intermediate" {
		c.trusted = c.sent[1:]
		return nil
	}
	// The newer root is what signed intermediate and, through it, the leaf; the older one comes above it.
	older, err := c.stranger()
	if err != nil {
		return err
	}
	cross, err := forge(spec{
		subject:   c.root.Subject,
		ca:        true,
		notBefore: c.intermediate.NotBefore,
		notAfter:  c.intermediate.NotAfter.Add(400 * day),
		key:       c.root.key,
	}, older)
	if err != nil {
		return err
	}
	c.sent = append(c.sent, cross)
	c.trusted = []*identity{cross}
	c.root = older
	c.known = []*identity{older}
	return nil
}

// untrusted fills the CA file with a root that has nothing to do with the server's, which in the variant no public
// source knows either.
func untrusted(c *scene, variant string) error {
	other, err := c.stranger()
	if err != nil {
		return err
	}
	c.trusted = []*identity{other}
	if variant == "private" {
		c.known = nil
	}
	return nil
}
