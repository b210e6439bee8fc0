package acme

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/idna"

	"mutual/core/pki"
)

// NameError is returned for what cannot be a certificate's name, or a record's; empty: none is given.
type NameError struct{ Name, Why string }

func (e *NameError) Error() string {
	if e.Name == "" {
		return "no name is given"
	}
	return fmt.Sprintf("%q %s", e.Name, e.Why)
}

// KeyTypeError is returned for a kind of key that is not known here.
type KeyTypeError struct{ KeyType pki.KeyAlgorithm }

func (e *KeyTypeError) Error() string { return fmt.Sprintf("no kind of key is called %q", e.KeyType) }

// ProofError says that a name cannot be proved in the way that was chosen, whatever the authority.
type ProofError struct{ Name, Type, Why string }

func (e *ProofError) Error() string {
	return fmt.Sprintf("preparing the order: %s cannot be proved by %s: %s", e.Name, e.Type, e.Why)
}

// provable says what stands against proving name by a challenge of that type.
func provable(name, challenge string) error {
	switch {
	case challenge == HTTP01 && strings.HasPrefix(name, "*."): // RFC 8555 §8.3; the CA/Browser Forum's Baseline Requirements 3.2.2.4.19
		return &ProofError{name, challenge, "a wildcard takes a DNS record"}
	case challenge == DNS01 && net.ParseIP(name) != nil: // RFC 8738 §7
		return &ProofError{name, challenge, "an address has no record of its own; " + HTTP01 + " proves it"}
	}
	return nil
}

// Bounds of a name (RFC 1035 §2.3.4), in octets of its text without the closing dot.
const (
	maxLabel = 63
	maxName  = 253
)

// orderName checks one name and brings it into the form of RFC 8555 §7.1.4.
func orderName(s string) (string, error) {
	s = withoutDot(strings.TrimSpace(s))
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
		return "", fmt.Errorf("preparing the order: %w", &NameError{})
	case why == "" && strings.Contains(host, "_"):
		why = "has an underscore, which no certificate's name may have"
	case why == "" && (err != nil || !strings.Contains(ascii, ".")):
		why = "is not a full domain name"
	}
	if why != "" {
		return "", fmt.Errorf("preparing the order: %w", &NameError{s, why})
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
	s = withoutDot(strings.TrimSpace(s))
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
