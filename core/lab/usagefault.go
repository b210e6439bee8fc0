package lab

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// shaped is a fault of one certificate that shows in its fields.
func shaped(of func(*specs) *spec, change func(*x509.Certificate)) func(*specs, string) {
	return func(s *specs, _ string) { of(s).shape = change }
}

func theIntermediate(s *specs) *spec { return &s.intermediate }
func theLeaf(s *specs) *spec         { return &s.leaf }

// usageFaults are those of what the server's certificates may do, and of how they are made.
var usageFaults = []fault{
	{Fault: Fault{"wildcard-mismatch", Names, "The wildcard in the broker's certificate does not reach its name",
		"How far a wildcard reaches: one label, at the left."},
		specs: func(s *specs, _ string) { s.leaf.names = []string{"*." + host} }},
	{Fault: Fault{"name-missing", Names, "The broker's certificate names no host",
		"What happens with a certificate that names nobody."},
		specs: func(s *specs, _ string) {
			s.leaf.names, s.leaf.subject = nil, pkix.Name{Organization: s.root.subject.Organization}
		}},
	{Fault: Fault{"issuer-not-ca", Usage, "The certificate that issued the broker's is not an authority's",
		"What makes a certificate an authority's: basic constraints."},
		specs: shaped(theIntermediate, func(t *x509.Certificate) { t.IsCA = false })},
	{Fault: Fault{"issuer-cannot-sign", Usage, "The authority's certificate may not sign others",
		"That the key usage of an authority must allow signing certificates."},
		specs: shaped(theIntermediate, func(t *x509.Certificate) { t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign })},
	{Fault: Fault{"path-length-exceeded", Usage, "The root allows no authority below it",
		"What a path length means, and how many authorities may follow."},
		specs: shaped(func(s *specs) *spec { return &s.root }, func(t *x509.Certificate) { t.MaxPathLenZero = true })},
	{Fault: Fault{"extended-key-usage", Usage, "The broker's certificate is for clients",
		"Why a certificate for clients is no good for a broker."},
		variants: []string{"intermediate"},
		specs: func(s *specs, variant string) {
			s.tier(variant).usage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}},
	{Fault: Fault{"key-usage", Usage, "The broker's certificate may not be used for a handshake",
		"Which key usages a TLS handshake needs."},
		specs: shaped(theLeaf, func(t *x509.Certificate) { t.KeyUsage = x509.KeyUsageDataEncipherment })},
	{Fault: Fault{"name-constraint", Names, "The authority may not issue certificates for this name",
		"How an authority can be limited to some names, and who enforces it."},
		variants: []string{"excluded"},
		specs: func(s *specs, variant string) {
			s.intermediate.shape = func(t *x509.Certificate) {
				t.PermittedDNSDomainsCritical = true
				if variant == "excluded" {
					t.ExcludedDNSDomains = []string{host}
				} else {
					t.PermittedDNSDomains = []string{"practice.example"}
				}
			}
		}},
	{Fault: Fault{"policy-constraint", Usage, "The authority requires a certificate policy",
		"What certificate policies are, and why hardly anybody needs to require them."},
		specs: shaped(theIntermediate, func(t *x509.Certificate) {
			t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidPolicyConstraints, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}})
		})},
	{Fault: Fault{"critical-extension-unknown", Usage, "A certificate has a critical extension that nobody knows",
		"That a verifier must refuse what is marked critical and unknown to it."},
		variants: []string{"intermediate"},
		specs: func(s *specs, variant string) {
			s.tier(variant).shape = func(t *x509.Certificate) {
				t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidUnknown, Critical: true, Value: []byte{5, 0}})
			}
		}},
	{Fault: Fault{"signature-invalid", Signatures, "The broker's certificate was altered after it was signed",
		"That one changed bit breaks the signature, and which certificate was altered."},
		scene: func(c *scene, _ string) error {
			altered, err := alter(c.leaf)
			c.sent[0] = altered
			return err
		}},
	{Fault: Fault{"signature-algorithm-weak", Signatures, "The broker's certificate is signed with SHA-1",
		"Which clients still take SHA-1, and why the certificate has to be issued anew."},
		scene: resigned(ecdsaSHA1, func(*tbsCertificate) {})},
	{Fault: Fault{"signature-algorithm-unsupported", Signatures, "The broker's certificate is signed in a rare way",
		"That a sound but rare algorithm is refused by some clients only."},
		scene: resigned(ecdsaSHA224, func(*tbsCertificate) {})},
	{Fault: Fault{"key-too-weak", Signatures, "The broker's RSA key has only 1024 bits",
		"Which key sizes are refused, and by whom."},
		scene: weakKey},
	{Fault: Fault{"certificate-malformed", Signatures, "The broker's certificate has a negative serial number",
		"How a certificate that Go cannot even read can be shown and judged all the same."},
		scene: resigned(ecdsaSHA256, func(t *tbsCertificate) { t.Serial = new(big.Int).Neg(t.Serial) })},
	{Fault: Fault{"strict-profile", Usage, "The broker's certificate lacks what strict verifiers ask for",
		"What Python 3.13 and other strict verifiers ask for that others do not."},
		scene: func(c *scene, _ string) error {
			leaf, err := forge(spec{subject: c.leaf.Subject, names: []string{host, "127.0.0.1", "::1"}, usage: c.leaf.ExtKeyUsage,
				notBefore: c.leaf.NotBefore, notAfter: c.leaf.NotAfter},
				&identity{Certificate: withoutID(c.intermediate.Certificate), key: c.intermediate.key})
			c.sent[0] = leaf
			return err
		}},
	{Fault: Fault{"certificate-version", Signatures, "The authority's certificate is of X.509 version 1",
		"Why an old version 1 certificate cannot act as an authority."},
		scene: func(c *scene, _ string) error {
			old, err := resign(c.intermediate, c.root, ecdsaSHA256, func(t *tbsCertificate) error {
				t.Version, t.Extensions = 0, asn1.RawValue{}
				return nil
			})
			c.sent[1], c.intermediate = old, old
			return err
		}},
}

var (
	oidPolicyConstraints = asn1.ObjectIdentifier{2, 5, 29, 36}
	// oidUnknown is below 2.999, which is for examples (ITU-T X.660).
	oidUnknown = asn1.ObjectIdentifier{2, 999, 7}
)

// resigned changes the leaf and has the intermediate sign it again.
func resigned(algorithm asn1.ObjectIdentifier, change func(*tbsCertificate)) func(*scene, string) error {
	return func(c *scene, _ string) error {
		leaf, err := resign(c.leaf, c.intermediate, algorithm, func(t *tbsCertificate) error { change(t); return nil })
		c.sent[0] = leaf
		return err
	}
}

// alter flips the last bit of the serial number, which the signature covers.
func alter(i *identity) (*identity, error) {
	der := slices.Clone(i.Raw)
	at := len(i.SerialNumber.Bytes()) - 1
	for n := range der[:64] { // the serial number stands within the first octets
		if string(der[n:n+at+1]) == string(i.SerialNumber.Bytes()) {
			der[n+at] ^= 1
			x, err := x509.ParseCertificate(der)
			return &identity{Certificate: x, key: i.key}, err
		}
	}
	return nil, fmt.Errorf("altering the certificate of %s: its serial number was not found", i.Subject)
}

// weakKey gives the broker a key as they were usual until 2013.
func weakKey(c *scene, _ string) error {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		return fmt.Errorf("making a short key: %w", err)
	}
	leaf, err := forge(spec{subject: c.leaf.Subject, names: []string{host, "127.0.0.1", "::1"}, usage: c.leaf.ExtKeyUsage,
		notBefore: c.leaf.NotBefore, notAfter: c.leaf.NotAfter, key: key}, c.intermediate)
	c.sent[0] = leaf
	return err
}
