package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"mutual/core/evidence"
)

// Summary says in one line what a file is: "CA certificate Test CA, until 2027-11-22", or what is wrong with it. Dates
// are UTC.
func Summary(f evidence.File) string {
	if f.Problem != evidence.Readable {
		return problemText(f)
	}
	var parts []string
	certificates := parsedCertificates(f)
	switch len(certificates) {
	case 0:
	case 1:
		parts = append(parts, describeOne(certificates[0], f.Role))
	default:
		parts = append(parts, describeMany(certificates))
	}
	parts = append(parts, describeOthers(f.Blocks)...)
	if len(parts) > 0 && f.Detail != "" && f.Role == "" && f.Format != formatPEM {
		parts = append(parts, f.Detail)
	}
	if len(parts) == 0 {
		if words, ok := formatWords[f.Format]; ok {
			return withDetail(words, f.Detail)
		}
		return "nothing of use"
	}
	return strings.Join(parts, "; ")
}

func parsedCertificates(f evidence.File) []*x509.Certificate {
	var out []*x509.Certificate
	for _, b := range f.Blocks {
		if !usableCertificate(b) {
			continue
		}
		if c, err := x509.ParseCertificate(b.Certificate); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// describeOne says what kind of certificate c is: an authority's by basicConstraints, else by its extended key usage,
// else by the role of the file that it stands in.
func describeOne(c *x509.Certificate, role evidence.Role) string {
	selfIssued := string(c.RawIssuer) == string(c.RawSubject)
	kind := "certificate"
	switch {
	case c.IsCA || role == evidence.RoleCA && selfIssued:
		kind = "CA certificate"
	case slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && role != evidence.RoleCA:
		kind = "client certificate"
	case slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth):
		kind = "server certificate"
	case role == evidence.RoleCertificate:
		kind = "client certificate"
	}
	text := kind + " " + CommonName(c)
	if !selfIssued {
		text += ", issued by " + issuerName(c)
	}
	return text + ", " + until(c)
}

func describeMany(cs []*x509.Certificate) string {
	names := []string{fmt.Sprintf("%s (%s)", CommonName(cs[0]), until(cs[0]))}
	const shown = 4
	for _, c := range cs[1:min(len(cs), shown)] {
		names = append(names, CommonName(c))
	}
	if more := len(cs) - shown; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%d certificates: %s", len(cs), strings.Join(names, ", "))
}

func issuerName(c *x509.Certificate) string {
	return CommonName(&x509.Certificate{Subject: c.Issuer})
}

// until says how long c is valid, or that it is not yet or no longer.
func until(c *x509.Certificate) string {
	switch now := time.Now(); {
	case now.After(c.NotAfter):
		return "expired on " + day(c.NotAfter)
	case now.Before(c.NotBefore):
		return "valid from " + day(c.NotBefore) + " until " + day(c.NotAfter)
	}
	return "until " + day(c.NotAfter)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// kindWords are the kinds of blocks other than certificates.
var kindWords = map[string]string{
	kindCertificate: "certificate", kindPrivateKey: "private key", kindEncryptedKey: "encrypted private key", kindRequest: "certificate request",
	kindPublicKey: "public key", kindCRL: "certificate revocation list", kindPKCS7: "PKCS #7 container", kindParameters: "key parameters",
}

// describeOthers says what stands in the file besides readable certificates, each kind once. Parameters are not worth a
// word beside a key.
func describeOthers(blocks []evidence.Block) []string {
	var out []string
	broken := 0
	for _, b := range blocks {
		switch {
		case usableCertificate(b) || b.Kind == kindParameters && len(blocks) > 1:
			continue
		case whole(b):
			out = append(out, refusedText(b))
			continue
		case b.Error != "":
			broken++
			continue
		}
		words, ok := kindWords[b.Kind]
		if !ok {
			words = fmt.Sprintf("block %q", b.Label)
		}
		if b.KeyType != "" {
			words += " " + b.KeyType
		}
		if !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	if broken > 0 {
		out = append(out, fmt.Sprintf("%d of %d blocks cannot be read", broken, len(blocks)))
	}
	return out
}

// whole says that b is a certificate, key or request of a kind that Go does not have, and nothing is wrong with it but that.
func whole(b evidence.Block) bool {
	text := RefusedKey(b.KeyType)
	return text != "" && strings.HasPrefix(b.Error, text)
}

// refusedText names a block that is whole, and who refuses it.
func refusedText(b evidence.Block) string {
	if b.Certificate != nil {
		outline, _ := outlineOf(b.Certificate)
		return "certificate " + outline.commonName() + ": " + RefusedKey(b.KeyType)
	}
	return kindWords[b.Kind] + " " + b.KeyType + ": " + RefusedKey(b.KeyType)
}

// formatWords are the formats that are not PEM.
var formatWords = map[string]string{
	formatDERCertificate: "a certificate in DER, not PEM", formatDERKey: "a key in DER, not PEM", formatDERRequest: "a certificate request in DER, not PEM",
	formatPKCS7: "a PKCS #7 container, not PEM", formatPKCS12: "a PKCS #12 container, not PEM", formatJKS: "a Java keystore (JKS), not PEM",
	formatJCEKS: "a Java keystore (JCEKS), not PEM", formatBKS: "a Bouncy Castle keystore (BKS or UBER), not PEM", formatDERCRL: "a certificate revocation list in DER, not PEM",
	formatHTML: "a web page, not PEM", formatRTF: "a word processor's file (RTF), not PEM",
	formatOCSPResponse: "an OCSP response, neither certificate nor key", formatOCSPRequest: "an OCSP request, neither certificate nor key",
	formatCMS: "an encrypted or packed message (CMS), without certificates that can be read", formatSMIME: "a signed or encrypted mail (S/MIME)",
	formatJWK: "a JSON Web Key, not PEM", formatPVK: "a private key in Microsoft's PVK format, not PEM", formatMSBlob: "a key blob of Microsoft's CryptoAPI, not PEM",
	formatOpenSSLEnc: "a file encrypted with openssl enc: what is in it cannot be told", formatSPKAC: "a signed public key and challenge (SPKAC), as browsers once sent to authorities",
	formatPGP:     "an OpenPGP key or message, of no use for TLS",
	formatOpenSSH: "an OpenSSH key, not PEM for TLS", formatUTF16: "text in UTF-16, which no TLS program reads",
}

// problemText says in a few words why f cannot be used.
func problemText(f evidence.File) string {
	switch f.Problem {
	case evidence.Missing:
		if f.Path == "" {
			return f.Detail
		}
		return "there is no such file"
	case evidence.Unreadable:
		return "it cannot be read: " + f.Detail
	case evidence.Empty:
		return "the file is empty"
	case evidence.TooLarge:
		return fmt.Sprintf("the file is larger than %d MiB", MaxFileSize>>20)
	case evidence.NotPEM:
		if words, ok := formatWords[f.Format]; ok {
			return words
		}
		return withDetail("not a certificate or key file", f.Detail)
	case evidence.BadEncoding:
		return "damaged PEM text (" + strings.Join(f.Encoding, ", ") + ")"
	case evidence.PassphraseNone:
		if f.Format == formatPKCS12 {
			return "an encrypted PKCS #12 file, its passphrase is needed"
		}
		return "encrypted private key, its passphrase is needed"
	case evidence.PassphraseBad:
		if f.Format == formatPKCS12 {
			return "an encrypted PKCS #12 file, the passphrase does not open it"
		}
		if f.Format == formatJKS || f.Format == formatJCEKS {
			return "a Java keystore, the passphrase does not open it"
		}
		return "encrypted private key, the passphrase does not open it"
	case evidence.KeyMismatch:
		return withDetail("key and certificate do not belong together", f.Detail)
	case evidence.KeyUnsupported:
		if f.Format == formatPKCS12 && f.Role == "" {
			return withDetail("a PKCS #12 container that cannot be opened here", f.Detail)
		}
		return withDetail("a kind of key that cannot be used", f.Detail)
	case evidence.WrongContent:
		return wrongContentText(f)
	}
	return string(f.Problem)
}

func withDetail(text, detail string) string {
	if detail != "" {
		text += ": " + detail
	}
	return text
}

// wrongContentText says what the file holds instead of what its role needs.
func wrongContentText(f evidence.File) string {
	readable := f
	readable.Problem = evidence.Readable
	want := "no certificate"
	if f.Role == evidence.RoleKey {
		want = "no private key"
	}
	return want + " in it, but: " + Summary(readable)
}
