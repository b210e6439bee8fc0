package chain

import (
	"bytes"
	"net"
	"slices"
	"strings"
)

// javaConstraints is NameConstraintsExtension with what was merged into it on the way down.
type javaConstraints struct {
	nameConstraints
	work *int // comparisons made for this question
}

// maxJavaComparisons bounds the comparisons of names with name constraints, of which Java makes as many as their square;
// what is left over is taken for allowed.
const maxJavaComparisons = 1 << 19

func (n *javaConstraints) exhausted() bool { return *n.work > maxJavaComparisons }

func (n *javaConstraints) compare(a, b generalName) relation {
	if *n.work++; n.exhausted() {
		return otherType
	}
	return javaConstrains(a, b)
}

// relation is what GeneralNameInterface.constrains says of two names.
type relation int

const (
	otherType relation = iota
	match
	narrows // the second lies within the first
	widens  // the first lies within the second
	apart
)

// allow is NameConstraintsExtension.verify.
func (n *javaConstraints) allow(c *javaCertificate) (ok bool, problem string) {
	for _, t := range slices.Concat(n.permitted, n.excluded) {
		if t.bounded {
			return false, "Non-zero minimum BaseDistance in name constraints not supported"
		}
	}
	if s := c.v.subject; !s.empty() && !n.allowName(generalName{tag: directoryName, name: &s}) {
		return false, ""
	}
	names := c.constrainedNames()
	if c.hasAlternativeNames {
		// Java adds the common name to the certificate's own list, where the check of the name then finds it.
		c.alternativeNames = names
	}
	for _, g := range names {
		if !n.allowName(g) {
			return false, ""
		}
	}
	return true, ""
}

// constrainedNames are the alternative names; failing those, e-mail addresses of the subject; and the common name where
// no alternative name of its kind is there.
func (c *javaCertificate) constrainedNames() []generalName {
	names := slices.Clone(c.alternativeNames)
	if !c.hasAlternativeNames {
		for _, a := range c.v.subject.values(oidEmailAddress) {
			if text, ok := a.text(); ok && text != "" {
				names = append(names, generalName{tag: rfc822Name, value: []byte(text)})
			}
		}
	}
	cn := generalName{tag: dnsName, value: []byte(c.v.subject.commonName())}
	if ip := net.ParseIP(string(cn.value)); ip != nil {
		cn.tag, cn.value = ipAddress, ip
		if four := ip.To4(); four != nil {
			cn.value = four
		}
	} else if !javaDNSName(string(cn.value)) {
		return names
	}
	if slices.ContainsFunc(c.alternativeNames, func(g generalName) bool { return g.tag == cn.tag }) {
		return names
	}
	return append(names, cn)
}

// javaDNSName is what DNSName's constructor takes: labels of letters, digits and hyphens that begin with no hyphen.
func javaDNSName(text string) bool {
	for _, label := range strings.Split(text, ".") {
		if label == "" || label[0] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			if label[i] != '-' && !isAlphanumeric(label[i]) {
				return false
			}
		}
	}
	return true
}

func (n *javaConstraints) allowName(g generalName) bool {
	for _, t := range n.excluded {
		if r := n.compare(t.base, g); r == match || r == narrows {
			return false
		}
	}
	sameType := false
	for _, t := range n.permitted {
		switch n.compare(t.base, g) {
		case match, narrows:
			return true
		case widens, apart:
			sameType = true
		}
	}
	return !sameType
}

// javaConstrains is constrains of the class of a.
func javaConstrains(a, b generalName) relation {
	if a.tag != b.tag {
		return otherType
	}
	switch a.tag {
	case dnsName:
		return javaWithin(lowerASCII(string(a.value)), lowerASCII(string(b.value)), '.')
	case rfc822Name:
		return javaMailWithin(lowerASCII(string(a.value)), lowerASCII(string(b.value)))
	case uriName:
		return javaHostWithin(javaURIHost(string(a.value)), javaURIHost(string(b.value)))
	case directoryName:
		return javaNameWithin(a.name.java(), b.name.java())
	case ipAddress:
		return javaAddressWithin(a.value, b.value)
	}
	if bytes.Equal(a.value, b.value) {
		return match
	}
	return apart
}

// javaWithin compares names of which one may end in the other after the separator.
func javaWithin(a, b string, separator byte) relation {
	ends := func(long, short string) bool {
		return len(short) > 0 && len(long) > len(short) && strings.HasSuffix(long, short) &&
			(long[len(long)-len(short)-1] == separator) != (short[0] == separator)
	}
	switch {
	case a == b:
		return match
	case ends(a, b):
		return widens
	case ends(b, a):
		return narrows
	}
	return apart
}

func javaMailWithin(a, b string) relation {
	ends := func(long, short string) bool {
		return strings.HasSuffix(long, short) && !strings.Contains(short, "@") && len(long) > len(short) &&
			(strings.HasPrefix(short, ".") || long[len(long)-len(short)-1] == '@')
	}
	switch {
	case a == b:
		return match
	case ends(a, b):
		return widens
	case ends(b, a):
		return narrows
	}
	return apart
}

// javaURIHost is the host of a URI; a constraint is a host already.
func javaURIHost(uri string) string {
	if _, rest, ok := strings.Cut(uri, "://"); ok {
		uri = rest
		if end := strings.IndexAny(uri, "/?#"); end >= 0 {
			uri = uri[:end]
		}
		uri = uri[strings.LastIndexByte(uri, '@')+1:]
		uri, _, _ = strings.Cut(uri, ":")
	}
	return lowerASCII(uri)
}

func javaHostWithin(a, b string) relation {
	r := javaWithin(strings.TrimPrefix(a, "."), strings.TrimPrefix(b, "."), '.')
	aDomain, bDomain := strings.HasPrefix(a, "."), strings.HasPrefix(b, ".")
	switch {
	case a == b:
		return match
	case !aDomain && !bDomain && (r == widens || r == narrows):
		return apart
	case aDomain && !bDomain && r == match:
		return widens
	case bDomain && !aDomain && r == match:
		return narrows
	}
	return r
}

func javaNameWithin(a, b string) relation {
	switch {
	case a == b:
		return match
	case b == "" || strings.HasPrefix(a, b+"\x00"):
		return widens
	case a == "" || strings.HasPrefix(b, a+"\x00"):
		return narrows
	}
	return apart
}

// javaAddressWithin: an address, or a network with its mask.
func javaAddressWithin(a, b []byte) relation {
	switch {
	case bytes.Equal(a, b):
		return match
	case len(a) == 2*len(b):
		if ipContains(a, b) {
			return narrows
		}
	case len(b) == 2*len(a):
		if ipContains(b, a) {
			return widens
		}
	case len(a) == len(b) && (len(a) == 8 || len(a) == 32):
		half := len(a) / 2
		switch {
		case maskWithin(a[half:], b[half:]) && ipContains(a, b[:half]):
			return narrows
		case maskWithin(b[half:], a[half:]) && ipContains(b, a[:half]):
			return widens
		}
	}
	return apart
}

// maskWithin: every bit of wide is set in narrow.
func maskWithin(wide, narrow []byte) bool {
	for i := range wide {
		if wide[i]&narrow[i] != wide[i] {
			return false
		}
	}
	return true
}
