package remote

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotAllowed is in the error of an action that the credentials do not allow; ErrWrongCredentials in that of
// credentials that the service does not know.
var (
	ErrNotAllowed       = errors.New("the credentials do not allow it")
	ErrWrongCredentials = errors.New("the service does not know these credentials")
)

// ServiceError is what a DNS service said, in its own words, with what to do about it.
type ServiceError struct {
	Service string // as people call it
	Said    string // its own words, with its code
	Advice  string // a sentence: what to do next
	Err     error  // ErrNotAllowed, ErrWrongCredentials, or nil
}

func (e *ServiceError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s says: %s. %s", e.Service, strings.TrimSuffix(e.Said, "."), e.Advice))
}
func (e *ServiceError) Unwrap() error { return e.Err }
