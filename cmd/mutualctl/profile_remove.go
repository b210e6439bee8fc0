package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newProfileRemove(t *terminal) *cobra.Command {
	var yes, asJSON bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a saved connection, and the secrets that are kept for it",
		Long: `remove deletes a saved connection, found by its name or its ID, with the password and passphrases that are kept for it. It asks
first, on a terminal. Certificates and keys that the connection names stay where they are.`,
		Example: `  mutualctl profile remove "Plant 7"
  mutualctl profile remove "Plant 7" --yes`,
		Args:              operands(1, 1, "the name of a profile"),
		ValidArgsFunction: completeProfile,
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.removeProfile(cmd.Context(), args[0], yes, asJSON)
	}
	return cmd
}

func (t *terminal) removeProfile(ctx context.Context, name string, yes, asJSON bool) error {
	s, err := t.openStore()
	if err != nil {
		return err
	}
	p, err := theProfile(s, name)
	if err != nil {
		return err
	}
	if err := t.agree(ctx, fmt.Sprintf("Remove the connection %q (%s) and the secrets that are kept for it?", p.Name, where(p)), yes); err != nil {
		return err
	}
	if err := s.Remove(p.ID); err != nil {
		if _, there := s.Named(p.ID); there {
			return usage("", "%s", err)
		}
		t.complain(fmt.Sprintf("the connection %q is removed, but perhaps not its secrets: %s", p.Name, err), "", asJSON)
		return ended(statusFound)
	}
	if asJSON {
		t.object(struct {
			Schema  int    `json:"schema"`
			ID      string `json:"id"`
			Name    string `json:"name"`
			Removed bool   `json:"removed"`
		}{schema, p.ID, p.Name, true})
		return nil
	}
	fmt.Fprintf(t.out, "%s is removed.\n", p.Name)
	return nil
}
