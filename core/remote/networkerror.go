package remote

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

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

// Explain makes a *NetworkError of what net/http returns; other errors are returned as they are.
func Explain(err error) error {
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
			Clock(expired.Cert.NotBefore), Clock(expired.Cert.NotAfter), Clock(time.Now()))
	case errors.As(err, &noName):
		text = "The name could not be looked up: see whether this computer is online."
	}
	return &NetworkError{Host: host, Advice: text, Err: cause}
}

// Status is an HTTP status as people know it ("503 Service Unavailable").
func Status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

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

// Clock is a time as sentences about clocks have it.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
