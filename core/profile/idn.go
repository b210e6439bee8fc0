package profile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// lookup turns names into what is looked up in the DNS (RFC 5891 §5, UTS #46 non-transitional processing).
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false))

// ASCIIHost is a host as the DNS, the server name in the hello and certificates have it: a name with letters outside ASCII
// becomes one of A-labels (RFC 5890 §2.3.2.1), "brücke.example" "xn--brcke-lva.example". What is ASCII already, or no name,
// stays as it is.
func ASCIIHost(host string) string {
	if isASCII(host) {
		return host
	}
	if name, err := lookup.ToASCII(host); err == nil {
		return name
	}
	return host
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}

// checkInternational is checkHost for a name with letters outside ASCII.
func checkInternational(host string) (at int, problem string) {
	if !utf8.ValidString(host) {
		return strings.IndexRune(host, utf8.RuneError), "The name is not UTF-8 text."
	}
	for i, c := range host {
		switch {
		case c == ' ' || c == '\t' || c == '\u00a0':
			return i, "The host name has a space in it."
		case c < utf8.RuneSelf && !isAlphanumeric(byte(c)) && !strings.ContainsRune("-._", c):
			return i, fmt.Sprintf("%q cannot stand in a name.", c)
		case c >= utf8.RuneSelf:
			if _, err := lookup.ToASCII(string(c)); err != nil && !joins(c) {
				return i, fmt.Sprintf("%q cannot stand in a name.", c)
			}
		}
	}
	name, err := lookup.ToASCII(host)
	if err != nil || !isASCII(name) {
		return 0, fmt.Sprintf("The name %q cannot be written in the letters of the DNS (RFC 5891).", host)
	}
	if _, problem := checkLabels(name); problem != "" {
		return 0, problem
	}
	return 0, ""
}

// joins says that c means something only beside other letters: marks, joiners and the full stops of other scripts.
func joins(c rune) bool {
	return unicode.In(c, unicode.Mark, unicode.Join_Control) || strings.ContainsRune("\u3002\uff0e\uff61", c) // UTS #46 §2.3
}
