package acme

import (
	"crypto/x509"
	"fmt"
	"strings"

	"mutual/core/pki"
)

// Line says of one file what it is.
type Line struct{ Path, Text string }

// Explain says what each of the files is, with the certificates that are in it.
func Explain(got Obtained) []Line {
	chain := got.Certificates
	name := pki.CommonName(chain[0])
	if name == "" && len(chain[0].DNSNames) > 0 {
		name = chain[0].DNSNames[0]
	}
	further := furtherIn(chain, got.Root != nil)
	last := chain[len(chain)-1]
	lines := []Line{
		{got.Files.Certificate, fmt.Sprintf("The certificate of %s itself, and nothing else.", name)},
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

// notARoot warns of the usual mistake: to take the last certificate of the file for the root.
func notARoot(cross bool, name, issuer string) string {
	if !cross {
		return ""
	}
	return fmt.Sprintf(" Its last certificate, %s, is not a root: %s has signed it. Clients that are given it as their CA file can be refused by OpenSSL.", name, issuer)
}
