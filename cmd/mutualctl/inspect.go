package main

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/evidence"
	"mutual/core/pki"
)

func newInspect(t *terminal) *cobra.Command {
	var asJSON, asText bool
	var passphraseFile string
	cmd := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Say what is in certificate and key files of any format",
		Long: `inspect says what each block of each file is, which keys, certificates, requests and revocation lists belong
together, and who issued what: PEM, DER, PKCS #7, PKCS #8, PKCS #12, Java keystores (JKS). Text that an editor or a shell
has damaged is read all the same, with a note of what was repaired. No key is ever printed, only what kind it is.`,
		Example: `  mutualctl inspect client.crt client.key
  mutualctl inspect client.p12 --passphrase-file passphrase.txt
  mutualctl inspect --text server.crt
  mutualctl inspect fullchain.pem --json`,
		Args: operands(1, -1, "a file"),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&asText, "text", false, "print each certificate as openssl x509 -text does")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "read the passphrase of encrypted keys and containers from the first line of `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := t.inventoryOptions(cmd.Context(), passphraseFile)
		if err != nil {
			return err
		}
		for i := range args {
			var err error
			if args[i], err = operandPath(args[i]); err != nil {
				return err
			}
		}
		in, err := inspect(cmd.Context(), args, o)
		var unreadable *usageError
		switch {
		case err != nil && len(in.Files) == 0, err != nil && asJSON && !errors.As(err, &unreadable):
			return err
		case asJSON && err != nil: // what could be read is there all the same
			in.Error = &failure{oneLine(unreadable.message), unreadable.hint}
			t.object(in)
			return ended(statusUsage)
		case asJSON:
			t.object(in)
		case asText:
			in.printText(t)
		default:
			in.print(newPage(t.out))
		}
		return err
	}
	return cmd
}

// inventoryOptions are those of a command that reads files of any format.
func (t *terminal) inventoryOptions(ctx context.Context, passphraseFile string) (pki.InventoryOptions, error) {
	o := pki.InventoryOptions{Prompt: t.passphrase}
	if passphraseFile != "" {
		p, err := t.secretFile(ctx, "--passphrase-file", passphraseFile)
		if err != nil {
			return o, err
		}
		o = pki.InventoryOptions{Passphrases: []string{p}}
	}
	return o, nil
}

// inspection is what inspect --json prints.
type inspection struct {
	Schema int             `json:"schema"`
	Files  []inspectedFile `json:"files"`
	Pairs  []pair          `json:"pairs"`
	// Issued says which certificate here has signed which other.
	Issued []issuedBy `json:"issued"`
	// Error is the first operand that could not be read, wholly or in part.
	Error *failure `json:"error,omitempty"`

	inventory *pki.Inventory
}

// issuedBy is a certificate and that of its issuer; of one that stands in several places, the first.
type issuedBy struct {
	Certificate      string `json:"certificate"`
	CertificateBlock int    `json:"certificate_block"`
	Issuer           string `json:"issuer"`
	IssuerBlock      int    `json:"issuer_block"`
}

type inspectedFile struct {
	File    string           `json:"file"`
	Format  string           `json:"format"`
	Size    int64            `json:"size"`
	Summary string           `json:"summary"` // one line
	Problem evidence.Problem `json:"problem"`
	// Repaired says what was damaged in the text that was read all the same.
	Repaired []string         `json:"repaired,omitempty"`
	Locked   bool             `json:"locked,omitempty"` // a passphrase would open it, wholly or in part
	Blocks   []inspectedBlock `json:"blocks"`
}

// inspectedBlock is one block. What a block of its kind does not have is left out.
type inspectedBlock struct {
	Index     int      `json:"index"`
	Kind      string   `json:"kind"`
	Label     string   `json:"label"`
	Name      string   `json:"name,omitempty"`   // of the entry in a container
	SHA256    string   `json:"sha256,omitempty"` // of the certificate's DER
	Subject   string   `json:"subject,omitempty"`
	Issuer    string   `json:"issuer,omitempty"`
	Serial    string   `json:"serial,omitempty"` // hex
	NotBefore string   `json:"not_before,omitempty"`
	NotAfter  string   `json:"not_after,omitempty"`
	Names     []string `json:"names,omitempty"` // DNS names and IP addresses
	CA        *bool    `json:"ca,omitempty"`
	Version   int      `json:"version,omitempty"`
	Revoked   *int     `json:"revoked,omitempty"` // of a revocation list: how many certificates are on it
	KeyType   string   `json:"key_type,omitempty"`
	// PublicKeySHA256 is of the SubjectPublicKeyInfo: a key and a certificate that belong together have the same.
	PublicKeySHA256 string `json:"public_key_sha256,omitempty"`
	Note            string `json:"note,omitempty"` // who refuses a key of this kind
	Error           string `json:"error,omitempty"`
}

// pair is a certificate and its key.
type pair struct {
	Certificate      string `json:"certificate"`
	CertificateBlock int    `json:"certificate_block"`
	Key              string `json:"key"`
	KeyBlock         int    `json:"key_block"`
}

// inspect reads all files. The error is the first operand that cannot be read; the others are inspected all the same.
func inspect(ctx context.Context, paths []string, o pki.InventoryOptions) (inspection, error) {
	in := inspection{Schema: schema, Files: []inspectedFile{}, Pairs: []pair{}, Issued: []issuedBy{}}
	in.inventory = pki.ReadInventory(ctx, paths, o)
	var first error
	n := 0 // items of the files before
	for _, f := range in.inventory.Files {
		err := unknown(f.File)
		if err == nil {
			in.Files = append(in.Files, newInspectedFile(f, in.inventory.Items[n:n+len(f.Blocks)]))
			err = unread(f, len(o.Passphrases) > 0)
		}
		if first == nil {
			first = err
		}
		n += len(f.Blocks)
	}
	for _, p := range in.inventory.Pairs() {
		c, k := in.inventory.Items[p.Certificate], in.inventory.Items[p.Key]
		in.Pairs = append(in.Pairs, pair{c.File, c.Block.Index, k.File, k.Block.Index})
	}
	in.addIssued(in.inventory.Trees)
	if err := interruption(ctx); err != nil {
		return in, err
	}
	return in, first
}

func (in *inspection) addIssued(nodes []*pki.Node) {
	for _, issuer := range nodes {
		for _, n := range issuer.Issued {
			c, i := in.inventory.Items[n.Item], in.inventory.Items[issuer.Item]
			in.Issued = append(in.Issued, issuedBy{c.File, c.Block.Index, i.File, i.Block.Index})
		}
		in.addIssued(issuer.Issued)
	}
}

// unknown is exit status 2 for a file of which nothing can be said.
func unknown(f evidence.File) error {
	switch f.Problem {
	case evidence.Missing, evidence.Unreadable, evidence.TooLarge, evidence.Empty:
		sentence, hint := unreadable(f)
		return usage(hint, "%s", sentence)
	}
	if len(f.Blocks) == 0 && (f.Problem == evidence.PassphraseNone || f.Problem == evidence.PassphraseBad) {
		sentence, hint := unreadable(f)
		return usage(hint, "%s", sentence)
	}
	if len(f.Blocks) == 0 && (f.Format == "" || f.Format == "unknown") {
		if f.Detail != "" {
			return usage("", "%s is neither a certificate nor a key in any format that is known here: %s", f.Path, f.Detail)
		}
		return usage("", "%s is neither a certificate nor a key in any format that is known here", f.Path)
	}
	return nil
}

// unread is exit status 2 for a file that is known for what it is, and shown, but of which something could not be read
// with what was given, or nothing at all.
func unread(f pki.InventoryFile, passphrase bool) error {
	switch {
	case f.Locked && passphrase, f.Problem == evidence.PassphraseBad:
		return usage("--passphrase-file FILE", "the passphrase does not open %s", f.Path)
	case f.Problem == evidence.KeyUnsupported && f.Format == "pkcs12":
		return usage("the program that wrote it can write it anew, with AES-256 and SHA-256", "%s cannot be opened: %s", f.Path, f.Detail)
	}
	if len(f.Blocks) == 0 && f.Detail != "" {
		return usage("", "nothing in %s can be read: %s", f.Path, f.Detail)
	}
	for _, b := range f.Blocks {
		if b.Error == "" || pki.RefusedKey(b.KeyType) != "" || b.Label == "OPENSSH PRIVATE KEY" {
			return nil
		}
	}
	if len(f.Blocks) > 0 {
		return usage("", "nothing in %s can be read: %s", f.Path, f.Blocks[0].Error)
	}
	return nil
}

func newInspectedFile(f pki.InventoryFile, items []pki.Item) inspectedFile {
	i := inspectedFile{
		File: f.Path, Format: f.Format, Size: f.Size, Summary: pki.Summary(f.File), Problem: f.Problem,
		Repaired: f.Repaired, Locked: f.Locked, Blocks: []inspectedBlock{},
	}
	for _, item := range items {
		i.Blocks = append(i.Blocks, newInspectedBlock(item))
	}
	return i
}

func newInspectedBlock(item pki.Item) inspectedBlock {
	b := item.Block
	i := inspectedBlock{
		Index: b.Index, Kind: b.Kind, Label: b.Label, Name: b.Name, KeyType: b.KeyType, Error: b.Error, Note: pki.RefusedKey(b.KeyType),
		PublicKeySHA256: hex.EncodeToString(b.PublicKeySHA256),
	}
	if len(b.Certificate) > 0 {
		i.SHA256 = fingerprint(b.Certificate)
	}
	switch {
	case item.Certificate != nil:
		i.certificate(item.Certificate)
	case len(b.Certificate) > 0:
		i.outline(b.Certificate)
	case item.Request != nil:
		i.Subject, i.Names = distinguishedName(item.Request.RawSubject), names(item.Request.DNSNames, item.Request.IPAddresses)
	case item.List != nil:
		n := item.List.Len()
		i.Issuer, i.Revoked = distinguishedName(item.List.RawIssuer), &n
		i.NotBefore = utc(item.List.ThisUpdate)
		if !item.List.NextUpdate.IsZero() { // version 1 may leave it out
			i.NotAfter = utc(item.List.NextUpdate)
		}
	}
	return i
}

func (i *inspectedBlock) certificate(x *x509.Certificate) {
	i.Subject, i.Issuer = distinguishedName(x.RawSubject), distinguishedName(x.RawIssuer)
	i.NotBefore, i.NotAfter = utc(x.NotBefore), utc(x.NotAfter)
	i.Serial = x.SerialNumber.Text(16)
	i.Version = x.Version
	ca := x.BasicConstraintsValid && x.IsCA
	i.CA = &ca
	i.Names = names(x.DNSNames, x.IPAddresses)
}

// outline fills in what can be read of a certificate that Go refuses.
func (i *inspectedBlock) outline(der []byte) {
	o, ok := pki.ReadOutline(der)
	if !ok {
		return
	}
	i.Subject, i.Issuer = distinguishedName(o.Subject), distinguishedName(o.Issuer)
	if o.Serial != nil {
		i.Serial = o.Serial.Text(16)
	}
	if !o.NotAfter.IsZero() {
		i.NotBefore, i.NotAfter = utc(o.NotBefore), utc(o.NotAfter)
	}
}

func names(dns []string, addresses []net.IP) []string {
	out := append([]string(nil), dns...)
	for _, ip := range addresses {
		out = append(out, ip.String())
	}
	return out
}

// printText prints the certificates as openssl does, one after the other.
func (in inspection) printText(t *terminal) {
	for _, item := range in.inventory.Items {
		if item.Certificate != nil {
			fmt.Fprint(t.out, pki.Text(item.Certificate))
		} else if len(item.Block.Certificate) > 0 {
			t.note("%s: %s", at(item.File, item.Block.Index), item.Block.Error)
		}
	}
}

func (in inspection) print(p *page) {
	for n, f := range in.Files {
		if n > 0 {
			p.line("")
		}
		p.line("%s: %s", p.paint(bold, f.File), f.Summary)
		if len(f.Repaired) > 0 {
			p.line("  The text was damaged (%s) and has been read as it should have been written.", strings.Join(f.Repaired, ", "))
		}
		for _, b := range f.Blocks {
			b.print(p)
		}
	}
	if len(in.Pairs)+len(in.Issued) > 0 {
		p.line("")
	}
	for _, x := range in.Pairs {
		p.line("The key in %s belongs to the certificate in %s.", at(x.Key, x.KeyBlock), at(x.Certificate, x.CertificateBlock))
	}
	for _, x := range in.Issued {
		p.line("The certificate in %s was issued by the one in %s.", at(x.Certificate, x.CertificateBlock), at(x.Issuer, x.IssuerBlock))
	}
}

// at names a block of a file; the first one needs no number.
func at(file string, block int) string {
	if block == 0 {
		return file
	}
	return fmt.Sprintf("%s (block %d)", file, block)
}

func (b inspectedBlock) print(p *page) {
	p.line("  block %d: %s %s", b.Index, strings.ReplaceAll(b.Kind, "-", " "), b.KeyType)
	yes := ""
	if b.CA != nil {
		yes = map[bool]string{true: "yes", false: "no"}[*b.CA]
	}
	revoked := ""
	if b.Revoked != nil {
		revoked = fmt.Sprintf("%d certificates", *b.Revoked)
	}
	failed := b.Error
	if b.Note != "" && strings.HasPrefix(failed, b.Note) {
		failed = ""
	}
	for _, l := range []struct{ name, value string }{
		{"name", b.Name}, {"subject", b.Subject}, {"issuer", b.Issuer}, {"names", strings.Join(b.Names, ", ")}, {"authority", yes}, {"revoked", revoked},
		{"serial", b.Serial}, {"from", b.NotBefore}, {"until", b.NotAfter}, {"SHA-256", b.SHA256},
		{"public key", b.PublicKeySHA256}, {"note", b.Note}, {"cannot be read", failed},
	} {
		if l.value != "" {
			p.line("    %-11s %s", l.name, l.value)
		}
	}
}
