package diagnose

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// usageRules are about what a certificate may do, and how it is made.
var usageRules = []chainRule{
	{"issuer-not-ca", "RFC 5280 §4.2.1.9", Warning, issuerNotCA},
	{"issuer-cannot-sign", "RFC 5280 §4.2.1.3", Warning, issuerCannotSign},
	{"path-length-exceeded", "RFC 5280 §4.2.1.9", Warning, pathLengthExceeded},
	{"extended-key-usage", "RFC 5280 §4.2.1.12", Warning, extendedKeyUsage},
	{"key-usage", "RFC 5280 §4.2.1.3", Warning, keyUsage},
	{"name-constraint", "RFC 5280 §4.2.1.10", Warning, nameConstraint},
	{"policy-constraint", "RFC 5280 §4.2.1.11", Warning, policyConstraint},
	{"critical-extension-unknown", "RFC 5280 §4.2", Warning, criticalExtensionUnknown},
	{"signature-invalid", "RFC 5280 §6.1.3", Warning, signatureInvalid},
	{"signature-algorithm-weak", "RFC 9155", Warning, signatureAlgorithmWeak},
	{"signature-algorithm-unsupported", "RFC 5280 §4.1.1.2", Warning, signatureAlgorithmUnsupported},
	{"key-too-weak", "NIST SP 800-57 §5.6.1", Warning, keyTooWeak},
	{"server-key-unsupported", "RFC 8446 §4.2.3", Warning, serverKeyUnsupported},
	{"certificate-malformed", "RFC 5280 §4.1", Warning, certificateMalformed},
	{"certificate-version", "RFC 5280 §4.1.2.1", Warning, certificateVersion},
	{"strict-profile", "RFC 5280 §4.2", Warning, strictProfile},
}

func issuerNotCA(c *Case, f chain.Fault) Finding {
	if f.Index == 0 {
		return Finding{
			Title:  "The broker's certificate stands where an authority's belongs, and is none.",
			Detail: "Some verifiers accept as a trust anchor only what says CA:TRUE in its basic constraints. Trust the authority that issued it; a certificate that signed itself has to be replaced by one from an authority.",
		}
	}
	return Finding{
		Title:  fmt.Sprintf("%s issued a certificate, but is not a certificate authority.", c.the(f)),
		Detail: "Its basic constraints do not say CA:TRUE. It has to be reissued as an authority's certificate, or the broker's certificate be issued by a real one. Often a server's certificate was used in place of the CA's.",
	}
}

func issuerCannotSign(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("%s may not sign certificates.", c.the(f)),
		Detail: "Its key usage lacks keyCertSign. The authority's certificate has to be reissued with keyCertSign and cRLSign.",
	}
}

func pathLengthExceeded(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("%s allows fewer authorities below it than the chain has.", c.the(f)),
		Detail: "Its path length constraint is exceeded. Either the broker's certificate is issued one level higher, or the authority's certificate is reissued with a larger path length.",
	}
}

func extendedKeyUsage(c *Case, f chain.Fault) Finding {
	whom, usage := "TLS servers", "serverAuth"
	if c.Question.Purpose == chain.ClientAuth {
		whom, usage = "TLS clients", "clientAuth"
	}
	out := Finding{
		Title:  fmt.Sprintf("%s is not meant for %s.", c.the(f), whom),
		Detail: fmt.Sprintf("Its extended key usage does not contain %s. It has to be reissued with it.", usage),
	}
	switch x := f.Certificate.X; {
	case x != nil && slices.Contains(x.ExtKeyUsage, x509.ExtKeyUsageAny):
		out.Title = fmt.Sprintf("%s is meant for any use, which some clients do not take for %s.", c.the(f), usage)
		out.Detail = fmt.Sprintf("They want %s by name. It has to be reissued with it.", usage)
	case f.Index > 0:
		out.Detail = fmt.Sprintf("The extended key usage of this authority leaves out %s, and with it everything that it issues is of no use for %s. The certificate has to come from another authority.", usage, whom)
	}
	return out
}

func keyUsage(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The key usage of %s does not allow signing in the handshake.", lowerThe(c.the(f))),
		Detail: "It lacks digitalSignature, which TLS 1.3 and all modern TLS 1.2 cipher suites need. Some clients let that pass, and others refuse: Java, mbedTLS and GnuTLS. It has to be reissued with digitalSignature.",
	}
}

// lowerThe makes a sentence's beginning fit for its middle.
func lowerThe(s string) string {
	if len(s) > 4 && s[:4] == "The " {
		return "the " + s[4:]
	}
	return s
}

// above is the nearest issuer of f's certificate, on the path, of which is holds.
func (c *Case) above(f chain.Fault, is func(*x509.Certificate) bool) (chain.Certificate, bool) {
	for i, x := range c.Analysis.Path {
		if i > f.Index && x.X != nil && is(x.X) {
			return x, true
		}
	}
	return chain.Certificate{}, false
}

func nameConstraint(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("%s has a name that its authority may not sign for.", c.the(f)),
		Detail: "The authority's name constraints permit other names, or exclude these. The broker needs a name inside the permitted part, or a certificate from another authority.",
	}
	if f.Index < 0 {
		return out
	}
	issuer, ok := f.Issuer, f.Issuer.X != nil // the one that does not allow it, where that is known
	if !ok {
		issuer, ok = c.above(f, func(x *x509.Certificate) bool { return len(constraints(x)) > 0 })
	}
	if !ok {
		return out
	}
	out.Title = fmt.Sprintf("%s has a name that the authority %s may not sign for.", c.the(f), quote(called(issuer)))
	if all := names(f.Certificate); len(all) > 0 {
		out.Evidence = append(out.Evidence, Fact{"names in the certificate", strings.Join(all, ", ")})
	}
	out.Evidence = append(out.Evidence, Fact{"constrained by", called(issuer) + ", " + where(issuer)})
	out.Evidence = append(out.Evidence, constraints(issuer.X)...)
	return out
}

// constraints are the name constraints of an authority, as far as names and addresses go.
func constraints(x *x509.Certificate) (facts []Fact) {
	add := func(what string, names []string) {
		if len(names) > 0 {
			facts = append(facts, Fact{what, strings.Join(names, ", ")})
		}
	}
	networks := func(all []*net.IPNet) (texts []string) {
		for _, n := range all {
			texts = append(texts, n.String())
		}
		return texts
	}
	add("permitted names", x.PermittedDNSDomains)
	add("excluded names", x.ExcludedDNSDomains)
	add("permitted addresses", networks(x.PermittedIPRanges))
	add("excluded addresses", networks(x.ExcludedIPRanges))
	return facts
}

// oidPolicyConstraints is RFC 5280 §4.2.1.11's.
var oidPolicyConstraints = asn1.ObjectIdentifier{2, 5, 29, 36}

func policyConstraint(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("%s does not carry the certificate policy that an authority above it requires.", c.the(f)),
		Detail: "An explicit policy is required (policyConstraints), and no policy holds along the whole path. The certificates below have to be reissued with the policy.",
	}
	issuer, ok := c.above(f, func(x *x509.Certificate) bool {
		return slices.ContainsFunc(x.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidPolicyConstraints) })
	})
	if ok {
		out.Title = fmt.Sprintf("%s does not carry the certificate policy that the authority %s requires.", c.the(f), quote(called(issuer)))
	}
	return out
}

func criticalExtensionUnknown(c *Case, f chain.Fault) Finding {
	if !slices.Contains(f.Clients, "go") {
		return Finding{
			Title:  fmt.Sprintf("%s has a critical extension that some clients do not know.", c.the(f)),
			Detail: "What is marked critical and not understood must be refused. The extension is in order; the clients named here have to be updated, or the broker needs a certificate without it.",
		}
	}
	return Finding{
		Title:  fmt.Sprintf("%s has a critical extension%s that clients do not know.", c.the(f), unknownCritical(f.Certificate)),
		Detail: "An extension that is marked critical and not understood must be refused. The certificate has to be reissued without it, or with it not critical.",
	}
}

// unknownCritical is the object identifiers, for a title, of the critical extensions of x that Go does not know.
func unknownCritical(x chain.Certificate) string {
	if x.X == nil || len(x.X.UnhandledCriticalExtensions) == 0 {
		return ""
	}
	var ids []string
	for _, id := range x.X.UnhandledCriticalExtensions {
		ids = append(ids, id.String())
	}
	return " (" + strings.Join(ids, ", ") + ")"
}

func signatureInvalid(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("The signature on %s does not verify.", lowerThe(c.the(f))),
		Detail: "The certificate was altered after it was signed, or another key than its issuer's signed it. Fetch the certificate again from the authority.",
	}
}

func signatureAlgorithmWeak(c *Case, f chain.Fault) Finding {
	algorithm := "SHA-1 or MD5"
	if f.Certificate.X != nil {
		algorithm = f.Certificate.X.SignatureAlgorithm.String()
	}
	return Finding{
		Title:  fmt.Sprintf("%s is signed with %s, which is no longer safe.", c.the(f), algorithm),
		Detail: "Current clients refuse such signatures, because they can be forged. It has to be reissued with SHA-256 or better.",
	}
}

func signatureAlgorithmUnsupported(c *Case, f chain.Fault) Finding {
	if !slices.Contains(f.Clients, "go") {
		out := Finding{
			Title:  fmt.Sprintf("%s has a key or a signature of a kind that some clients cannot check.", c.the(f)),
			Detail: "With RSA or ECDSA P-256 and SHA-256 it would work everywhere.",
		}
		if f.Certificate.X != nil {
			out.Detail = "Mutual can. " + out.Detail
		}
		return out
	}
	return Finding{
		Title:  fmt.Sprintf("%s is signed %s.", c.the(f), unchecked(f.Certificate)),
		Detail: "OpenSSL may accept it. The surest way is to have it reissued with RSA or ECDSA and SHA-256.",
	}
}

// unchecked says in which way x is signed, as far as it has a name here.
func unchecked(x chain.Certificate) string {
	if x.X == nil || x.X.SignatureAlgorithm == x509.UnknownSignatureAlgorithm {
		return "in a way that this program cannot check"
	}
	return "with " + x.X.SignatureAlgorithm.String() + ", which this program cannot check"
}

func keyTooWeak(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("The key of %s%s is too short to be safe.", lowerThe(c.the(f)), keySize(f.Certificate)),
		Detail: "RSA keys need 2,048 bits at least, elliptic curves 256. A new key and certificate have to be made.",
	}
	if f.Index == 0 && hopelesslyShort(f.Certificate) {
		out.Severity = Error
		out.Detail = "This program checks no signature of an RSA key under 1,024 bits, so that no handshake can succeed. " + out.Detail
	}
	return out
}

// keySize is ", RSA with 1024 bits," for a title; empty where the key cannot be read.
func keySize(x chain.Certificate) string {
	if x.X == nil {
		return ""
	}
	switch k := x.X.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf(", RSA with %d bits,", k.N.BitLen())
	case *ecdsa.PublicKey:
		return fmt.Sprintf(", ECDSA with %d bits,", k.Curve.Params().BitSize)
	}
	return ""
}

// leastRSA is the size in bits under which crypto/rsa refuses every signature (since Go 1.24; the setting rsa1024min).
const leastRSA = 1024

// hopelesslyShort says that the holder of x cannot prove to this program that the key is its own, whatever the path.
func hopelesslyShort(x chain.Certificate) bool {
	if x.X == nil {
		return false
	}
	k, ok := x.X.PublicKey.(*rsa.PublicKey)
	return ok && k.N.BitLen() < leastRSA
}

func serverKeyUnsupported(c *Case, f chain.Fault) Finding {
	if !slices.Contains(f.Clients, "go") {
		return Finding{
			Title:  fmt.Sprintf("The key of %s is of a kind that some clients cannot use.", lowerThe(c.the(f))),
			Detail: "Mutual can. With an RSA key, or ECDSA on P-256, it would work everywhere.",
		}
	}
	return Finding{
		Title:  fmt.Sprintf("The key of %s is of a kind that this program cannot use.", lowerThe(c.the(f))),
		Detail: "RSA, ECDSA on P-256, P-384 and P-521, and Ed25519 can be used by nearly all clients. The broker needs a certificate with such a key.",
	}
}

func certificateMalformed(c *Case, f chain.Fault) Finding {
	if f.Detail == chain.IssuerIDContradicts {
		return issuerIDContradicts(c, f)
	}
	out := Finding{
		Title:  fmt.Sprintf("%s breaks the rules for certificates.", c.the(f)),
		Detail: "It has to be reissued.",
	}
	if f.Certificate.X == nil {
		out.Title = fmt.Sprintf("%s breaks the rules for certificates, and Go cannot read it.", c.the(f))
		out.Detail = c.lenient(f) + " It has to be reissued."
		if kind, known := keyKinds[keyIdentifier(f.Certificate.DER)]; known && len(f.Certificate.Flaws()) == 0 {
			out.Title = fmt.Sprintf("%s has %s, and Go cannot read it.", c.the(f), kind.what)
		}
		if f.Certificate.Source == evidence.CAFile {
			out.Detail = "It is passed over as a trust anchor. " + out.Detail
		}
	}
	out.Detail = sentences(append(f.Certificate.Flaws(), out.Detail)...)
	if f.Certificate.Error != "" {
		out.Evidence = []Fact{{"parser", f.Certificate.Error}}
	}
	return out
}

// issuerIDContradicts is about a certificate whose issuer is at hand, and that says of it what is not so.
func issuerIDContradicts(c *Case, f chain.Fault) Finding {
	out := Finding{
		Title:  fmt.Sprintf("%s names another key as its issuer's than the one that signed it.", c.the(f)),
		Detail: fmt.Sprintf("The signature of %s fits, but the authority key identifier is not that of %s. Verifiers that look an issuer up by the identifier find none. The certificate has to be reissued with the right identifier.", quote(issuerOf(f)), where(f.Issuer)),
	}
	if x := f.Issuer.X; x != nil {
		out.Evidence = []Fact{{"key identifier of its issuer", colons(x.SubjectKeyId)}}
	}
	return out
}

// gapIDs say that a chain led to no trust anchor.
var gapIDs = []string{"root-unknown", "intermediate-missing", "ca-rotated", "root-sent-untrusted", "self-signed-leaf"}

// lenient names the clients that have nothing against a certificate which Go cannot read.
func (c *Case) lenient(f chain.Fault) string {
	var names []string
	for _, v := range c.Verdicts {
		objects := func(r chain.Reason) bool {
			lost := f.Certificate.Source == evidence.CAFile && slices.Contains(gapIDs, r.ID) // passed over here too
			return lost || r.SHA256 == f.Certificate.SHA256 || r.SHA256 == [32]byte{}
		}
		if v.Client != "go" && !slices.ContainsFunc(v.Reasons, objects) {
			names = append(names, clientName(v.Client))
		}
	}
	if len(names) == 0 {
		return "No other client accepts it either."
	}
	return "Others read it without complaint: " + strings.Join(names, "; ") + "."
}

func certificateVersion(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("%s is of X.509 version 1, which has no room for names, usages or constraints.", c.the(f)),
		Detail: "It has to be reissued as version 3; with openssl x509 -req that needs -extfile.",
	}
}

func strictProfile(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:  fmt.Sprintf("%s does not keep to the strict profile that Python 3.13 and later demand.", c.the(f)),
		Detail: "It works with most clients. The next certificate that its authority issues should have what is missing: an authority key identifier, a subject key identifier, basic constraints marked critical. openssl adds them with -extfile; the Certificates page always does.",
	}
}
