package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/pki"
)

// convertFlags are those of the commands that write what was in other files.
type convertFlags struct {
	passphraseFile, newPassphraseFile string
	decrypt, traditional              bool
	force, json                       bool
}

func (f *convertFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.passphraseFile, "passphrase-file", "", "read the passphrase of the files from the first line of `FILE`")
	flags.StringVar(&f.newPassphraseFile, "new-passphrase-file", "", "encrypt keys with the passphrase in the first line of `FILE`")
	flags.BoolVar(&f.decrypt, "decrypt", false, "write keys without a passphrase")
	flags.BoolVar(&f.force, "force", false, "replace files that are there already")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
}

// protection is how keys are written.
func (f *convertFlags) protection(ctx context.Context, t *terminal) (pki.Protection, error) {
	p := pki.Protection{Plain: f.decrypt, Traditional: f.traditional}
	if f.newPassphraseFile == "" {
		return p, nil
	}
	if f.decrypt {
		return p, usage("", "--decrypt and --new-passphrase-file contradict each other")
	}
	var err error
	if p.Passphrase, err = t.secretFile(ctx, "--new-passphrase-file", f.newPassphraseFile); err == nil && p.Passphrase == "" {
		err = usage("--decrypt writes keys without one", "--new-passphrase-file %s begins with an empty line", f.newPassphraseFile)
	}
	return p, err
}

// read reads the files, every one of which has to be readable.
func (f *convertFlags) read(ctx context.Context, t *terminal, paths []string) (*pki.Inventory, error) {
	o, err := t.inventoryOptions(ctx, f.passphraseFile)
	if err != nil {
		return nil, err
	}
	inv := pki.ReadInventory(ctx, paths, o)
	if err := interruption(ctx); err != nil {
		return nil, err
	}
	for _, file := range inv.Files {
		if err := unknown(file.File); err != nil {
			return nil, err
		}
	}
	return inv, nil
}

// writeFiles writes all or none, and says what is in the way.
func writeFiles(files []pki.OutputFile, force bool) error {
	return writeFilesBy("--force", files, force)
}

// writeFilesBy does so for a command in which another flag lets files be replaced.
func writeFilesBy(flag string, files []pki.OutputFile, replace bool) error {
	var there *pki.ExistsError
	switch err := pki.WriteFiles(files, replace); {
	case errors.As(err, &there):
		return usage(flag+" replaces them", "already there: %s", strings.Join(there.Paths, ", "))
	case err != nil:
		return usage("", "%s", err)
	}
	return nil
}

func newCertConvert(t *terminal) *cobra.Command {
	var f convertFlags
	var to, out string
	cmd := &cobra.Command{
		Use:   "convert --to FORMAT FILE…",
		Short: "Write certificates and keys in another format",
		Long: `convert reads files of any format that inspect knows and writes what is in them to one file: as PEM, as DER (one thing),
as PKCS #7 (certificates and revocation lists), or as PKCS #12 (a key with its chain, or a trust store): pkcs12 for
OpenSSL 1.1.1, Java 12 and Windows Server 2019 and later, pkcs12-java in the weaker encryption that Java 8 reads.

A key that was encrypted stays so, with the same passphrase, unless --new-passphrase-file or --decrypt is given.`,
		Example: `  mutualctl cert convert --to pem client.p12 --passphrase-file passphrase.txt
  mutualctl cert convert --to pkcs12 --out client.p12 --new-passphrase-file new.txt client.crt client.key
  mutualctl cert convert --to der --out server.der server.crt
  mutualctl cert convert --to pem --decrypt --traditional --out rsa.key client.key`,
		Args: operands(1, -1, "a file"),
	}
	f.register(cmd)
	cmd.Flags().StringVar(&to, "to", "", "`FORMAT` to write: "+strings.Join(formatNames(), ", "))
	cmd.Flags().StringVar(&out, "out", "", "write to `FILE`, or with - to standard output (default: beside the first file, with the format's usual ending)")
	cmd.Flags().BoolVar(&f.traditional, "traditional", false, "write keys as PKCS #1 or SEC 1 in place of PKCS #8")
	complete(cmd, "to", formatNames)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		format := pki.Format(strings.ToLower(to))
		if !isFormat(format) {
			return usage("known are "+strings.Join(formatNames(), ", "), "--to: no format is called %q", to)
		}
		p, err := f.protection(cmd.Context(), t)
		if err != nil {
			return err
		}
		inv, err := f.read(cmd.Context(), t, args)
		if err != nil {
			return err
		}
		converted, err := inv.Convert(format, p)
		if err != nil {
			return conversionError(err)
		}
		if out == "" {
			out = strings.TrimSuffix(args[0], filepath.Ext(args[0])) + format.Ending()
		}
		if out == "-" {
			return t.convertedHere(f.json, converted)
		}
		if err := writeFiles([]pki.OutputFile{{Path: out, Data: converted.Data, Private: converted.Private}}, f.force); err != nil {
			return err
		}
		t.convertedTo(f.json, []writtenFile{{out, converted.Private}}, converted.Left)
		return nil
	}
	return cmd
}

// convertedHere writes to standard output, for a pipe: the file alone, what was left out on standard error.
func (t *terminal) convertedHere(asJSON bool, c pki.Converted) error {
	if asJSON {
		return usage("--out FILE", "--json and the file cannot both go to standard output")
	}
	for _, l := range c.Left {
		t.note("%s", l)
	}
	_, err := t.out.Write(c.Data)
	return err
}

func formatNames() []string {
	var out []string
	for _, f := range pki.Formats {
		out = append(out, string(f))
	}
	return out
}

func isFormat(f pki.Format) bool {
	for _, known := range pki.Formats {
		if f == known {
			return true
		}
	}
	return false
}

// conversionError is exit status 2 with what to do.
func conversionError(err error) error {
	var many *pki.ManyError
	var locked *pki.LockedError
	hint := ""
	switch {
	case errors.As(err, &locked):
		hint = "--passphrase-file FILE"
	case errors.Is(err, pki.ErrNeedsPassphrase):
		hint = "--new-passphrase-file FILE; --decrypt writes it with an empty one"
	case errors.As(err, &many) && many.Format == pki.DER:
		hint = "mutualctl cert split takes a chain apart; --to pem holds everything"
	case errors.As(err, &many):
		hint = "name the files of one key only; --to pem holds everything"
	}
	return usage(hint, "%s", err)
}

// writtenFile is one file that was written.
type writtenFile struct {
	File    string `json:"file"`
	Private bool   `json:"private"` // a private key is in it
}

// conversion is what cert convert, split and bundle print with --json.
type conversion struct {
	Schema int           `json:"schema"`
	Files  []writtenFile `json:"files"`
	Left   []string      `json:"left_out"` // what was not written, a sentence each
}

// convertedTo says what was written.
func (t *terminal) convertedTo(asJSON bool, files []writtenFile, left []string) {
	if asJSON {
		t.object(conversion{Schema: schema, Files: files, Left: append([]string{}, left...)})
		return
	}
	for _, f := range files {
		secret := ""
		if f.Private {
			secret = "  (holds a private key: keep it secret)"
		}
		fmt.Fprintf(t.out, "%s%s\n", f.File, secret)
	}
	for _, l := range left {
		t.note("%s", l)
	}
}
