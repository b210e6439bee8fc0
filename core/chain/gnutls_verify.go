package chain

import "slices"

// gnutlsKnown are the critical extensions that GnuTLS knows.
var gnutlsKnown = []string{
	oidSubjectKeyID, oidKeyUsage, oidAlternativeName, oidIssuerAlternative, oidBasicConstraints, oidNameConstraints,
	oidDistribution, oidAuthorityKeyID, oidExtendedKeyUsage, oidAuthorityInfo, oidProxyInfo, "1.3.6.1.5.5.7.1.24",
	"2.5.29.32", "2.5.29.54",
}

// verifyList is _gnutls_verify_crt_status: list against the authorities of one bucket, from its end to its beginning,
// until something is wrong.
func (c *gnutlsContext) verifyList(list, trusted []*member) {
	if last := list[len(list)-1]; len(list) > 1 && gnutlsIssued(last.v, last.v) {
		list = list[:len(list)-1]
	}
	for i, m := range list {
		// The end-entity certificate itself must be trusted; of an authority, name and key are enough.
		same := slices.IndexFunc(trusted, func(t *member) bool {
			return t == m || i > 0 && gnutlsSameName(m.v.subject, t.v.subject) && sameKey(m.v, t.v)
		})
		if same < 0 {
			continue
		}
		t := trusted[same]
		c.checkTime(t)
		if gnutlsWeak(t.v.key) {
			c.raise(gnutlsInsecure, "key-too-weak", t)
		}
		list = list[:i]
		break
	}
	if len(list) == 0 || len(c.raised) > 0 {
		return
	}
	state := &gnutlsPath{room: 4096}
	top := len(list) - 1
	c.verifyOne(list[top], trusted, state, top == 0, false)
	for i := top; i > 0 && len(c.raised) == 0; i-- {
		if p := c.purpose(); p != "" && !gnutlsSuits(list[i].v, p, false) {
			c.raise(gnutlsPurpose, "extended-key-usage", list[i])
			return
		}
		c.verifyOne(list[i-1], list[i:i+1], state, i == 1, true)
	}
}

// gnutlsPath is what authorities further up permit.
type gnutlsPath struct {
	room        int     // how many certificates may follow
	limit       *member // the authority that says so
	constraints gnutlsConstraintSet
}

// verifyOne is verify_crt. sent: the issuer comes from the peer and not from the trust list.
func (c *gnutlsContext) verifyOne(m *member, among []*member, state *gnutlsPath, end, sent bool) {
	if state.room == 0 {
		c.raise(gnutlsConstraints, "path-length-exceeded", state.limit)
		return
	}
	state.room--
	issuer := c.findIssuer(m, among)
	if issuer == nil {
		id, at := c.explainGap(m)
		c.raise(gnutlsSignerNotFound, id, at)
	} else {
		if !state.constraints.add(issuer.v) || end && !state.constraints.permit(m.v) {
			c.raise(gnutlsConstraints, "name-constraint", m)
		}
		c.checkIssuer(m, issuer, state, sent)
		c.checkSignature(m, issuer)
		if id := gnutlsUnhandled(issuer.v); id != "" {
			c.raise(gnutlsUnknownCritical, id, issuer)
		}
	}
	if end && gnutlsUnhandled(m.v) != "" {
		c.raise(gnutlsUnknownCritical, "critical-extension-unknown", m)
	}
	c.checkStrength(m, issuer)
	if issuer != nil {
		c.checkTime(issuer)
	}
	c.checkTime(m)
}

// explainGap says why no trust anchor issued m. What was sent above m may say more than m: a root there was left aside.
func (c *gnutlsContext) explainGap(m *member) (string, *member) {
	if leaf := c.w.leaf; leaf.anchor && !c.w.selfSigned(leaf) {
		return "ca-file-holds-leaf", leaf
	}
	path := []*member{m}
	for top := m; top != nil; {
		if top = c.w.find(top, func(up *member) bool { return up.presented && !slices.Contains(path, up) }); top != nil {
			path = append(path, top)
		}
	}
	if path[0] != c.w.leaf {
		path = append([]*member{c.w.leaf}, path...)
	}
	o := c.w.gapAlong(path)
	return o.id, o.at
}

func gnutlsUnhandled(v *view) string {
	for _, x := range v.extensions {
		if x.critical && !slices.Contains(gnutlsKnown, x.oid) {
			return "critical-extension-unknown"
		}
	}
	return ""
}

// findIssuer is find_issuer: the first, or the last of several that is in its time.
func (c *gnutlsContext) findIssuer(m *member, among []*member) (found *member) {
	for _, t := range among {
		if gnutlsIssued(m.v, t.v) && (found == nil || c.clock.Before(t.v.notAfter.time) && !c.clock.Before(t.v.notBefore.time)) {
			found = t
		}
	}
	return found
}

// checkIssuer: an authority of version 1 is one only where it is trusted.
func (c *gnutlsContext) checkIssuer(m, issuer *member, state *gnutlsPath, sent bool) {
	v := issuer.v
	if v.version == 0 && !sent {
		return
	}
	_, _, times := v.extension(oidBasicConstraints)
	switch {
	case m == issuer:
	case v.hasBasicConstraints && v.ca:
		if v.pathLength >= 0 && v.pathLength < state.room {
			state.room, state.limit = v.pathLength, issuer
		}
	case times == 0 && !sent && gnutlsIssued(v, v):
	default:
		c.raise(gnutlsSignerNotCA, orElse(wrongAuthority(v), "issuer-not-ca"), issuer)
	}
	if _, _, times := v.extension(oidKeyUsage); times > 0 && !v.hasKeyUsage {
		c.raise(gnutlsInvalid, "certificate-malformed", issuer)
	} else if v.forbids(keyCertSign) {
		c.raise(gnutlsConstraints, orElse(wrongAuthority(v), "issuer-cannot-sign"), issuer)
	}
}

func orElse(id, other string) string {
	if id == "" {
		return other
	}
	return id
}

// checkSignature is _gnutls_x509_verify_data. With an ordinary RSA key it takes RSASSA-PSS only with a salt as long as the
// digest, whatever the parameters say.
func (c *gnutlsContext) checkSignature(m, issuer *member) {
	a, k := m.v.signatureAlgorithm, issuer.v.key
	s, known := schemes[a.oid]
	id, at := c.w.badSignature(m, issuer)
	switch pss, ok := readPSS(a); {
	case !known || s.key == rsaPSSKey && !ok:
		c.raise(gnutlsInvalid, "signature-algorithm-unsupported", m)
	case !k.valid:
		c.raise(gnutlsInvalid, "signature-algorithm-unsupported", issuer)
	case !algorithmFits(k, a):
		c.raise(gnutlsConstraints, id, at)
	case s.key == rsaPSSKey && k.kind == rsaKey && (pss.salt != pss.hash.Size() || pss.hash.Size() < 32):
		c.raise(gnutlsBadSignature, "signature-algorithm-unsupported", m)
	case c.w.signature(m, issuer) == signatureBad:
		c.raise(gnutlsBadSignature, id, at)
	}
}

// checkStrength: what a certificate that is no root is signed with, and all keys, of the profile LOW.
func (c *gnutlsContext) checkStrength(m, issuer *member) {
	for _, k := range []*member{m, issuer} {
		if k != nil && gnutlsWeak(k.v.key) {
			c.raise(gnutlsInsecure, "key-too-weak", k)
		}
	}
	if digestIsWeak(m.v.signatureAlgorithm) && !gnutlsIssued(m.v, m.v) {
		c.raise(gnutlsInsecure, "signature-algorithm-weak", m)
	}
}

// gnutlsWeak is GNUTLS_SEC_PARAM_LOW: RSA and DSA of 1,024 bits, curves of 160.
func gnutlsWeak(k publicKey) bool {
	switch {
	case k.kind == rsaKey || k.kind == rsaPSSKey:
		return k.valid && k.modulus.BitLen() < 1024
	case k.kind == dsaKey:
		return k.valid && k.dsa.p.BitLen() < 1024
	}
	return false
}

func (c *gnutlsContext) checkTime(m *member) {
	switch {
	case c.clock.Before(m.v.notBefore.time):
		c.raise(gnutlsNotActivated, "certificate-not-yet-valid", m)
	case c.clock.After(m.v.notAfter.time):
		c.raise(gnutlsExpired, "certificate-expired", m)
	}
}

// gnutlsSuits is _gnutls_check_key_purpose. Old authorities name gated cryptography for TLS servers.
func gnutlsSuits(v *view, purpose string, anyCounts bool) bool {
	_, _, times := v.extension(oidExtendedKeyUsage)
	if times == 0 {
		return true
	}
	return slices.ContainsFunc(v.extendedKeyUsage, func(oid string) bool {
		gated := oid == oidNetscapeSGC || oid == "2.16.840.1.113733.1.8.1"
		return oid == purpose || anyCounts && oid == anyExtendedKeyUse || gated && purpose == oidServerAuth && v.ca
	})
}
