package profile

import (
	"fmt"
	"net/netip"
	"strings"
)

// checkHost says what is wrong with a DNS name or IP address without brackets, and at which byte. Underscores are
// accepted, as resolvers do, though RFC 952 does not have them.
func checkHost(host string) (at int, problem string) {
	if host == "" {
		return 0, "The broker's name or address is missing."
	}
	if _, ok := parseAddress(host); ok {
		return 0, ""
	}
	if !isASCII(host) {
		return checkInternational(host)
	}
	for i, c := range host {
		switch {
		case c == ' ' || c == '\t':
			return i, "The host name has a space in it."
		case !isAlphanumeric(byte(c)) && !strings.ContainsRune("-._", c):
			return i, fmt.Sprintf("%q cannot stand in a name.", c)
		}
	}
	return checkLabels(host)
}

// checkLabels applies the limits of RFC 1035 §2.3.4, and tells a mistyped IPv4 address from a name.
func checkLabels(host string) (at int, problem string) {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		switch {
		case label == "":
			return at, "There is an empty part between the dots of the name."
		case len(label) > 63:
			return at, fmt.Sprintf("The part %q… of the name is longer than 63 characters.", label[:12])
		}
		at += len(label) + 1
	}
	if len(host) > 254 { // 253 and a trailing dot
		return 253, "The name is longer than 253 characters."
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return 0, fmt.Sprintf("%q is not an IPv4 address: that has four numbers from 0 to 255.", host)
	}
	return 0, ""
}

// parseAddress is netip.ParseAddr with the zones that a URL can hold (RFC 6874: unreserved characters).
func parseAddress(s string) (a netip.Addr, ok bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, false
	}
	for _, c := range []byte(a.Zone()) {
		if !isAlphanumeric(c) && !strings.ContainsRune("-._~", rune(c)) {
			return a, false
		}
	}
	return a, true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
