package pki

import (
	"html"
	"io"
	"mime/quotedprintable"
	"strconv"
	"strings"

	"mutual/core/expression"
)

// What source code, data formats and mail make of a PEM text is undone here, before the text is searched for blocks. Each
// step looks first for what only its writer leaves behind.

var (
	// hexEscape is a character as JSON and JavaScript (\u000a), C and Python (\x0a) write it.
	hexEscape = expression.New(`\\(?:u00|x)([0-9A-Fa-f]{2})`)
	// percentBegin is the beginning of a block in a URL or a form (RFC 3986 §2.1; in forms a space is a plus sign).
	percentBegin  = expression.New(`BEGIN(?:%20|\+)[A-Z0-9]`)
	percentEscape = expression.New(`%([0-9A-Fa-f]{2})`)
	// quotedPair is a character of RFC 2045 §6.7: a line end, or the equals sign itself.
	quotedPair = expression.New(`=(?:0A|0D|3D)`)
	entity     = expression.New(`&(?:#[0-9xX]|nbsp;|quot;|lt;|gt;)`)
	tag        = expression.New(`</?[A-Za-z][A-Za-z0-9]*(?:[ \t][^<>\n]{0,200})?/?>`)
	// joint is where source code goes from one string on to the next: closing quotation mark, an operator or none, line
	// continuations, a prefix of the next string (b, r, u, L, @), its quotation mark.
	joint = expression.New("[\"'`][ \\t\\n\\\\_]*(?:(?:\\+|\\.\\.?|&|\\|\\|)(?:[ \\t\\n\\\\_+&]|vb[A-Za-z]{2,7})*)?(?:[bBrRuULf@$]|u8|br|rb)?[\"'`]")
)

// unwritten undoes line ends and other characters that are written out. escaped says whether there were any.
func unwritten(text string) (out string, escaped bool) {
	if percentBegin.MatchString(text) {
		if strings.Contains(text, "BEGIN+") {
			text = strings.ReplaceAll(text, "+", " ")
		}
		text, escaped = unhex(percentEscape.ReplaceAllStringFunc, text, 1), true
	}
	if !strings.Contains(text, "BEGIN ") {
		return text, escaped
	}
	if quotedPair.MatchString(text) {
		if plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text))); err == nil {
			text, escaped = string(plain), true
		}
	}
	if entity.MatchString(text) {
		text, escaped = html.UnescapeString(text), true
	}
	if hexEscape.MatchString(text) {
		text, escaped = unhex(hexEscape.ReplaceAllStringFunc, text, -2), true
	}
	if strings.Contains(text, `\n`) {
		text, escaped = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n").Replace(text), true
	}
	return text, escaped
}

// unhex puts the character in the place of its two digits, which begin at from, or where that is negative, before the end.
func unhex(replace func(string, func(string) string) string, text string, from int) string {
	return replace(text, func(escape string) string {
		digits := escape[max(from, 0):]
		if from < 0 {
			digits = escape[len(escape)+from:]
		}
		n, err := strconv.ParseUint(digits, 16, 8)
		if err != nil {
			return escape
		}
		return string([]byte{byte(n)})
	})
}

// unquoted takes the text out of the strings of source code and the elements of web pages. It wants \n for line ends.
func unquoted(text string) (out string, quoted bool) {
	if !strings.Contains(text, "BEGIN ") {
		return text, false
	}
	if strings.Contains(text, "<") {
		plain := tag.ReplaceAllString(text, "\n")
		text, quoted = plain, plain != text
	}
	if strings.ContainsAny(text, "\"'`") {
		plain := joint.ReplaceAllString(text, "\n")
		text, quoted = plain, quoted || plain != text
	}
	return text, quoted
}

// maxPrefix is the longest text, in bytes, that is taken for what an editor or a comment puts before each line.
const maxPrefix = 8

// lineNumber is what listings put before a line.
var lineNumber = expression.New(`^[ \t]*[0-9]{1,5}[.:|)]?(?:[ \t]+|$)`)

// withoutPrefix takes from the lines of body what stands before their BEGIN mark: the sign of a comment or of a quotation, or a line
// number. One line without it, and nothing is changed: it was no prefix.
func withoutPrefix(before, body string) string {
	prefix := strings.TrimSpace(before)
	if prefix == "" || len(prefix) > maxPrefix {
		return body
	}
	numbered := lineNumber.MatchString(before)
	lines := strings.Split(body, "\n")
	for i, line := range lines[1:] {
		rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), prefix)
		if numbered {
			number := lineNumber.FindString(line)
			rest, ok = line[len(number):], number != ""
		}
		if !ok && strings.TrimSpace(line) != "" {
			return body
		}
		lines[i+1] = strings.TrimLeft(rest, " \t")
	}
	return strings.Join(lines, "\n")
}
