package chain

import (
	"fmt"
	"math"
	"slices"
	"strings"
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
	if top := path[len(path)-1]; anchor.v.key.weakForJava() {
		p.fail("key-too-weak", anchor, javaConstrained+"signature algorithm: "+javaAlgorithms[top.v.signatureAlgorithm.oid])
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
	if name := javaAlgorithms[c.v.signatureAlgorithm.oid]; strings.HasPrefix(name, "MD") {
		p.fail("signature-algorithm-weak", c, javaConstrained+"signature algorithm: "+name)
	}
	if c.hasKeyUsage && c.keyUsage == 0 {
		p.fail("certificate-malformed", c, "incorrect KeyUsage extension bits")
	}
	if c.v.key.weakForJava() {
		p.weakKey(c)
	}
}

const javaConstrained = "Algorithm constraints check failed on "

// javaAlgorithms are JCA's names of signature algorithms. MD2 and MD5 are among the disabled.
var javaAlgorithms = map[string]string{
	"1.2.840.113549.1.1.2": "MD2withRSA", "1.2.840.113549.1.1.4": "MD5withRSA", "1.2.840.113549.1.1.5": "SHA1withRSA",
	"1.2.840.113549.1.1.14": "SHA224withRSA", "1.2.840.113549.1.1.11": "SHA256withRSA", "1.2.840.113549.1.1.12": "SHA384withRSA",
	"1.2.840.113549.1.1.13": "SHA512withRSA", "1.2.840.10045.4.1": "SHA1withECDSA", "1.2.840.10045.4.3.1": "SHA224withECDSA",
	"1.2.840.10045.4.3.2": "SHA256withECDSA", "1.2.840.10045.4.3.3": "SHA384withECDSA", "1.2.840.10045.4.3.4": "SHA512withECDSA",
	"1.2.840.10040.4.3": "SHA1withDSA", "2.16.840.1.101.3.4.3.1": "SHA224withDSA", "2.16.840.1.101.3.4.3.2": "SHA256withDSA",
	oidPSS: "RSASSA-PSS",
}

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
		return "EC", curves()[k.curve].orderBits
	}
	return "", 0
}

func (p *javaPath) weakKey(c *javaCertificate) {
	algorithm, bits := c.v.key.javaSize()
	p.fail("key-too-weak", c, fmt.Sprintf("%skeysize limits: %s %d bit key used with certificate: %s", javaConstrained, algorithm, bits,
		c.v.subject.javaString()))
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
		p.constraints = &javaConstraints{work: &p.v.w.comparisons}
		p.constraints.permitted = slices.Clone(c.constraints.permitted)
		p.constraints.excluded = slices.Clone(c.constraints.excluded)
	} else if problem := p.constraints.merge(c.constraints); problem != "" {
		class := "IOException"
		if problem == javaNoAddress {
			class = "NullPointerException"
		}
		p.faults = append(p.faults, javaFault{"name-constraint", c.member, class, problem})
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

// javaCurves are the curves that Java still knows by name but no longer computes with, as CurveDB names them. It computes
// with P-256, P-384 and P-521 only.
var javaCurves = map[string]string{
	"1.3.132.0.10": "secp256k1", "1.3.132.0.33": "secp224r1 [NIST P-224]", "1.3.132.0.32": "secp224k1",
	"1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1", "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

// javaComputes reports whether Java can verify with k; problem is what it says when it cannot.
func (k publicKey) javaComputes() (problem string) {
	switch k.curve {
	case "", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35":
		return ""
	}
	return "Curve not supported: " + javaCurves[k.curve] + " (" + k.curve + ")"
}

// signature is X509CertImpl.verify.
func (p *javaPath) signature(c, issuer *javaCertificate) {
	result := p.v.w.signature(c.member, issuer.member)
	fits := algorithmFits(issuer.v.key, c.v.signatureAlgorithm)
	if problem := issuer.v.key.javaComputes(); fits && problem != "" {
		p.faults = append(p.faults, javaFault{"signature-algorithm-unsupported", c.member, "SignatureException", problem})
		return
	}
	if result != signatureBad {
		return
	}
	id, at := p.v.w.badSignature(c.member, issuer.member)
	f := javaFault{id, at, "SignatureException", "Signature does not match."}
	if !fits {
		f.class, f.text = "InvalidKeyException", "No installed provider supports this key: "+javaKeyClasses[issuer.v.key.kind]
	}
	p.faults = append(p.faults, f)
}
