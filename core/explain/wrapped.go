package explain

import (
	"strings"
	"unicode/utf8"

	"mutual/core/expression"
)

// Widths, in characters, between which a text can have been wrapped by a mail program, a chat or a terminal.
const (
	minWidth = 40
	maxWidth = 200
)

// beginning is how a line begins that stands for itself, wherever the one before ended: with a time, a bracket, the
// word that a program puts first, or a step of a stack trace.
var beginning = expression.New(`^\s*(?:[\[<({"'=*>|#}+-]|\d{4}[-/]\d\d|\d{9,}\b|\d\d:\d\d|[a-z]{3} +\d{1,2} \d\d:|[divew] \(\d+|at |\.\.\. |caused by|openssl error|error\b|warning|traceback|file "|depth=|verify |client |socket |new connection|exception|[\w.-]+ +\||i/flutter|e/flutter)`)

// unwrap joins lines that were one. Wrapped at blanks, a line ends where the next word would have gone beyond the
// longest line; cut anywhere, it is exactly as long as others.
func unwrap(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if len(lines) < 2 {
		return s
	}
	width, full := 0, 0
	lengths := make([]int, len(lines))
	for i, l := range lines {
		lengths[i] = utf8.RuneCountInString(strings.TrimRight(l, " \t\r"))
		switch {
		case lengths[i] > width:
			width, full = lengths[i], 1
		case lengths[i] == width:
			full++
		}
	}
	if width < minWidth || width > maxWidth {
		return s
	}
	cut := full > 1 && 5*full >= 2*len(lines)
	var out strings.Builder
	out.WriteString(lines[0])
	for i, l := range lines[1:] {
		before, rest := lengths[i], strings.TrimLeft(l, " \t")
		word, _, _ := strings.Cut(rest, " ")
		switch {
		case cut && before == width && !beginning.MatchString(l):
			out.WriteString(l)
		case rest != "" && before >= minWidth && before+1+utf8.RuneCountInString(word) > width && !beginning.MatchString(l):
			out.WriteString(" " + rest)
		default:
			out.WriteString("\n" + l)
		}
	}
	return out.String()
}
