package pki

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"slices"

	"mutual/core/evidence"
)

// Inventory is whatever is in a number of files: certificates, keys, requests, revocation lists, with what belongs
// together. It is not changed once read.
type Inventory struct {
	Files []InventoryFile
	Items []Item // in the order of the files and of their blocks
	// Trees are the certificates by issuer, each certificate once: at the top what nothing else here has issued.
	Trees []*Node
	// Loose are the items that belong to no certificate here: keys, requests, revocation lists, and what is not known.
	Loose []int
}

// InventoryFile is one of the files. Its Blocks are those of the Items.
type InventoryFile struct {
	evidence.File
	// Repaired says what was damaged in the text, where it was read all the same: see evidence.File.Encoding; and
	// "armor-missing" for base64 without BEGIN and END lines.
	Repaired []string
	Locked   bool // a passphrase would open it, wholly or in part
	first    int  // index of its first item
}

// Item is one block of one file. Of Certificate, Request and CRL at most one is set: none for a key, and for what
// cannot be read (Block.Error says why).
type Item struct {
	File        string
	Block       evidence.Block
	Certificate *x509.Certificate
	Request     *x509.CertificateRequest
	CRL         *x509.RevocationList // nil also for a list that Go refuses: see List
	List        *CRL                 // a revocation list, of version 1 too

	key    crypto.Signer // nil: not a key, not opened, or of a kind that Go does not know
	opened bool          // der is a private key that is not, or no longer, encrypted
	der    []byte        // nil: could not be read
	// passphrase is the one under which the key was encrypted.
	passphrase string
}

// String names i without showing a key.
func (i Item) String() string { return i.Block.Kind + " in " + i.File }

// GoString is String: "%#v" would walk into the private key.
func (i Item) GoString() string { return "pki.Item{" + i.String() + "}" }

// IsPrivateKey says whether i is a private key, opened or not.
func (i Item) IsPrivateKey() bool {
	return i.Block.Kind == kindPrivateKey || i.Block.Kind == kindEncryptedKey
}

// InventoryOptions says how to read the files. The zero value asks nobody.
type InventoryOptions struct {
	Passphrases []string // tried on each file that is encrypted, in order
	Prompt      Prompt   // nil: nobody to ask
	// Texts holds what is no file, such as text that was pasted, by the name that stands for it among the paths.
	Texts map[string][]byte

	work int // iterations that one file's encryption may ask for; 0: maxWork
}

// maxInventoryPassphrases bounds how many passphrases are tried on one file: each can cost seconds.
const maxInventoryPassphrases = 8

// ReadInventory reads files of any format. It does not fail: a file that cannot be read has a Problem, and the others
// are read all the same; files after the end of ctx are left out.
func ReadInventory(ctx context.Context, paths []string, o InventoryOptions) *Inventory {
	inv := &Inventory{}
	var earlier []string // what was answered for the files before
	for _, path := range paths {
		if ctx.Err() != nil {
			break
		}
		c, repaired := readAny(ctx, path, o, earlier)
		if p := c.passphrase; p != "" && !c.locked() && !slices.Contains(o.Passphrases, p) { // often the next file's as well
			earlier = append([]string{p}, earlier...)
		}
		inv.add(c, repaired)
	}
	inv.arrange(ctx)
	return inv
}

// readAny reads one file with the passphrase that opens most of it.
func readAny(ctx context.Context, path string, o InventoryOptions, earlier []string) (contents, []string) {
	text, given := o.Texts[path]
	read := func(passphrase string) (contents, []string) {
		if given {
			return repairedText(path, text, passphrase, o.work)
		}
		return readRepaired(path, passphrase, o.work)
	}
	c, repaired := read("")
	if !c.locked() {
		return c, repaired
	}
	try := func(passphrase string) bool {
		next, _ := read(passphrase)
		if !next.locked() || c.passphrase == "" || len(next.plain) > len(c.plain) { // the first: its blocks say that it does not fit
			c = next
		}
		return !c.locked()
	}
	for _, p := range earlier[:min(len(earlier), maxInventoryPassphrases)] {
		if next, again := read(p); ctx.Err() == nil && !next.locked() { // nobody said that it is this file's
			return next, again
		}
	}
	for _, p := range o.Passphrases[:min(len(o.Passphrases), maxInventoryPassphrases)] {
		if ctx.Err() != nil || p != "" && try(p) {
			return c, repaired
		}
	}
	for n := 0; n < maxPrompts && o.Prompt != nil && ctx.Err() == nil; n++ {
		p, ok := o.Prompt(ctx, PassphraseRequest{File: path, Again: n > 0})
		if !ok || p == "" || try(p) { // nothing typed: this one is left locked
			break
		}
	}
	return c, repaired
}

// locked says whether something in c waits for a passphrase.
func (c *contents) locked() bool {
	if c.Problem == evidence.PassphraseNone || c.Problem == evidence.PassphraseBad {
		return true
	}
	return slices.ContainsFunc(c.Blocks, func(b evidence.Block) bool {
		return b.Kind == kindEncryptedKey && c.plain[b.Index] == nil && (b.Error == "" || errors.Is(c.keyErrors[b.Index], errPassphrase))
	})
}

// add appends a file and its blocks.
func (inv *Inventory) add(c contents, repaired []string) {
	inv.Files = append(inv.Files, InventoryFile{File: c.File, Repaired: repaired, Locked: c.locked(), first: len(inv.Items)})
	for _, b := range c.Blocks {
		item := Item{File: c.Path, Block: b, der: c.der[b.Index], key: c.keys[b.Index]}
		if plain, ok := c.plain[b.Index]; ok {
			item.der, item.opened = plain, true
			if b.Kind == kindEncryptedKey || c.Format == formatPKCS12 || c.Format == formatJKS || c.Format == formatJCEKS {
				item.passphrase = c.passphrase
			}
		}
		switch b.Kind {
		case kindCertificate, kindTrusted:
			if b.Certificate != nil {
				item.Certificate, _ = x509.ParseCertificate(b.Certificate)
				item.der = b.Certificate
			}
		case kindRequest:
			item.Request, _ = x509.ParseCertificateRequest(item.der)
		case kindCRL:
			item.List, _ = ReadCRL(item.der)
			item.CRL, _ = x509.ParseRevocationList(item.der)
		}
		inv.Items = append(inv.Items, item)
	}
}
