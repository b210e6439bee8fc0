package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// acmeReasons are those of RFC 5280 §5.3.1 that authorities take.
var acmeReasons = map[string]uint{"unspecified": 0, "key-compromised": 1, "superseded": 4, "no-longer-used": 5}

// acmeReasonNames are their names, by number.
var acmeReasonNames = []string{"unspecified", "key-compromised", "superseded", "no-longer-used"}

type revokeFlags struct {
	obtainFlags // for its folder and directory
	reason      string
	yes, byKey  bool
	key         string
	passphrase  string
}

func newACMERevoke(t *terminal) *cobra.Command {
	f := &revokeFlags{}
	cmd := &cobra.Command{
		Use:   "revoke NAME|FILE",
		Short: "Revoke a certificate",
		Long: `revoke tells the authority that a certificate must not be relied on any more. That cannot be taken back. The files stay.
It is asked for by the account that obtained the certificate, or with --by-certificate-key by the certificate's own key (RFC
8555 §7.6), where the account is gone. With --key and the FILE of a certificate that is in no folder, such as one whose key
has turned up somewhere, it is asked for by that key, at the authority of --directory. Both may be of any format that
mutualctl inspect reads, and both in one file.`,
		Example: `  mutualctl acme revoke mqtt.example.org --reason key-compromised
  mutualctl acme revoke mqtt.example.org --by-certificate-key
  mutualctl acme revoke found.pem --key found.key --reason key-compromised
  mutualctl acme revoke found.p12 --key found.p12 --passphrase-file passphrase.txt --reason key-compromised`,
		Args: operands(1, 1, "NAME or FILE"),
	}
	f.registerFolder(cmd)
	cmd.ValidArgsFunction = f.completeCertificate(1, true)
	f.registerDirectory(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "unspecified", strings.Join(acmeReasonNames, ", "))
	flags.BoolVar(&f.byKey, "by-certificate-key", false, "ask by the certificate's key instead of the account's")
	flags.StringVar(&f.key, "key", "", "ask by the private key in `FILE`, which is that of the certificate in the operand")
	flags.StringVar(&f.passphrase, "passphrase-file", "", "read the passphrase of the key, or of the file that both are in, from the first line of `FILE`")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	complete(cmd, "reason", func() []string { return acmeReasonNames })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		number, ok := acmeReasons[f.reason]
		if !ok {
			return usage(cmd.CommandPath()+" --help", "--reason: %q is not one of %s", f.reason, strings.Join(acmeReasonNames, ", "))
		}
		if err := f.check(cmd); err != nil {
			return err
		}
		return t.revoke(cmd.Context(), f, args[0], number)
	}
	return cmd
}

// check refuses flags that would be looked at by nobody.
func (f *revokeFlags) check(cmd *cobra.Command) error {
	if f.key != "" {
		if f.byKey {
			return usage("leave out --by-certificate-key", "--key and --by-certificate-key name two keys")
		}
		return nil
	}
	for _, name := range []string{"directory", "directory-ca", "staging"} {
		if cmd.Flags().Changed(name) {
			return usage("leave it out, or give --key FILE with the certificate's file",
				"--%s: a certificate of the folder is revoked at the authority that it was obtained from", name)
		}
	}
	if cmd.Flags().Changed("passphrase-file") {
		return usage("--key FILE", "--passphrase-file needs the key that the passphrase is for")
	}
	return nil
}

func (t *terminal) revoke(ctx context.Context, f *revokeFlags, what string, reason uint) error {
	asJSON := f.json
	var revoke func() error
	if f.key != "" {
		certificate, key, err := t.foundPair(ctx, f, what)
		if err != nil {
			return err
		}
		revoke = func() error {
			return acme.RevokeFound(ctx, f.chosenDirectory(), certificate, key, reason, t.steps())
		}
	} else {
		folder, _, err := f.kept([]string{what})
		if err != nil {
			return err
		}
		name, err := certificateIn(folder, what, f.dir)
		if err != nil {
			return orFile(err, what)
		}
		what = name
		revoke = func() error { return folder.Revoke(ctx, what, reason, t.steps()) }
		if f.byKey {
			revoke = func() error { return folder.RevokeByKey(ctx, what, reason, t.steps()) }
		}
	}
	if err := t.agree(ctx, "Revoke the certificate for "+what+"? It cannot be taken back.", f.yes); err != nil {
		return err
	}
	if err := revoke(); err != nil {
		return t.acmeEnd(ctx, err, asJSON)
	}
	if asJSON {
		t.object(struct {
			Schema  int    `json:"schema"`
			Name    string `json:"name"`
			Revoked bool   `json:"revoked"`
			Reason  string `json:"reason"`
		}{schema, what, true, f.reason})
	}
	return nil
}

// orFile adds to what is said of an unknown name that a file takes its key.
func orFile(err error, what string) error {
	var use *usageError
	if info, statErr := os.Stat(what); statErr == nil && info.Mode().IsRegular() && errors.As(err, &use) {
		return usage("--key FILE with the key of the certificate in "+what, "%s", use.message)
	}
	return err
}

// foundPair reads the certificate in the operand, and the key of --key.
func (t *terminal) foundPair(ctx context.Context, f *revokeFlags, certificate string) (*x509.Certificate, crypto.Signer, error) {
	o, err := t.inventoryOptions(ctx, f.passphrase)
	if err != nil {
		return nil, nil, err
	}
	c, key, err := pki.ReadPair(ctx, certificate, f.key, o)
	if stop := interruption(ctx); stop != nil {
		return nil, nil, stop
	}
	var file *pki.FileError
	var locked *pki.LockedError
	switch {
	case err == nil:
		return c, key, nil
	case errors.As(err, &locked):
		return nil, nil, usage("--passphrase-file FILE", "%s", locked)
	case !errors.As(err, &file):
		return nil, nil, usage("", "%s", err)
	}
	switch file.File.Problem {
	case evidence.KeyMismatch, evidence.WrongContent, evidence.KeyUnsupported:
		return nil, nil, usage("mutualctl inspect "+quoted(file.File.Path)+" says what is in it", "%s", err)
	}
	sentence, hint := unreadable(file.File)
	return nil, nil, usage(hint, "%s", sentence)
}
