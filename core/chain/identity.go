package chain

import (
	"net"
	"strings"
)

// nameFault says in which way host is not among v's names, for clients that go by the subject alternative names
// alone (RFC 9525); empty when it is among them by the plain rules that all clients share.
func nameFault(v *view, host string) string {
	if ip := parseIP(host); ip != nil {
		if opensslMatchesIP(v, ip) {
			return ""
		}
		return "ip-address-not-in-certificate"
	}
	host = strings.TrimSuffix(host, ".")
	var patterns []string
	others := false
	for _, g := range v.alternativeNames {
		switch g.tag {
		case dnsName:
			patterns = append(patterns, string(g.value))
		case ipAddress:
			others = true
		}
	}
	for _, p := range patterns {
		if plainMatch(p, host) {
			return ""
		}
	}
	for _, p := range patterns {
		if nearlyMatches(p, host) {
			return "wildcard-mismatch"
		}
	}
	switch {
	case len(patterns) > 0:
		return "name-mismatch"
	case opensslMatchesCommonName(v, host, false):
		return "name-only-in-common-name"
	case others || hostLike(v):
		return "name-mismatch"
	}
	return "name-missing"
}

// narrowerFault is nameFault for a client that did not find host among v's names: by the plain rules it may be there, and
// the client's own be narrower, for wildcards above all (not over a top-level domain, not in a name with an underscore).
func narrowerFault(v *view, host string) string {
	if id := nameFault(v, host); id != "" {
		return id
	}
	host = strings.TrimSuffix(host, ".")
	for _, g := range v.alternativeNames {
		if pattern := strings.TrimSuffix(string(g.value), "."); g.tag == dnsName && strings.EqualFold(pattern, host) {
			return "name-mismatch"
		}
	}
	if parseIP(host) != nil {
		return "name-mismatch"
	}
	return "wildcard-mismatch"
}

// plainMatch is RFC 9525 §6.3: labels are equal, or the whole first label of the pattern is "*".
func plainMatch(pattern, host string) bool {
	pattern, host = lowerASCII(strings.TrimSuffix(pattern, ".")), lowerASCII(host)
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		label, parent, dotted := strings.Cut(host, ".")
		return dotted && label != "" && parent == rest
	}
	return pattern == host && host != ""
}

// nearlyMatches reports a wildcard that was meant for host but does not reach it: it stands for one whole label only,
// not for none, not for several, and not for part of one.
func nearlyMatches(pattern, host string) bool {
	pattern, host = lowerASCII(pattern), lowerASCII(host)
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return false
	}
	dot := strings.IndexByte(pattern[star:], '.')
	if dot < 0 {
		return false
	}
	rest := pattern[star+dot+1:]
	if rest == "" || !strings.Contains(rest, ".") && rest != host && pattern != "*."+rest {
		return false
	}
	return host == rest || strings.HasSuffix(host, "."+rest)
}

// hostLike reports that a common name looks like a host's name or an address, so that it was meant as one.
func hostLike(v *view) bool {
	for _, a := range v.subject.values(oidCommonName) {
		text, _ := a.text()
		if looksLikeHost(text) || text == "localhost" || strings.HasPrefix(text, "*.") || net.ParseIP(text) != nil {
			return true
		}
	}
	return false
}

func goMatches(m *member, host string) bool { return m.X != nil && m.X.VerifyHostname(host) == nil }
