package ui

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"mutual/core/pki"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// certRow is one line of the workshop's tree: a thing in a file, a file of which nothing can be shown, or the name of a
// group.
type certRow struct {
	id    string
	group bool
	depth int
	kind  string // one word or two: "key"
	title string
	tone  widgets.Tone
	mark  string
	path  string    // the file that it stands in
	item  int       // index into Items; -1: a file
	node  *pki.Node // of a certificate

	revoked *revokedItem // nil: no list here names it
}

// Kinds of blocks, as core/pki names them.
const (
	blockKey, blockLockedKey    = "private-key", "encrypted-private-key"
	blockRequest, blockPublic   = "certificate-request", "public-key"
	blockCRL                    = "crl"
	blockContainer, blockParams = "pkcs7", "parameters"
)

// kindNames are the words at the left of a row.
var kindNames = map[string]string{
	blockKey: "key", blockLockedKey: "key", blockRequest: "request", blockPublic: "public key", blockCRL: "CRL", "certificate": "cert", "trusted-certificate": "cert",
}

// rowsOf is the tree of what was read: certificates by issuer with what belongs to them, then what belongs to none, then
// what cannot be read.
func rowsOf(inv *pki.Inventory, now time.Time) []certRow {
	b := rowBuilder{inv: inv, now: now}
	for _, n := range inv.Trees {
		b.node(n, 0, nil)
	}
	b.loose()
	return b.rows
}

type rowBuilder struct {
	inv  *pki.Inventory
	now  time.Time
	rows []certRow
}

func rowID(path string, block int) string { return fmt.Sprintf("%s\x00%d", path, block) }

func (b *rowBuilder) node(n *pki.Node, depth int, revoked *revokedItem) {
	b.item(n.Item, depth, n)
	b.rows[len(b.rows)-1].setRevoked(revoked)
	lists := listsOf(b.inv, n)
	for _, list := range [][]int{n.Keys, n.Requests, n.CRLs} {
		for _, i := range list {
			b.item(i, depth+1, nil)
			if len(list) > 1 { // which is which
				b.rows[len(b.rows)-1].title += " in " + report.Base(b.inv.Items[i].File)
			}
		}
	}
	for _, child := range n.Issued {
		b.node(child, depth+1, lists.judge(b.inv, n, child, b.now))
	}
}

// setRevoked marks a certificate that a list names.
func (r *certRow) setRevoked(by *revokedItem) {
	switch r.revoked = by; {
	case by == nil:
	case by.believed:
		r.tone, r.mark = widgets.Bad, strings.TrimSpace("revoked "+by.when)
	case r.tone != widgets.Bad:
		r.tone, r.mark = widgets.Warn, "listed as revoked"
	}
}

func (b *rowBuilder) item(n, depth int, node *pki.Node) {
	i := b.inv.Items[n]
	r := certRow{id: rowID(i.File, i.Block.Index), depth: depth, path: i.File, item: n, node: node, kind: kindNames[i.Block.Kind]}
	switch {
	case i.Certificate != nil:
		r.title = pki.CommonName(i.Certificate)
		r.tone, r.mark = expiryMark(i.Certificate, b.now)
		if i.Certificate.BasicConstraintsValid && i.Certificate.IsCA {
			r.kind = "CA"
		}
	case i.Request != nil:
		r.title = "Request for " + requestName(i.Request)
	case i.List != nil:
		r.title = "Revoked by " + listName(i.List)
		r.tone, r.mark = listMark(i.List, b.now)
	case i.Locked():
		r.title, r.tone, r.mark = "Private key in "+report.Base(i.File), widgets.Warn, "locked"
	case i.Block.Error != "":
		r.title, r.tone, r.mark = fmt.Sprintf("Block %d of %s", i.Block.Index+1, report.Base(i.File)), widgets.Bad, "cannot be read"
	case i.IsPrivateKey():
		r.title = "Private key " + i.Block.KeyType
		if i.Protected() {
			r.tone, r.mark = widgets.Good, "unlocked"
		}
	default:
		r.title = upperFirst(kindNames[i.Block.Kind] + " " + i.Block.KeyType)
		if kindNames[i.Block.Kind] == "" {
			r.title = fmt.Sprintf("Block %q", i.Block.Label)
		}
	}
	b.rows = append(b.rows, r)
}

func requestName(r *x509.CertificateRequest) string {
	return pki.CommonName(&x509.Certificate{Subject: r.Subject, DNSNames: r.DNSNames, IPAddresses: r.IPAddresses})
}

// loose lists what belongs to no certificate, and then what cannot be shown. Containers and parameters are no things of
// their own.
func (b *rowBuilder) loose() {
	var whole, locked, broken []int
	for _, n := range b.inv.Loose {
		switch i := b.inv.Items[n]; {
		case i.Locked():
			locked = append(locked, n)
		case i.Block.Error != "":
			broken = append(broken, n)
		case i.Block.Kind != blockContainer && i.Block.Kind != blockParams:
			whole = append(whole, n)
		}
	}
	b.group("These belong to no certificate here", whole)
	b.group(lockedGroup, locked)
	b.files(lockedGroup, len(locked) == 0, true)
	b.group("These cannot be read", broken)
	b.files("Of these files nothing can be shown", true, false)
}

const lockedGroup = "Locked: a passphrase shows what these are"

func (b *rowBuilder) group(title string, items []int) {
	if len(items) == 0 {
		return
	}
	if len(b.rows) > 0 {
		b.rows = append(b.rows, certRow{group: true, title: title})
	}
	for _, n := range items {
		b.item(n, 0, nil)
	}
}

// files lists the files of which nothing was shown, those that are locked or the others; head: below a title.
func (b *rowBuilder) files(title string, head, locked bool) {
	shown := map[string]bool{}
	for _, r := range b.rows {
		shown[r.path] = true
	}
	for _, i := range b.inv.Items {
		if len(i.Block.Certificate) > 0 {
			shown[i.File] = true // the same certificate stands in another file too
		}
	}
	for _, f := range b.inv.Files {
		if shown[f.Path] || f.Locked != locked {
			continue
		}
		if head && len(b.rows) > 0 {
			b.rows = append(b.rows, certRow{group: true, title: title})
		}
		head = false
		r := certRow{id: rowID(f.Path, -1), kind: "file", title: report.Base(f.Path), path: f.Path, item: -1, tone: widgets.Bad, mark: "cannot be read"}
		if f.Locked {
			r.tone, r.mark = widgets.Warn, "locked"
		}
		b.rows = append(b.rows, r)
	}
}

// expiryMark says until when c is valid.
func expiryMark(c *x509.Certificate, now time.Time) (widgets.Tone, string) {
	switch {
	case now.After(c.NotAfter):
		return widgets.Bad, "expired " + report.Day(c.NotAfter)
	case now.Before(c.NotBefore):
		return widgets.Warn, "only from " + report.Day(c.NotBefore)
	case now.After(pki.RenewBy(c)):
		return widgets.Warn, "ends " + inDays(c.NotAfter.Sub(now))
	}
	return widgets.Good, "until " + report.Day(c.NotAfter)
}

// listMark says until when a revocation list counts.
func listMark(l *pki.CRL, now time.Time) (widgets.Tone, string) {
	switch {
	case l.NextUpdate.IsZero():
		return widgets.Neutral, "of " + report.Day(l.ThisUpdate)
	case now.After(l.NextUpdate):
		return widgets.Bad, "out of date since " + report.Day(l.NextUpdate)
	}
	return widgets.Good, "until " + report.Day(l.NextUpdate)
}

// inDays words a time to come: "today", "in 1 day", "in 12 days".
func inDays(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return "in " + countWords(days, "day")
	}
	return "within a day"
}
