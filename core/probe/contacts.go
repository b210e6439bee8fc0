package probe

import (
	"net"
	"slices"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// Contacts are whom RunAsked would turn to, by what is asked for: "host:port" for ports, and the addresses that certificates
// name for the rest. What is fetched there may name further ones, mostly of the same authority.
type Contacts struct{ Ports, Intermediates, Revocation []string }

// Any says whether there is anybody to ask.
func (c Contacts) Any() bool { return len(c.Ports)+len(c.Intermediates)+len(c.Revocation) > 0 }

// ContactsOf lists them for an attempt, so that the user can be told before. It asks nobody, and leaves out who has
// been asked already.
func ContactsOf(a *evidence.Attempt) Contacts {
	var c Contacts
	for _, e := range choosePorts(a, usualPorts) {
		host, _, _ := net.SplitHostPort(a.Dial.Tries[0].Address) // choosePorts has seen to it
		c.Ports = append(c.Ports, net.JoinHostPort(host, strings.TrimPrefix(e.name, "port-")))
	}
	q, ok := chain.FromAttempt(a)
	if !ok {
		return c
	}
	analysis := chain.Analyse(q)
	path := analysis.Path
	if len(path) == 0 {
		path = q.Sent
	}
	for i, x := range path {
		if x.X == nil {
			continue
		}
		if i == len(path)-1 && !analysis.Anchored {
			c.Intermediates = appendNew(c.Intermediates, x.X.IssuingCertificateURL)
		}
		if !x.SelfSigned() {
			c.Revocation = appendNew(appendNew(c.Revocation, x.X.OCSPServer), x.X.CRLDistributionPoints)
		}
	}
	answered := func(address string) bool {
		return slices.ContainsFunc(a.Answers, func(x evidence.Answer) bool { return x.From == address })
	}
	c.Intermediates = slices.DeleteFunc(c.Intermediates, answered)
	c.Revocation = slices.DeleteFunc(c.Revocation, answered)
	return c
}

func appendNew(all, more []string) []string {
	for _, x := range more {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}
