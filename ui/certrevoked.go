package ui

import (
	"math/big"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/revocation"
)

// revokedItem is a certificate that a revocation list beside it names.
type revokedItem struct {
	believed bool   // the list may be believed; else it is too old, for instance
	when     string // the day; empty: it does not say
	sentence string
}

// lists are the revocation lists of one authority, and the serial numbers on them.
type lists struct {
	answers []evidence.Answer
	serials map[string]bool
}

// listsOf reads the lists that belong to n. Public ones have hundreds of thousands of entries, so they are gone through
// once, and not for each certificate.
func listsOf(inv *pki.Inventory, n *pki.Node) *lists {
	if len(n.CRLs) == 0 || len(n.Issued) == 0 {
		return nil
	}
	l := &lists{serials: map[string]bool{}}
	for _, i := range n.CRLs {
		item := inv.Items[i]
		l.answers = append(l.answers, evidence.Answer{Kind: evidence.CRLAnswer, From: item.File, Block: item.Block.Index, Body: item.List.Raw})
		for _, e := range item.List.Entries(item.List.Len()) {
			l.serials[serialKey(e.Serial)] = true
		}
	}
	return l
}

func serialKey(n *big.Int) string { return string(n.Append(nil, 62)) }

// judge says whether a list names the certificate of n, which issuer has issued; nil: none does.
func (l *lists) judge(inv *pki.Inventory, issuer, n *pki.Node, now time.Time) *revokedItem {
	if l == nil {
		return nil
	}
	c, by := inv.Items[n.Item].Certificate, inv.Items[issuer.Item].Certificate
	if c == nil || by == nil || !l.serials[serialKey(c.SerialNumber)] {
		return nil
	}
	v := revocation.Judge(revocation.Link{Certificate: c, Issuer: by}, l.answers, now)
	if v.State == revocation.Revoked {
		r := &revokedItem{believed: true}
		text := "It is revoked"
		if !v.When.IsZero() {
			r.when = report.Day(v.When)
			text += " since " + r.when
		}
		if v.Reason != "" {
			text += " (" + v.Reason + ")"
		}
		r.sentence = text + ", says the list in " + report.Base(v.Answer.From) + ": whoever reads that list refuses it."
		return r
	}
	// A list of those that do not count may say so all the same.
	for _, d := range v.Doubts {
		if d.Lists {
			return &revokedItem{sentence: "The list in " + report.Base(d.Answer.From) + " names it as revoked; that list counts for nothing, because it " + d.Why + "."}
		}
	}
	return nil
}
