package revocation_test

import (
	"crypto"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"mutual/core/evidence"
	"mutual/core/revocation"
)

func TestOCSP(t *testing.T) {
	ca, other := forge("Test CA", nil, nil), forge("Test CA", nil, nil)
	leaf := forge("leaf", ca, nil)
	for_ := func(usage ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = usage }
	}
	delegate := forge("responder", ca, for_(x509.ExtKeyUsageOCSPSigning))
	notDelegate := forge("responder", ca, for_(x509.ExtKeyUsageServerAuth))
	strange := forge("responder", other, for_(x509.ExtKeyUsageOCSPSigning))
	past := forge("responder", ca, func(c *x509.Certificate) {
		c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, now.Add(-time.Minute)
	})
	answer := func(signer, enclosed *identity, shape func(*ocsp.Response)) []byte {
		r := ocsp.Response{Status: ocsp.Revoked, SerialNumber: leaf.SerialNumber, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour),
			RevokedAt: now.Add(-2 * time.Hour), RevocationReason: ocsp.Superseded, IssuerHash: crypto.SHA1}
		if enclosed != nil {
			r.Certificate = enclosed.Certificate
		}
		if shape != nil {
			shape(&r)
		}
		return must(ocsp.CreateResponse(ca.Certificate, signer.Certificate, r, signer.key))
	}
	good := func(r *ocsp.Response) { r.Status = ocsp.Good }
	for _, tt := range []struct {
		name string
		der  []byte
		want revocation.State
		why  string
	}{
		{"revoked", answer(ca, nil, nil), revocation.Revoked, ""},
		{"good", answer(ca, nil, good), revocation.Good, ""},
		{"with SHA-256", answer(ca, nil, func(r *ocsp.Response) { r.IssuerHash = crypto.SHA256 }), revocation.Revoked, ""},
		{"unknown", answer(ca, nil, func(r *ocsp.Response) { r.Status = ocsp.Unknown }), revocation.Unknown, "does not know"},
		{"by a delegate", answer(delegate, delegate, nil), revocation.Revoked, ""},
		{"with the issuer's own certificate", answer(ca, ca, nil), revocation.Revoked, ""},
		{"by one who is no delegate", answer(notDelegate, notDelegate, nil), revocation.Unknown, "extended key usage"},
		{"by another's delegate", answer(strange, strange, nil), revocation.Unknown, "did not appoint"},
		{"by a delegate of the past", answer(past, past, nil), revocation.Unknown, "expired on"},
		{"by a namesake", answer(other, nil, nil), revocation.Unknown, "is not signed by"},
		{"old", answer(ca, nil, func(r *ocsp.Response) { r.NextUpdate = now.Add(-time.Hour) }), revocation.Unknown, "expired on"},
		{"of tomorrow", answer(ca, nil, func(r *ocsp.Response) { r.ThisUpdate = now.Add(time.Hour) }), revocation.Unknown, "later date"},
		{"about another", answer(ca, nil, func(r *ocsp.Response) { r.SerialNumber = big.NewInt(1 << 40) }), revocation.Unknown, "not an answer about"},
		{"about another authority's", must(ocsp.CreateResponse(forge("Third CA", nil, nil).Certificate, ca.Certificate,
			ocsp.Response{SerialNumber: leaf.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(time.Hour)}, ca.key)), revocation.Unknown, "another authority"},
		{"try later", ocsp.TryLaterErrorResponse, revocation.Unknown, "try later"},
		{"nothing of the kind", []byte("<html>"), revocation.Unknown, "not an answer"},
	} {
		v := revocation.Judge(revocation.Link{Certificate: leaf.Certificate, Issuer: ca.Certificate},
			[]evidence.Answer{{Kind: evidence.OCSPAnswer, From: "http://ocsp.example", Body: tt.der}}, now)
		if v.State != tt.want || tt.why == "" != (len(v.Doubts) == 0) {
			t.Errorf("%s: %+v", tt.name, v)
		} else if tt.why != "" && !strings.Contains(v.Doubts[0].Why, tt.why) {
			t.Errorf("%s: %+v", tt.name, v.Doubts)
		}
	}
}

// What says "revoked" decides, whatever else says "good", and what is about another certificate is passed over.
func TestRevokedDecides(t *testing.T) {
	ca := forge("Test CA", nil, nil)
	leaf := forge("leaf", ca, nil)
	good, bad := listOf(ca, nil), listOf(ca, nil, leaf)
	link := revocation.Link{Certificate: leaf.Certificate, Issuer: ca.Certificate}
	answers := []evidence.Answer{
		{Kind: evidence.CRLAnswer, Body: good}, {Kind: evidence.CRLAnswer, From: "the one", Body: bad}, {Kind: evidence.CRLAnswer, Body: good},
	}
	if v := revocation.Judge(link, answers, now); v.State != revocation.Revoked || v.Answer.From != "the one" {
		t.Errorf("%+v", v)
	}
	answers[1].About = []byte("another")
	if v := revocation.Judge(link, answers, now); v.State != revocation.Good {
		t.Errorf("%+v", v)
	}
}

func FuzzOCSP(f *testing.F) {
	ca := forge("Test CA", nil, nil)
	leaf := forge("leaf", ca, nil)
	f.Add(must(ocsp.CreateResponse(ca.Certificate, ca.Certificate, ocsp.Response{SerialNumber: leaf.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(time.Hour)}, ca.key)))
	f.Add(ocsp.TryLaterErrorResponse)
	f.Fuzz(func(t *testing.T, der []byte) {
		revocation.Judge(revocation.Link{Certificate: leaf.Certificate, Issuer: ca.Certificate}, []evidence.Answer{{Kind: evidence.OCSPAnswer, Body: der}}, now)
	})
}
