package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// APIError is a call that did not succeed, in sentences.
type APIError struct {
	Doing  string // what was being done
	Status int    // of HTTP; 0: there was no answer
	Text   string // what happened, a sentence
	Do     string // what to do next, a sentence
	// Message is the service's own text, when it sent one; at most 200 characters of one line.
	Message string
	// Free is when the call may be made again; zero: it is not known.
	Free time.Time
	Err  error // why there was no answer; may be nil
}

func (e *APIError) Error() string {
	text := e.Doing + ": " + strings.TrimSuffix(e.Text, ".")
	if e.Message != "" {
		text += fmt.Sprintf(" (%q)", e.Message)
	}
	return text
}

func (e *APIError) Unwrap() error { return e.Err }

// refused words an answer that is none of success. The codes are those that the documentation names, and their
// neighbours.
func (a *API) refused(c call, id string, address *url.URL, response *http.Response, answer []byte) error {
	e := &APIError{Doing: c.doing, Status: response.StatusCode, Message: a.message(answer)}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		e.Text = "EMQX does not know this API key and secret."
		e.Do = "Make a Platform API key in the console (a deployment's own API key is another thing), and give key and secret."
	case code == http.StatusForbidden:
		e.Text = fmt.Sprintf("The API key may not do this%s.", to(id))
		e.Do = "Give the key the function TLS and the deployment's project in the console, as root user or administrator."
	case code == http.StatusNotFound:
		e.Text = fmt.Sprintf("There is no deployment %q that this API key can see.", id)
		e.Do = "Give the deployment's ID from its overview in the console, not its name."
		if c.tls {
			e.Text = fmt.Sprintf("The deployment %q, or a certificate of its, is not there.", id)
		}
	case code == http.StatusUnprocessableEntity || code == http.StatusBadRequest:
		e.Text = "EMQX does not take the certificate, chain, key or client CA as they are."
		e.Do = "Look at the checks: key type, order of the chain, the key's certificate, and the days that are left."
	case code == http.StatusTooManyRequests:
		e.Free = a.free(response)
		e.Text = fmt.Sprintf("EMQX takes %d such calls in 60 minutes, and had them.", c.perHour)
		e.Do = "Try again in an hour at the latest."
		if !e.Free.IsZero() {
			e.Do = fmt.Sprintf("Try again after %s.", e.Free.UTC().Format("15:04 UTC"))
		}
	case code >= 300 && code < 400:
		e.Text = fmt.Sprintf("%s points elsewhere, and a private key is not carried there.", address.Host)
		e.Do = "Look at the interface's address in the settings."
	case code >= 500:
		e.Text = fmt.Sprintf("EMQX's interface has trouble of its own (%d).", code)
		e.Do = "Ask what certificate the deployment has before trying again: each try counts."
	default:
		e.Text = fmt.Sprintf("EMQX's interface answered %d %s.", code, http.StatusText(code))
		e.Do = "Look at the interface's address in the settings."
	}
	return e
}

func to(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf(" to deployment %q", id)
}

// message is the service's own text, as long as it holds nothing that was sent to it in confidence.
func (a *API) message(answer []byte) string {
	var o struct{ Message, Error, Reason string }
	if json.Unmarshal(answer, &o) != nil {
		return ""
	}
	for _, text := range []string{o.Message, o.Reason, o.Error} {
		text = strings.Join(strings.Fields(text), " ")
		if text == "" || strings.Contains(text, "PRIVATE KEY") || a.Credentials.Secret != "" && strings.Contains(text, a.Credentials.Secret) {
			continue
		}
		if runes := []rune(text); len(runes) > 200 {
			text = string(runes[:200])
		}
		return text
	}
	return ""
}

// free reads Retry-After, in seconds or as a date (RFC 9110 §10.2.3).
func (a *API) free(response *http.Response) time.Time {
	value := response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 && seconds <= 24*3600 {
		return a.now().Add(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return at
}

// unreached words a call that got no answer. A change may have been made all the same.
func (a *API) unreached(ctx context.Context, c call, address *url.URL, timeout time.Duration, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", c.doing, ctx.Err())
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err // without the address, which is named already
	}
	e := &APIError{Doing: c.doing, Text: fmt.Sprintf("%s cannot be reached: %s.", address.Host, err), Err: err,
		Do: "Look at the network, a proxy, and the interface's address in the settings."}
	if errors.Is(err, context.DeadlineExceeded) {
		e.Text = fmt.Sprintf("%s did not answer within %s.", address.Host, timeout)
	}
	if c.method != http.MethodGet {
		e.Do = "Ask what certificate the deployment has before trying again: it may have been changed."
	}
	return e
}
