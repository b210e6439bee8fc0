package revocation

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"mutual/core/pki"
)

// weighCRL is RFC 5280 §6.3.3 for one complete list, whose issuer is the certificate's own.
func weighCRL(der []byte, l Link, now time.Time) (state State, when time.Time, reason string, doubt Doubt) {
	list, err := pki.ReadCRL(der)
	if err != nil {
		return Unknown, when, "", Doubt{Why: "is not a certificate revocation list"}
	}
	entry, listed, readable := list.Find(l.Certificate.SerialNumber)
	if why := crlFault(list, l, now); why != "" {
		return Unknown, when, "", Doubt{Why: why, Lists: listed && entry.Reason != removed && signedBy(list, l.Issuer) == nil}
	}
	switch {
	case listed && entry.Reason != removed:
		return Revoked, entry.Revoked, reasons[entry.Reason], Doubt{}
	case !readable:
		return Unknown, when, "", Doubt{Why: "cannot be read to its end"}
	case list.Scope != nil && list.Scope.SomeReasons:
		return Unknown, when, "", Doubt{Why: "is for some reasons of revocation only"}
	}
	return Good, when, "", Doubt{}
}

// removed is the reason removeFromCRL.
const removed = 8

// crlFault says why a list does not count; empty: it does.
func crlFault(list *pki.CRL, l Link, now time.Time) string {
	switch {
	case !pki.SameName(list.RawIssuer, l.Certificate.RawIssuer):
		return "is another authority's"
	case list.Delta:
		return "holds only what changed since another list"
	case len(list.UnknownCritical) > 0:
		return "has a critical extension that is not known here (" + strings.Join(list.UnknownCritical, ", ") + ")"
	}
	if why := outOfScope(list, l.Certificate); why != "" {
		return why
	}
	if l.Issuer.KeyUsage != 0 && l.Issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return "is signed by an authority whose certificate does not allow it to sign lists (key usage)"
	}
	if err := signedBy(list, l.Issuer); err != nil {
		return signatureWords(err)
	}
	switch {
	case list.ThisUpdate.After(now.Add(skew)):
		return "is of a later date, " + date(list.ThisUpdate)
	case !list.NextUpdate.IsZero() && list.NextUpdate.Before(now):
		return "expired on " + date(list.NextUpdate)
	}
	return ""
}

// skew is what clocks may differ by, where an answer would be from the future: OpenSSL's for OCSP (apps/ocsp.c).
const skew = 5 * time.Minute

// outOfScope says why a list is for other certificates than c (RFC 5280 §6.3.3 b).
func outOfScope(list *pki.CRL, c *x509.Certificate) string {
	s := list.Scope
	switch {
	case s == nil:
		return ""
	case s.Indirect:
		return "lists certificates of several authorities, which is not supported"
	case s.OnlyAttribute:
		return "is for attribute certificates"
	case s.OnlyUser && c.IsCA:
		return "is not for authorities' certificates"
	case s.OnlyCA && !c.IsCA:
		return "is for authorities' certificates only"
	case len(s.Points) == 0:
		return ""
	}
	for _, named := range pki.DistributionPoints(c) {
		for _, point := range s.Points {
			if bytes.Equal(named, point) {
				return ""
			}
		}
	}
	return "is for other certificates of the same authority"
}

func signedBy(list *pki.CRL, issuer *x509.Certificate) error {
	return issuer.CheckSignature(list.Algorithm, list.TBS, list.Signature)
}

func signatureWords(err error) string {
	var insecure x509.InsecureAlgorithmError
	switch {
	case errors.As(err, &insecure):
		return fmt.Sprintf("is signed with %s, which proves nothing any more", x509.SignatureAlgorithm(insecure))
	case errors.Is(err, x509.ErrUnsupportedAlgorithm):
		return "is signed with an algorithm that cannot be checked here"
	}
	return "is not signed by the certificate's issuer"
}

func digest(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.Raw)
	return sum[:]
}
