package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	lego "github.com/go-acme/lego/v4/acme"

	"mutual/core/remote"
)

// explain turns an error of a request into one that says what to do.
func (c *client) explain(doing string, err error, now time.Time) error {
	return c.explainOf(doing, err, now, "")
}

// explainOf does so for one of the certificate's names.
func (c *client) explainOf(doing string, err error, now time.Time, name string) error {
	explained := c.transport.explain(doing, err, now)
	var p *Problem
	if !errors.As(explained, &p) {
		return explained
	}
	if name != "" {
		p.Name = name
	} else if p.RetryAt.IsZero() {
		p.RetryAt = retryAt(c.transport.retryAfter(), now)
	}
	if terms := c.GetDirectory().Meta.TermsOfService; p.Type == "userActionRequired" && p.Advice == advice[p.Type] && terms != "" {
		p.Advice = "Read the authority's terms of service, " + terms + ", and agree to them."
	}
	if name == "" && p.Type == "unauthorized" {
		p.Advice = "The authority does not let this account do it: where the account is no longer good, remove its folder under accounts, and the next try opens another."
	}
	if ids := c.GetDirectory().Meta.CaaIdentities; p.Type == "caa" && len(ids) > 0 {
		p.Advice = fmt.Sprintf("A CAA record of the domain does not allow this authority: add one with its name (CAA 0 issue %q), or choose another authority.", ids[0])
	}
	return fmt.Errorf("%s: %w", doing, p)
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
			Detail: fmt.Sprintf("%s answers with the HTTP status %s", host, remote.Status(status)),
			Advice: "It has trouble of its own, or something in between has, such as a proxy: try again later."})
	case errors.As(err, &other), strings.HasPrefix(err.Error(), noSuchDirectory):
		// What answered is quoted whole in err, which may be a page of HTML.
		return fmt.Errorf("%s: %w", doing, &strangeAnswerError{status})
	case strings.HasPrefix(err.Error(), otherNames):
		return fmt.Errorf("%s: the authority answers with an order for other names than were asked for; try again, or choose another authority", doing)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		err = &url.Error{URL: host, Err: err} // the answer is read behind net/http's back, which would say so
	}
	err = remote.Explain(err)
	var network *remote.NetworkError
	if errors.As(err, &network) && strings.HasPrefix(network.Host, "/") {
		network.Host = host // after a redirection there is only the path
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// noSuchDirectory begins lego's sentence for an object that lacks what RFC 8555 §7.1.1 asks for.
const noSuchDirectory = "directory missing"

// otherNames begins lego's sentence for an order whose identifiers are not those of the request (RFC 8555 §7.4).
const otherNames = "order identifiers have been modified"

// strangeAnswerError says that what answered does not speak RFC 8555.
type strangeAnswerError struct{ Status int } // of HTTP

func (e *strangeAnswerError) Error() string {
	text := "what answers is no authority"
	if e.Status >= http.StatusBadRequest {
		text += " (HTTP status " + remote.Status(e.Status) + ")"
	}
	return text + ": see that the directory's address is right, and whether something in between answers in its place, such as a proxy, or the sign-in page of a network"
}
