package acme

import (
	"io"
	"net/http"
	"net/url"
	"time"
)

// requestTimeout bounds one request to an authority.
const requestTimeout = 30 * time.Second

// maxAnswer bounds an authority's answer, which lego reads whole.
const maxAnswer = 4 << 20

// userAgent is what RFC 8555 §6.1 asks a client to send.
const userAgent = "Mutual"

// send sends r and reads the whole answer, which is bounded. A redirection is the answer: net/http would take headers such
// as acme-dns's X-Api-Key along to another host.
func send(client *http.Client, r *http.Request) (status int, text []byte, err error) {
	var c http.Client
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.Do(r)
	if err != nil {
		return 0, nil, explainNetwork(err)
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return 0, nil, explainNetwork(&url.Error{Op: r.Method, URL: r.URL.String(), Err: err})
	}
	return resp.StatusCode, text, nil
}
