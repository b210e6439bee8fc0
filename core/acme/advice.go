package acme

import (
	"slices"
	"strings"

	lego "github.com/go-acme/lego/v4/acme"
)

// advice is what to do about each type of problem of RFC 8555 §6.7, RFC 8738, RFC 9773 and the profiles draft.
var advice = map[string]string{
	"accountDoesNotExist":     "The account is unknown to this authority: the next order opens a new one.",
	"alreadyReplaced":         "The certificate has been renewed already: look whether its successor is in use.",
	"alreadyRevoked":          "The certificate is revoked; there is nothing left to do.",
	"badCSR":                  "Choose another key type or other names: the authority does not sign this request.",
	"badNonce":                "Try again: too many requests were told that they came late.",
	"badPublicKey":            "Choose another key type.",
	"badRevocationReason":     "Choose another reason.",
	"badSignatureAlgorithm":   "Make a new account, with another key.",
	"caa":                     "A CAA record of the domain does not allow this authority: add one with its name, or choose another authority.",
	"connection":              "The authority could not reach this name: see that port 80 leads to this computer, or prove the name by DNS-01.",
	"dns":                     "The authority's resolver found no answer: see that the domain is delegated and its name servers answer from everywhere (DNSSEC too).",
	"externalAccountRequired": "Get a key identifier and an HMAC key from this authority's customer pages, and enter both.",
	"incorrectResponse":       "Something else answers at the challenge's name: see that nothing in front of it changes the answer.",
	"invalidContact":          "Mend the e-mail address.",
	"invalidProfile":          "Choose one of the profiles that this authority offers.",
	"malformed":               "Try again; if it comes again, begin a new order.",
	"orderNotReady":           "Try again in a minute.",
	"rateLimited":             "Wait for the next allowed time; for trying things out, use the staging directory, whose limits are wide.",
	"rejectedIdentifier":      "The authority does not certify this name: it must be a public name of yours.",
	"serverInternal":          "The authority has trouble of its own: try again later.",
	"tls":                     "See which certificate the server at this name presents.",
	"unauthorized":            "See that the record is in the zone that the domain is delegated to, and that no older one is in the way.",
	"unsupportedContact":      "Use an e-mail address.",
	"unsupportedIdentifier":   "The authority does not certify this kind of name; IP addresses need Let's Encrypt's shortlived profile.",
	"userActionRequired":      "Read and accept the authority's terms of service.",
}

// adviceFor is what to do about problems of each of the kinds.
func adviceFor(kinds []string, d *lego.ProblemDetails, said bool) string {
	var list []string
	for _, kind := range kinds {
		text := advice[kind]
		switch {
		case kind == "malformed" && len(d.SubProblems) > 0:
			text = "See that the name is written as it should be."
		case kind == "userActionRequired" && d.Instance != "":
			text = "Go to " + d.Instance + ", do what the authority asks for there, and try again."
		}
		if text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	switch {
	case len(list) > 0:
		return strings.Join(list, " ")
	case said:
		return "The authority's sentence says what it minds."
	}
	return "Try again later."
}
