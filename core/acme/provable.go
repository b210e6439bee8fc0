package acme

import (
	"fmt"
	"net"
	"strings"

	"mutual/core/pki"
	"mutual/core/solver"
)

// KeyTypeError is returned for a kind of key that is not known here.
type KeyTypeError struct{ KeyType pki.KeyAlgorithm }

func (e *KeyTypeError) Error() string { return fmt.Sprintf("no kind of key is called %q", e.KeyType) }

// ProofError says that a name cannot be proved in the way that was chosen, whatever the authority.
type ProofError struct{ Name, Type, Why string }

func (e *ProofError) Error() string {
	return fmt.Sprintf("preparing the order: %s cannot be proved by %s: %s", e.Name, e.Type, e.Why)
}

// provable says what stands against proving name by a challenge of that type.
func provable(name, challenge string) error {
	switch {
	case challenge == solver.HTTP01 && strings.HasPrefix(name, "*."): // RFC 8555 §8.3; the CA/Browser Forum's Baseline Requirements 3.2.2.4.19
		return &ProofError{name, challenge, "a wildcard takes a DNS record"}
	case challenge == solver.DNS01 && net.ParseIP(name) != nil: // RFC 8738 §7
		return &ProofError{name, challenge, "an address has no record of its own; " + solver.HTTP01 + " proves it"}
	}
	return nil
}
