package acme

import (
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
	further := "Every further certificate that the broker must send: none, as the root itself has signed."
	if len(chain) > 1 {
		var issuers []string
		for _, c := range chain[1:] {
			issuers = append(issuers, pki.CommonName(c))
		}
		further = fmt.Sprintf("Every further certificate that the broker must send: %s.", strings.Join(issuers, ", then "))
	}
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

// notARoot warns of the usual mistake: to take the last certificate of the file for the root.
func notARoot(cross bool, name, issuer string) string {
	if !cross {
		return ""
	}
	return fmt.Sprintf(" Its last certificate, %s, is not a root: %s has signed it. Clients that are given it as their CA file can be refused by OpenSSL.", name, issuer)
}
