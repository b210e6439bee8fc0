// Package tlsdial resolves, dials and shakes hands, writes down everything it sees as evidence, and only then lets the
// real verification decide. Its Conn keeps an alert that arrives late.
package tlsdial

import (
	"context"
	"crypto/tls"
	"errors"
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
	Timeout time.Duration // for each of resolve, dial and TLS; 0: DefaultTimeout
	// Stage, if not nil, is called with "resolve", "dial" and "tls" as each begins.
	Stage func(name string)
}

// ErrFiles says that the profile's own files are not fit for a connection; a.Files says why.
var ErrFiles = errors.New("loading the profile's files")

// Dial resolves p's host, dials it and, for mqtts, shakes hands, and writes what it sees into a, which NewAttempt made.
// The Conn is one over which user name and password may go: the server is verified, or p says "do not verify", or says
// mqtt. The error is for the technical details; what went wrong stands in a.
func Dial(ctx context.Context, p profile.Profile, m pki.Material, a *evidence.Attempt, o Options) (*Conn, error) {
	if a.Files != nil && a.Files.Status == evidence.Failed {
		return nil, ErrFiles
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Stage == nil {
		o.Stage = func(string) {}
	}

	o.Stage("resolve")
	addresses, err := resolve(ctx, net.DefaultResolver, a, o.Timeout)
	if err != nil {
		return nil, err
	}
	o.Stage("dial")
	socket, err := connect(ctx, addresses, a, o.Timeout)
	if err != nil {
		return nil, err
	}
	w := newWire(socket)
	if p.Server.Transport == profile.MQTT {
		w.stopRecording()
		return newConn(w, w), nil
	}
	o.Stage("tls")
	tlsConn, err := handshake(ctx, w, m, a, o.Timeout)
	if err != nil {
		w.Close()
		return nil, err
	}
	return newConn(tlsConn, w), nil
}

// since is how long a stage took, at least a nanosecond, so that a stage that ran can be told from one that did not.
func since(start time.Time) time.Duration { return max(time.Since(start), 1) }

// minVersion is the oldest TLS that is offered: RFC 8996 deprecates 1.0 and 1.1.
const minVersion = tls.VersionTLS12
