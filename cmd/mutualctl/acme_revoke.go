package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/acme"
)

// acmeReasons are those of RFC 5280 §5.3.1 that authorities take.
var acmeReasons = map[string]uint{"unspecified": 0, "key-compromised": 1, "superseded": 4, "no-longer-used": 5}

const acmeReasonNames = "unspecified, key-compromised, superseded, no-longer-used"

type revokeFlags struct {
	obtainFlags // for its folder and directory
	reason      string
	yes, byKey  bool
	key         string
}

func newACMERevoke(t *terminal) *cobra.Command {
	f := &revokeFlags{}
	cmd := &cobra.Command{
		Use:   "revoke NAME|FILE",
		Short: "Revoke a certificate",
		Long: `revoke tells the authority that a certificate must not be relied on any more. That cannot be taken back. The files stay.
It is asked for by the account that obtained the certificate, or with --by-certificate-key by the certificate's own key (RFC
8555 §7.6), where the account is gone. With --key and the FILE of a certificate that is in no folder, such as one whose key
has turned up somewhere, it is asked for by that key, at the authority of --directory. Both are PEM, the key not encrypted:
mutualctl cert convert makes that of other formats.`,
		Example: `  mutualctl acme revoke mqtt.example.org --reason key-compromised
  mutualctl acme revoke mqtt.example.org --by-certificate-key
  mutualctl acme revoke found.pem --key found.key --reason key-compromised`,
		Args: operands(1, 1, "NAME or FILE"),
	}
	f.registerFolder(cmd)
	f.registerDirectory(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "unspecified", acmeReasonNames)
	flags.BoolVar(&f.byKey, "by-certificate-key", false, "ask by the certificate's key instead of the account's")
	flags.StringVar(&f.key, "key", "", "ask by the private key in `FILE`, which is that of the certificate in the operand")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		number, ok := acmeReasons[f.reason]
		if !ok {
			return usage(cmd.CommandPath()+" --help", "--reason: %q is not one of %s", f.reason, acmeReasonNames)
		}
		return t.revoke(cmd.Context(), f, args[0], number)
	}
	return cmd
}

func (t *terminal) revoke(ctx context.Context, f *revokeFlags, what string, reason uint) error {
	asJSON := f.json
	var revoke func() error
	if f.key != "" {
		certificate, key, err := foundPair(what, f.key)
		if err != nil {
			return err
		}
		revoke = func() error { return acme.RevokeFound(ctx, f.chosenDirectory(), certificate, key, reason, t.steps()) }
	} else {
		folder, _, err := f.kept([]string{what})
		if err != nil {
			return err
		}
		if _, err := folder.Renewal(what); err != nil {
			return usage("mutualctl acme list, or --key FILE with the certificate's file", "there is no certificate for %s", what)
		}
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

// foundPair reads a certificate and its key, both PEM.
func foundPair(certificate, key string) (cert, keyPEM []byte, err error) {
	if cert, err = readLimited(certificate, maxSecret); err != nil {
		return nil, nil, usage("", "reading %s", reason(err))
	}
	if keyPEM, err = readLimited(key, maxSecret); err != nil {
		return nil, nil, usage("", "reading --key: %s", reason(err))
	}
	if err := acme.CheckPair(cert, keyPEM); err != nil {
		return nil, nil, usage("", "%s", strings.TrimSuffix(err.Error(), "."))
	}
	return cert, keyPEM, nil
}
