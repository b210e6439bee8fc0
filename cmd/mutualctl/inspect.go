package main

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

func newInspect(t *terminal) *cobra.Command {
	var asJSON bool
	var passphraseFile string
	cmd := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Say what is in a certificate or key file",
		Long: `inspect says what each block of a file is, and which keys and certificates belong together. No key is ever
printed, only what kind it is.`,
		Example: `  mutualctl inspect client.crt client.key
  mutualctl inspect fullchain.pem --json`,
		Args: operands(1, -1, "a file"),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "read the passphrase of encrypted keys from the first line of `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		passphrase := ""
		if passphraseFile != "" {
			var err error
			if passphrase, err = t.secretFile(cmd.Context(), "--passphrase-file", passphraseFile); err != nil {
				return err
			}
		}
		in, err := inspect(args, passphrase)
		switch {
		case err != nil && (asJSON || len(in.Files) == 0):
			return err
		case asJSON:
			t.object(in)
		default:
			in.print(newPage(t.out))
		}
		return err
	}
	return cmd
}

// inspection is what inspect --json prints.
type inspection struct {
	Schema int             `json:"schema"`
	Files  []inspectedFile `json:"files"`
	Pairs  []pair          `json:"pairs"`
}

type inspectedFile struct {
	File    string           `json:"file"`
	Format  string           `json:"format"`
	Size    int64            `json:"size"`
	Summary string           `json:"summary"` // one line
	Problem evidence.Problem `json:"problem"`
	Blocks  []inspectedBlock `json:"blocks"`
}

// inspectedBlock is one block. What a block of its kind does not have is left out.
type inspectedBlock struct {
	Index     int      `json:"index"`
	Kind      string   `json:"kind"`
	Label     string   `json:"label"`
	SHA256    string   `json:"sha256,omitempty"` // of the certificate's DER
	Subject   string   `json:"subject,omitempty"`
	Issuer    string   `json:"issuer,omitempty"`
	Serial    string   `json:"serial,omitempty"` // hex
	NotBefore string   `json:"not_before,omitempty"`
	NotAfter  string   `json:"not_after,omitempty"`
	Names     []string `json:"names,omitempty"` // DNS names and IP addresses
	CA        *bool    `json:"ca,omitempty"`
	Version   int      `json:"version,omitempty"`
	KeyType   string   `json:"key_type,omitempty"`
	// PublicKeySHA256 is of the SubjectPublicKeyInfo: a key and a certificate that belong together have the same.
	PublicKeySHA256 string `json:"public_key_sha256,omitempty"`
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
func inspect(paths []string, passphrase string) (inspection, error) {
	in := inspection{Schema: schema, Files: []inspectedFile{}, Pairs: []pair{}}
	var files []evidence.File
	var first error
	for _, path := range paths {
		f := pki.ReadFile(path, "", passphrase)
		if err := unknown(f); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		files = append(files, f)
		in.Files = append(in.Files, newInspectedFile(f))
	}
	in.Pairs = append(in.Pairs, pairs(files)...)
	return in, first
}

// unknown is exit status 2 for a file of which nothing can be said.
func unknown(f evidence.File) error {
	detail := ""
	if f.Detail != "" {
		detail = ": " + strings.TrimPrefix(f.Detail, "open ")
	}
	switch f.Problem {
	case evidence.Missing, evidence.Unreadable, evidence.TooLarge:
		return usage("", "%s cannot be read (%s)%s", f.Path, f.Problem, detail)
	case evidence.Empty:
		return usage("", "%s is empty", f.Path)
	}
	if len(f.Blocks) == 0 && (f.Format == "" || f.Format == "unknown") {
		return usage("", "%s is neither a certificate nor a key in any format that is known here", f.Path)
	}
	return nil
}

func newInspectedFile(f evidence.File) inspectedFile {
	i := inspectedFile{
		File: f.Path, Format: f.Format, Size: f.Size, Summary: pki.Summary(f), Problem: f.Problem, Blocks: []inspectedBlock{},
	}
	for _, b := range f.Blocks {
		i.Blocks = append(i.Blocks, newInspectedBlock(b))
	}
	return i
}

func newInspectedBlock(b evidence.Block) inspectedBlock {
	i := inspectedBlock{
		Index: b.Index, Kind: b.Kind, Label: b.Label, KeyType: b.KeyType, Error: b.Error,
		PublicKeySHA256: hex.EncodeToString(b.PublicKeySHA256),
	}
	if len(b.Certificate) == 0 {
		return i
	}
	i.SHA256 = fingerprint(b.Certificate)
	c := chain.Parse(evidence.Certificate{DER: b.Certificate})
	if c.X == nil {
		if i.Error == "" {
			i.Error = c.Error
		}
		return i
	}
	i.certificate(c.X)
	return i
}

func (i *inspectedBlock) certificate(x *x509.Certificate) {
	i.Subject, i.Issuer = distinguishedName(x.RawSubject), distinguishedName(x.RawIssuer)
	i.NotBefore, i.NotAfter = utc(x.NotBefore), utc(x.NotAfter)
	i.Serial = x.SerialNumber.Text(16)
	i.Version = x.Version
	ca := x.BasicConstraintsValid && x.IsCA
	i.CA = &ca
	i.Names = append(i.Names, x.DNSNames...)
	for _, ip := range x.IPAddresses {
		i.Names = append(i.Names, ip.String())
	}
}

// pairs finds the certificates and private keys that have the same public key.
func pairs(files []evidence.File) []pair {
	var found []pair
	for _, certificate := range files {
		for _, c := range certificate.Blocks {
			if len(c.Certificate) == 0 || len(c.PublicKeySHA256) == 0 {
				continue
			}
			for _, key := range files {
				for _, k := range key.Blocks {
					if strings.HasSuffix(k.Kind, "private-key") && bytes.Equal(k.PublicKeySHA256, c.PublicKeySHA256) {
						found = append(found, pair{certificate.Path, c.Index, key.Path, k.Index})
					}
				}
			}
		}
	}
	return found
}

func (in inspection) print(p *page) {
	for n, f := range in.Files {
		if n > 0 {
			p.line("")
		}
		p.line("%s: %s", p.paint(bold, f.File), f.Summary)
		for _, b := range f.Blocks {
			b.print(p)
		}
	}
	if len(in.Pairs) > 0 {
		p.line("")
	}
	for _, x := range in.Pairs {
		p.line("The key in %s belongs to the certificate in %s.", at(x.Key, x.KeyBlock), at(x.Certificate, x.CertificateBlock))
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
	for _, l := range []struct{ name, value string }{
		{"subject", b.Subject}, {"issuer", b.Issuer}, {"names", strings.Join(b.Names, ", ")}, {"authority", yes},
		{"serial", b.Serial}, {"from", b.NotBefore}, {"until", b.NotAfter}, {"SHA-256", b.SHA256},
		{"public key", b.PublicKeySHA256}, {"cannot be read", b.Error},
	} {
		if l.value != "" {
			p.line("    %-11s %s", l.name, l.value)
		}
	}
}
