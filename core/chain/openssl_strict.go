package chain

import "bytes"

// python313Judge is Python's ssl module since 3.13, whose create_default_context sets X509_V_FLAG_PARTIAL_CHAIN and
// X509_V_FLAG_X509_STRICT; at all times it has set X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS and security level 2.
type python313Judge struct{}

func (python313Judge) Name() string { return "python313" }
func (python313Judge) Models() string {
	return "Python 3.13 ssl.create_default_context with OpenSSL 3.0"
}

func (j python313Judge) Judge(q Question) Verdict {
	return q.loading(j.loads(), func(q Question) Verdict {
		return newWorld(q).opensslVerdict(j.Name(), flags{partial: true, strict: true, wholeWildcards: true}, func(e opensslError) string {
			return pythonText(e, q.Name)
		})
	})
}

// pythonText is _ssl.c's fill_and_set_sslerror, which words two errors itself, without its "certificate verify failed: ".
func pythonText(e opensslError, name string) string {
	switch e.code {
	case hostnameMismatch:
		return "Hostname mismatch, certificate is not valid for '" + name + "'."
	case addressMismatch:
		return "IP address mismatch, certificate is not valid for '" + name + "'."
	}
	return e.text()
}

const (
	hostnameMismatch = 62
	addressMismatch  = 64
)

// checkProfile is the part of check_extensions that X509_V_FLAG_X509_STRICT adds for certificates of a chain of several:
// what RFC 5280 asks of those who issue certificates.
func (c *context) checkProfile(i int) {
	v := c.chain[i].v
	signs := v.keyUsage&keyCertSign != 0
	for _, rule := range []struct {
		code   int
		broken bool
	}{
		{80, v.pathLength != -1 && !v.ca},
		{81, v.pathLength != -1 && !signs},
		{89, v.ca && !v.supportedCritical(oidBasicConstraints)},
		{92, v.ca && !v.hasKeyUsage},
		{82, !v.ca && signs},
		{83, v.issuer.empty()},
		{84, v.subject.empty() && (v.ca || v.keyUsage&cRLSign != 0 || !v.hasAlternativeNames)},
		{88, v.subject.empty() && v.hasAlternativeNames && !v.supportedCritical(oidAlternativeName)},
		{87, v.hasAlternativeNames && len(v.alternativeNames) == 0},
		{78, !bytes.Equal(v.signatureAlgorithm.raw, v.innerAlgorithm.raw)},
		{85, v.version >= 2 && i+1 < len(c.chain) && !v.authority.hasKeyID},
		{86, v.version >= 2 && v.ca && !v.hasSubjectKeyID},
		{93, v.version < 2 && len(v.extensions) > 0},
	} {
		if rule.broken {
			c.fail(rule.code, i)
		}
	}
}

// cRLSign is a bit of keyUsage.
const cRLSign = 0x02

// supportedCritical reports that the extension is critical and that OpenSSL notices it: it stops looking at the first
// critical extension that it does not know.
func (v *view) supportedCritical(oid string) bool {
	for _, x := range v.extensions {
		if x.critical && !handled[x.oid] {
			return false
		}
		if x.critical && x.oid == oid {
			return true
		}
	}
	return false
}
