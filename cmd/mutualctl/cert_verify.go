package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newCertVerify(t *terminal) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify --ca FILE CERT…",
		Short: "Check certificates against their authority, as openssl verify does",
		Long: `verify says of each certificate what "openssl verify -CAfile FILE CERT" says: OK, or what is wrong with it. OK
means that this program and OpenSSL accept it. It checks no name; mutualctl verify does.`,
		Example: `  mutualctl cert verify --ca client-ca.crt client.crt
  mutualctl cert verify --ca client-ca.crt --purpose client client.crt --json`,
		Args: operands(1, -1, "a file with a certificate"),
	}
	f.register(cmd, "any")
	f.clients = []string{"openssl"}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.json && len(args) > 1 {
			return usage("", "--json judges one certificate at a time, and got %d", len(args))
		}
		return t.verifyEach(cmd, f, args)
	}
	return cmd
}

// verifyEach prints the line of "openssl verify" for each file, and the findings where there are any.
func (t *terminal) verifyEach(cmd *cobra.Command, f verifyFlags, paths []string) error {
	var worst error
	for _, path := range paths {
		j, err := t.judge(cmd, f, path)
		if err != nil {
			return err
		}
		if f.json {
			t.object(j.object)
			return j.status()
		}
		word := "OK"
		if err := j.status(); err != nil {
			worst, word = err, "not accepted"
		}
		fmt.Fprintf(t.out, "%s: %s\n", path, word)
		newPage(t.out).findings(j.object.Findings)
		if err := interruption(cmd.Context()); err != nil {
			return err
		}
	}
	return worst
}
