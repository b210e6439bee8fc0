package chain

import (
	"strings"
	"unicode/utf8"
)

// nameConstraints is the extension of that name (RFC 5280 §4.2.1.10) as OpenSSL applies it.
type nameConstraints struct{ permitted, excluded []subtree }

type subtree struct {
	base    generalName
	bounded bool // minimum or maximum are set, which no profile supports
}

// Error numbers of NAME_CONSTRAINTS_check.
const (
	constraintsObeyed     = 0
	constraintsTooMany    = 1
	permittedViolation    = 47
	excludedViolation     = 48
	subtreeBounds         = 49
	unsupportedConstraint = 51
	unsupportedNameSyntax = 53
)

// maxNamesTimesConstraints is OpenSSL's NAME_CHECK_MAX.
const maxNamesTimesConstraints = 1 << 20

func (u *usage) readNameConstraints(b []byte) bool {
	parts, ok := sequence(b)
	if !ok {
		return false
	}
	nc := &nameConstraints{}
	last := byte(0)
	for _, e := range parts {
		if e.tag <= last {
			return false
		}
		last = e.tag
		switch e.tag {
		case 0xa0:
			nc.permitted, ok = readSubtrees(e.body)
		case 0xa1:
			nc.excluded, ok = readSubtrees(e.body)
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	u.constraints = nc
	return true
}

func readSubtrees(body []byte) ([]subtree, bool) {
	all, ok := elements(body)
	if !ok {
		return nil, false
	}
	trees := make([]subtree, 0, len(all))
	for _, e := range all {
		parts, ok := elements(e.body)
		if !ok || e.tag != tagSequence || len(parts) == 0 {
			return nil, false
		}
		base, ok := readGeneralName(parts[0])
		if !ok {
			return nil, false
		}
		t := subtree{base: base}
		for _, p := range parts[1:] {
			switch {
			case p.tag == 0x80 && len(p.body) > 0:
				t.bounded = t.bounded || smallInteger(p.body) != 0
			case p.tag == 0x81 && len(p.body) > 0:
				t.bounded = true
			default:
				return nil, false
			}
		}
		trees = append(trees, t)
	}
	return trees, true
}

// check is NAME_CONSTRAINTS_check, with NAME_CONSTRAINTS_check_CN for an end-entity certificate without dNSName.
// comparisons counts what was compared, over a whole question.
func (nc *nameConstraints) check(v *view, endEntity bool, comparisons *int) int {
	names := len(v.subject.attributes) + len(v.alternativeNames)
	constraints := len(nc.permitted) + len(nc.excluded)
	if names > 0 && constraints > maxNamesTimesConstraints/names {
		return constraintsTooMany
	}
	*comparisons += names * constraints
	if *comparisons > maxComparisons {
		return constraintsTooMany
	}
	if !v.subject.empty() {
		if code := nc.match(generalName{tag: directoryName, name: &v.subject}); code != constraintsObeyed {
			return code
		}
		for _, a := range v.subject.values(oidEmailAddress) {
			if a.tag != tagIA5String {
				return unsupportedNameSyntax
			}
			if code := nc.match(generalName{tag: rfc822Name, value: a.value}); code != constraintsObeyed {
				return code
			}
		}
	}
	dns := false
	for _, g := range v.alternativeNames {
		dns = dns || g.tag == dnsName
		if code := nc.match(g); code != constraintsObeyed {
			return code
		}
	}
	if !endEntity || dns {
		return constraintsObeyed
	}
	return nc.checkCommonNames(v)
}

func (nc *nameConstraints) checkCommonNames(v *view) int {
	for _, a := range v.subject.values(oidCommonName) {
		text, ok := a.text()
		if !ok {
			return constraintsTooMany
		}
		text = strings.TrimRight(text, "\x00")
		if strings.Contains(text, "\x00") {
			return unsupportedNameSyntax
		}
		if looksLikeHost(text) {
			if code := nc.match(generalName{tag: dnsName, value: []byte(text)}); code != constraintsObeyed {
				return code
			}
		}
	}
	return constraintsObeyed
}

// looksLikeHost is cn2dnsid's test: at least two labels of letters, digits, underscores and inner hyphens.
func looksLikeHost(text string) bool {
	dotted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if isAlphanumeric(c) || c == '_' {
			continue
		}
		if i == 0 || i == len(text)-1 {
			return false
		}
		switch {
		case c == '-':
		case c == '.' && text[i+1] != '.' && text[i-1] != '-' && text[i+1] != '-':
			dotted = true
		default:
			return false
		}
	}
	return dotted && utf8.ValidString(text)
}

// match is nc_match.
func (nc *nameConstraints) match(g generalName) int {
	const (
		none = iota
		some
		matched
	)
	state := none
	for _, t := range nc.permitted {
		if t.base.tag != g.tag {
			continue
		}
		if t.bounded {
			return subtreeBounds
		}
		if state == matched {
			continue
		}
		state = some
		switch code := t.base.contains(g); code {
		case constraintsObeyed:
			state = matched
		case permittedViolation:
		default:
			return code
		}
	}
	if state == some {
		return permittedViolation
	}
	for _, t := range nc.excluded {
		if t.base.tag != g.tag {
			continue
		}
		if t.bounded {
			return subtreeBounds
		}
		switch code := t.base.contains(g); code {
		case constraintsObeyed:
			return excludedViolation
		case permittedViolation:
		default:
			return code
		}
	}
	return constraintsObeyed
}

// contains is nc_match_single: constraintsObeyed when g lies in the subtree, permittedViolation when it does not.
func (base generalName) contains(g generalName) int {
	inside := false
	switch g.tag {
	case directoryName:
		inside = strings.HasPrefix(g.name.canonical, base.name.canonical)
	case dnsName:
		inside = dnsContains(string(base.value), string(g.value))
	case rfc822Name:
		return mailContains(string(base.value), string(g.value))
	case uriName:
		return uriContains(string(base.value), string(g.value))
	case ipAddress:
		if len(g.value) != 4 && len(g.value) != 16 || len(base.value) != 8 && len(base.value) != 32 {
			return unsupportedNameSyntax
		}
		inside = ipContains(base.value, g.value)
	default:
		return unsupportedConstraint
	}
	if inside {
		return constraintsObeyed
	}
	return permittedViolation
}

func dnsContains(base, host string) bool {
	if base == "" {
		return true
	}
	if len(host) < len(base) {
		return false
	}
	cut := len(host) - len(base)
	if cut > 0 && base[0] != '.' && host[cut-1] != '.' {
		return false
	}
	return lowerASCII(host[cut:]) == lowerASCII(base)
}

func mailContains(base, mail string) int {
	at := strings.LastIndexByte(mail, '@')
	if at < 0 {
		return unsupportedNameSyntax
	}
	baseAt := strings.LastIndexByte(base, '@')
	if baseAt < 0 && strings.HasPrefix(base, ".") {
		if len(mail) > len(base) && lowerASCII(mail[len(mail)-len(base):]) == lowerASCII(base) {
			return constraintsObeyed
		}
		return permittedViolation
	}
	if baseAt > 0 && base[:baseAt] != mail[:at] {
		return permittedViolation
	}
	if lowerASCII(base[baseAt+1:]) != lowerASCII(mail[at+1:]) {
		return permittedViolation
	}
	return constraintsObeyed
}

func uriContains(base, uri string) int {
	_, host, ok := strings.Cut(uri, "://")
	if !ok {
		return unsupportedNameSyntax
	}
	// A colon is looked for first, wherever it stands; then a slash.
	if end := strings.IndexByte(host, ':'); end >= 0 {
		host = host[:end]
	} else if end := strings.IndexByte(host, '/'); end >= 0 {
		host = host[:end]
	}
	if host == "" {
		return unsupportedNameSyntax
	}
	if strings.HasPrefix(base, ".") {
		if len(host) > len(base) && lowerASCII(host[len(host)-len(base):]) == lowerASCII(base) {
			return constraintsObeyed
		}
		return permittedViolation
	}
	if lowerASCII(base) == lowerASCII(host) {
		return constraintsObeyed
	}
	return permittedViolation
}

// ipContains: address and mask follow each other in base.
func ipContains(base, ip []byte) bool {
	if len(base) != 2*len(ip) {
		return false
	}
	for i := range ip {
		if ip[i]&base[len(ip)+i] != base[i]&base[len(ip)+i] {
			return false
		}
	}
	return true
}
