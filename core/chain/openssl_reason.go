package chain

// explain says which finding an error of OpenSSL's stands for, and which certificate is at fault: not always the one
// at the error's depth.
func (c *context) explain(e opensslError) (id string, at *member) {
	v := e.at.v
	if _, wrong := c.w.leafNotFirst(); wrong && e.depth == 0 && (e.code == 26 || e.code == 62 || e.code == 64) {
		return "leaf-not-first", e.at
	}
	switch e.code {
	case 2:
		return c.w.topFault(e.at), e.at
	case 7:
		return c.w.badSignature(e.at, c.chain[e.depth+1])
	case 9:
		return "certificate-not-yet-valid", e.at
	case 10:
		return "certificate-expired", e.at
	case 13, 14, 53:
		return "certificate-malformed", e.at
	case 18, 19, 20, 21:
		return c.explainGap(e.at)
	case 1, 22:
		return "chain-too-complex", e.at
	case 25:
		return "path-length-exceeded", e.at
	case 26:
		return c.explainPurpose(e.at, e.depth), e.at
	case 32:
		return c.explainAuthority(v), e.at
	case 34, 40:
		return "critical-extension-unknown", e.at
	case 47, 48, 49, 51, 52:
		return "name-constraint", e.at
	case 62, 64:
		return narrowerFault(v, c.w.q.Name), e.at
	case 66, 67:
		if !v.key.valid {
			return "signature-algorithm-unsupported", e.at
		}
		return "key-too-weak", e.at
	case 68:
		if signatureBits(v.signatureAlgorithm) < 0 && !digestIsWeak(v.signatureAlgorithm) {
			return "signature-algorithm-unsupported", e.at
		}
		return "signature-algorithm-weak", e.at
	case 79:
		if e.depth == 0 && v.version > 0 {
			return "strict-profile", e.at // an end-entity certificate that could pass for a CA's
		}
		return c.explainAuthority(v), e.at
	case 78, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 92, 93:
		return "strict-profile", e.at
	}
	return "signature-algorithm-unsupported", e.at
}

// topFault tells the causes of error 2 apart: a trust anchor that is no root, or a root that OpenSSL does not take
// for one.
func (w *world) topFault(m *member) string {
	if w.selfSigned(m) {
		return "anchor-not-self-consistent"
	}
	return "anchor-not-root"
}

func (c *context) explainGap(top *member) (string, *member) {
	if top.v.invalid {
		return "certificate-malformed", top
	}
	if leaf := c.w.leaf; leaf.anchor && !c.w.selfSigned(leaf) {
		return "ca-file-holds-leaf", leaf
	}
	for _, m := range c.w.issuers(top) {
		if (m.v.invalid || m.v.paddedSerial) && (m.anchor || m.presented && c.w.signature(top, m) == signatureGood) {
			return "certificate-malformed", m
		}
	}
	o := c.w.gap(top)[0]
	return o.id, o.at
}

func (c *context) explainPurpose(m *member, depth int) string {
	if m.v.invalid {
		return "certificate-malformed"
	}
	if !extendedKeyUsageSuits(m.v, c.w.q.Purpose) || m.v.hasNetscapeType && depth == 0 {
		return "extended-key-usage"
	}
	if depth > 0 {
		return c.explainAuthority(m.v)
	}
	return "key-usage"
}

func (c *context) explainAuthority(v *view) string {
	if id := wrongAuthority(v); id != "" {
		return id
	}
	return "issuer-not-ca"
}

// badSignature tells a certificate that was altered from one that another key of the same name signed.
func (w *world) badSignature(child, issuer *member) (string, *member) {
	if issuer.ownAnchor() && !w.altered(child, issuer) {
		return "ca-rotated", issuer
	}
	return "signature-invalid", child
}
