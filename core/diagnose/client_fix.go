package diagnose

import (
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// rewriting makes a fix automatic that gives the client certificate file another content: first, and after it whatever
// else the file holds. It does so only when chain has judged both contents: this program's verifier, in a server's
// place, accepts the new one, and nobody who accepted the old refuses the new.
func (c *Case) rewriting(f Fix, first []chain.Certificate, name string) Fix {
	now := c.heldCertificates()
	then := slices.Clone(first)
	for _, x := range now {
		if !slices.ContainsFunc(then, func(t chain.Certificate) bool { return t.SHA256 == x.SHA256 }) {
			then = append(then, x)
		}
	}
	q := chain.Question{Anchors: []chain.Certificate{c.ofClient().last()}, At: c.Started, Purpose: chain.ClientAuth}
	for _, j := range chain.Judges() {
		q.Sent = then
		after := j.Judge(q)
		if j.Name() == "go" && !after.Accepted {
			return f
		}
		if q.Sent = now; !after.Accepted && j.Judge(q).Accepted {
			return f
		}
	}
	f.Automatic, f.Action = true, Action{Chain: then, Name: name}
	return f
}

// heldCertificates are those of the client certificate file, in its order.
func (c *Case) heldCertificates() (all []chain.Certificate) {
	file := c.ofClient().file
	for _, b := range file.Blocks {
		if len(b.Certificate) > 0 {
			all = append(all, chain.Parse(evidence.Certificate{Source: evidence.ClientFile, File: file.Path, Block: b.Index, DER: b.Certificate}))
		}
	}
	return all
}
