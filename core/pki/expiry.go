package pki

import (
	"crypto/x509"
	"time"
)

// A certificate is due for renewal this long before its end, or from the last third of a shorter lifetime on: that is
// when the common ACME clients renew (they do so after two thirds of the lifetime).
const (
	renewalNotice = 30 * 24 * time.Hour
	renewalPart   = 3
)

// RenewBy is when c is due for renewal. It is the one rule of the warnings and of the expiry watch.
func RenewBy(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-min(renewalNotice, c.NotAfter.Sub(c.NotBefore)/renewalPart))
}
