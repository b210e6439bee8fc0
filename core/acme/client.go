package acme

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme/api"
	legolog "github.com/go-acme/lego/v4/log"

	"mutual/core/expression"
	"mutual/core/remote"
)

// transport gives requests the context of the call under way: lego's requests carry none.
type transport struct {
	base http.RoundTripper
	ctx  context.Context

	mu     sync.Mutex
	host   string      // that was asked last
	status int         // of the last answer; 0: there was none
	header http.Header // of the last answer, which lego passes on with few kinds
}

// retryAfter is the Retry-After header of the last answer, empty where that had none or was no refusal.
func (t *transport) retryAfter() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status < http.StatusBadRequest {
		return ""
	}
	return t.header.Get("Retry-After")
}

// pause is the Retry-After header of the last answer, empty where that had none.
func (t *transport) pause() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.header.Get("Retry-After")
}

// last is what the last request met: the host, and the status of its answer, 0 where there was none.
func (t *transport) last() (host string, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.host, t.status
}

// links are the addresses that the last answer gives for a relation (RFC 8288), resolved against its own.
func (t *transport) links(relation string, of *url.URL) (list []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.header.Values("Link") {
		for _, m := range linkHeader.FindAllStringSubmatch(line, -1) {
			if target, err := of.Parse(m[1]); err == nil && m[2] == relation {
				list = append(list, target.String())
			}
		}
	}
	return list
}

var linkHeader = expression.New(`<([^>]+)>\s*;\s*rel="?([^",;]+)"?`)

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	t.met(r.URL.Host, 0, nil)
	// The time is bounded and the answer read here, instead of by http.Client: lego closes hardly any body, and the client
	// keeps a goroutine waiting for each of them.
	ctx, cancel := context.WithTimeout(t.ctx, remote.Timeout)
	defer cancel()
	resp, err := t.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	t.met(r.URL.Host, resp.StatusCode, resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, remote.MaxAnswer))
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (t *transport) met(host string, status int, header http.Header) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.host, t.status, t.header = host, status, header
}

// httpClient reaches d, trusting its CA file where it has one.
func (d Directory) httpClient(ctx context.Context) (*http.Client, *transport, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if d.CAFile != "" {
		anchors, err := d.readAnchors()
		if err != nil {
			return nil, nil, err
		}
		config.RootCAs = x509.NewCertPool()
		for _, c := range anchors {
			config.RootCAs.AddCert(c)
		}
	}
	t := &transport{ctx: ctx, base: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout: 15 * time.Second,
		TLSClientConfig:     config,
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     30 * time.Second,
	}}
	return &http.Client{Transport: t}, t, nil
}

// client speaks to one directory as one account.
type client struct {
	*api.Core
	transport *transport
	close     func()
}

// newClient fetches the directory. key may be nil where nothing is to be signed; account is empty before there is one.
func newClient(ctx context.Context, d Directory, account string, key crypto.Signer) (*client, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	h, t, err := d.httpClient(ctx)
	if err != nil {
		return nil, err
	}
	quiet()
	core, err := api.New(h, remote.UserAgent, d.URL, account, key)
	if err == nil && core.GetDirectory().NewNonceURL == "" {
		err = errors.New(noSuchDirectory + " new nonce URL")
	}
	if err != nil {
		return nil, t.explain("asking the authority for its directory", err, time.Now())
	}
	return &client{Core: core, transport: t, close: t.base.(*http.Transport).CloseIdleConnections}, nil
}

// silence takes the place of lego's log, which would go to the terminal.
type silence struct{}

func (silence) Fatal(...any)          {}
func (silence) Fatalln(...any)        {}
func (silence) Fatalf(string, ...any) {}
func (silence) Print(...any)          {}
func (silence) Println(...any)        {}
func (silence) Printf(string, ...any) {}

// quiet is done once: the log is one for the whole program.
var quiet = sync.OnceFunc(func() { legolog.Logger = silence{} })
