package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"mutual/core/chain"
)

var nameRules = []chainRule{
	{"name-mismatch", "RFC 9525 §6.3", Warning, nameMismatch},
	{"wildcard-mismatch", "RFC 9525 §6.3", Warning, wildcardMismatch},
	{"name-only-in-common-name", "RFC 9525 §6.1, §6.4", Warning, nameOnlyInCommonName},
	{"name-missing", "RFC 9525 §6.1", Warning, nameMissing},
	{"ip-address-not-in-certificate", "RFC 9525 §6.5", Warning, ipAddressNotInCertificate},
}

// names are the DNS names and addresses of a certificate's subject alternative name, as written.
func names(c chain.Certificate) []string {
	if c.X == nil {
		return nil
	}
	all := append([]string{}, c.X.DNSNames...)
	for _, ip := range c.X.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}

func nameMismatch(c *Case, f chain.Fault) Finding {
	has := names(f.Certificate)
	if x := f.Certificate.X; x != nil && x.VerifyHostname(c.Question.Name) == nil {
		return nameNotFound(c, f)
	}
	out := Finding{
		Title:    fmt.Sprintf("The broker's certificate is for %s, not for %s.", list(has), c.Question.Name),
		Detail:   "The connection reached a broker, but its certificate does not name the host that was asked for. The address may be an alias or lead to another machine, or the certificate was made for another name.",
		Subject:  certificateSubject(f.Certificate),
		Evidence: []Fact{{"expected", c.Question.Name}, {"names in the certificate", strings.Join(has, ", ")}},
	}
	out.Fixes = c.expectFix(f, has)
	return out
}

// nameNotFound is for a name that stands in the certificate as it should, but not for every client: older mbedTLS
// compares no iPAddress entries. Nothing is wrong with the certificate, so it is only worth knowing.
func nameNotFound(c *Case, f chain.Fault) Finding {
	var clients []string
	for _, id := range f.Clients {
		clients = append(clients, clientName(id))
	}
	out := Finding{
		Severity: Info,
		Title:    fmt.Sprintf("%s do not find %s in the broker's certificate, though it is there.", list(clients), c.Question.Name),
		Detail:   "Their way of comparing names passes it over.",
		Evidence: []Fact{{"expected", c.Question.Name}, {"names in the certificate", strings.Join(names(f.Certificate), ", ")}},
	}
	if isAddress(c.Question.Name) {
		out.Detail += " Such clients have to connect by a DNS name that the certificate holds, not by the IP address."
	}
	return out
}

func wildcardMismatch(c *Case, f chain.Fault) Finding {
	has := names(f.Certificate)
	if x := f.Certificate.X; x != nil && x.VerifyHostname(c.Question.Name) == nil {
		return wildcardTooWide(c, has)
	}
	return Finding{
		Title:    fmt.Sprintf("The wildcard in the broker's certificate does not reach %s.", c.Question.Name),
		Detail:   fmt.Sprintf("The certificate is for %s. A wildcard stands for exactly one label: *.example.com covers a.example.com, but neither example.com nor a.b.example.com. Connect by a name that it covers, or have the certificate reissued with %s.", list(has), c.Question.Name),
		Evidence: []Fact{{"expected", c.Question.Name}, {"names in the certificate", strings.Join(has, ", ")}},
		Fixes:    c.expectFix(f, has),
	}
}

// wildcardTooWide is for a wildcard that reaches the name by the plain rules of RFC 9525, but that some clients do not
// follow so far: OpenSSL and GnuTLS not over a whole top-level domain, OpenSSL and Java not in a name with an underscore.
func wildcardTooWide(c *Case, has []string) Finding {
	return Finding{
		Title:    fmt.Sprintf("The wildcard in the broker's certificate does not reach %s for some clients.", c.Question.Name),
		Detail:   fmt.Sprintf("The certificate is for %s. Clients differ in how far a wildcard reaches: many take none that stands over a whole top-level domain, or in a name that is not made of letters, digits and hyphens. The broker needs a certificate with %s itself as a DNS entry.", list(has), c.Question.Name),
		Evidence: []Fact{{"expected", c.Question.Name}, {"names in the certificate", strings.Join(has, ", ")}},
	}
}

func nameOnlyInCommonName(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:    fmt.Sprintf("The broker's certificate has %s only as its common name, where it no longer counts.", c.Question.Name),
		Detail:   "Names belong into the subject alternative name extension; Go and browsers have stopped looking at the common name. OpenSSL, Java and mbedTLS clients still accept it. The broker needs a certificate with the name as a DNS entry; an authority of your own can make it on the Certificates page.",
		Evidence: []Fact{{"expected", c.Question.Name}},
		Fixes: []Fix{{
			ID: "reissue-with-names", Title: "Copy the command for a new one", Risk: NoRisk,
			Action: Action{Text: fmt.Sprintf("mutualctl cert server --ca client-ca.crt --ca-key client-ca.key --name %s", c.Question.Name)},
		}},
	}
}

func nameMissing(c *Case, f chain.Fault) Finding {
	return Finding{
		Title:    "The broker's certificate names no host at all.",
		Detail:   fmt.Sprintf("It has no subject alternative name, and its common name is not %s. The broker needs a certificate with its name as a DNS entry.", c.Question.Name),
		Evidence: []Fact{{"expected", c.Question.Name}},
	}
}

func ipAddressNotInCertificate(c *Case, f chain.Fault) Finding {
	has := names(f.Certificate)
	out := Finding{
		Title:    fmt.Sprintf("The broker's certificate does not hold the IP address %s.", c.Question.Name),
		Detail:   "When a connection is made by IP address, the certificate must have that address as an iPAddress entry.",
		Evidence: []Fact{{"expected", c.Question.Name}, {"names in the certificate", strings.Join(has, ", ")}},
	}
	for _, n := range has {
		if n == c.Question.Name {
			out.Detail += " It has the address only as a DNS entry, which does not count."
		}
	}
	if hosts := slices.DeleteFunc(slices.Clone(has), isAddress); len(hosts) > 0 {
		out.Detail += fmt.Sprintf(" It is for %s: connect by that name, if it leads to this broker.", list(hosts))
	}
	out.Fixes = c.expectFix(f, has)
	return out
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// expectFix offers to expect the closest of the certificate's names instead, where that alone makes the name fit.
func (c *Case) expectFix(f chain.Fault, has []string) []Fix {
	if c.offline {
		return nil
	}
	return expectNames(c.Question.Name, has)
}

// expectNames offers to expect that of the names which is the closest to name.
func expectNames(name string, has []string) []Fix {
	best, distance := "", 1<<30
	for _, n := range has {
		if strings.Contains(n, "*") || isAddress(n) {
			continue
		}
		if d := editDistance(n, name); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return nil
	}
	return []Fix{{
		ID: "expect-name", Title: fmt.Sprintf("Expect %q instead", best), Risk: AddsTrust, Automatic: true,
		Action: Action{Set: []Assignment{{FieldServerName, best}}},
	}}
}

// editDistance is Levenshtein's, on bytes; names are short (RFC 1035: at most 253), and longer ones are cut.
func editDistance(a, b string) int {
	a, b = a[:min(len(a), 253)], b[:min(len(b), 253)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		previous := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			previous, row[j] = row[j], min(row[j]+1, row[j-1]+1, previous+cost)
		}
	}
	return row[len(b)]
}
