package nameserver

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/idna"
)

// NameError is returned for what cannot be a certificate's name, or a record's; empty: none is given.
type NameError struct{ Name, Why string }

func (e *NameError) Error() string {
	if e.Name == "" {
		return "no name is given"
	}
	return fmt.Sprintf("%q %s", e.Name, e.Why)
}

// Bounds of a name (RFC 1035 §2.3.4), in octets of its text without the closing dot.
const (
	maxLabel = 63
	maxName  = 253
)

// CertificateName checks a name that a certificate is to have, a wildcard or an IP address too, and brings it into the
// form of RFC 8555 §7.1.4: lower case, A-labels, no closing dot. What cannot be one is a *NameError.
func CertificateName(s string) (string, error) {
	s = Shown(strings.TrimSpace(s))
	if ip := net.ParseIP(s); ip != nil {
		return ip.String(), nil
	}
	host, wildcard := strings.CutPrefix(s, "*.")
	ascii, err := idna.Lookup.ToASCII(host)
	why := misspelt(host)
	if why == "" {
		why = outOfBounds(ascii)
	}
	switch {
	case s == "":
		return "", &NameError{}
	case why == "" && strings.Contains(host, "_"):
		why = "has an underscore, which no certificate's name may have"
	case why == "" && (err != nil || !strings.Contains(ascii, ".")):
		why = "is not a full domain name"
	}
	if why != "" {
		return "", &NameError{s, why}
	}
	if wildcard {
		ascii = "*." + ascii
	}
	return ascii, nil
}

// misspelt says what is in s besides a name, as the rest of a sentence that begins with it; empty: nothing.
func misspelt(s string) string {
	switch {
	case strings.Contains(s, "://"), strings.ContainsAny(s, "/?#@"):
		return "is a whole address; the name stands in it between the slashes"
	case strings.Contains(s, ":"):
		return "has a port, which is no part of the name"
	case strings.ContainsAny(s, ", \t\n;"):
		return "holds white space or a comma; each name is given by itself"
	case strings.Contains(s, "*"):
		return "has a star elsewhere than at its beginning, as in *.example.org"
	}
	return ""
}

// outOfBounds says which bound of the DNS an ASCII name breaks; empty: none.
func outOfBounds(ascii string) string {
	if len(ascii) > maxName {
		return fmt.Sprintf("is longer than a name can be, which is %d characters", maxName)
	}
	for label := range strings.SplitSeq(ascii, ".") {
		switch {
		case label == "" && ascii != "":
			return "has two dots side by side, or one at its beginning"
		case len(label) > maxLabel:
			return fmt.Sprintf("has a part longer than %d characters: %s", maxLabel, label)
		}
	}
	return ""
}

// records takes the names of DNS records, which may have underscores.
var records = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.Transitional(false))

// RecordName checks the name of a DNS record, or of what one leads to, and brings it into the form that the DNS has:
// A-labels, lower case, no closing dot.
func RecordName(s string) (string, error) {
	s = Shown(strings.TrimSpace(s))
	if s == "" {
		return "", &NameError{}
	}
	if net.ParseIP(s) != nil {
		return "", &NameError{s, "is an address; what is wanted is a name"}
	}
	host, wildcard := strings.CutPrefix(s, "*.")
	why := misspelt(host)
	ascii, err := records.ToASCII(host)
	switch {
	case why != "":
	case err != nil || strings.ContainsFunc(ascii, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"\()<>[]{}`, r) }):
		why = "is not a domain name"
	case outOfBounds(ascii) != "":
		why = outOfBounds(ascii)
	case !strings.Contains(ascii, "."):
		why = "is not a full domain name"
	}
	if why != "" {
		return "", &NameError{s, why}
	}
	ascii = strings.ToLower(ascii)
	if wildcard {
		ascii = "*." + ascii
	}
	return ascii, nil
}

// Shown is names of the DNS as sentences have them, with commas in between: a closing dot would read as a full stop.
func Shown(names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, strings.TrimSuffix(n, "."))
	}
	return strings.Join(out, ", ")
}
