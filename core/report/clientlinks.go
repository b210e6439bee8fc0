package report

import (
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// ClientLinks draws the client certificate's file where a finding is about it; else it draws nothing. Where no finding
// names one of its certificates, the gravest is said of the client's own.
func ClientLinks(a *evidence.Attempt, r diagnose.Result) (links []Link) {
	i := slices.IndexFunc(r.Findings, func(f diagnose.Finding) bool {
		return strings.HasPrefix(f.ID, "client-") && f.Severity != diagnose.Info
	})
	if i < 0 || a.Files == nil {
		return nil
	}
	var own []chain.Certificate
	for _, file := range a.Files.Files {
		for _, b := range file.Blocks {
			if file.Role == evidence.RoleCertificate && len(b.Certificate) > 0 && len(own) < mostLinks {
				own = append(own, chain.Parse(evidence.Certificate{Source: evidence.ClientFile, File: file.Path, Block: b.Index, DER: b.Certificate}))
			}
		}
	}
	client := max(0, slices.IndexFunc(own, func(c chain.Certificate) bool { return c.X != nil && !c.X.IsCA }))
	for i, c := range own {
		l := linkOf(c)
		l.Role, l.Sound = clientRole(i, client), true
		for _, f := range r.Findings {
			if about(f, c) {
				l.mark(f)
			}
		}
		links = append(links, l)
	}
	if len(links) > 0 && !slices.ContainsFunc(links, func(l Link) bool { return l.Fault != "" }) {
		links[client].mark(r.Findings[i])
	}
	return links
}

// clientRole says what part the certificate no. i of a file plays whose no. client is the client's own.
func clientRole(i, client int) string {
	switch {
	case i == client:
		return "Client certificate"
	case i < client:
		return "Sent before it"
	}
	return "Sent after it"
}
