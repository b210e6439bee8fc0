package chain

// generalName is one GeneralName: its context tag, and its content.
type generalName struct {
	tag   byte // 0 to 8, RFC 5280 §4.2.1.6
	value []byte
	name  *name // for directoryName
}

const (
	otherName     = 0
	rfc822Name    = 1
	dnsName       = 2
	directoryName = 4
	ediPartyName  = 5
	uriName       = 6
	ipAddress     = 7
	registeredID  = 8
)

func readGeneralNames(body []byte) ([]generalName, bool) {
	all, ok := elements(body)
	if !ok {
		return nil, false
	}
	names := make([]generalName, 0, len(all))
	for _, e := range all {
		g, ok := readGeneralName(e)
		if !ok {
			return nil, false
		}
		names = append(names, g)
	}
	return names, true
}

func readGeneralName(e element) (generalName, bool) {
	g := generalName{tag: e.tag & 0x1f, value: e.body}
	if e.tag&0xc0 != 0x80 || g.tag > registeredID {
		return g, false
	}
	constructed := e.tag&0x20 != 0
	switch g.tag {
	case otherName, 3, ediPartyName, directoryName:
		if !constructed {
			return g, false
		}
	default:
		return g, !constructed
	}
	if g.tag == directoryName {
		inner, rest, ok := readElement(e.body)
		if !ok || len(rest) > 0 {
			return g, false
		}
		n, ok := readName(inner)
		g.name = &n
		return g, ok
	}
	parts, ok := elements(e.body)
	switch {
	case !ok:
		return g, false
	case g.tag == otherName:
		return g, len(parts) == 2 && validOID(parts[0]) && parts[1].tag == 0xa0
	case g.tag == ediPartyName:
		n := len(parts)
		return g, n == 1 && parts[0].tag == 0xa1 || n == 2 && parts[0].tag == 0xa0 && parts[1].tag == 0xa1
	}
	return g, true
}

// readDistribution checks cRLDistributionPoints: each needs a distributionPoint or a cRLIssuer.
func readDistribution(b []byte) bool {
	all, ok := sequence(b)
	if !ok {
		return false
	}
	for _, e := range all {
		parts, ok := elements(e.body)
		if !ok || e.tag != tagSequence || !readPoint(parts) {
			return false
		}
	}
	return true
}

func readPoint(parts []element) bool {
	named, last := false, byte(0)
	for _, p := range parts {
		number := p.tag&0x1f + 1
		if number <= last {
			return false
		}
		last = number
		switch p.tag {
		case 0xa0:
			inner, rest, ok := readElement(p.body)
			if !ok || len(rest) > 0 {
				return false
			}
			named = true
			switch inner.tag {
			case 0xa0:
				_, ok = readGeneralNames(inner.body)
			case 0xa1:
				ok = readRelativeName(inner.body)
			default:
				ok = false
			}
			if !ok {
				return false
			}
		case 0x81:
			if _, ok := bitString(p.body); !ok {
				return false
			}
		case 0xa2:
			names, ok := readGeneralNames(p.body)
			if !ok {
				return false
			}
			named = named || len(names) > 0
		default:
			return false
		}
	}
	return named
}

// readRelativeName checks a nameRelativeToCRLIssuer, which is one relative distinguished name.
func readRelativeName(body []byte) bool {
	all, ok := elements(body)
	if !ok {
		return false
	}
	for _, e := range all {
		pair, ok := elements(e.body)
		if !ok || e.tag != tagSequence || len(pair) != 2 || !validOID(pair[0]) || !valueTag(pair[1].tag) {
			return false
		}
	}
	return true
}
