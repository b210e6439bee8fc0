package diagnose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// Chains in the shapes that public and private authorities really have: cross-signed roots, renewed and re-keyed
// intermediates, collections of authorities, other kinds of keys. They are made by crypto/x509, so that they share
// nothing with the mutants of package chain. Each shape is sound; faults are put into each, one at a time.

// shapeClock is the time at which the shapes are judged.
var shapeClock = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const shapeHost = "mqtt.example.org"

// signer is a certificate with the key that signs with it.
type signer struct {
	*x509.Certificate
	key crypto.Signer
}

// shape is one way of being sound: what is sent, the end-entity certificate first, and what is trusted. issuer is what
// issued the end-entity certificate, other is every other certificate of that name.
type shape struct {
	name    string
	sent    []*signer
	anchors []*signer
	asked   string
}

// maker makes the certificates of one shape. Its template functions spoil the end-entity certificate or all the
// intermediates, so that a fault reaches every copy of them.
type maker struct {
	leaf, intermediate func(*x509.Certificate)
	n                  int64
}

var kinds = sync.OnceValue(func() map[string]func() crypto.Signer {
	generate := func(f func() (crypto.Signer, error)) func() crypto.Signer {
		return func() crypto.Signer {
			k, err := f()
			if err != nil {
				panic(err)
			}
			return k
		}
	}
	curve := func(c elliptic.Curve) func() crypto.Signer {
		return generate(func() (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) })
	}
	return map[string]func() crypto.Signer{
		"P-256": curve(elliptic.P256()), "P-384": curve(elliptic.P384()), "P-521": curve(elliptic.P521()),
		"RSA":     sync.OnceValue(generate(func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) })),
		"Ed25519": generate(func() (crypto.Signer, error) { _, k, err := ed25519.GenerateKey(rand.Reader); return k, err }),
	}
})

func newKey(kind string) crypto.Signer { return kinds()[kind]() }

// issue signs a certificate for key. by nil: with key itself.
func (m *maker) issue(name string, key crypto.Signer, by *signer, change ...func(*x509.Certificate)) *signer {
	m.n++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(0x1000 + m.n), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}},
		NotBefore: shapeClock.AddDate(-1, 0, 0), NotAfter: shapeClock.AddDate(3, 0, 0), BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if by == nil {
		c.NotBefore, c.NotAfter = shapeClock.AddDate(-8, 0, 0), shapeClock.AddDate(9, 0, 0)
	}
	for _, f := range change {
		f(c)
	}
	signed := &signer{c, key}
	if by != nil {
		signed = by
	}
	der, err := x509.CreateCertificate(rand.Reader, c, signed.Certificate, key.Public(), signed.key)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &signer{x, key}
}

func (m *maker) root(name, kind string, change ...func(*x509.Certificate)) *signer {
	return m.issue(name, newKey(kind), nil, change...)
}

// under is an intermediate; spoiled like all of them.
func (m *maker) under(name string, key crypto.Signer, by *signer, change ...func(*x509.Certificate)) *signer {
	if m.intermediate != nil {
		change = append(change, m.intermediate)
	}
	return m.issue(name, key, by, change...)
}

func (m *maker) end(kind string, by *signer, change ...func(*x509.Certificate)) *signer {
	all := append([]func(*x509.Certificate){func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature
		c.Subject = pkix.Name{CommonName: shapeHost}
		c.DNSNames, c.ExtKeyUsage = []string{shapeHost}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.NotBefore, c.NotAfter = shapeClock.AddDate(0, -1, 0), shapeClock.AddDate(0, 2, 0)
	}}, change...)
	if m.leaf != nil {
		all = append(all, m.leaf)
	}
	return m.issue(shapeHost, newKey(kind), by, all...)
}

func expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = shapeClock.AddDate(-6, 0, 0), shapeClock.AddDate(-1, 0, 0)
}
func list(s ...*signer) []*signer { return s }

// collection is a file of many authorities, some of them expired, with mine somewhere in it.
func (m *maker) collection(n int, mine ...*signer) (all []*signer) {
	for i := range n {
		if i == n/2 {
			all = append(all, mine...)
		}
		s := m.root(fmt.Sprintf("Collected Root %d", i%(n-3)), "P-256", func(c *x509.Certificate) {
			if i%9 == 0 {
				expired(c)
			}
		})
		if all = append(all, s); i%20 == 5 {
			all = append(all, s)
		}
	}
	return all
}

// shapes are all shapes, made by m.
func shapes(m *maker) []shape {
	var all []shape
	add := func(name string, sent, anchors []*signer, asked ...string) {
		s := shape{name: name, sent: sent, anchors: anchors, asked: shapeHost}
		if len(asked) > 0 {
			s.asked = asked[0]
		}
		all = append(all, s)
	}
	for _, kind := range []string{"P-256", "P-384", "P-521", "RSA", "Ed25519"} {
		r := m.root("Root "+kind, kind)
		i := m.under("Issuing CA "+kind, newKey(kind), r)
		add("all of "+kind, list(m.end(kind, i), i), list(r))
	}
	rsaRoot := m.root("PSS Root", "RSA", func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA256WithRSAPSS })
	pss := m.under("PSS Issuing CA", newKey("RSA"), rsaRoot, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA384WithRSAPSS })
	add("RSASSA-PSS", list(m.end("RSA", pss, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA256WithRSAPSS }), pss), list(rsaRoot))

	old, young := m.root("Old Root", "RSA"), m.root("Young Root", "P-384")
	cross := m.under("Young Root", young.key, old)
	e1 := m.under("E1", newKey("P-384"), young)
	e1leaf := m.end("P-256", e1)
	add("cross-signed, old root trusted", list(e1leaf, e1, cross), list(old))
	add("cross-signed, new root trusted", list(e1leaf, e1, cross), list(young))
	add("cross-signed, both trusted", list(e1leaf, e1, cross), list(old, young))
	add("cross-certificate not sent, new root trusted", list(e1leaf, e1), list(young))
	add("cross-signed, in a collection", list(e1leaf, e1, cross), m.collection(150, old, young))
	dead := m.root("Dead Root", "RSA", expired)
	deadCross := m.issue("Young Root", young.key, dead, expired)
	add("cross-certificate of an expired root sent, both in the file", list(e1leaf, e1, deadCross), list(dead, young))
	add("expired cross-certificate trusted beside the root", list(e1leaf, e1), list(deadCross, young))
	add("old cross-certificate beside the current one", list(e1leaf, e1, deadCross, cross), list(old, dead))

	r := m.root("Private Root CA", "RSA")
	i1 := m.under("Private Issuing CA", newKey("P-256"), r)
	twin := m.under("Private Issuing CA", newKey("P-256"), r)
	renewed := m.under("Private Issuing CA", i1.key, r)
	leaf := m.end("P-256", i1)
	add("intermediate re-keyed, both sent", list(leaf, i1, twin), list(r))
	add("intermediate re-keyed, the wrong one first", list(leaf, twin, i1), list(r))
	add("intermediate renewed, both sent", list(leaf, i1, renewed), list(r))
	add("intermediate renewed, the other one sent", list(leaf, renewed), list(r))
	add("expired copy of the intermediate sent too", list(leaf, m.issue("Private Issuing CA", i1.key, r, expired), i1), list(r))
	add("expired copy of the root trusted too", list(leaf, i1), list(m.issue("Private Root CA", r.key, nil, expired), r))
	add("expired copy of the root sent", list(leaf, i1, m.issue("Private Root CA", r.key, nil, expired)), list(r))
	add("re-keyed root beside the old one", list(leaf, i1), list(m.root("Private Root CA", "P-256"), r))
	add("root trusted twice", list(leaf, i1), list(r, r))
	add("root sent", list(leaf, i1, r), list(r))
	add("everything sent twice", list(leaf, i1, leaf, i1), list(r))
	add("intermediate trusted beside the root", list(leaf, i1), list(i1, r))
	add("end entity trusted beside the root", list(leaf, i1), list(leaf, r))
	add("collection of authorities", list(leaf, i1), m.collection(150, r))
	add("stranger sent", list(leaf, i1, old), list(r))

	long := list(m.root("Long Root", "P-256"))
	for n := range 7 {
		long = append(list(m.under(fmt.Sprintf("Tier %d CA", n), newKey("P-256"), long[0])), long...)
	}
	add("seven intermediates", append(list(m.end("P-256", long[0])), long[:7]...), long[7:])

	add("wildcard", list(m.end("P-256", i1, func(c *x509.Certificate) { c.DNSNames = []string{"*.example.org"} }), i1), list(r))
	add("many names", list(m.end("P-256", i1, func(c *x509.Certificate) {
		for n := range 90 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("host%d.example.org", n))
		}
	}), i1), list(r))
	add("upper case", list(m.end("P-256", i1, func(c *x509.Certificate) { c.DNSNames = []string{"MQTT.Example.ORG"} }), i1), list(r))
	add("internationalized name", list(m.end("P-256", i1, func(c *x509.Certificate) { c.DNSNames = []string{"xn--bcher-kva.example"} }), i1), list(r), "xn--bcher-kva.example")
	addresses := func(c *x509.Certificate) {
		c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 7), net.ParseIP("2001:db8::7")}
	}
	add("IPv4 address", list(m.end("P-256", i1, addresses), i1), list(r), "192.0.2.7")
	add("IPv6 address", list(m.end("P-256", i1, addresses), i1), list(r), "2001:db8::7")
	add("no extended key usage", list(m.end("P-256", i1, func(c *x509.Certificate) { c.ExtKeyUsage = nil }), i1), list(r))
	add("RSA key that also enciphers", list(m.end("RSA", i1, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment }), i1), list(r))
	add("no key usage", list(m.end("P-256", i1, func(c *x509.Certificate) { c.KeyUsage = 0 }), i1), list(r))
	add("serial number of 20 octets", list(m.end("P-256", i1, func(c *x509.Certificate) {
		c.SerialNumber = new(big.Int).Lsh(big.NewInt(0x7f), 152)
	}), i1), list(r))
	add("never expires", list(m.end("P-256", i1, func(c *x509.Certificate) {
		c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}), i1), list(r))
	add("six days", list(m.end("P-256", i1, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = shapeClock.AddDate(0, 0, -1), shapeClock.AddDate(0, 0, 5)
	}), i1), list(r))
	narrow := m.under("Narrow CA", newKey("P-256"), r, func(c *x509.Certificate) {
		c.PermittedDNSDomains, c.PermittedDNSDomainsCritical, c.MaxPathLenZero = []string{"example.org"}, true, true
	})
	add("name constraints and path length kept", list(m.end("P-256", narrow), narrow), list(r))
	plain := m.root("Plain Root", "RSA", func(c *x509.Certificate) { c.SubjectKeyId = nil; c.KeyUsage = 0 })
	add("end entity right under a bare root", list(m.end("P-256", plain)), list(plain))
	public := m.root("Public Root", "RSA")
	add("root with policies", list(m.end("P-256", public, func(c *x509.Certificate) {
		c.PolicyIdentifiers = nil
		c.Policies = []x509.OID{mustOID("2.23.140.1.2.1")}
	})), list(public))
	loopA := m.root("Loop A", "P-256")
	loopB := m.under("Loop B", newKey("P-256"), loopA)
	loopAB := m.under("Loop A", loopA.key, loopB)
	add("authorities that certify each other", list(m.end("P-256", loopB), loopB, loopAB), list(loopA))
	return all
}

func mustOID(text string) x509.OID {
	oid, err := x509.ParseOID(text)
	if err != nil {
		panic(err)
	}
	return oid
}

func (s shape) question() chain.Question {
	q := chain.Question{Name: s.asked, At: shapeClock, Purpose: chain.ServerAuth}
	for i, c := range s.sent {
		q.Sent = append(q.Sent, chain.Parse(evidence.Certificate{Source: evidence.Sent, Position: i, DER: c.Raw}))
	}
	for i, c := range s.anchors {
		q.Anchors = append(q.Anchors, chain.Parse(evidence.Certificate{Source: evidence.CAFile, File: "ca.pem", Block: i, DER: c.Raw}))
	}
	return q
}

// TestSoundShapesHaveNoError: not one finding of severity error on a chain that is fine.
func TestSoundShapesHaveNoError(t *testing.T) {
	for _, s := range shapes(&maker{}) {
		t.Run(s.name, func(t *testing.T) {
			r := diagnose.Verify(s.question(), nil, nil)
			for _, f := range r.Findings {
				if f.Severity == diagnose.Error {
					t.Errorf("%s: %s", f.ID, f.Title)
				} else {
					t.Logf("%s %s: %s", f.Severity, f.ID, f.Title)
				}
			}
		})
	}
}

func hashOf(c *signer) string {
	x := chain.Parse(evidence.Certificate{DER: c.Raw})
	return hex.EncodeToString(x.SHA256[:])
}
