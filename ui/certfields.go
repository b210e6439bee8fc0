package ui

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"mutual/core/pki"
)

// field is one line about a thing.
type field struct{ name, value string }

// fieldText lines the fields up; those without a value are left out.
func fieldText(fields []field) string {
	var b strings.Builder
	for _, f := range fields {
		for n, line := range strings.Split(f.value, "\n") {
			switch {
			case line == "":
			case n == 0:
				fmt.Fprintf(&b, "%-24s %s\n", f.name, line)
			default:
				fmt.Fprintf(&b, "%-24s %s\n", "", line)
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func utcTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

var keyUsageNames = []string{
	"digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

var extendedUsageNames = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny: "anyExtendedKeyUsage", x509.ExtKeyUsageServerAuth: "serverAuth", x509.ExtKeyUsageClientAuth: "clientAuth", x509.ExtKeyUsageCodeSigning: "codeSigning",
	x509.ExtKeyUsageEmailProtection: "emailProtection", x509.ExtKeyUsageTimeStamping: "timeStamping", x509.ExtKeyUsageOCSPSigning: "OCSPSigning",
}

func certificateFields(c *x509.Certificate) []field {
	return []field{
		{"Subject", c.Subject.String()}, {"Issuer", c.Issuer.String()}, {"Serial number", c.SerialNumber.Text(16)},
		{"Valid from", utcTime(c.NotBefore)}, {"Valid until", utcTime(c.NotAfter)}, {"Version", fmt.Sprint(c.Version)},
		{"Names", strings.Join(append(subjectNames(c), uris(c)...), "\n")}, {"Public key", pki.KeyTypeOf(c.PublicKey)},
		{"Signature", c.SignatureAlgorithm.String()}, {"Authority", authorityWords(c)}, {"Key usage", keyUsages(c.KeyUsage)},
		{"Extended key usage", extendedUsages(c)}, {"Subject key identifier", hex.EncodeToString(c.SubjectKeyId)},
		{"Authority key identifier", hex.EncodeToString(c.AuthorityKeyId)}, {"Name constraints", constraintWords(c)},
		{"Revocation lists", strings.Join(c.CRLDistributionPoints, "\n")}, {"OCSP", strings.Join(c.OCSPServer, "\n")},
		{"Issuer's certificate", strings.Join(c.IssuingCertificateURL, "\n")}, {"Policies", policies(c)}, {"Extensions", extensions(c.Extensions)},
	}
}

func uris(c *x509.Certificate) []string {
	var out []string
	for _, u := range c.URIs {
		out = append(out, u.String())
	}
	return out
}

func authorityWords(c *x509.Certificate) string {
	switch {
	case !c.BasicConstraintsValid:
		return "it does not say"
	case !c.IsCA:
		return "no"
	case c.MaxPathLen > 0 || c.MaxPathLenZero:
		return fmt.Sprintf("yes, at most %s below it", countOf(c.MaxPathLen, "authority", "authorities"))
	}
	return "yes"
}

func keyUsages(u x509.KeyUsage) string {
	var out []string
	for n, name := range keyUsageNames {
		if u&(1<<n) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

func extendedUsages(c *x509.Certificate) string {
	var out []string
	for _, u := range c.ExtKeyUsage {
		name := extendedUsageNames[u]
		if name == "" {
			name = fmt.Sprintf("number %d", u)
		}
		out = append(out, name)
	}
	for _, oid := range c.UnknownExtKeyUsage {
		out = append(out, oid.String())
	}
	return strings.Join(out, ", ")
}

func constraintWords(c *x509.Certificate) string {
	var out []string
	for _, n := range c.PermittedDNSDomains {
		out = append(out, "only "+n)
	}
	for _, n := range c.PermittedIPRanges {
		out = append(out, "only "+n.String())
	}
	for _, n := range c.ExcludedDNSDomains {
		out = append(out, "not "+n)
	}
	for _, n := range c.ExcludedIPRanges {
		out = append(out, "not "+n.String())
	}
	return strings.Join(out, "\n")
}

func policies(c *x509.Certificate) string {
	var out []string
	for _, p := range c.PolicyIdentifiers {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

// extensions lists all of them by number, so that none is passed over.
func extensions(list []pkix.Extension) string {
	var out []string
	for _, e := range list {
		text := e.Id.String()
		if e.Critical {
			text += " (critical)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func requestFields(r *x509.CertificateRequest) []field {
	var addresses []string
	for _, ip := range r.IPAddresses {
		addresses = append(addresses, ip.String())
	}
	return []field{
		{"Subject", r.Subject.String()}, {"Names", strings.Join(append(append([]string{}, r.DNSNames...), addresses...), "\n")},
		{"Public key", pki.KeyTypeOf(r.PublicKey)}, {"Signature", r.SignatureAlgorithm.String()}, {"Extensions", extensions(r.Extensions)},
	}
}

// shownEntries is how many revoked certificates are listed; public lists have hundreds of thousands.
const shownEntries = 1000

func listFields(l *pki.CRL) []field {
	number := ""
	if l.Number != nil {
		number = l.Number.String()
	}
	var revoked []string
	entries := l.Entries(shownEntries)
	for _, e := range entries {
		text := e.Serial.Text(16)
		if !e.Revoked.IsZero() {
			text += " on " + utcTime(e.Revoked)
		}
		if reason := reasonName(e.Reason); reason != "" {
			text += ", " + reason
		}
		revoked = append(revoked, text)
	}
	if more := l.Len() - len(entries); more > 0 {
		revoked = append(revoked, fmt.Sprintf("and %d more", more))
	}
	return []field{
		{"Issuer", listIssuer(l).String()}, {"Number", number}, {"This update", utcTime(l.ThisUpdate)}, {"Next update", utcTime(l.NextUpdate)},
		{"Signature", l.Algorithm.String()}, {"Authority key identifier", hex.EncodeToString(l.AuthorityKeyID)},
		{"Critical, not known", strings.Join(l.UnknownCritical, ", ")}, {"Revoked", strings.Join(revoked, "\n")},
	}
}

// listIssuer is the name of the authority whose list it is.
func listIssuer(l *pki.CRL) (name pkix.Name) {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(l.RawIssuer, &sequence); err == nil && len(rest) == 0 {
		name.FillFromRDNSequence(&sequence)
	}
	return name
}

// listName is what the authority of a list is called.
func listName(l *pki.CRL) string { return pki.CommonName(&x509.Certificate{Subject: listIssuer(l)}) }

// reasonName is the reason of RFC 5280 §5.3.1; empty: unspecified.
func reasonName(code int) string {
	if code == 0 {
		return ""
	}
	for name, n := range pki.Reasons {
		if n == code {
			return strings.ReplaceAll(name, "-", " ")
		}
	}
	return map[int]string{6: "certificate hold", 8: "removed from the list", 10: "AA compromise"}[code]
}
