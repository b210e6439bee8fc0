package pki

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
)

// Only is an inventory of some of the items, arranged anew. The numbers are indexes into Items; its Files are those that
// the items stand in.
func (inv *Inventory) Only(ctx context.Context, items ...int) *Inventory {
	out := &Inventory{}
	named := map[string]bool{}
	for _, n := range items {
		out.Items = append(out.Items, inv.Items[n])
		named[inv.Items[n].File] = true
	}
	for _, f := range inv.Files {
		if named[f.Path] {
			out.Files = append(out.Files, f)
		}
	}
	out.arrange(ctx)
	return out
}

// Locked says whether i is an encrypted private key that no passphrase has opened.
func (i Item) Locked() bool { return i.Block.Kind == kindEncryptedKey && !i.opened }

// Protected says whether i is a private key that is encrypted where it stands, opened or not.
func (i Item) Protected() bool { return i.Block.Kind == kindEncryptedKey || i.passphrase != "" }

// Authorities are the certificates of a CA file, and what did not come into it.
type Authorities struct {
	Certificates []*x509.Certificate
	Ends         []int    // the certificates that are no authority's, which clients can be asked about; indexes into Items
	Left         []string // what was left out or is not known: a sentence each
}

// Authorities is a CA file that every client takes: the self-signed roots first, because OpenSSL accepts no chain that
// ends before one, then the other authorities. A root that is missing comes from roots. Those that are there stay: who
// accepts with them now goes on to.
func (inv *Inventory) Authorities(roots *Roots) Authorities {
	var a Authorities
	var anchors, others []*x509.Certificate
	add := func(list *[]*x509.Certificate, c *x509.Certificate) {
		if !slices.ContainsFunc(*list, c.Equal) {
			*list = append(*list, c)
		}
	}
	for n, i := range inv.Items {
		c := i.Certificate
		switch {
		case c == nil:
		case !(c.BasicConstraintsValid && c.IsCA) && !(c.Version < 3 && selfIssued(c)):
			a.Ends = append(a.Ends, n)
			a.Left = append(a.Left, fmt.Sprintf("%s is left out: it is no authority.", CommonName(c)))
		default:
			path := inv.Path(n, roots)
			if root := path.Root(); root != nil {
				add(&anchors, root.Certificate)
				if !root.Equal(c) {
					add(&others, c)
				}
				continue
			}
			add(&others, c)
			a.Left = append(a.Left, fmt.Sprintf("The root above %s is not known: it is %s.", CommonName(c), path.Missing()))
		}
	}
	a.Certificates = append(anchors, others...)
	return a
}

// Plain are the certificates of a path without where they come from.
func Plain(path []PathCertificate) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range path {
		out = append(out, c.Certificate)
	}
	return out
}

// Sent is what a server sends of p: the end-entity certificate and its issuers in order, without the root.
func (p Path) Sent() []*x509.Certificate {
	if len(p.Certificates) == 0 {
		return nil
	}
	return append([]*x509.Certificate{p.Certificates[0].Certificate}, Plain(p.Chain())...)
}

// LeftOut says of each certificate that is not on p that it does not belong to the chain: a sentence each.
func (inv *Inventory) LeftOut(p Path) []string {
	var out []string
	for _, n := range p.Left {
		i := inv.Items[n]
		name := "A certificate that cannot be read"
		if i.Certificate != nil {
			name = CommonName(i.Certificate)
		}
		out = append(out, fmt.Sprintf("%s (block %d of %s) is left out: it does not belong to the chain.", name, i.Block.Index, i.File))
	}
	return out
}

// AuthorityPath is the certificate of an authority and what stands above it in its file, as far as that goes: what has to
// be sent with a certificate that it signs, and at the end what has to be trusted.
func AuthorityPath(ctx context.Context, file string, authority *x509.Certificate) []*x509.Certificate {
	inv := ReadInventory(ctx, []string{file}, InventoryOptions{})
	for n, i := range inv.Items {
		if i.Certificate != nil && i.Certificate.Equal(authority) {
			return Plain(inv.Path(n, nil).Certificates)
		}
	}
	return []*x509.Certificate{authority}
}
