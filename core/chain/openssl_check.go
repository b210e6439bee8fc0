package chain

import "slices"

const (
	oidServerAuth     = "1.3.6.1.5.5.7.3.1"
	oidClientAuth     = "1.3.6.1.5.5.7.3.2"
	oidMicrosoftSGC   = "1.3.6.1.4.1.311.10.3.3"
	oidNetscapeSGC    = "2.16.840.1.113730.4.1"
	netscapeClient    = 0x80
	netscapeServer    = 0x40
	netscapeSSLCA     = 0x04
	netscapeAnyCA     = 0x07
	notCA             = 0
	isCA              = 1
	selfSignedV1      = 3
	keyUsageOnlyCA    = 4
	netscapeOnlyCA    = 5
	anyExtendedKeyUse = "2.5.29.37.0"
)

// forbids reports whether keyUsage is there and holds none of bits.
func (u usage) forbids(bits int) bool { return u.hasKeyUsage && u.keyUsage&bits == 0 }

// authorityKind is check_ca.
func authorityKind(v *view) int {
	switch {
	case v.invalid, v.forbids(keyCertSign):
		return notCA
	case v.hasBasicConstraints:
		if v.ca {
			return isCA
		}
		return notCA
	case v.version == 0 && v.selfSigned:
		return selfSignedV1
	case v.hasKeyUsage:
		return keyUsageOnlyCA
	case v.hasNetscapeType && v.netscapeType&netscapeAnyCA != 0:
		return netscapeOnlyCA
	}
	return notCA
}

func hasPurpose(p Purpose) bool { return p != AnyPurpose && p != "" }

// suits is check_purpose_ssl_server and check_purpose_ssl_client.
func suits(v *view, p Purpose, mustBeCA bool) bool {
	if !hasPurpose(p) || v.invalid {
		return true
	}
	if !extendedKeyUsageSuits(v, p) {
		return false
	}
	if mustBeCA {
		a := authorityKind(v)
		return a != notCA && (a != netscapeOnlyCA || v.netscapeType&netscapeSSLCA != 0)
	}
	if p == ClientAuth {
		return !v.forbids(digitalSignature|keyAgreement) && !(v.hasNetscapeType && v.netscapeType&netscapeClient == 0)
	}
	return !v.forbids(digitalSignature|keyEncipherment|keyAgreement) &&
		!(v.hasNetscapeType && v.netscapeType&netscapeServer == 0)
}

// extendedKeyUsageSuits: OpenSSL does not take anyExtendedKeyUsage for an answer.
func extendedKeyUsageSuits(v *view, p Purpose) bool {
	if !v.hasExtendedKeyUsage {
		return true
	}
	return slices.ContainsFunc(v.extendedKeyUsage, func(oid string) bool {
		if p == ClientAuth {
			return oid == oidClientAuth
		}
		return oid == oidServerAuth || oid == oidMicrosoftSGC || oid == oidNetscapeSGC
	})
}

// checkExtensions is check_extensions.
func (c *context) checkExtensions() {
	length := 0
	for i, m := range c.chain {
		v := m.v
		if v.critical {
			c.fail(34, i)
		}
		if v.proxy {
			c.fail(40, i)
		}
		if i > 0 {
			if a := authorityKind(v); a == notCA || (c.strict || i+1 < len(c.chain)) && a != isCA {
				c.fail(79, i)
			}
		} else if a := authorityKind(v); c.strict && a != isCA && a != notCA {
			c.fail(79, i)
		}
		if len(c.chain) > 1 && v.key.explicit {
			c.fail(94, i)
		}
		if len(c.chain) > 1 && c.strict {
			c.checkProfile(i)
		}
		// Of an extension that it cannot read OpenSSL thinks the worst only in strict mode.
		if !suits(v, c.w.q.Purpose, i > 0) || c.strict && v.invalid && hasPurpose(c.w.q.Purpose) {
			c.fail(26, i)
		}
		if i > 1 && v.pathLength != -1 && length > v.pathLength {
			c.fail(25, i)
		}
		if i > 0 && !v.selfIssued() {
			length++
		}
	}
}

// checkAuthLevel is check_auth_level: keys of issuers, and digests of all signatures but the trust anchor's.
func (c *context) checkAuthLevel() {
	for i, m := range c.chain {
		if i > 0 && !strongKey(m.v.key) {
			c.fail(67, i)
		}
		if i < len(c.chain)-1 && signatureBits(m.v.signatureAlgorithm) < minimumBits {
			c.fail(68, i)
		}
	}
}

// checkSignatures is internal_verify: from the top of the chain down, signatures and times.
func (c *context) checkSignatures() {
	n := len(c.chain) - 1
	issuer, subject := c.chain[n], c.chain[n]
	if !c.partial && !c.issued(issuer, issuer) {
		if n == 0 {
			c.fail(21, 0)
		} else {
			n--
			subject = c.chain[n]
		}
	}
	for ; n >= 0; n-- {
		if subject != issuer {
			if issuer.v.forbids(keyCertSign) {
				c.fail(32, n+1)
			}
			if !issuer.v.key.valid {
				c.fail(6, n+1)
			} else if c.w.signature(subject, issuer) == signatureBad {
				c.fail(7, n)
			}
		}
		c.checkTime(n)
		if n > 0 {
			issuer, subject = subject, c.chain[n-1]
		}
	}
}

// checkTime is ossl_x509_check_cert_time. OpenSSL counts whole seconds, and the last one as past.
func (c *context) checkTime(n int) {
	v := c.chain[n].v
	switch {
	case !v.notBefore.valid:
		c.fail(13, n)
	case v.notBefore.time.After(c.clock):
		c.fail(9, n)
	}
	switch {
	case !v.notAfter.valid:
		c.fail(14, n)
	case !v.notAfter.time.After(c.clock):
		c.fail(10, n)
	}
}

// checkNameConstraints is check_name_constraints.
func (c *context) checkNameConstraints() {
	for i := len(c.chain) - 1; i >= 0; i-- {
		v := c.chain[i].v
		if i != 0 && v.selfIssued() {
			continue
		}
		for j := len(c.chain) - 1; j > i; j-- {
			if nc := c.chain[j].v.constraints; nc != nil && !c.chain[j].v.invalid {
				if code := nc.check(v, i == 0, &c.w.comparisons); code != 0 {
					c.fail(code, i)
				}
			}
		}
	}
}

// text is X509_verify_cert_error_string.
func (e opensslError) text() string {
	if t, ok := opensslTexts[e.code]; ok {
		return t
	}
	return "unspecified certificate verification error"
}

var opensslTexts = map[int]string{
	1:  "unspecified certificate verification error",
	2:  "unable to get issuer certificate",
	6:  "unable to decode issuer public key",
	7:  "certificate signature failure",
	9:  "certificate is not yet valid",
	10: "certificate has expired",
	13: "format error in certificate's notBefore field",
	14: "format error in certificate's notAfter field",
	18: "self-signed certificate",
	19: "self-signed certificate in certificate chain",
	20: "unable to get local issuer certificate",
	21: "unable to verify the first certificate",
	22: "certificate chain too long",
	25: "path length constraint exceeded",
	26: "unsuitable certificate purpose",
	32: "key usage does not include certificate signing",
	34: "unhandled critical extension",
	40: "proxy certificates not allowed, please set the appropriate flag",
	47: "permitted subtree violation",
	48: "excluded subtree violation",
	49: "name constraints minimum and maximum not supported",
	51: "unsupported name constraint type",
	52: "unsupported or invalid name constraint syntax",
	53: "unsupported or invalid name syntax",
	62: "hostname mismatch",
	64: "IP address mismatch",
	66: "EE certificate key too weak",
	67: "CA certificate key too weak",
	68: "CA signature digest algorithm too weak",
	78: "cert info signature and signature algorithm mismatch",
	79: "invalid CA certificate",
	80: "Path length invalid for non-CA cert",
	81: "Path length given without key usage keyCertSign",
	82: "Key usage keyCertSign invalid for non-CA cert",
	83: "Issuer name empty",
	84: "Subject name empty",
	85: "Missing Authority Key Identifier",
	86: "Missing Subject Key Identifier",
	87: "Empty Subject Alternative Name extension",
	88: "Subject empty and Subject Alt Name extension not critical",
	89: "Basic Constraints of CA cert not marked critical",
	92: "CA cert does not include key usage extension",
	93: "Using cert extension requires at least X509v3",
	94: "Certificate public key has explicit ECC parameters",
}
