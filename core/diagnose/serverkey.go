package diagnose

import (
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// keyKind is a kind of public key that this program does not have, and what is known of who does. Which programs refuse
// a server with it, and which do not, was observed against OpenSSL's server; about the others nothing is said.
type keyKind struct {
	what             string // "an ECDSA key on the curve secp256k1"
	refuse, accepted []string
}

var (
	openSSLs = []string{"openssl", "openssl-partial", "python313"}
	// rareCurve is a curve that OpenSSL, Java and GnuTLS know and do not offer.
	rareCurve = keyKind{refuse: append([]string{"go", "java", "gnutls"}, openSSLs...), accepted: []string{"mbedtls"}}
	oldCurve  = keyKind{refuse: append([]string{"go", "gnutls"}, openSSLs...)}
)

// keyKinds are by the algorithm's object identifier, or, for ECDSA, by that of the curve (RFC 5480, RFC 5639, RFC 8410,
// SEC 2).
var keyKinds = map[string]keyKind{
	"1.2.840.113549.1.1.10": {"an RSA key that is for RSA-PSS signatures only", []string{"go", "mbedtls"}, append([]string{"java", "gnutls"}, openSSLs...)},
	"1.3.101.113":           {"an Ed448 key", []string{"go", "mbedtls"}, openSSLs},
	"1.2.840.10040.4.1":     {"a DSA key", []string{"go"}, nil},
	"1.3.132.0.10":          rareCurve.named("an ECDSA key on the curve secp256k1"),
	"1.3.36.3.3.2.8.1.1.7":  rareCurve.named("an ECDSA key on the curve brainpoolP256r1"),
	"1.3.36.3.3.2.8.1.1.11": rareCurve.named("an ECDSA key on the curve brainpoolP384r1"),
	"1.3.36.3.3.2.8.1.1.13": rareCurve.named("an ECDSA key on the curve brainpoolP512r1"),
	"1.3.132.0.33":          oldCurve.named("an ECDSA key on the curve P-224"),
	"1.2.840.10045.3.1.1":   oldCurve.named("an ECDSA key on the curve P-192"),
}

// usableKeys are those that crypto/tls has: RSA, Ed25519, and ECDSA on P-256, P-384 and P-521.
var usableKeys = []string{"1.2.840.113549.1.1.1", "1.3.101.112", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"}

func (k keyKind) named(what string) keyKind { k.what = what; return k }

// oidECDSA is id-ecPublicKey (RFC 5480 §2.1.1).
const oidECDSA = "1.2.840.10045.2.1"

// keyIdentifier is the object identifier that tells the kind of a certificate's key; empty when it cannot be read.
func keyIdentifier(der []byte) string {
	s := cryptobyte.String(der)
	var certificate, tbs, spki, algorithm cryptobyte.String
	var oid asn1.ObjectIdentifier
	const sequence = cryptobyteasn1.SEQUENCE
	if !s.ReadASN1(&certificate, sequence) || !certificate.ReadASN1(&tbs, sequence) ||
		!tbs.SkipOptionalASN1(cryptobyteasn1.Tag(0).Constructed().ContextSpecific()) || !tbs.SkipASN1(cryptobyteasn1.INTEGER) ||
		!tbs.SkipASN1(sequence) || !tbs.SkipASN1(sequence) || !tbs.SkipASN1(sequence) || !tbs.SkipASN1(sequence) ||
		!tbs.ReadASN1(&spki, sequence) || !spki.ReadASN1(&algorithm, sequence) || !algorithm.ReadASN1ObjectIdentifier(&oid) {
		return ""
	}
	if oid.String() == oidECDSA && !algorithm.ReadASN1ObjectIdentifier(&oid) {
		return oidECDSA // the curve's parameters are written out
	}
	return oid.String()
}

// strangeKey is the kind of the server's key when it is not one that this program has. Only what a probe recovered is
// looked at: with another chain, the handshake came further.
func (c *Case) strangeKey() (kind keyKind, strange bool) {
	if c.TLS == nil || !c.TLS.SentToProbe || len(c.TLS.Sent) == 0 {
		return keyKind{}, false
	}
	id := keyIdentifier(c.TLS.Sent[0].DER)
	if id == "" || slices.Contains(usableKeys, id) {
		return keyKind{}, false
	}
	if kind, known := keyKinds[id]; known {
		return kind, true
	}
	what := fmt.Sprintf("a key of a kind without a usual name (%s)", id)
	if id == oidECDSA {
		what = "an ECDSA key on a curve whose parameters are written out"
	}
	return keyKind{what: what, refuse: []string{"go"}}, true
}

// strangeServerKey is for a key that nothing was offered for: the server had to end the handshake.
func strangeServerKey(c *Case) []Finding {
	kind, strange := c.strangeKey()
	if !strange {
		return nil
	}
	leaf := c.parse(c.TLS.Sent[0])
	others := slices.DeleteFunc(slices.Clone(kind.refuse), func(client string) bool { return client == "go" })
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The broker's certificate has %s, which Mutual cannot use.", kind.what),
		Detail:   "The broker ended the handshake, because nothing that was offered fits its key; a hello that offers every kind of key was answered with this certificate.",
		Clients:  kind.refuse,
		Subject:  certificateSubject(leaf),
		Evidence: c.answerOfProbe(),
	}
	if len(others) > 0 {
		f.Detail = sentences(f.Detail, "It is refused by "+clientList(others)+" as well.")
	}
	if slices.Contains(others, "openssl") {
		f.Detail = sentences(f.Detail, "Where they know the curve, they do not offer it in their hello.")
	}
	if len(kind.accepted) > 0 {
		f.Detail = sentences(f.Detail, "It is accepted by "+clientList(kind.accepted)+".")
	}
	f.Detail = sentences(f.Detail, "With a certificate on ECDSA P-256, or RSA with 2,048 bits or more, every client can connect.")
	if leaf.X == nil {
		f.Evidence = append(f.Evidence, Fact{"parser", leaf.Error})
	}
	return []Finding{f}
}

// shortServerKey is for an RSA key so short that no signature of it can end a handshake with this program.
func shortServerKey(c *Case) []Finding {
	if c.TLS == nil || c.TLS.Complete || len(c.TLS.Sent) == 0 || !c.TLS.SentToProbe && c.TLS.Failure == evidence.Unverified {
		return nil // where the chain was refused, what chain says of the key is enough
	}
	leaf := c.parse(c.TLS.Sent[0])
	if !hopelesslyShort(leaf) {
		return nil
	}
	clients := []string{"go"}
	for _, f := range c.Analysis.Faults {
		if f.ID == "key-too-weak" && f.Index == 0 {
			clients = append(clients, f.Clients...)
		}
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("The broker's certificate has an RSA key of %d bits, which is too short.", leaf.X.PublicKey.(*rsa.PublicKey).N.BitLen()),
		Detail:   "Such a key can be broken, and what TLS signs today does not fit into it; this program checks no signature of an RSA key under 1,024 bits. A new key of 2,048 bits or more, or one on P-256, and a certificate for it have to be made.",
		Clients:  clients,
		Subject:  certificateSubject(leaf),
	}}
}

// keyWithoutUse is the kind of the key of a chain that is judged without a handshake, where crypto/tls has no use for it.
func (c *Case) keyWithoutUse() (kind keyKind, strange bool) {
	if !c.offline || len(c.Question.Sent) == 0 {
		return keyKind{}, false
	}
	kind, strange = keyKinds[keyIdentifier(c.Question.Sent[0].DER)]
	return kind, strange
}

// strangeOffline says what strangeServerKey says, without a server that was tried.
func strangeOffline(c *Case) []Finding {
	kind, strange := c.keyWithoutUse()
	if !strange {
		return nil
	}
	leaf := c.Question.Sent[0]
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The certificate %s has %s, which Mutual cannot use.", quote(called(leaf)), kind.what),
		Detail:   sentences("It is refused by "+clientList(kind.refuse)+".", "With a certificate on ECDSA P-256, or RSA with 2,048 bits or more, every client can connect."),
		Clients:  kind.refuse,
		Subject:  certificateSubject(leaf),
		Evidence: []Fact{{"object identifier of the key", keyIdentifier(leaf.DER)}},
	}
	if leaf.X == nil {
		f.Evidence = append(f.Evidence, Fact{"parser", leaf.Error})
	}
	return []Finding{f}
}

// handshakeWords are what a client says, and its number for it, when the server ends the handshake for want of anything
// in common (alert 40).
var handshakeWords = map[string][2]string{
	"go": {"alert 40", "remote error: tls: handshake failure"}, "java": {"", "Received fatal alert: handshake_failure"},
	"gnutls":  {"GNUTLS_E_FATAL_ALERT_RECEIVED", "A TLS fatal alert has been received. (40: Handshake failed)"},
	"openssl": {"0A000410", "sslv3 alert handshake failure"}, "openssl-partial": {"0A000410", "sslv3 alert handshake failure"},
	"python313": {"SSLV3_ALERT_HANDSHAKE_FAILURE", "sslv3 alert handshake failure"},
}

// verdicts are what the clients would say of the connection. A client that would take the chain never gets to see it
// where its hello offers nothing that fits the server's key.
func (c *Case) verdicts() []chain.Verdict {
	kind, strange := c.strangeKey()
	if !strange {
		return c.Verdicts
	}
	vs := slices.Clone(c.Verdicts)
	for i, v := range vs {
		if words, known := handshakeWords[v.Client]; known && slices.Contains(kind.refuse, v.Client) {
			vs[i] = chain.Verdict{Client: v.Client, Code: words[0], Text: words[1], Depth: -1}
		}
	}
	return vs
}

func clientList(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, clientName(id))
	}
	return list(names)
}

// answerOfProbe is the alert and what came to the probe instead.
func (c *Case) answerOfProbe() []Fact {
	facts := []Fact{{"object identifier of the key", keyIdentifier(c.TLS.Sent[0].DER)}}
	for _, p := range c.Probes {
		if strings.HasPrefix(p.Name, "any-key-") && len(p.Certificates) > 0 {
			facts = append(facts, Fact{"probe", p.Detail})
		}
	}
	return facts
}
