package explain

import (
	"strings"
	"sync"
	"unicode/utf8"

	"mutual/core/expression"
)

// maxText bounds what is read. An error is in the first lines; a whole day's log is not what is pasted.
const maxText = 64 << 10

// text is what was pasted, made even: lower case, one kind of quote, one blank between words, escapes undone.
type text struct {
	s        string
	speakers map[int]speaker // by start of line
	all      speaker         // of the whole text, once weighed
	weighed  bool
}

var (
	colours = expression.New("\x1b\\[[0-9;]*m|\\[[0-9]+(?:;[0-9]+)*m")
	blanks  = expression.New(`[ \t\r\f\v]+`)
	escapes = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, " ", `\"`, `"`, `\'`, `'`, `\u0027`, `'`, `\u003c`, `<`, `\u003e`, `>`, `\\`, `\`, `\/`, `/`)
	quotes  = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "“", `"`, "”", `"`, " ", " ", "‑", "-", "–", "-", "&quot;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "\x00", "")
)

func newText(s string) *text {
	if len(s) > maxText {
		s = s[:maxText]
	}
	s = strings.ToValidUTF8(s, "")
	s = strings.ToLower(quotes.Replace(s))
	s = escapes.Replace(s)
	s = colours.ReplaceAllString(s, "")
	s = unwrap(s)
	s = blanks.ReplaceAllString(s, " ")
	return &text{s: s, speakers: map[int]speaker{}}
}

// line returns the line around a place, and where it starts.
func (t *text) line(at int) (string, int) {
	start := strings.LastIndexByte(t.s[:at], '\n') + 1
	end := strings.IndexByte(t.s[at:], '\n')
	if end < 0 {
		return t.s[start:], start
	}
	return t.s[start : at+end], start
}

// around returns up to n bytes on both sides of a place.
func (t *text) around(at, n int) string {
	from, to := max(0, at-n), min(len(t.s), at+n)
	for from > 0 && !utf8.RuneStart(t.s[from]) {
		from--
	}
	for to < len(t.s) && !utf8.RuneStart(t.s[to]) {
		to++
	}
	return t.s[from:to]
}

// signatures are all families, made ready on first use: a program that never explains need not wait for them.
var signatures = sync.OnceValue(func() []matcher {
	return compile(opensslLibrary(), nodeSignatures(), pythonSignatures(), javaSignatures(), goSignatures(), mosquittoSignatures(),
		erlangSignatures(), gnutlsSignatures(), mbedtlsSignatures(), curlSignatures(), windowsSignatures(), appleSignatures(), rustlsSignatures(), browserSignatures(), bearsslSignatures(), wolfsslSignatures(), bareVerdicts(), generalSignatures(),
		networkSignatures(), protocolSignatures(), fileSignatures(), mqttSignatures())
})

// find returns every hit of every signature.
func (t *text) find() []hit {
	var hits []hit
	for _, m := range signatures() {
		hits = append(hits, m.find(t)...)
	}
	hits = append(hits, t.names()...)
	hits = append(hits, t.verifyErrors()...)
	hits = append(hits, t.alerts()...)
	hits = append(hits, t.mbedtlsCodes()...)
	hits = append(hits, t.mbedtlsFlags()...)
	hits = append(hits, t.appleCodes()...)
	hits = append(hits, t.reasonCodes()...)
	return hits
}
