package pki

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"slices"
)

// Node is a certificate in a tree by issuer. Numbers are indexes into Inventory.Items.
type Node struct {
	Item     int
	Also     []int   // where the same certificate stands again
	Keys     []int   // private keys that have its public key
	Requests []int   // requests and bare public keys for the same key
	CRLs     []int   // revocation lists that its authority has issued
	Issued   []*Node // certificates here that its key has signed
}

// maxSignatureChecks bounds the signatures that arrange verifies, up to 0.3 ms each. Beyond it names and key identifiers
// are believed: a file has to be made on purpose for that.
const maxSignatureChecks = 2000

// Further bounds for files that are made on purpose: certificates that are looked at as issuers in all, certificates for
// one key that have it at their side, and the depth of a tree.
const (
	maxCompared  = 1_000_000
	maxSameKey   = 16
	maxTreeDepth = 64
)

// arranger puts items in order.
type arranger struct {
	inv       *Inventory
	nodes     []*Node
	byDER     map[[sha256.Size]byte]*Node
	bySubject map[string][]*Node
	byKey     map[string][]*Node
	parent    map[*Node]*Node
	checks    int // signatures verified
	compared  int // certificates looked at as issuers
	ctx       context.Context
}

// arrange fills in Trees and Loose.
func (inv *Inventory) arrange(ctx context.Context) {
	a := &arranger{
		inv: inv, ctx: ctx, byDER: map[[sha256.Size]byte]*Node{}, bySubject: map[string][]*Node{},
		byKey: map[string][]*Node{}, parent: map[*Node]*Node{},
	}
	for n := range inv.Items {
		if len(inv.Items[n].Block.Certificate) > 0 {
			a.addCertificate(n)
		}
	}
	for n := range inv.Items {
		if len(inv.Items[n].Block.Certificate) == 0 && !a.addOther(n) {
			inv.Loose = append(inv.Loose, n)
		}
	}
	for _, node := range a.nodes {
		if p := a.issuer(node); p != nil {
			a.parent[node] = p
			p.Issued = append(p.Issued, node)
		} else {
			inv.Trees = append(inv.Trees, node)
		}
	}
}

// addCertificate makes a node of a certificate, or adds the place to the one that is there.
func (a *arranger) addCertificate(n int) {
	der := a.inv.Items[n].Block.Certificate
	sum := sha256.Sum256(der)
	if node, ok := a.byDER[sum]; ok {
		node.Also = append(node.Also, n)
		return
	}
	node := &Node{Item: n}
	a.byDER[sum] = node
	a.nodes = append(a.nodes, node)
	if o, ok := outlineOf(der); ok {
		subject := canonicalName(o.subject)
		a.bySubject[subject] = append(a.bySubject[subject], node)
	}
	if key := a.inv.Items[n].Block.PublicKeySHA256; key != nil {
		a.byKey[string(key)] = append(a.byKey[string(key)], node)
	}
}

// addOther puts a key, a request or a revocation list to its certificates.
func (a *arranger) addOther(n int) bool {
	item := a.inv.Items[n]
	if item.List != nil {
		issuers := a.bySubject[canonicalName(item.List.RawIssuer)]
		found := false
		for _, node := range issuers[:min(len(issuers), maxSameKey)] {
			if c := a.inv.Items[node.Item].Certificate; c != nil && a.crlIsBy(item.List, c) {
				node.CRLs = append(node.CRLs, n)
				found = true
			}
		}
		return found
	}
	key := item.Block.PublicKeySHA256
	if key == nil {
		return false
	}
	same := a.byKey[string(key)]
	for _, node := range same[:min(len(same), maxSameKey)] {
		if item.IsPrivateKey() {
			node.Keys = append(node.Keys, n)
		} else {
			node.Requests = append(node.Requests, n)
		}
	}
	return len(same) > 0
}

// crlIsBy says whether c's key signed l, whether or not c may sign revocation lists.
func (a *arranger) crlIsBy(l *CRL, c *x509.Certificate) bool {
	if !keyIdentifiersAgree(l.AuthorityKeyID, c.SubjectKeyId) {
		return false
	}
	if a.checks++; a.checks > maxSignatureChecks {
		return true
	}
	return signatureAgrees(c.CheckSignature(l.Algorithm, l.TBS, l.Signature))
}

// issuer finds the certificate here that has signed node's: the authority's self-signed one before cross-certificates,
// and no certificate below node itself.
func (a *arranger) issuer(node *Node) *Node {
	c := a.inv.Items[node.Item].Certificate
	o, ok := outlineOf(a.inv.Items[node.Item].Block.Certificate)
	if !ok || canonicalName(o.issuer) == canonicalName(o.subject) && (c == nil || a.signed(c, c)) {
		return nil
	}
	var found *Node
	for _, p := range a.bySubject[canonicalName(o.issuer)] {
		issuer := a.inv.Items[p.Item].Certificate
		if a.compared++; a.compared > maxCompared || a.ctx.Err() != nil {
			break
		}
		if p == node {
			continue
		}
		if found != nil && (issuer == nil || !selfIssued(issuer)) {
			continue
		}
		if (c == nil || issuer == nil || a.signed(issuer, c)) && !a.below(p, node) {
			if found = p; issuer != nil && selfIssued(issuer) {
				break
			}
		}
	}
	return found
}

// below says whether p stands below node already, or too deep for anything to stand below it.
func (a *arranger) below(p, node *Node) bool {
	for depth := 0; p != nil; depth++ {
		if p == node || depth == maxTreeDepth {
			return true
		}
		p = a.parent[p]
	}
	return false
}

// signed says whether issuer's key signed c.
func (a *arranger) signed(issuer, c *x509.Certificate) bool {
	if !keyIdentifiersAgree(c.AuthorityKeyId, issuer.SubjectKeyId) {
		return false
	}
	if a.checks++; a.checks > maxSignatureChecks {
		return true
	}
	return issued(issuer, c)
}

func keyIdentifiersAgree(authority, subject []byte) bool {
	return len(authority) == 0 || len(subject) == 0 || bytes.Equal(authority, subject)
}

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// Pair is a private key and what is for the same key. Numbers are indexes into Inventory.Items.
type Pair struct{ Key, Certificate int }

// Pairs lists the certificates with their private keys, in the order of the certificates.
func (inv *Inventory) Pairs() []Pair {
	var out []Pair
	var walk func(nodes []*Node)
	walk = func(nodes []*Node) {
		for _, n := range nodes {
			for _, c := range append([]int{n.Item}, n.Also...) {
				for _, k := range n.Keys {
					out = append(out, Pair{Key: k, Certificate: c})
				}
			}
			walk(n.Issued)
		}
	}
	walk(inv.Trees)
	slices.SortFunc(out, func(a, b Pair) int {
		if a.Certificate != b.Certificate {
			return a.Certificate - b.Certificate
		}
		return a.Key - b.Key
	})
	return out
}
