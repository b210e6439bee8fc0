package report

import (
	"net/netip"
	"strings"
	"unicode"

	"mutual/core/expression"
)

// maskedNote says what a masked report hides and what it does not.
const maskedNote = "Names of hosts, IP addresses, e-mail addresses, client identifiers, the folders of files, and the " +
	"fingerprints of the broker's and the client's own certificates are masked: the same stand-in is the same thing everywhere. " +
	"Names of organisations and authorities, names of files, dates and port numbers are not masked."

// mask puts stand-ins in the place of what leads to a place or a person, the same one for the same thing everywhere in
// a report. Stand-ins are of the kind of what they stand for, so that sentences stay readable: names under .example
// (RFC 2606 §2), addresses of the documentation blocks (RFC 5737, RFC 3849).
type mask struct {
	folders  []standIn         // paths, the longest first: replaced wherever they stand
	literals []standIn         // client identifiers and the like, the longest first: replaced as whole words
	names    map[string]string // host names, in lower case
	parts    []standIn         // host names with a dot, the longest first: replaced also within longer words
	ips      map[netip.Addr]string
	files    map[string]bool // names of the user's files, which may look like host names
	digests  map[string]bool // identifiers of authorities, which stay
	original map[string]bool // whatever is masked, so that no stand-in is another thing's real name

	hosts, v4, v6, clients int // stand-ins given out
}

type standIn struct{ from, to string }

// mostParts bounds the names that are looked for within words. A certificate may hold thousands of names; each of them
// is still masked where it stands alone.
const mostParts = 500

var (
	// hexName is a name, or a value in one, that RFC 4514 writes as hex because nobody knows its type.
	hexName = expression.New(`#[0-9a-fA-F]{6,}`)
	// dump is a row of bytes, as "48 54 54 50".
	dump = expression.New(`\b([0-9a-fA-F]{2}(?: [0-9a-fA-F]{2}){3})(?: [0-9a-fA-F]{2})+\b`)
	// digest is a fingerprint or key identifier: a certificate can be looked up by it.
	digest = expression.New(`\b(?:[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){7,}|[0-9a-fA-F]{24,})\b`)
	// mail is an address, as far as is needed to find its first half.
	mail = expression.New(`[\pL\pN._%+-]+@([\pL\pN-]+(?:\.[\pL\pN-]+)*)`)
)

// text is s with stand-ins. A nil mask changes nothing.
func (m *mask) text(s string) string {
	if m == nil || s == "" {
		return s
	}
	for _, f := range m.folders {
		s = strings.ReplaceAll(s, f.from, f.to)
	}
	for _, l := range m.literals {
		s = replaceWord(s, l)
	}
	s = hexName.ReplaceAllString(s, "#…")
	s = dump.ReplaceAllString(s, "$1 …")
	s = digest.ReplaceAllStringFunc(s, func(d string) string {
		if m.digests[plainHex(d)] {
			return d
		}
		return "(masked)"
	})
	s = mail.ReplaceAllStringFunc(s, func(address string) string {
		_, host, _ := strings.Cut(address, "@")
		return "somebody@" + host
	})
	return m.words(s)
}

// words replaces names and addresses, word by word.
func (m *mask) words(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexFunc(s, inWord)
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		n := strings.IndexFunc(s, func(r rune) bool { return !inWord(r) })
		if n < 0 {
			n = len(s)
		}
		b.WriteString(m.word(s[:n], b.String(), s[n:]))
		s = s[n:]
	}
	return b.String() + s
}

// inWord: a letter, a digit or what stands within names and addresses.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_.:%", r)
}

// word replaces one word; before and after are what stands around it.
func (m *mask) word(w, before, after string) string {
	core := strings.TrimRight(w, ".:-_%")
	tail := w[len(core):]
	if out, ok := m.address(core); ok {
		return out + tail
	}
	if strings.HasPrefix(tail, "::") { // "2001:db8::"
		if out, ok := m.address(core + "::"); ok {
			return out + tail[2:]
		}
	}
	lead := core[:len(core)-len(strings.TrimLeft(core, ".:-_%"))]
	core = core[len(lead):]
	port := ""
	if i := strings.LastIndexByte(core, ':'); i > 0 && digits(core[i+1:]) {
		core, port = core[:i], core[i:]
		if out, ok := m.address(core); ok {
			return lead + out + port + tail
		}
	}
	return lead + m.name(core, before, port+tail+after) + port + tail
}

// name replaces a host name, also as a part of a longer word.
func (m *mask) name(core, before, after string) string {
	key := lower(core)
	if out, ok := m.names[key]; ok {
		if m.ours(core, before, after) {
			return core
		}
		return out
	}
	for _, p := range m.parts {
		for i := strings.Index(key, p.from); i >= 0; i = strings.Index(key, p.from) {
			core = core[:i] + p.to + core[i+len(p.from):]
			key = key[:i] + strings.Repeat("\x00", len(p.to)) + key[i+len(p.from):]
		}
	}
	return m.pieces(core)
}

// pieces replaces host names without a dot where they are a part of a word: "localhost.pem", "gateway-ca.crt".
func (m *mask) pieces(word string) string {
	if !strings.ContainsAny(word, "-_.:") {
		return word
	}
	var b strings.Builder
	for rest := word; ; {
		i := strings.IndexAny(rest, "-_.:")
		piece := rest
		if i >= 0 {
			piece = rest[:i]
		}
		if out, ok := m.names[lower(piece)]; ok && !vocabulary[lower(piece)] {
			piece = out
		}
		b.WriteString(piece)
		if i < 0 {
			return b.String()
		}
		b.WriteByte(rest[i])
		rest = rest[i+1:]
	}
}

// vocabulary are words of this program's own sentences that are host names as well in some networks: "broker", "mqtt".
// Replacing them everywhere would spoil the sentences, and would show the name by the places where it does not fit.
var vocabulary = map[string]bool{
	"broker": true, "server": true, "client": true, "mqtt": true, "mqtts": true, "ws": true, "wss": true, "tls": true, "ca": true, "root": true,
	"host": true, "mosquitto": true, "emqx": true, "openssl": true, "java": true, "gnutls": true, "mbedtls": true, "go": true, "node": true,
	"proxy": true, "port": true, "gateway": true, "name": true, "certificate": true, "network": true, "computer": true, "mutual": true,
}

var article = expression.New(`(?i)\b(the|a|an|this|that|your|its|each|every|another|other|no|of|with|by|from|plain|speaks?) $`)

// ours says whether a word that is also a host name is a word of our own here.
func (m *mask) ours(core, before, after string) bool {
	if !vocabulary[lower(core)] {
		return false
	}
	return strings.HasPrefix(after, "://") || core != lower(core) || article.MatchString(before[max(0, len(before)-12):])
}

// address replaces an IP address, known or not: error texts name resolvers and local addresses, too.
func (m *mask) address(s string) (string, bool) {
	ip, err := netip.ParseAddr(s)
	if err != nil || !strings.ContainsAny(s, ".:") {
		return "", false
	}
	if out, ok := m.ips[ip.WithZone("").Unmap()]; ok {
		return out, true
	}
	// 2.5.4.x and 2.5.29.x are object identifiers of names and extensions (X.520, RFC 5280), unless seen as an address.
	if strings.HasPrefix(s, "2.5.29.") || strings.HasPrefix(s, "2.5.4.") {
		return "", false
	}
	return m.addIP(ip), true
}

// replaceWord replaces l.from where it is not a part of a longer word.
func replaceWord(s string, l standIn) string {
	if !strings.Contains(s, l.from) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, l.from)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(l.from)
		edge := func(inside, outside byte) bool { return !letterOrDigit(inside) || !letterOrDigit(outside) }
		whole := (i == 0 || edge(s[i], s[i-1])) && (end == len(s) || edge(s[end-1], s[end]))
		b.WriteString(s[:i])
		if whole {
			b.WriteString(l.to)
		} else {
			b.WriteString(l.from)
		}
		s = s[end:]
	}
}

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// lower is ASCII's lower case: host names are compared so (RFC 4343), and no length changes.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func plainHex(s string) string { return lower(strings.ReplaceAll(s, ":", "")) }
