package chain

import (
	"bytes"
	"net"
	"slices"
	"strings"
)

// gnutlsSameName is _gnutls_x509_compare_raw_dn: the same octets, or the same text whatever the types of its strings.
func gnutlsSameName(a, b name) bool {
	if string(a.raw) == string(b.raw) {
		return true
	}
	return !a.empty() && !b.empty() && a.String() == b.String()
}

// gnutlsIssued is is_issuer: the names fit, and the key identifiers where both certificates have them.
func gnutlsIssued(child, issuer *view) bool {
	if !gnutlsSameName(child.issuer, issuer.subject) {
		return false
	}
	a := child.authority
	return !a.hasKeyID || !issuer.hasSubjectKeyID || string(a.keyID) == string(issuer.subjectKeyID)
}

// gnutlsNamed is gnutls_x509_crt_check_hostname2: an address must be an iPAddress; a name is a dNSName, and the only
// common name where there is neither.
func gnutlsNamed(v *view, host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return opensslMatchesIP(v, ip)
	}
	others := false
	for _, g := range v.alternativeNames {
		if g.tag == dnsName && printable(string(g.value)) && gnutlsMatches(string(g.value), host) {
			return true
		}
		others = others || g.tag == dnsName || g.tag == ipAddress
	}
	all := v.subject.values(oidCommonName)
	if others || len(all) != 1 || !gnutlsSuits(v, oidServerAuth, true) {
		return false
	}
	text, ok := all[0].text()
	return ok && printable(text) && gnutlsMatches(text, host)
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// gnutlsMatches is _gnutls_hostname_compare: a star at the front stands for any part of the first label, even none,
// where at least two labels follow it.
func gnutlsMatches(pattern, host string) bool {
	rest, wild := strings.CutPrefix(lowerASCII(pattern), "*")
	host = lowerASCII(host)
	if !wild {
		return rest == host
	}
	if strings.Count(pattern, ".") < 2 || strings.HasSuffix(pattern, ".") {
		return false
	}
	label, _, _ := strings.Cut(host, ".")
	for i := 0; i <= len(label); i++ {
		if host[i:] == rest {
			return true
		}
	}
	return false
}

// gnutlsConstraintSet is what the name constraints of a path come to.
type gnutlsConstraintSet struct{ permitted, excluded []generalName }

// add is gnutls_x509_crt_get_name_constraints with GNUTLS_NAME_CONSTRAINTS_FLAG_APPEND; false: they cannot be read.
func (s *gnutlsConstraintSet) add(v *view) bool {
	if _, _, times := v.extension(oidNameConstraints); times == 0 {
		return true
	}
	if v.constraints == nil {
		return false
	}
	var permitted []generalName
	for _, list := range [][]subtree{v.constraints.permitted, v.constraints.excluded} {
		for _, t := range list {
			if !gnutlsConstrains(t.base) {
				return false
			}
		}
	}
	for _, t := range v.constraints.permitted {
		permitted = append(permitted, t.base)
	}
	s.intersect(permitted)
	for _, t := range v.constraints.excluded {
		s.excluded = append(s.excluded, t.base)
	}
	return true
}

// gnutlsConstrains is validate_name_constraints_node.
func gnutlsConstrains(g generalName) bool {
	switch g.tag {
	case dnsName, rfc822Name, directoryName, uriName:
		return true
	case ipAddress:
		half := len(g.value) / 2
		_, bits := net.IPMask(g.value[half:]).Size()
		return (half == net.IPv4len || half == net.IPv6len) && len(g.value) == 2*half && bits > 0
	}
	return false
}

// intersect is _gnutls_name_constraints_intersect: of each kind that both lists have, what both permit; nothing of it
// may be named when that is nothing.
func (s *gnutlsConstraintSet) intersect(more []generalName) {
	if len(s.permitted) == 0 || len(more) == 0 {
		s.permitted = append(s.permitted, more...)
		return
	}
	of := func(list []generalName, tag byte) bool {
		return slices.ContainsFunc(list, func(g generalName) bool { return g.tag == tag })
	}
	var both []generalName
	for _, g := range s.permitted {
		if !of(more, g.tag) || g.tag == directoryName || g.tag == uriName {
			both = append(both, g)
		}
	}
	for _, g := range more {
		if !of(s.permitted, g.tag) || g.tag == directoryName || g.tag == uriName {
			both = append(both, g)
			continue
		}
		for _, old := range s.permitted {
			if old.tag == g.tag && gnutlsContains(old, g) {
				both = append(both, g)
			}
		}
	}
	for _, tag := range []byte{dnsName, rfc822Name, ipAddress} {
		if !of(s.permitted, tag) || !of(more, tag) || of(both, tag) {
			continue
		}
		if tag == ipAddress {
			s.excluded = append(s.excluded, generalName{tag: tag, value: make([]byte, 8)}, generalName{tag: tag, value: make([]byte, 32)})
		} else {
			s.excluded = append(s.excluded, generalName{tag: tag})
		}
	}
	s.permitted = both
}

// gnutlsContains reports whether inner lies within outer.
func gnutlsContains(outer, inner generalName) bool {
	if outer.tag != ipAddress {
		return gnutlsWithin(string(inner.value), outer)
	}
	half := len(outer.value) / 2
	if len(inner.value) != len(outer.value) {
		return false
	}
	for i := range half {
		if (outer.value[i]^inner.value[i])&outer.value[half+i]&inner.value[half+i] != 0 {
			return false
		}
	}
	return true
}

// gnutlsWithin is dnsname_matches, email_matches and ip_in_cidr. Letters are compared as they are.
func gnutlsWithin(name string, tree generalName) bool {
	if tree.tag == ipAddress {
		half := len(tree.value) / 2
		if len(name) != half {
			return false
		}
		for i := range half {
			if (name[i]^tree.value[i])&tree.value[half+i] != 0 {
				return false
			}
		}
		return true
	}
	base := tree.value
	rest := len(name) - len(base)
	switch {
	case rest < 0:
		return false
	case rest == 0:
		return name == string(base)
	case tree.tag == rfc822Name && len(base) > 1 && base[0] == '.':
		return name[rest:] == string(base)
	case tree.tag == rfc822Name:
		return name[rest-1] == '@' && name[rest:] == string(base)
	}
	base = bytes.TrimPrefix(base, []byte("."))
	rest = len(name) - len(base)
	return name[rest-1] == '.' && name[rest:] == string(base)
}

// permit is gnutls_x509_name_constraints_check_crt of all kinds: names that are not there are permitted, and without a
// dNSName the common name of a server counts as one.
func (s *gnutlsConstraintSet) permit(v *view) bool {
	if len(s.permitted) == 0 && len(s.excluded) == 0 {
		return true
	}
	var dns, mail, uri, ip []string
	for _, g := range v.alternativeNames {
		switch g.tag {
		case dnsName:
			dns = append(dns, string(g.value))
		case rfc822Name:
			mail = append(mail, string(g.value))
		case uriName:
			uri = append(uri, string(g.value))
		case ipAddress:
			ip = append(ip, string(g.value))
		}
	}
	fromSubject := func(names []string, tag byte, oid string) ([]string, bool) {
		all := v.subject.values(oid)
		if len(names) > 0 || len(all) == 0 || !s.about(tag) {
			return names, true
		}
		text, ok := all[0].text()
		readable := ok && (tag != rfc822Name || all[0].tag == tagIA5String)
		return []string{text}, readable && len(all) == 1
	}
	ok := true
	if gnutlsSuits(v, oidServerAuth, true) {
		if dns, ok = fromSubject(dns, dnsName, oidCommonName); !ok {
			return false
		}
	}
	if mail, ok = fromSubject(mail, rfc822Name, oidEmailAddress); !ok {
		return false
	}
	excludes := func(tag byte) bool {
		return slices.ContainsFunc(s.excluded, func(g generalName) bool { return g.tag == tag })
	}
	return s.allow(dnsName, dns) && s.allow(rfc822Name, mail) && s.allow(ipAddress, ip) &&
		(len(uri) == 0 || !excludes(uriName)) && !excludes(directoryName)
}

func (s *gnutlsConstraintSet) about(tag byte) bool {
	return slices.ContainsFunc(slices.Concat(s.permitted, s.excluded), func(g generalName) bool { return g.tag == tag })
}

func (s *gnutlsConstraintSet) allow(tag byte, names []string) bool {
	for _, n := range names {
		for _, g := range s.excluded {
			if g.tag == tag && (len(g.value) == 0 || gnutlsWithin(n, g)) {
				return false
			}
		}
		constrained, allowed := false, false
		for _, g := range s.permitted {
			if g.tag != tag || len(g.value) == 0 || tag == ipAddress && len(g.value) != 2*len(n) {
				continue
			}
			constrained = true
			allowed = allowed || gnutlsWithin(n, g)
		}
		if constrained && !allowed {
			return false
		}
	}
	return true
}
