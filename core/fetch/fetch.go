// Package fetch gets what certificates point to: the certificates of their issuers, CRLs, and the answers of OCSP
// responders. It says nothing about what it gets. Everything is bounded: in time, in size, in redirections; only http
// and https are asked, and nothing goes out but what a certificate itself names. A proxy's password goes to the proxy.
package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/core/revocation"
)

// Wait bounds one fetch, redirections and a second try included.
const Wait = 3 * time.Second

// Bounds of what is read, in bytes. The largest CRLs of the public authorities have a few megabytes; an OCSP response and a
// certificate have one or two kilobytes.
const (
	maxCRL    = 8 << 20
	maxOCSP   = 64 << 10
	maxIssuer = 1 << 20
	// maxGet is the longest OCSP request, encoded, that goes by GET (RFC 6960 appendix A.1).
	maxGet = 255
	// maxRedirects is what is followed; a CRL is usually where the certificate says, or one step away.
	maxRedirects = 3
	maxHead      = 64 << 10
)

// Client fetches, by way of a proxy or not.
type Client struct {
	http      *http.Client
	failureOf func(error) evidence.Failure
}

// New returns a client. proxy is a profile's proxy URL, or empty; failureOf tells the errors of the network apart.
func New(proxy, password string, failureOf func(error) evidence.Failure) (*Client, error) {
	transport := &http.Transport{
		DialContext: new(net.Dialer).DialContext, DisableKeepAlives: true, DisableCompression: true,
		MaxResponseHeaderBytes: maxHead, ForceAttemptHTTP2: false,
	}
	if proxy != "" {
		p, err := profile.ParseProxy(proxy)
		if err != nil {
			return nil, fmt.Errorf("reading the proxy's address: %w", err)
		}
		u := &url.URL{Scheme: p.Scheme, Host: p.Address()}
		if p.UserName != "" {
			u.User = url.UserPassword(p.UserName, password)
		}
		transport.Proxy = http.ProxyURL(u)
	}
	return &Client{&http.Client{Transport: transport, CheckRedirect: checkRedirect}, failureOf}, nil
}

var errScheme = errors.New("the address is not one of http or https")

func checkRedirect(r *http.Request, via []*http.Request) error {
	if !fetchable(r.URL) {
		return errScheme
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("following more than %d redirections", maxRedirects)
	}
	return nil
}

func fetchable(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// CRL fetches the list at address, which about names.
func (c *Client) CRL(ctx context.Context, about *x509.Certificate, address string) evidence.Answer {
	a := answer(evidence.CRLAnswer, about, address)
	c.fill(ctx, &a, func(ctx context.Context) ([]byte, error) { return c.get(ctx, &a, address, maxCRL) })
	if a.Body != nil {
		a.Body = fromPEM(a.Body, "X509 CRL") // RFC 5280 §4.2.1.13 says DER; some servers hold PEM
	}
	return a
}

// OCSP asks the responder at address about a certificate: by GET where the request is short enough, as RFC 5019 §5 wants
// it, and by POST where it is not, or where GET is not understood.
func (c *Client) OCSP(ctx context.Context, l revocation.Link, address string) evidence.Answer {
	a := answer(evidence.OCSPAnswer, l.Certificate, address)
	request, err := revocation.Request(l)
	if err != nil {
		a.Failure, a.Error = evidence.Other, err.Error()
		return a
	}
	c.fill(ctx, &a, func(ctx context.Context) ([]byte, error) {
		if encoded := url.PathEscape(base64.StdEncoding.EncodeToString(request)); len(encoded) <= maxGet {
			body, err := c.get(ctx, &a, strings.TrimSuffix(address, "/")+"/"+encoded, maxOCSP)
			if err == nil && revocation.IsOCSP(body) || a.HTTPStatus == 0 { // nobody there will be there for POST either
				return body, err
			}
		}
		return c.post(ctx, &a, address, request)
	})
	if a.Failure == evidence.NoFailure && !revocation.IsOCSP(a.Body) {
		a.Failure, a.Body = evidence.Other, nil
	}
	return a
}

// Issuers fetches the certificates at address, which about names as its issuer's: one in DER or PEM, or some in a PKCS #7
// container (RFC 5280 §4.2.2.1).
func (c *Client) Issuers(ctx context.Context, about *x509.Certificate, address string) (a evidence.Answer, ders [][]byte) {
	a = answer(evidence.IssuerAnswer, about, address)
	c.fill(ctx, &a, func(ctx context.Context) ([]byte, error) { return c.get(ctx, &a, address, maxIssuer) })
	if a.Failure == evidence.NoFailure {
		if ders = certificates(a.Body); len(ders) == 0 {
			a.Failure, a.Error = evidence.Other, "the answer holds no certificate"
		}
	}
	a.Body = nil
	return a, ders
}

func answer(kind evidence.AnswerKind, about *x509.Certificate, address string) evidence.Answer {
	sum := sha256.Sum256(about.Raw)
	return evidence.Answer{Kind: kind, From: address, About: sum[:]}
}

// fill does the work within its time, and writes down how it ended.
func (c *Client) fill(ctx context.Context, a *evidence.Answer, work func(context.Context) ([]byte, error)) {
	start := time.Now()
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	body, err := work(ctx)
	a.Duration = max(time.Since(start), 1)
	if err == nil {
		a.Failure, a.Error, a.Body = evidence.NoFailure, "", body
		return
	}
	a.Error = err.Error()
	if a.Failure != evidence.NoFailure {
		return
	}
	var dns *net.DNSError
	switch {
	case outer.Err() != nil:
		a.Failure = c.failureOf(outer.Err())
	case ctx.Err() != nil:
		a.Failure = evidence.Timeout
	case errors.Is(err, errScheme):
		a.Failure = evidence.Unusable
	case errors.As(err, &dns) && dns.IsNotFound:
		a.Failure = evidence.NoSuchHost
	default:
		a.Failure = c.failureOf(err)
	}
}

func (c *Client) get(ctx context.Context, a *evidence.Answer, address string, limit int64) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.Join(errScheme, err)
	}
	return c.do(r, a, limit)
}

func (c *Client) post(ctx context.Context, a *evidence.Answer, address string, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(request))
	if err != nil {
		return nil, errors.Join(errScheme, err)
	}
	r.Header.Set("Content-Type", "application/ocsp-request")
	r.Header.Set("Accept", "application/ocsp-response")
	return c.do(r, a, maxOCSP)
}

// do sends one request and reads its answer, at most limit bytes of it.
func (c *Client) do(r *http.Request, a *evidence.Answer, limit int64) ([]byte, error) {
	a.Failure, a.HTTPStatus = evidence.NoFailure, 0
	if !fetchable(r.URL) {
		return nil, errScheme
	}
	r.Header.Set("User-Agent", "Mutual")
	response, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a.HTTPStatus = response.StatusCode
	if response.StatusCode != http.StatusOK {
		a.Failure = evidence.BadStatus
		return nil, fmt.Errorf("the answer has the status %s", response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		a.Failure = evidence.TooBig
		return nil, fmt.Errorf("the answer has more than %d bytes", limit)
	}
	return body, err
}
