package acme

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/expression"
)

// Problem is what the authority said against a request, in its own words, with what to do about it.
type Problem struct {
	Type   string // "rateLimited", "caa", "dns", …: the last part of RFC 8555 §6.7's names
	Detail string // the authority's own sentence
	Name   string // the name it is about, where it says one
	Advice string // a sentence: what to do next
	// RetryAt is when the authority allows the next try; zero where it does not say.
	RetryAt time.Time
	Status  int // of HTTP; 0 where the problem is an authorization's
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.Name != "" {
		b.WriteString(p.Name + ": ")
	}
	b.WriteString(strings.TrimSuffix(p.Detail, "."))
	b.WriteString(". ")
	b.WriteString(p.Advice)
	if !p.RetryAt.IsZero() {
		b.WriteString(" The next try is allowed at " + p.RetryAt.Local().Format("2006-01-02 15:04:05 MST") + ".")
	}
	return strings.TrimSpace(b.String())
}

const problemPrefix = "urn:ietf:params:acme:error:"

// advice is what to do about each type of problem of RFC 8555 §6.7, RFC 8738, RFC 9773 and the profiles draft.
var advice = map[string]string{
	"accountDoesNotExist":     "The account is unknown to this authority: a new one is made at the next try.",
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

// explain turns an error of a request into one that says what to do; others are returned with what was being done.
func explain(doing string, err error, now time.Time) error {
	if err == nil {
		return nil
	}
	var limited *lego.RateLimitedError
	if errors.As(err, &limited) {
		p := newProblem(limited.ProblemDetails)
		if p.RetryAt = retryAt(limited.RetryAfter, now); p.RetryAt.IsZero() {
			p.RetryAt = retryIn(p.Detail)
		}
		return fmt.Errorf("%s: %w", doing, p)
	}
	var details *lego.ProblemDetails
	if errors.As(err, &details) {
		p := newProblem(details)
		p.RetryAt = retryIn(p.Detail)
		return fmt.Errorf("%s: %w", doing, p)
	}
	var other *json.SyntaxError
	if errors.As(err, &other) {
		// What answered is quoted whole in err, which may be a page of HTML.
		return fmt.Errorf("%s: %w", doing, errNoAuthority)
	}
	return fmt.Errorf("%s: %w", doing, explainNetwork(err))
}

var errNoAuthority = errors.New("what answers is no authority: see that the directory's address is right, and whether something in between answers in its place, such as a proxy, or the sign-in page of a network")

// newProblem takes the sub-problem where there is one: it is what names the culprit.
func newProblem(d *lego.ProblemDetails) *Problem {
	p := &Problem{Type: strings.TrimPrefix(d.Type, problemPrefix), Detail: d.Detail, Status: d.HTTPStatus}
	for _, sub := range d.SubProblems {
		if t := strings.TrimPrefix(sub.Type, problemPrefix); t != "" {
			p.Type, p.Detail, p.Name = t, sub.Detail, sub.Identifier.Value
			break
		}
	}
	if len(d.SubProblems) > 1 {
		var all []string
		for _, sub := range d.SubProblems {
			all = append(all, strings.TrimSuffix(sub.Identifier.Value+": "+sub.Detail, "."))
		}
		p.Detail, p.Name = strings.Join(all, "; "), ""
	}
	p.Advice = advice[p.Type]
	if p.Advice == "" {
		p.Advice = "The authority's sentence says what it minds."
	}
	if p.Detail == "" {
		p.Detail = "the authority answered " + p.Type
	}
	return p
}

// retryTime is how Let's Encrypt's sentences name the next try ("…, retry after 2026-12-01 10:00:00 UTC: see https://…").
var retryTime = expression.New(`retry after (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC`)

// retryIn reads the time of the next try from the authority's sentence; zero where it names none.
func retryIn(detail string) time.Time {
	m := retryTime.FindStringSubmatch(detail)
	if m == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.DateTime, m[1])
	if err != nil {
		return time.Time{}
	}
	return at
}

// retryAt reads Retry-After: seconds or a date (RFC 9110 §10.2.3).
func retryAt(s string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && seconds >= 0 {
		return now.Add(time.Duration(min(seconds, 90*24*3600)) * time.Second)
	}
	if t, err := http.ParseTime(s); err == nil {
		return t
	}
	return time.Time{}
}

// NetworkError is trouble on the way to a service, with what to do about it.
type NetworkError struct {
	Host   string
	Advice string
	Err    error
}

func (e *NetworkError) Error() string { return e.Host + ": " + e.Err.Error() + ". " + e.Advice }
func (e *NetworkError) Unwrap() error { return e.Err }

func explainNetwork(err error) error {
	var at *url.Error
	if !errors.As(err, &at) || errors.Is(err, context.Canceled) {
		return err
	}
	host := at.URL
	if u, parseErr := url.Parse(at.URL); parseErr == nil {
		host = u.Host
	}
	var unknown x509.UnknownAuthorityError
	var expired x509.CertificateInvalidError
	var noName *net.DNSError
	text := "See whether this computer reaches it, perhaps through a proxy (HTTPS_PROXY)."
	switch {
	case errors.As(err, &unknown):
		text = "Its certificate is from an authority that is not trusted here: give its CA file, or see whether something in between inspects TLS."
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		text = fmt.Sprintf("Its certificate is valid from %s to %s, and this computer's clock shows %s: if that is wrong, set the clock.",
			clock(expired.Cert.NotBefore), clock(expired.Cert.NotAfter), clock(time.Now()))
	case errors.As(err, &noName):
		text = "The name could not be looked up: see whether this computer is online."
	}
	return &NetworkError{Host: host, Advice: text, Err: at.Err}
}
