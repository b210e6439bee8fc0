package chain

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// pathLimit is getBasicConstraints: -1 for one that is not an authority's.
func (c *javaCertificate) pathLimit() int {
	switch {
	case !c.ca:
		return -1
	case c.pathLength < 0:
		return math.MaxInt32
	}
	return c.pathLength
}

func (c *javaCertificate) selfIssued() bool { return c.subject == c.issuer }

// check is PKIXMasterCertPathValidator: every checker on every certificate, from below the trust anchor down. Faults are
// collected as if each check went on. inTime: the builder has chosen by the clock already.
func (v *javaValidator) check(path []*javaCertificate, anchor *javaCertificate, inTime bool) []javaFault {
	p := &javaPath{v: v, length: len(path), limit: len(path), limiting: anchor}
	if anchor.v.key.weakForJava() {
		p.weakKey(anchor)
	}
	above := anchor
	for i := len(path) - 1; i >= 0; i-- {
		c := path[i]
		p.algorithm(c)
		if i > 0 {
			p.authority(c, i == len(path)-1)
		}
		p.constrain(c, i == 0)
		if inTime {
			p.clock(c)
		}
		p.signature(c, above)
		if c.unhandled {
			p.fail("critical-extension-unknown", c, "unrecognized critical extension(s)")
		}
		above = c
	}
	return p.faults
}

// javaPath is the state of the checkers.
type javaPath struct {
	v           *javaValidator
	length      int
	limit       int              // maxPathLength
	limiting    *javaCertificate // who set it
	constraints *javaConstraints
	faults      []javaFault
}

func (p *javaPath) fail(id string, at *javaCertificate, text string) {
	p.faults = append(p.faults, javaFault{id, at.member, "CertPathValidatorException", text})
}

// algorithm is AlgorithmChecker with jdk.certpath.disabledAlgorithms, as far as it is about any authority.
func (p *javaPath) algorithm(c *javaCertificate) {
	if name := javaDisabled[c.v.signatureAlgorithm.oid]; name != "" {
		p.fail("signature-algorithm-weak", c, "Algorithm constraints check failed on signature algorithm: "+name)
	}
	if c.hasKeyUsage && c.keyUsage == 0 {
		p.fail("certificate-malformed", c, "incorrect KeyUsage extension bits")
	}
	if c.v.key.weakForJava() {
		p.weakKey(c)
	}
}

var javaDisabled = map[string]string{"1.2.840.113549.1.1.2": "MD2withRSA", "1.2.840.113549.1.1.4": "MD5withRSA"}

// weakForJava: RSA keySize < 1024, DSA keySize < 1024, EC keySize < 224.
func (k publicKey) weakForJava() bool {
	_, bits := k.javaSize()
	return bits > 0 && bits < map[keyKind]int{rsaKey: 1024, rsaPSSKey: 1024, dsaKey: 1024, ecKey: 224}[k.kind]
}

func (k publicKey) javaSize() (algorithm string, bits int) {
	switch k.kind {
	case rsaKey, rsaPSSKey:
		if k.modulus != nil {
			return "RSA", k.modulus.BitLen()
		}
	case dsaKey:
		if k.dsa != nil {
			return "DSA", k.dsa.p.BitLen()
		}
	case ecKey:
		return "EC", curves[k.curve].orderBits
	}
	return "", 0
}

func (p *javaPath) weakKey(c *javaCertificate) {
	algorithm, bits := c.v.key.javaSize()
	p.fail("key-too-weak", c, fmt.Sprintf("Algorithm constraints check failed on keysize limits: %s %d bit key", algorithm, bits))
}

// authority is KeyChecker and the basic constraints of ConstraintsChecker. The trust anchor's own basic constraints bind
// nobody.
func (p *javaPath) authority(c *javaCertificate, first bool) {
	if c.forbids(keyCertSign) {
		p.fail(c.authorityFault(), c, "CA key usage check failed: keyCertSign bit is not set")
	}
	limit := c.pathLimit()
	if c.v.version < 2 && first && c.selfIssued() {
		limit = math.MaxInt32
	}
	if limit < 0 {
		p.fail(c.authorityFault(), c, "basic constraints check failed: this is not a CA certificate")
		return
	}
	if !c.selfIssued() {
		if p.limit <= 0 {
			p.fail("path-length-exceeded", p.limiting, "basic constraints check failed: pathLenConstraint violated - this cert "+
				"must be the last cert in the certification path")
		}
		p.limit--
	}
	if limit < p.limit {
		p.limit, p.limiting = limit, c
	}
}

// constrain is the name constraints of ConstraintsChecker. Those of the trust anchor bind nobody either.
func (p *javaPath) constrain(c *javaCertificate, last bool) {
	if p.constraints != nil && (last || !c.selfIssued()) {
		ok, problem := p.constraints.allow(c)
		if problem != "" {
			p.faults = append(p.faults, javaFault{"name-constraint", c.member, "IOException", problem})
		} else if !ok {
			p.fail("name-constraint", c, "name constraints check failed")
		}
	}
	if c.constraints == nil {
		return
	}
	if p.constraints == nil {
		p.constraints = &javaConstraints{}
		p.constraints.permitted = slices.Clone(c.constraints.permitted)
		p.constraints.excluded = slices.Clone(c.constraints.excluded)
	} else if problem := p.constraints.merge(c.constraints); problem != "" {
		p.faults = append(p.faults, javaFault{"name-constraint", c.member, "IOException", problem})
	}
}

// clock is CertificateValidity.valid.
func (p *javaPath) clock(c *javaCertificate) {
	const layout = "Mon Jan 02 15:04:05 MST 2006"
	switch at := p.v.at; {
	case c.v.notBefore.time.After(at):
		p.faults = append(p.faults, javaFault{"certificate-not-yet-valid", c.member, "CertificateNotYetValidException",
			"NotBefore: " + c.v.notBefore.time.UTC().Format(layout)})
	case c.v.notAfter.time.Before(at):
		p.faults = append(p.faults, javaFault{"certificate-expired", c.member, "CertificateExpiredException",
			"NotAfter: " + c.v.notAfter.time.UTC().Format(layout)})
	}
}

func (c *javaCertificate) validAt(t time.Time) bool {
	return !c.v.notBefore.time.After(t) && !c.v.notAfter.time.Before(t)
}

var javaKeyClasses = map[keyKind]string{
	rsaKey: "sun.security.rsa.RSAPublicKeyImpl", rsaPSSKey: "sun.security.rsa.RSAPublicKeyImpl",
	ecKey: "sun.security.ec.ECPublicKeyImpl", ed25519Key: "sun.security.ec.ed.EdDSAPublicKeyImpl",
	ed448Key: "sun.security.ec.ed.EdDSAPublicKeyImpl", dsaKey: "sun.security.provider.DSAPublicKeyImpl",
	otherKey: "sun.security.ec.XDHPublicKeyImpl",
}

// signature is X509CertImpl.verify.
func (p *javaPath) signature(c, issuer *javaCertificate) {
	if p.v.w.signature(c.member, issuer.member) != signatureBad {
		return
	}
	id, at := p.v.w.badSignature(c.member, issuer.member)
	f := javaFault{id, at, "SignatureException", "Signature does not match."}
	if !algorithmFits(issuer.v.key, c.v.signatureAlgorithm) {
		f.class, f.text = "InvalidKeyException", "No installed provider supports this key: "+javaKeyClasses[issuer.v.key.kind]
	}
	p.faults = append(p.faults, f)
}
