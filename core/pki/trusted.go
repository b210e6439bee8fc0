package pki

import (
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/evidence"
)

var (
	oidServerAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	oidAnyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
)

// readTrusted reads OpenSSL's TRUSTED CERTIFICATE: a certificate, and after it for what it is trusted and rejected
// (X509_CERT_AUX in OpenSSL's x509.h). One that is not trusted for servers has an Error and so is no trust anchor.
func readTrusted(b *evidence.Block, der []byte) {
	in := cryptobyte.String(der)
	var certificate cryptobyte.String
	if !in.ReadASN1Element(&certificate, cbasn1.SEQUENCE) {
		b.Error = "malformed certificate"
		return
	}
	readCertificate(b, certificate)
	if b.Error != "" || in.Empty() {
		return
	}
	var aux, trusted, rejected cryptobyte.String
	var hasTrusted, hasRejected bool
	reject := cbasn1.Tag(0).Constructed().ContextSpecific()
	if !in.ReadASN1(&aux, cbasn1.SEQUENCE) ||
		!aux.ReadOptionalASN1(&trusted, &hasTrusted, cbasn1.SEQUENCE) ||
		!aux.ReadOptionalASN1(&rejected, &hasRejected, reject) {
		b.Error = "malformed trust settings"
		return
	}
	trustedFor, rejectedFor := readOIDs(trusted), readOIDs(rejected)
	if hasTrusted && !hasServerAuth(trustedFor) || hasServerAuth(rejectedFor) {
		b.Error = "its trust settings exclude servers"
	}
}

func readOIDs(in cryptobyte.String) []asn1.ObjectIdentifier {
	var out []asn1.ObjectIdentifier
	for !in.Empty() {
		var oid asn1.ObjectIdentifier
		if !in.ReadASN1ObjectIdentifier(&oid) {
			return out
		}
		out = append(out, oid)
	}
	return out
}

func hasServerAuth(oids []asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(oids, func(o asn1.ObjectIdentifier) bool { return o.Equal(oidServerAuth) || o.Equal(oidAnyUsage) })
}

// usableCertificate says whether b holds a certificate that Go can parse and that its file does not exclude.
func usableCertificate(b evidence.Block) bool { return b.Certificate != nil && b.Error == "" }
