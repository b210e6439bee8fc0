package revocation

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" // responders name certificates by it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// maxAge is how old a response without a next update may be: GnuTLS's MAX_OCSP_VALIDITY_SECS.
const maxAge = 15 * 24 * time.Hour

// weighOCSP is RFC 6960 §3.2: the response is about this certificate of this issuer, signed by the issuer or by somebody
// whom the issuer made its responder, and recent.
func weighOCSP(der []byte, l Link, now time.Time) (state State, when time.Time, reason string, doubt Doubt) {
	r, why := authentic(der, l, now)
	if why != "" {
		return Unknown, when, "", Doubt{Why: why}
	}
	revoked := r.Status == ocsp.Revoked
	switch {
	case r.ThisUpdate.After(now.Add(skew)):
		return Unknown, when, "", Doubt{Why: "is of a later date, " + date(r.ThisUpdate), Lists: revoked}
	case !r.NextUpdate.IsZero() && r.NextUpdate.Before(now.Add(-skew)):
		return Unknown, when, "", Doubt{Why: "expired on " + date(r.NextUpdate), Lists: revoked}
	case r.NextUpdate.IsZero() && r.ThisUpdate.Before(now.Add(-maxAge)):
		return Unknown, when, "", Doubt{Why: "is old, of " + date(r.ThisUpdate), Lists: revoked}
	}
	switch r.Status {
	case ocsp.Revoked:
		return Revoked, r.RevokedAt, reasons[r.RevocationReason], Doubt{}
	case ocsp.Good:
		return Good, when, "", Doubt{}
	}
	return Unknown, when, "", Doubt{Why: "says that the responder does not know the certificate"}
}

// Staple is what a verifier that looks at no more than this needs to know of an OCSP response about l: whether it is about
// that certificate and signed by somebody who may, and then, whether it says "revoked", and is out of date.
func Staple(der []byte, l Link, now time.Time) (proves, revoked, stale bool) {
	r, why := authentic(der, l, now)
	if why != "" {
		return false, false, false
	}
	stale = !r.NextUpdate.IsZero() && r.NextUpdate.Before(now) || r.NextUpdate.IsZero() && r.ThisUpdate.Before(now.Add(-maxAge))
	return true, r.Status == ocsp.Revoked, stale
}

// authentic reads a response that is about l, and signed by its issuer or the issuer's responder; else why says what is
// wrong with it.
func authentic(der []byte, l Link, now time.Time) (r *ocsp.Response, why string) {
	if r, why = readOCSP(der, l); why != "" {
		return nil, why
	}
	signer, why := responder(r, l.Issuer, now)
	if why != "" {
		return nil, why
	}
	if err := r.CheckSignatureFrom(signer); err != nil {
		return nil, signatureWords(err)
	}
	return r, ""
}

// readOCSP reads a response and finds what it says about l. Signatures are not looked at: ocsp does so in a way that
// refuses a response with the issuer's own certificate in it.
func readOCSP(der []byte, l Link) (*ocsp.Response, string) {
	r, err := ocsp.ParseResponseForCert(der, l.Certificate, nil)
	var status ocsp.ResponseError
	switch {
	case errors.As(err, &status):
		return nil, "is a refusal: " + refusals[status.Status]
	case err != nil:
		if about(der, l.Certificate) {
			return nil, "cannot be read"
		}
		return nil, "is not an answer about the certificate"
	case !sameIssuer(der, r.IssuerHash, l):
		return nil, "is about a certificate of another authority"
	}
	return r, ""
}

// about says whether der is an OCSP response that holds c's serial number anywhere.
func about(der []byte, c *x509.Certificate) bool {
	serial, err := asn1.Marshal(c.SerialNumber)
	return err == nil && bytes.Contains(der, serial)
}

// refusals are the response statuses of RFC 6960 §4.2.1.
var refusals = map[ocsp.ResponseStatus]string{
	ocsp.Malformed: "the responder could not read the request", ocsp.InternalError: "something is wrong inside the responder",
	ocsp.TryLater: "the responder asks to try later", ocsp.SignatureRequired: "the responder wants a signed request",
	ocsp.Unauthorized: "the responder knows nothing about the certificate",
}

// sameIssuer checks the hashes of the issuer's name and key, which package ocsp passes over: a responder may answer for
// several authorities that gave out the same serial number.
func sameIssuer(der []byte, hash crypto.Hash, l Link) bool {
	var key struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(l.Issuer.RawSubjectPublicKeyInfo, &key); err != nil || !hash.Available() {
		return false
	}
	sum := func(b []byte) []byte { h := hash.New(); h.Write(b); return h.Sum(nil) }
	serial, err := asn1.Marshal(l.Certificate.SerialNumber)
	if err != nil {
		return false
	}
	var b cryptobyte.Builder
	b.AddASN1OctetString(sum(l.Certificate.RawIssuer))
	b.AddASN1OctetString(sum(key.Key.RightAlign()))
	b.AddBytes(serial)
	want, err := b.Bytes()
	return err == nil && bytes.Contains(der, want)
}

// responder is whose key the response must be signed with: the issuer's, or that of the responder whose certificate is in
// the response and which the issuer signed for this (RFC 6960 §4.2.2.2).
func responder(r *ocsp.Response, issuer *x509.Certificate, now time.Time) (*x509.Certificate, string) {
	d := r.Certificate
	switch {
	case d == nil, bytes.Equal(d.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo):
		return issuer, ""
	case issuer.CheckSignature(d.SignatureAlgorithm, d.RawTBSCertificate, d.Signature) != nil || !bytes.Equal(d.RawIssuer, issuer.RawSubject):
		return nil, "is signed by a responder that the certificate's issuer did not appoint"
	case !slices.Contains(d.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return nil, "is signed with a certificate that is not for signing OCSP answers (extended key usage)"
	case now.After(d.NotAfter):
		return nil, "is signed with a certificate that expired on " + date(d.NotAfter)
	case now.Before(d.NotBefore):
		return nil, "is signed with a certificate that is not valid before " + date(d.NotBefore)
	}
	return d, ""
}

// Request is the question about l (RFC 6960 §4.1), without a nonce, so that answers may be made ahead (RFC 5019 §2.1.1).
func Request(l Link) ([]byte, error) { return ocsp.CreateRequest(l.Certificate, l.Issuer, nil) }

// IsOCSP says whether der has the frame of an OCSP response.
func IsOCSP(der []byte) bool {
	in := cryptobyte.String(der)
	var response, status cryptobyte.String
	return in.ReadASN1(&response, cbasn1.SEQUENCE) && in.Empty() && response.ReadASN1(&status, cbasn1.ENUM)
}
