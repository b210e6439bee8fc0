// Package remote is what asking a service somewhere else takes: how long and how much is borne, what its refusal or its
// silence is told as, and how what was done there is taken back.
package remote

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

// Timeout bounds one request.
const Timeout = 30 * time.Second

// MaxAnswer bounds an answer, which is read whole. Bytes.
const MaxAnswer = 4 << 20

// UserAgent is what requests say that they are from; RFC 8555 §6.1 asks for it.
const UserAgent = "Mutual"

// Send sends r and reads the whole answer, which is bounded. A redirection is the answer: net/http would take headers such
// as acme-dns's X-Api-Key along to another host.
func Send(client *http.Client, r *http.Request) (status int, text []byte, err error) {
	var c http.Client
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.Do(r)
	if err != nil {
		return 0, nil, Explain(err)
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer)); err != nil {
		return 0, nil, Explain(&url.Error{Op: r.Method, URL: r.URL.String(), Err: err})
	}
	return resp.StatusCode, text, nil
}
