package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/exchange"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

func newProfileExport(t *terminal) *cobra.Command {
	var out string
	var force, asJSON bool
	cmd := &cobra.Command{
		Use:   "export NAME",
		Short: "Write a saved connection to a file for another computer",
		Long: `export writes a saved connection, found by its name or its ID, as a file that profile import reads: to standard output, or
with --out to a file. It holds every setting. Passwords and passphrases are not in it, nor are certificates and keys: they are
named by their paths, as they are.`,
		Example: `  mutualctl profile export "Plant 7" --out plant7.json
  mutualctl profile export "Plant 7" | ssh other mutualctl profile import -`,
		Args:              operands(1, 1, "the name of a profile"),
		ValidArgsFunction: completeProfile,
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "", "write to `FILE` (default: standard output)")
	flags.BoolVar(&force, "force", false, "replace FILE where it is there already")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object: the connection itself, or with --out what was written")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		p, err := t.savedProfile(args[0])
		if err != nil {
			return err
		}
		data, err := exchange.Write(p)
		if err != nil {
			return usage("", "%s", err)
		}
		if out == "" || out == "-" {
			_, err := t.out.Write(data)
			return err
		}
		if err := writeFiles([]pki.OutputFile{{Path: out, Data: data}}, force); err != nil {
			return err
		}
		if asJSON {
			t.object(struct {
				Schema int    `json:"schema"`
				Name   string `json:"name"`
				File   string `json:"file"`
			}{schema, p.Name, out})
			return nil
		}
		fmt.Fprintln(t.out, out)
		return nil
	}
	return cmd
}

// savedProfile is the one of that name or ID.
func (t *terminal) savedProfile(name string) (profile.Profile, error) {
	s, err := t.openStore()
	if err != nil {
		return profile.Profile{}, err
	}
	return theProfile(s, name)
}

// theProfile is the one that is meant: where several have the name, none is.
func theProfile(s *store.Store, name string) (profile.Profile, error) {
	p, ok := s.Named(name)
	if !ok {
		return p, usage("mutualctl profile list", "no saved profile is called %q", name)
	}
	var same []string
	for _, other := range s.Profiles() {
		if other.Name == p.Name {
			same = append(same, other.ID)
		}
	}
	if len(same) > 1 && name != p.ID {
		return p, usage("name one by its ID: "+strings.Join(same, ", "), "%d saved profiles are called %q", len(same), p.Name)
	}
	return p, nil
}

// completeProfile offers the names of the saved connections.
func completeProfile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return savedNames(), cobra.ShellCompDirectiveNoFileComp
}
