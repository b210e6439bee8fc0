package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/exchange"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

func newProfileExport(t *terminal) *cobra.Command {
	var out string
	var all, force, asJSON bool
	cmd := &cobra.Command{
		Use:   "export [NAME]",
		Short: "Write saved connections to a file for another computer",
		Long: `export writes a saved connection, found by its name or its ID, as a file that profile import reads: to standard output, or
with --out to a file. With --all it writes all of them into one file, but for the practice broker, which every Mutual has. It holds
every setting. Passwords and passphrases are not in it, nor are certificates and keys: they are named by their paths, as they are.`,
		Example: `  mutualctl profile export "Plant 7" --out plant7.json
  mutualctl profile export --all --out connections.json
  mutualctl profile export "Plant 7" | ssh other mutualctl profile import -`,
		Args:              operands(0, 1, "the name of a profile"),
		ValidArgsFunction: completeProfile,
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "", "write to `FILE` (default: standard output)")
	flags.BoolVar(&all, "all", false, "write all connections into one file")
	flags.BoolVar(&force, "force", false, "replace FILE where it is there already")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object: the connection itself, with --all the list profiles, or with --out what was written")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		data, names, err := t.exported(args, all)
		if err != nil {
			return err
		}
		if out == "" || out == "-" {
			if asJSON && all {
				t.object(exportedObject{Schema: schema, Profiles: data})
				return nil
			}
			_, err := t.out.Write(data)
			return err
		}
		if err := writeFiles([]pki.OutputFile{{Path: out, Data: data}}, force); err != nil {
			return err
		}
		if asJSON {
			t.object(exportObject{Schema: schema, Name: names[0], Names: names, File: out})
			return nil
		}
		fmt.Fprintln(t.out, out)
		return nil
	}
	return cmd
}

// exportObject is what profile export --out --json prints.
type exportObject struct {
	Schema int      `json:"schema"`
	Name   string   `json:"name"` // the first
	Names  []string `json:"names"`
	File   string   `json:"file"`
}

// exportedObject is what profile export --all --json prints.
type exportedObject struct {
	Schema   int             `json:"schema"`
	Profiles json.RawMessage `json:"profiles"`
}

// exported is what is to be written: the connection that is named, or all, by name.
func (t *terminal) exported(args []string, all bool) (data []byte, names []string, err error) {
	if all == (len(args) > 0) {
		return nil, nil, usage("mutualctl profile export --help", "mutualctl profile export needs the name of a profile or --all, and not both")
	}
	if !all {
		p, err := t.savedProfile(args[0])
		if err != nil {
			return nil, nil, err
		}
		if data, err = exchange.Write(p); err != nil {
			return nil, nil, usage("", "%s", err)
		}
		return data, []string{p.Name}, nil
	}
	s, err := t.openStore()
	if err != nil {
		return nil, nil, err
	}
	list := slices.DeleteFunc(s.Profiles(), func(p profile.Profile) bool { return p.Practice })
	if len(list) == 0 {
		return nil, nil, usage("mutualctl profile list", "there is no saved connection but the practice broker")
	}
	for _, p := range list {
		names = append(names, p.Name)
	}
	if data, err = exchange.WriteAll(list); err != nil {
		return nil, nil, usage("", "%s", err)
	}
	return data, names, nil
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
