package explain

import (
	"net/netip"
	"strings"

	"mutual/core/expression"
)

// How Go and Node name both the name that was asked for and those that the certificate has, and how curl and Python name
// the first alone.
var (
	goNames      = expression.New(`certificate is valid for ([^\n]*), not ([^\s"'\\]+)`)
	quotedName   = expression.New(`(?:not valid for|matches target (?:host ?name|ip(?:v[46])? address)|not match target host ?name) '([^'\n]*)'()`)
	nodeAltnames = expression.New(`(?:host|ip): ([^\s]+?)\.? is not in the cert's (?:altnames|list):([^\n]*)`)
)

// names finds refused names and says which kind of mismatch it is: that can be worked out where both are in the text.
func (t *text) names() []hit {
	var hits []hit
	for _, f := range []struct {
		re                expression.Expression
		client, code      string
		wanted, available int
	}{{goNames, "go", "", 2, 1}, {nodeAltnames, "node", "ERR_TLS_CERT_ALTNAME_INVALID", 1, 2}, {quotedName, "", "", 1, 2}} {
		for _, at := range f.re.FindAllStringSubmatchIndex(t.s, maxHits) {
			wanted := t.s[at[2*f.wanted]:at[2*f.wanted+1]]
			available := t.s[at[2*f.available]:at[2*f.available+1]]
			hits = append(hits, hit{
				start: at[0], end: at[1], tier: exact, client: f.client, code: f.code, causes: mismatch(wanted, available),
			})
		}
	}
	return hits
}

// mismatch says why a name is not covered by those of a certificate (RFC 9525 §6.3: a wildcard stands for one label).
func mismatch(wanted, available string) []cause {
	wanted = strings.TrimSuffix(wanted, ".")
	if _, err := netip.ParseAddr(wanted); err == nil {
		return []cause{is("ip-address-not-in-certificate", "The connection goes to an IP address that the server's certificate does not list.")}
	}
	for _, name := range strings.FieldsFunc(available, func(r rune) bool { return r == ',' || r == ' ' }) {
		name = strings.Trim(strings.TrimPrefix(name, "dns:"), `."'`)
		base, ok := strings.CutPrefix(name, "*.")
		if ok && (wanted == base || strings.HasSuffix(wanted, "."+base)) {
			return []cause{
				is("wildcard-mismatch", "The certificate's wildcard stands for exactly one label, and does not reach the name that was connected to."),
				could("name-mismatch", "The name itself is not among those of the certificate."),
			}
		}
	}
	return []cause{is("name-mismatch", "The name that was connected to is not among the names of the server's certificate.")}
}
