package acme

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"mutual/core/pki"
)

// Line says of one file what it is.
type Line struct{ Path, Text string }

// Explain says what each of the files is, with the certificates that are in it.
func Explain(got Obtained) []Line {
	chain := got.Certificates
	further := furtherIn(chain, got.Root != nil)
	last := chain[len(chain)-1]
	lines := []Line{
		{got.Files.Certificate, fmt.Sprintf("The certificate of %s itself, and nothing else.", namesOf(chain[0]))},
		{got.Files.Chain, further},
		{got.Files.FullChain, "Both, in the order in which the broker sends them." + notARoot(len(chain) > 1 && last.Subject.String() != last.Issuer.String(), pki.CommonName(last), last.Issuer.CommonName)},
		{got.Files.Key, "The private key. It belongs to the broker and to nobody else; only its owner may read the file."},
	}
	if got.Root != nil {
		lines = append(lines, Line{got.Files.Root, fmt.Sprintf("The self-signed root %s, which clients must trust. The broker does not send it.", pki.CommonName(got.Root))})
	}
	return lines
}

// furtherIn says what is in chain.pem. rooted: the root above the last certificate is known.
func furtherIn(chain []*x509.Certificate, rooted bool) string {
	const what = "Every further certificate that the broker must send: "
	var issuers []string
	for _, c := range chain[1:] {
		issuers = append(issuers, pki.CommonName(c))
	}
	switch issuer := chain[0].Issuer.CommonName; {
	case issuers != nil:
		return what + strings.Join(issuers, ", then ") + "."
	case rooted:
		return what + "none, as the root itself has signed."
	default:
		return fmt.Sprintf("%snone, as the authority has sent none of %s, which has signed. Only clients that trust %s itself accept the broker.", what, issuer, issuer)
	}
}

// namesOf are the names of c as people read them, its common name first.
func namesOf(c *x509.Certificate) string {
	const most = 6 // what is read at a glance
	names := append([]string{pki.CommonName(c)}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	var out []string
	for _, n := range names {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	switch more := len(out) - most; {
	case more > 1:
		return fmt.Sprintf("%s and %d more names", strings.Join(out[:most], ", "), more)
	case len(out) > 1:
		return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
	}
	return strings.Join(out, "")
}

// notARoot warns of the usual mistake: to take the last certificate of the file for the root.
func notARoot(cross bool, name, issuer string) string {
	if !cross {
		return ""
	}
	return fmt.Sprintf(" Its last certificate, %s, is not a root: %s has signed it. Clients that are given it as their CA file can be refused by OpenSSL.", name, issuer)
}
