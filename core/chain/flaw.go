package chain

import (
	"bytes"
	"fmt"
	"time"
)

// Validity are the dates of c, also for a certificate that Go cannot parse; zero times where they cannot be read.
func (c Certificate) Validity() (from, until time.Time) {
	if c.X != nil {
		return c.X.NotBefore, c.X.NotAfter
	}
	if v := c.read(); v != nil {
		return v.notBefore.time, v.notAfter.time
	}
	return time.Time{}, time.Time{}
}

// Flaws name the rules of RFC 5280 that c's encoding breaks, each as the end of a sentence that begins with "Its" or
// "It": the first is what a parser is likeliest to stop at. None are found in bytes that are no certificate at all.
func (c Certificate) Flaws() (flaws []string) {
	v := c.read()
	if v == nil {
		return []string{"It is not the DER of a certificate (RFC 5280 §4.1)."}
	}
	if v.serial[0]&0x80 != 0 {
		flaws = append(flaws, "Its serial number is negative (RFC 5280 §4.1.2.2 wants a positive one).")
	}
	if v.paddedSerial {
		flaws = append(flaws, "Its serial number has octets that DER leaves out (X.690 §8.3.2).")
	}
	if !bytes.Equal(v.signatureAlgorithm.raw, v.innerAlgorithm.raw) {
		flaws = append(flaws, "It names one signature algorithm inside and another outside (RFC 5280 §4.1.1.2).")
	}
	if !v.notBefore.valid || !v.notAfter.valid {
		flaws = append(flaws, "Its dates are not written in a form that RFC 5280 §4.1.2.5 allows.")
	}
	if v.version < 2 && len(v.extensions) > 0 {
		flaws = append(flaws, fmt.Sprintf("It has extensions, which version %d has no room for (RFC 5280 §4.1.2.9).", v.version+1))
	}
	seen := map[string]bool{}
	for _, x := range v.extensions {
		if seen[x.oid] {
			flaws = append(flaws, fmt.Sprintf("It has the extension %s twice (RFC 5280 §4.2).", extensionName(x.oid)))
		} else if !readable(v, x) {
			flaws = append(flaws, fmt.Sprintf("Its extension %s cannot be read (RFC 5280 §4.2.1).", extensionName(x.oid)))
		}
		seen[x.oid] = true
	}
	if !v.key.valid {
		flaws = append(flaws, "Its public key is of no kind that is known here, or is malformed.")
	}
	return flaws
}

// readable reports whether x can be read; of extensions that are not known here nothing is asked.
func readable(v *view, x extension) bool {
	u := usage{pathLength: -1}
	for _, r := range u.readers(v) {
		if r.oid == x.oid {
			return r.read(x.value)
		}
	}
	return true
}

var extensionNames = map[string]string{
	oidBasicConstraints: "basicConstraints", oidKeyUsage: "keyUsage", oidExtendedKeyUsage: "extendedKeyUsage",
	oidSubjectKeyID: "subjectKeyIdentifier", oidAuthorityKeyID: "authorityKeyIdentifier", oidAlternativeName: "subjectAltName",
	oidIssuerAlternative: "issuerAltName", oidNameConstraints: "nameConstraints", oidDistribution: "cRLDistributionPoints",
	oidNetscapeType: "netscape-cert-type", oidProxyInfo: "proxyCertInfo", oidAuthorityInfo: "authorityInfoAccess",
	"2.5.29.32": "certificatePolicies", "2.5.29.36": "policyConstraints", "2.5.29.33": "policyMappings", "2.5.29.54": "inhibitAnyPolicy",
}

// extensionName is the name that RFC 5280 gives an extension, with its object identifier.
func extensionName(oid string) string {
	if n, ok := extensionNames[oid]; ok {
		return n + " (" + oid + ")"
	}
	return oid
}
