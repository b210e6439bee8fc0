package acme

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
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

// explain turns an error of a request into one that says what to do; others are returned with what was being done.
func (t *transport) explain(doing string, err error, now time.Time) error {
	if err == nil {
		return nil
	}
	var details *lego.ProblemDetails
	if errors.As(err, &details) {
		p := newProblem(details)
		var limited *lego.RateLimitedError
		if errors.As(err, &limited) {
			p.RetryAt = retryAt(limited.RetryAfter, now)
		}
		if p.RetryAt.IsZero() {
			p.RetryAt = retryIn(p.Detail)
		}
		return fmt.Errorf("%s: %w", doing, p)
	}
	host, status := t.last()
	var other *json.SyntaxError
	switch {
	case errors.As(err, &other) && (status >= http.StatusInternalServerError || status == http.StatusTooManyRequests):
		// The front of an authority in trouble answers with a page.
		return fmt.Errorf("%s: %w", doing, &Problem{Status: status, RetryAt: retryAt(t.retryAfter(), now),
			Detail: fmt.Sprintf("%s answers with the HTTP status %s", host, statusText(status)),
			Advice: "It has trouble of its own, or something in between has, such as a proxy: try again later."})
	case errors.As(err, &other), strings.HasPrefix(err.Error(), noSuchDirectory):
		// What answered is quoted whole in err, which may be a page of HTML.
		return fmt.Errorf("%s: %w", doing, &StrangeAnswerError{status})
	case strings.HasPrefix(err.Error(), otherNames):
		return fmt.Errorf("%s: the authority answers with an order for other names than were asked for; try again, or choose another authority", doing)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%s: %w", doing, &NetworkError{Host: host, Advice: reachable, Err: brokenOff(err)})
	}
	err = explainNetwork(err)
	var network *NetworkError
	if errors.As(err, &network) && strings.HasPrefix(network.Host, "/") {
		network.Host = host // after a redirection there is only the path
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// noSuchDirectory begins lego's sentence for an object that lacks what RFC 8555 §7.1.1 asks for.
const noSuchDirectory = "directory missing"

// otherNames begins lego's sentence for an order whose identifiers are not those of the request (RFC 8555 §7.4).
const otherNames = "order identifiers have been modified"

// worded is an error in words for people.
type worded struct {
	text string
	err  error
}

func (e worded) Error() string { return e.text }
func (e worded) Unwrap() error { return e.err }

// brokenOff is a connection that ended too early.
func brokenOff(err error) error {
	return worded{"the connection ended before the answer was whole", err}
}

// StrangeAnswerError says that what answered does not speak RFC 8555.
type StrangeAnswerError struct{ Status int } // of HTTP

func (e *StrangeAnswerError) Error() string {
	text := "what answers is no authority"
	if e.Status >= http.StatusBadRequest {
		text += " (HTTP status " + statusText(e.Status) + ")"
	}
	return text + ": see that the directory's address is right, and whether something in between answers in its place, such as a proxy, or the sign-in page of a network"
}

// newProblem takes the sub-problem where there is one: it is what names the culprit.
func newProblem(d *lego.ProblemDetails) *Problem {
	p := &Problem{Type: typeOf(d.Type), Detail: d.Detail, Status: d.HTTPStatus}
	kinds := []string{p.Type}
	if len(d.SubProblems) > 0 {
		kinds = kinds[:0]
	}
	var all []string
	for _, sub := range d.SubProblems {
		kind := typeOf(sub.Type)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(sub.Identifier.Value+": "+sub.Detail, ": "), "."))
	}
	switch len(d.SubProblems) {
	case 0:
	case 1:
		sub := d.SubProblems[0]
		p.Detail, p.Name = sub.Detail, sub.Identifier.Value
		fallthrough
	default:
		if kinds[0] != "" {
			p.Type = kinds[0]
		}
		if len(d.SubProblems) > 1 {
			p.Detail = strings.Join(all, "; ")
		}
	}
	said := p.Detail != ""
	if !said {
		p.Detail = "The authority answered " + cmp.Or(p.Type, statusText(p.Status)) + " and gives no reason"
	}
	p.Advice = adviceFor(kinds, d, said)
	return p
}

// typeOf is the last part of RFC 8555 §6.7's names; empty where the document has none of its own (RFC 9457 §4.2.1).
func typeOf(name string) string {
	if name == "about:blank" {
		return ""
	}
	return strings.TrimPrefix(name, problemPrefix)
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

// reachable is what to do about a host that does not answer.
const reachable = "See whether this computer reaches it, perhaps through a proxy (HTTPS_PROXY)."

func explainNetwork(err error) error {
	var at *url.Error
	if !errors.As(err, &at) || errors.Is(err, context.Canceled) {
		return err
	}
	host := at.URL
	if u, parseErr := url.Parse(at.URL); parseErr == nil && u.Host != "" {
		host = u.Host
	}
	cause := at.Err
	switch {
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF):
		cause = brokenOff(cause)
	case errors.Is(cause, context.DeadlineExceeded):
		cause = worded{"it did not answer in time", cause}
	}
	var unknown x509.UnknownAuthorityError
	var expired x509.CertificateInvalidError
	var noName *net.DNSError
	text := reachable
	switch {
	case errors.As(err, &unknown):
		text = "Its certificate is from an authority that is not trusted here: give its CA file, or see whether something in between inspects TLS."
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		text = fmt.Sprintf("Its certificate is valid from %s to %s, and this computer's clock shows %s: if that is wrong, set the clock.",
			clock(expired.Cert.NotBefore), clock(expired.Cert.NotAfter), clock(time.Now()))
	case errors.As(err, &noName):
		text = "The name could not be looked up: see whether this computer is online."
	}
	return &NetworkError{Host: host, Advice: text, Err: cause}
}

// statusText is an HTTP status as people know it ("503 Service Unavailable").
func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
