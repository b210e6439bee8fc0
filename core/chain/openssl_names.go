package chain

import (
	"net"
	"strings"
)

// opensslMatchesIP is X509_check_ip: only iPAddress entries count.
func opensslMatchesIP(v *view, ip net.IP) bool {
	octets := []byte(ip.To16())
	if four := ip.To4(); four != nil {
		octets = four
	}
	for _, g := range v.alternativeNames {
		if g.tag == ipAddress && string(g.value) == string(octets) {
			return true
		}
	}
	return false
}

// opensslMatchesHost is X509_check_host: dNSName entries, and the common names where there is not one. whole is
// X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS.
func opensslMatchesHost(v *view, host string, whole bool) bool {
	if host == "" {
		return false
	}
	found := false
	for _, g := range v.alternativeNames {
		if g.tag == dnsName {
			found = true
			if len(g.value) > 0 && opensslMatchesPattern(string(g.value), host, whole) {
				return true
			}
		}
	}
	return !found && opensslMatchesCommonName(v, host, whole)
}

func opensslMatchesCommonName(v *view, host string, whole bool) bool {
	for _, a := range v.subject.values(oidCommonName) {
		text, ok := a.text()
		if !ok {
			return false
		}
		if text != "" && opensslMatchesPattern(text, host, whole) {
			return true
		}
	}
	return false
}

// opensslMatchesPattern is equal_wildcard.
func opensslMatchesPattern(pattern, host string, whole bool) bool {
	subdomains := len(host) > 1 && host[0] == '.'
	if !subdomains {
		if star := wildcard(pattern, whole); star >= 0 {
			return matchesWildcard(pattern[:star], pattern[star+1:], host)
		}
	} else if len(pattern) > len(host) && !strings.Contains(pattern[:len(pattern)-len(host)], "\x00") {
		// A reference identifier with a leading dot stands for any name below it.
		pattern = pattern[len(pattern)-len(host):]
	}
	return equalFoldASCII(pattern, host)
}

// equalFoldASCII compares ignoring the case of ASCII letters; NUL never matches.
func equalFoldASCII(a, b string) bool {
	return len(a) == len(b) && !strings.Contains(a, "\x00") && lowerASCII(a) == lowerASCII(b)
}

// lowerASCII leaves every byte but the letters A to Z alone, whatever the encoding.
func lowerASCII(s string) string {
	lower := []byte(s)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// wildcard is valid_star: where the one permitted '*' of a pattern stands, at the start or the end of the first
// label, which is no A-label, with at least two labels after it; -1 when there is none. whole asks for a label that is
// nothing but '*'.
func wildcard(pattern string, whole bool) int {
	star, dots := -1, 0
	labelStart, hyphen, encoded := true, false, false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*':
			atEnd := i == len(pattern)-1 || pattern[i+1] == '.'
			if star >= 0 || encoded || dots > 0 || !labelStart && !atEnd || whole && !(labelStart && atEnd) {
				return -1
			}
			star = i
			labelStart = false
		case isAlphanumeric(c):
			if labelStart && len(pattern)-i >= 4 && strings.EqualFold(pattern[i:i+4], "xn--") {
				encoded = true
			}
			hyphen, labelStart = false, false
		case c == '.':
			if hyphen || labelStart {
				return -1
			}
			labelStart, hyphen, encoded = true, false, false
			dots++
		case c == '-':
			if labelStart {
				return -1
			}
			hyphen = true
		default:
			return -1
		}
	}
	if labelStart || hyphen || dots < 2 {
		return -1
	}
	return star
}

// matchesWildcard is wildcard_match.
func matchesWildcard(prefix, suffix, host string) bool {
	if len(host) < len(prefix)+len(suffix) {
		return false
	}
	middle := host[len(prefix) : len(host)-len(suffix)]
	if !equalFoldASCII(prefix, host[:len(prefix)]) || !equalFoldASCII(host[len(host)-len(suffix):], suffix) {
		return false
	}
	whole := prefix == "" && strings.HasPrefix(suffix, ".")
	if whole && middle == "" {
		return false
	}
	if !whole && len(host) >= 4 && strings.EqualFold(host[:4], "xn--") {
		return false
	}
	if middle == "*" {
		return true
	}
	for i := 0; i < len(middle); i++ {
		if !isAlphanumeric(middle[i]) && middle[i] != '-' {
			return false
		}
	}
	return true
}
