package chain

import (
	"slices"
	"strings"
)

func (r *mbedtlsCertificate) selfIssued() bool { return sameMbedTLSName(r.issuer, r.subject) }

// sameMbedTLSName is x509_name_cmp: UTF8String and PrintableString are one type, the case of ASCII letters does not
// count, white space does.
func sameMbedTLSName(a, b []mbedtlsName) bool {
	return slices.EqualFunc(a, b, func(a, b mbedtlsName) bool {
		if a.oid != b.oid || a.merged != b.merged {
			return false
		}
		if a.value.tag == b.value.tag && string(a.value.body) == string(b.value.body) {
			return true
		}
		plain := func(tag byte) bool { return tag == tagUTF8String || tag == tagPrintableString }
		return plain(a.value.tag) && plain(b.value.tag) && lowerASCII(string(a.value.body)) == lowerASCII(string(b.value.body))
	})
}

// checkName is x509_crt_verify_name: with subjectAltName only its dNSNames count, without it any common name. Addresses
// are compared as text with both.
func (c *mbedtlsContext) checkName(leaf *mbedtlsCertificate) {
	host := c.w.q.Name
	if host == "" || leaf.named(host) {
		return
	}
	id := "name-mismatch"
	if leaf.v != nil {
		id = narrowerFault(leaf.v, host)
	}
	c.raise(mbedtlsWrongName, c.firstOr(id), leaf.member)
}

func (r *mbedtlsCertificate) named(host string) bool {
	if r.hasUsage[oidAlternativeName] {
		return slices.ContainsFunc(r.names, func(e element) bool {
			return e.tag&0x1f == dnsName && matchesMbedTLS(string(e.body), host)
		})
	}
	return slices.ContainsFunc(r.subject, func(n mbedtlsName) bool {
		return oidText([]byte(n.oid)) == oidCommonName && matchesMbedTLS(string(n.value.body), host)
	})
}

// matchesMbedTLS is x509_crt_check_cn: the same but for case, or "*." for one label. It does not ask whether that
// label stands for anything more than a top-level domain.
func matchesMbedTLS(pattern, host string) bool {
	pattern, host = lowerASCII(pattern), lowerASCII(host)
	if pattern == host {
		return true
	}
	dot := strings.IndexByte(host, '.')
	return len(pattern) > 2 && strings.HasPrefix(pattern, "*.") && dot > 0 && host[dot:] == pattern[1:]
}

// explainGap says why child was found no parent. below is how many intermediates count against a path length.
func (c *mbedtlsContext) explainGap(child *mbedtlsCertificate, position, below int) (string, *member) {
	if leaf := c.sent[0]; leaf.anchor && !leaf.selfIssued() {
		return "ca-file-holds-leaf", leaf.member
	}
	later := c.sent[position+1:]
	for _, p := range slices.Concat(c.trusted, later) {
		if !sameMbedTLSName(child.issuer, p.subject) || !c.signed(child, p) {
			continue
		}
		switch {
		case p.tooFar(below) && p.maySign(p.anchor):
			return "path-length-exceeded", p.member
		case !p.maySign(p.anchor):
			return c.unfit(p), p.member
		}
	}
	for _, p := range slices.Concat(c.broken, c.skipped) {
		if p.v != nil && child.v != nil && p.v.subject.same(child.v.issuer) && c.w.signature(child.member, p.member) == signatureGood {
			return p.complaint(), p.member
		}
	}
	for _, p := range slices.Concat(c.trusted, later) {
		if p.v != nil && child.v != nil && p.v.subject.same(child.v.issuer) && c.w.signature(child.member, p.member) == signatureGood {
			return "ca-name-encoding", p.member
		}
	}
	for _, p := range c.sent[:position] {
		if p != child && sameMbedTLSName(child.issuer, p.subject) && c.signed(child, p) {
			if m := c.w.outOfOrder(c.w.sentPath()); m != nil {
				return "chain-order", m
			}
			return "chain-order", p.member
		}
	}
	if child.v == nil {
		return "root-unknown", child.member
	}
	o := c.w.gap(child.member)[0]
	return o.id, o.at
}

// unfit is why p may not sign.
func (c *mbedtlsContext) unfit(p *mbedtlsCertificate) string {
	if p.v != nil {
		if id := wrongAuthority(p.v); id != "" {
			return id
		}
	}
	if p.ca {
		return "issuer-cannot-sign"
	}
	return "issuer-not-ca"
}
