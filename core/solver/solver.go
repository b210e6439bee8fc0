// Package solver is how control of a name is proved to an authority (RFC 8555 §8): a record in the DNS, by one of the
// services that are known here, by a program or by hand, or an answer at port 80.
package solver

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"mutual/core/nameserver"
)

// Challenge is one proof that the authority asks for (RFC 8555 §8).
type Challenge struct {
	Name  string `json:"name"` // of the certificate's names, without a wildcard's star
	Token string `json:"token"`
	// KeyAuthorization is what is proved with; it is not secret (RFC 8555 §8.1).
	KeyAuthorization string `json:"key_authorization"`
	// Target is where the TXT record goes: _acme-challenge.NAME., or the name that a CNAME there leads to.
	Target string `json:"target,omitempty"`
}

// Record returns the challenge's TXT record (RFC 8555 §8.4).
func (c Challenge) Record() nameserver.Record {
	sum := sha256.Sum256([]byte(c.KeyAuthorization))
	name := c.Target
	if name == "" {
		name = challengeName(c.Name)
	}
	return nameserver.Record{Name: name, Value: base64.RawURLEncoding.EncodeToString(sum[:])}
}

func challengeName(name string) string {
	return "_acme-challenge." + strings.TrimPrefix(name, "*.") + "."
}

// Target is where the TXT record that proves name goes, for Challenge.Target. Where the name servers cannot be asked from
// here, it is as far as is known.
func Target(ctx context.Context, r nameserver.Resolver, name string) (string, error) {
	target, err := r.FollowOwn(ctx, challengeName(name))
	if errors.Is(err, nameserver.ErrServersUnreachable) || errors.Is(err, nameserver.ErrNoZone) {
		err = nil
	}
	return target, err
}

// Solver makes a name provable. Present returns when the service has taken the record over, not when it can be seen;
// CleanUp removes what Present made, also one that another process made, and is no error where nothing is left.
type Solver interface {
	// Name is the one that is written down for renewals.
	Name() string
	// Type is "dns-01" or "http-01".
	Type() string
	Present(ctx context.Context, c Challenge) error
	CleanUp(ctx context.Context, c Challenge) error
}

// spreader is a Solver whose service says when all of its servers have a record. Several records spread at the same time,
// so that each is created before one is waited for.
type spreader interface {
	Solver
	// Spread waits until what Present made for c is everywhere; it is no error where Present made nothing.
	Spread(ctx context.Context, c Challenge) error
}

// Spread waits until what s made for c is everywhere, where its service says when that is.
func Spread(ctx context.Context, s Solver, c Challenge) error {
	if own, ok := s.(spreader); ok {
		return own.Spread(ctx, c)
	}
	return nil
}

// The challenge types that are known here.
const (
	DNS01  = "dns-01"
	HTTP01 = "http-01"
)
