package chain

import (
	"net"
	"strings"
)

// identity is HostnameChecker.
func (v *javaValidator) identity() []javaFault {
	host := v.w.q.Name
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" {
		return nil
	}
	class, text := "CertificateException", ""
	if ip := net.ParseIP(host); ip != nil {
		text = v.leaf.javaMatchesIP(host, ip)
	} else if problem := javaHostProblem(host); problem != "" {
		class, text = "IllegalArgumentException", problem
	} else {
		text = v.leaf.javaMatchesHost(host)
	}
	if text == "" {
		return nil
	}
	id := narrowerFault(v.leaf.v, v.w.q.Name)
	if _, wrong := v.w.leafNotFirst(); wrong {
		id = "leaf-not-first"
	}
	return []javaFault{{id, v.leaf.member, class, text}}
}

func (c *javaCertificate) javaMatchesIP(host string, ip net.IP) string {
	if !c.hasAlternativeNames {
		return "No subject alternative names present"
	}
	for _, g := range c.alternativeNames {
		if g.tag == ipAddress && net.IP(g.value).Equal(ip) {
			return ""
		}
	}
	return "No subject alternative names matching IP address " + host + " found"
}

// javaMatchesHost goes by the dNSNames, and by the last common name where there is none.
func (c *javaCertificate) javaMatchesHost(host string) string {
	found := false
	for _, g := range c.alternativeNames {
		if g.tag == dnsName {
			found = true
			if javaMatches(host, string(g.value)) {
				return ""
			}
		}
	}
	if found {
		return "No subject alternative DNS name matching " + host + " found."
	}
	if javaMatches(host, c.v.subject.commonName()) {
		return ""
	}
	return "No name matching " + host + " found"
}

// javaHostProblem is SNIHostName's: what IDN.toASCII with STD3 rules does not take.
func javaHostProblem(host string) string {
	if strings.Contains(host, "..") || strings.HasPrefix(host, ".") {
		return "Empty label is not a legal name"
	}
	for _, label := range strings.Split(host, ".") {
		if len(label) > 63 {
			return "The label in the input is too long"
		}
		for i := 0; i < len(label); i++ {
			if c := label[i]; c < 0x80 && c != '-' && !isAlphanumeric(c) {
				return "Contains non-LDH ASCII characters"
			}
		}
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "Has leading or trailing hyphen"
		}
	}
	return ""
}

// javaMatches is isMatched: wildcards in any label but the last, as many as there are.
func javaMatches(host, template string) bool {
	host, template = strings.ToLower(host), strings.ToLower(template)
	if template == "" || strings.HasSuffix(template, ".") || javaHostProblem(strings.ReplaceAll(template, "*", "z")) != "" {
		return false
	}
	if star := strings.LastIndexByte(template, '*'); star >= 0 && !strings.Contains(template[star:], ".") {
		return false
	}
	labels, patterns := strings.Split(host, "."), strings.Split(template, ".")
	if len(labels) != len(patterns) {
		return false
	}
	for i := range labels {
		if !javaMatchesLabel(labels[i], patterns[i]) {
			return false
		}
	}
	return true
}

func javaMatchesLabel(label, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return label == pattern
	}
	for i, part := range parts[:len(parts)-1] {
		at := strings.Index(label, part)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		label = label[at+len(part):]
	}
	return strings.HasSuffix(label, parts[len(parts)-1])
}
