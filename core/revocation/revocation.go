// Package revocation judges what CRLs and OCSP responses say about a certificate: which of them may be believed, and
// what those say. It is pure: answers come in as evidence, and nothing is asked of anybody.
package revocation

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
)

// State of a certificate.
type State int

const (
	Unknown State = iota // nobody who may be believed said anything
	Good
	Revoked
	// Exempt is a certificate that its issuer says will never be on any list (RFC 9608), so that there is nothing to ask.
	Exempt
)

// Link is a certificate and the one that issued it.
type Link struct{ Certificate, Issuer *x509.Certificate }

// Verdict is what is known of one certificate.
type Verdict struct {
	State  State
	Answer evidence.Answer // the one that decided it; empty for Unknown and Exempt
	When   time.Time       // of the revocation; zero: it does not say
	Reason string          // of the revocation, as RFC 5280 §5.3.1 names it; empty: unspecified
	// Doubts are the answers that count for nothing, each with why.
	Doubts []Doubt
}

// Doubt is an answer that cannot be relied on.
type Doubt struct {
	Answer evidence.Answer
	Why    string // for people, what is to be said of it: "expired on 2026-11-22"
	// Lists says that the answer says "revoked" all the same.
	Lists bool
}

// Answers are all that a holds: the staple of the server's own certificate, what was fetched, and the lists in files.
func Answers(a *evidence.Attempt) []evidence.Answer {
	var all []evidence.Answer
	if a.TLS != nil && len(a.TLS.Staple) > 0 && len(a.TLS.Sent) > 0 {
		sum := sha256.Sum256(a.TLS.Sent[0].DER)
		all = append(all, evidence.Answer{Kind: evidence.StapleAnswer, About: sum[:], Body: a.TLS.Staple})
	}
	all = append(all, a.Answers...)
	if a.Files == nil {
		return all
	}
	for _, f := range a.Files.Files {
		for _, b := range f.Blocks {
			if f.Role == evidence.RoleCRL && len(b.CRL) > 0 {
				all = append(all, evidence.Answer{Kind: evidence.CRLAnswer, From: f.Path, Block: b.Index, Body: b.CRL})
			}
		}
	}
	return all
}

// Judge weighs all answers that bear on l at the time now. What says "revoked" and may be believed decides, whatever
// others say.
func Judge(l Link, answers []evidence.Answer, now time.Time) Verdict {
	var v Verdict
	if exempt(l.Certificate) {
		v.State = Exempt
		return v
	}
	for _, a := range answers {
		if !concerns(a, l) {
			continue
		}
		state, when, reason, doubt := weigh(a, l, now)
		switch {
		case doubt.Why != "":
			doubt.Answer = a
			v.Doubts = append(v.Doubts, doubt)
		case state == Revoked && v.State != Revoked, state == Good && v.State == Unknown:
			v.State, v.Answer, v.When, v.Reason = state, a, when, reason
		}
	}
	return v
}

// concerns leaves out what was asked about another certificate, and lists of other authorities in a file of many.
func concerns(a evidence.Answer, l Link) bool {
	if len(a.About) > 0 {
		return string(a.About) == string(digest(l.Certificate))
	}
	if a.Kind == evidence.CRLAnswer {
		list, err := pki.ReadCRL(a.Body)
		return err != nil || pki.SameName(list.RawIssuer, l.Certificate.RawIssuer)
	}
	return a.Kind == evidence.OCSPAnswer
}

func weigh(a evidence.Answer, l Link, now time.Time) (state State, when time.Time, reason string, doubt Doubt) {
	switch {
	case a.Kind == evidence.IssuerAnswer:
		return Unknown, when, "", Doubt{}
	case a.Failure != evidence.NoFailure:
		return Unknown, when, "", Doubt{Why: "could not be had"}
	case a.Kind == evidence.CRLAnswer:
		return weighCRL(a.Body, l, now)
	}
	return weighOCSP(a.Body, l, now)
}

// exempt knows the extension noRevAvail (RFC 9608 §2).
func exempt(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 56}) {
			return true
		}
	}
	return false
}

// MustStaple says whether c asks for an OCSP staple in every handshake (RFC 7633: the TLS feature status_request).
func MustStaple(c *x509.Certificate) bool {
	const statusRequest = 5 // RFC 6066 §8
	for _, e := range c.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}) {
			continue
		}
		var features []int
		if _, err := asn1.Unmarshal(e.Value, &features); err != nil {
			continue
		}
		for _, f := range features {
			if f == statusRequest {
				return true
			}
		}
	}
	return false
}

// reasons are those of RFC 5280 §5.3.1 in words.
var reasons = map[int]string{
	1: "the key was compromised", 2: "the authority's key was compromised", 3: "the holder's affiliation changed", 4: "it was superseded",
	5: "it is no longer in operation", 6: "it is on hold", 9: "the privilege was withdrawn", 10: "the attribute authority was compromised",
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
