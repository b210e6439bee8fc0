package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"mutual/core/profile"
)

func newProfile(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "List, show, export, import and remove the saved connections",
		Long:  "profile looks after the connections that the window has saved, and those of other programs. MUTUAL_HOME names another folder of them.",
		Example: `  mutualctl profile list
  mutualctl profile show "Practice broker"
  mutualctl profile import mqttx-data.json`,
	}
	group(cmd)
	cmd.AddCommand(newProfileList(t), newProfileShow(t), newProfileImport(t), newProfileExport(t), newProfileRemove(t))
	return cmd
}

func newProfileList(t *terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the saved connections",
		Example: "  mutualctl profile list --json",
		Args:    operands(0, 0, ""),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.RunE = func(*cobra.Command, []string) error {
		s, err := t.openStore()
		if err != nil {
			return err
		}
		type entry struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			URL  string `json:"url"` // empty: the practice broker, which has none before it is started
		}
		entries := []entry{}
		for _, p := range s.Profiles() {
			entries = append(entries, entry{p.ID, p.Name, profileURL(p)})
		}
		if asJSON {
			t.object(struct {
				Schema   int     `json:"schema"`
				Profiles []entry `json:"profiles"`
			}{schema, entries})
			return nil
		}
		for _, e := range entries {
			fmt.Fprintf(t.out, "%-30s %s\n", e.Name, whereIs(e.URL))
		}
		return nil
	}
	return cmd
}

func profileURL(p profile.Profile) string {
	if p.Practice {
		return ""
	}
	return p.Server.URL()
}

// where is a profile's broker, for people.
func where(p profile.Profile) string { return whereIs(profileURL(p)) }

func whereIs(url string) string {
	if url == "" {
		return "started on this computer when it is connected"
	}
	return url
}

func newProfileShow(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Print a saved connection as JSON",
		Long:  "show prints a saved connection, found by its name or its ID. Passwords and passphrases are kept elsewhere and not shown.",
		Example: `  mutualctl profile show "Practice broker"
  mutualctl profile show 5f0e1c2d3b4a59687786950a1b2c3d4e`,
		Args:              operands(1, 1, "the name of a profile"),
		ValidArgsFunction: completeProfile,
	}
	cmd.Flags().Bool("json", true, "print one JSON object (always)")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		p, err := t.savedProfile(args[0])
		if err != nil {
			return err
		}
		t.object(struct {
			Schema  int             `json:"schema"`
			Profile profile.Profile `json:"profile"`
		}{schema, p})
		return nil
	}
	return cmd
}

// savedNames completes --profile.
func savedNames() []string {
	s, err := (&terminal{err: io.Discard}).openStore()
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range s.Profiles() {
		names = append(names, p.Name)
	}
	return names
}
