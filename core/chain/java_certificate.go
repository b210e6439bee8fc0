package chain

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
)

// javaCertificate is a certificate as sun.security.x509 reads it: extensions that it cannot read are as if they were
// not there unless they are critical, and none may be there twice.
type javaCertificate struct {
	*member
	usage
	subject, issuer string // X500Principal's canonical form
	unhandled       bool   // a critical extension that no check knows
	class, problem  string // the exception, where Java cannot read it
}

// javaHandled are the critical extensions that the PKIX checks take off the list; the rest is refused.
var javaHandled = []string{
	oidBasicConstraints, oidNameConstraints, oidKeyUsage, oidExtendedKeyUsage, oidAlternativeName,
	"2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54",
}

func readJava(m *member) *javaCertificate {
	c := &javaCertificate{member: m}
	if m.v == nil {
		c.class, c.problem = "CertificateException", "Unable to initialize"
		return c
	}
	if c.class, c.problem = m.v.javaFields(); c.problem != "" {
		return c
	}
	v := *m.v
	v.extensions = nil
	for _, x := range m.v.extensions {
		if class, problem := javaReads(x); problem != "" {
			if x.critical {
				c.class, c.problem = class, problem
				return c
			}
			continue
		}
		if slices.ContainsFunc(v.extensions, func(y extension) bool { return y.oid == x.oid }) {
			c.class, c.problem = "IOException", "Duplicate extensions not allowed"
			return c
		}
		v.extensions = append(v.extensions, x)
		c.unhandled = c.unhandled || x.critical && !slices.Contains(javaHandled, x.oid)
	}
	c.usage = readUsage(&v)
	c.subject, c.issuer = v.subject.java(), v.issuer.java()
	if c.problem = c.javaIncomplete(&v); c.problem != "" {
		c.class = "CertificateParsingException"
	} else if !bytes.Equal(v.signatureAlgorithm.raw, v.innerAlgorithm.raw) {
		c.class, c.problem = "CertificateException", "Signature algorithm mismatch"
	}
	return c
}

// javaFields is what X509CertInfo asks of the fields before it comes to the extensions.
func (v *view) javaFields() (class, problem string) {
	switch {
	case v.issuer.empty():
		problem = "Empty issuer DN not allowed in X509Certificates"
	case v.version == 0 && v.subject.empty():
		problem = "Empty subject DN not allowed in v1 certificate"
	case v.key.kind == ecKey && v.key.explicit:
		return "IOException", "Only named ECParameters supported"
	case v.version == 0 && len(v.extensions) > 0:
		problem = "no more data allowed for version 1 certificate"
	case v.version == 1 && len(v.extensions) > 0:
		problem = "Extensions not allowed in v2 certificate"
	}
	return "CertificateParsingException", problem
}

// javaIncomplete is X509CertInfo.verifyCert: a certificate with extensions and without a subject needs another name.
func (c *javaCertificate) javaIncomplete(v *view) string {
	const incomplete = "X.509 Certificate is incomplete: "
	_, critical, _ := v.extension(oidAlternativeName)
	switch {
	case !v.subject.empty() || len(c.v.extensions) == 0:
		return ""
	case !c.hasAlternativeNames:
		return incomplete + "subject field is empty, and SubjectAlternativeName extension is absent"
	case !critical:
		return incomplete + "SubjectAlternativeName extension MUST be marked critical when subject field is empty"
	}
	return ""
}

// javaReads says what Java has against the content of an extension; empty where it can read it.
func javaReads(x extension) (class, problem string) {
	var u usage
	read := map[string]func([]byte) bool{
		oidBasicConstraints: u.readBasicConstraints, oidExtendedKeyUsage: u.readExtendedKeyUsage,
		oidNetscapeType: u.readNetscapeType, oidSubjectKeyID: u.readSubjectKeyID, oidAuthorityKeyID: u.readAuthorityKeyID,
		oidAlternativeName: u.readAlternativeNames, oidNameConstraints: u.readNameConstraints,
		oidKeyUsage: func(b []byte) bool { u.readKeyUsage(b); return u.hasKeyUsage },
	}[x.oid]
	if read == nil || read(x.value) && javaReadsNames(u) {
		return "", ""
	}
	if len(x.value) >= 2 && x.value[1] < 0x80 && len(x.value)-2 < int(x.value[1]) {
		return "EOFException", "not enough content" // DerValue itself, of an element that is cut off
	}
	name := map[string]string{oidBasicConstraints: "BasicConstraints", oidNameConstraints: "NameConstraintsExtension."}[x.oid]
	return "IOException", "Invalid encoding of " + name
}

// javaReadsNames is what GeneralNames asks of them: at least one, and addresses and URIs that are such.
func javaReadsNames(u usage) bool {
	if u.hasAlternativeNames && len(u.alternativeNames) == 0 {
		return false
	}
	for _, g := range u.alternativeNames {
		switch {
		case g.tag == ipAddress && len(g.value) != 4 && len(g.value) != 16,
			g.tag == rfc822Name && len(g.value) == 0,
			g.tag == uriName && !javaURI(string(g.value)):
			return false
		}
	}
	return true
}

// javaURI: java.net.URI takes it, and its host is a DNS name or an address.
func javaURI(text string) bool {
	_, rest, ok := strings.Cut(text, ":")
	return ok && rest != "" && !strings.ContainsAny(text, " <>\"{}|\\^`")
}

// javaKeywords are the types of RFC 2253, whose values are compared as text.
var javaKeywords = map[string]string{
	oidCommonName: "cn", "2.5.4.6": "c", "2.5.4.7": "l", "2.5.4.8": "st", oidOrganization: "o", "2.5.4.11": "ou",
	"2.5.4.9": "street", "0.9.2342.19200300.100.1.25": "dc", "0.9.2342.19200300.100.1.1": "uid",
}

// java is X500Name.getRFC2253CanonicalName, but for the order of relative names and NFKD: PrintableString and UTF8String
// are compared as text, white space and case aside; other strings octet by octet.
func (n name) java() string {
	var rdns []string
	for i := 0; i < len(n.attributes); {
		var pairs []string
		rdn := n.attributes[i].rdn
		for ; i < len(n.attributes) && n.attributes[i].rdn == rdn; i++ {
			pairs = append(pairs, n.attributes[i].java())
		}
		slices.Sort(pairs)
		rdns = append(rdns, strings.Join(pairs, "\x01"))
	}
	return strings.Join(rdns, "\x00")
}

func (a attribute) java() string {
	keyword, known := javaKeywords[a.oid]
	if !known || a.tag != tagPrintableString && a.tag != tagUTF8String {
		return a.oid + "=#" + hex.EncodeToString(append([]byte{a.tag}, a.value...))
	}
	return keyword + "=" + strings.ToLower(strings.ToUpper(strings.Join(strings.Fields(string(a.value)), " ")))
}

// javaString is X500Principal.toString.
func (n name) javaString() string {
	var rdns []string
	for i := len(n.attributes) - 1; i >= 0; {
		var pairs []string
		rdn := n.attributes[i].rdn
		for ; i >= 0 && n.attributes[i].rdn == rdn; i-- {
			pairs = append([]string{n.attributes[i].javaString()}, pairs...)
		}
		rdns = append(rdns, strings.Join(pairs, " + "))
	}
	return strings.Join(rdns, ", ")
}

func (a attribute) javaString() string {
	keyword := descriptors[a.oid]
	switch {
	case a.oid == oidEmailAddress:
		keyword = "EMAILADDRESS"
	case keyword == "":
		keyword = "OID." + a.oid
	}
	text, ok := a.text()
	if !ok {
		return keyword + "=#" + hex.EncodeToString(append([]byte{a.tag}, a.value...))
	}
	if strings.ContainsAny(text, ",+=\n<>#;\\\"") || strings.Contains(text, "  ") || strings.TrimSpace(text) != text {
		text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return keyword + "=" + text
}
