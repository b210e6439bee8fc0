package tlsdial

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"mutual/core/evidence"
	"mutual/core/fetch"
	"mutual/core/revocation"
)

// errRevoked refuses a server whose every path holds a revoked certificate.
var errRevoked = errors.New("checking for revocation: a certificate of the server's is revoked")

// inquiry asks, within a handshake, whether certificates of the server's are revoked: before the client's certificate, a
// user name or anything else goes out. It takes fetch.Wait at most. Where nobody answers, the connection goes on (as
// browsers have it): that is for a finding to say.
type inquiry struct {
	ctx                  context.Context // the whole attempt's
	proxy, proxyPassword string
}

// Fetcher returns a client for what certificates point to, by way of the profile's proxy, if it has one.
func Fetcher(proxy, password string) (*fetch.Client, error) {
	return fetch.New(proxy, password, failureOf)
}

// check asks about the paths that are valid, writes the answers into a, and refuses when no path is left.
func (q *inquiry) check(paths [][]*x509.Certificate, a *evidence.Attempt) error {
	start := time.Now()
	links := linksOf(paths)
	if client, err := Fetcher(q.proxy, q.proxyPassword); err == nil {
		a.Answers = append(a.Answers, client.AskAll(q.ctx, fetch.Questions(links))...)
	}
	a.Revocation.Duration = since(start)
	if q.ctx.Err() != nil {
		return q.ctx.Err()
	}
	revoked := revokedIn(links, a)
	for _, path := range paths {
		if !slices.ContainsFunc(path[:len(path)-1], func(c *x509.Certificate) bool { return revoked[string(c.Raw)] }) {
			return nil
		}
	}
	return errRevoked
}

// revokedIn are the certificates among links that are revoked, by their bytes. Every link that is issued by the trust
// anchor counts, but never the trust anchor itself: nobody above it could revoke it (RFC 5280 §6.1).
func revokedIn(links []revocation.Link, a *evidence.Attempt) map[string]bool {
	revoked := map[string]bool{}
	for _, l := range links {
		if revocation.Judge(l, revocation.Answers(a), a.Started).State == revocation.Revoked {
			revoked[string(l.Certificate.Raw)] = true
		}
	}
	return revoked
}

// linksOf are the certificates of all paths with their issuers, each pair once, those next to the server first.
func linksOf(paths [][]*x509.Certificate) []revocation.Link {
	var links []revocation.Link
	for depth, deeper := 0, true; deeper; depth++ {
		deeper = false
		for _, path := range paths {
			if depth+1 >= len(path) {
				continue
			}
			deeper = true
			l := revocation.Link{Certificate: path[depth], Issuer: path[depth+1]}
			if !slices.ContainsFunc(links, func(x revocation.Link) bool {
				return x.Certificate.Equal(l.Certificate) && bytes.Equal(x.Issuer.RawSubjectPublicKeyInfo, l.Issuer.RawSubjectPublicKeyInfo)
			}) {
				links = append(links, l)
			}
		}
	}
	return links
}
