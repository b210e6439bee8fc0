// Package tlsdial resolves, dials, passes a proxy, shakes hands and upgrades to WebSocket, writes down everything it sees as evidence, and only then lets the
// real verification decide. Its Conn keeps an alert that arrives late.
package tlsdial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

// DefaultTimeout is the bound on each stage where nothing else is said.
const DefaultTimeout = 10 * time.Second

// Options of one dial. The zero value is safe.
type Options struct {
	Timeout time.Duration // for each of resolve, dial, the proxy, TLS and WebSocket; 0: DefaultTimeout
	// ProxyPassword goes with the user name in the proxy's URL, to the proxy and nobody else.
	ProxyPassword string
	// Stage, if not nil, is called with "resolve", "dial", "tls" and, for WebSocket, "mqtt" as each begins.
	Stage func(name string)
}

// ErrFiles says that the profile's own files are not fit for a connection; a.Files says why.
var ErrFiles = errors.New("loading the profile's files")

// ErrAddress says that the profile's host is no address; a.Target.Invalid says why.
var ErrAddress = errors.New("resolving the host: it is not an address")

// Dial resolves p's host, dials it, if p says so by way of a proxy, for mqtts and wss shakes hands, for wss and ws upgrades
// to WebSocket, and writes what it sees into a, which NewAttempt made. The Conn is one over which user name and password
// may go: the server is verified, or p says "do not verify", or says mqtt or ws. The error is for the technical details; what went wrong stands in a.
func Dial(ctx context.Context, p profile.Profile, m pki.Material, a *evidence.Attempt, o Options) (*Conn, error) {
	// Last, since the public roots may still be being read, and nothing before judging needs them.
	defer recordCandidates(a, m)
	if a.Files != nil && a.Files.Status == evidence.Failed {
		return nil, ErrFiles
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Stage == nil {
		o.Stage = func(string) {}
	}

	socket, err := reach(ctx, p, a, o)
	if err != nil {
		return nil, err
	}
	c, err := secure(ctx, newWire(socket), p, m, a, o)
	if err != nil || !p.Server.Transport.WebSocket() {
		return c, err
	}
	o.Stage("mqtt")
	return upgrade(ctx, c, p.Server, a, o.Timeout)
}

// reach makes the connection on which the server hears and speaks, through the proxy where there is one.
func reach(ctx context.Context, p profile.Profile, a *evidence.Attempt, o Options) (net.Conn, error) {
	o.Stage("resolve")
	if a.Target.Invalid != nil {
		a.Resolve = &evidence.Resolve{Stage: evidence.Stage{Status: evidence.Failed, Duration: 1, Error: a.Target.Invalid.Text}}
		return nil, ErrAddress
	}
	r, err := routeOf(p, a)
	if err != nil {
		return nil, err
	}
	addresses, err := resolve(ctx, net.DefaultResolver, r.host, a, o.Timeout)
	if err != nil {
		return nil, err
	}
	o.Stage("dial")
	socket, err := connect(ctx, addresses, r.port, a, o.Timeout)
	if err != nil {
		return nil, fmt.Errorf("reaching %s: %w", r.address(), err)
	}
	if r.proxy != nil {
		if err := pass(ctx, socket, *r.proxy, o.ProxyPassword, a, o.Timeout); err != nil {
			socket.Close()
			return nil, err
		}
	}
	return socket, nil
}

// secure shakes hands over w, where the transport is encrypted.
func secure(ctx context.Context, w *wire, p profile.Profile, m pki.Material, a *evidence.Attempt, o Options) (*Conn, error) {
	if !p.Server.Transport.Encrypted() {
		w.stopRecording()
		return newConn(w, w), nil
	}
	o.Stage("tls")
	var check *inquiry
	if p.Trust.CheckRevocation && !p.Trust.DoNotVerify {
		check = &inquiry{proxy: p.Server.Proxy, proxyPassword: o.ProxyPassword}
		a.Revocation = &evidence.Revocation{Enforced: true}
	}
	tlsConn, err := handshake(ctx, w, m, a, o.Timeout, check)
	if err != nil {
		w.Close()
		return nil, err
	}
	return newConn(tlsConn, w), nil
}

// since is how long a stage took, at least a nanosecond, so that a stage that ran can be told from one that did not.
func since(start time.Time) time.Duration { return max(time.Since(start), 1) }

// bounds are the TLS versions that are offered.
func bounds(t evidence.Target) (oldest, newest uint16) {
	if t.MaxTLS == 0 {
		return profile.TLS{}.Bounds()
	}
	return t.MinTLS, t.MaxTLS
}

// smallGroups are the key exchanges of a hello that fits into one packet: those without a post-quantum share, which takes
// 1,184 bytes (ML-KEM-768, FIPS 203).
var smallGroups = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
