package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/acme"
	"mutual/core/deploy"
)

func newACMEProfiles(t *terminal) *cobra.Command {
	f := &obtainFlags{}
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List an authority's profiles, with what each means for a broker",
		Long: `profiles asks the authority for its profiles, and says of each how long its certificates last today, and for how long
after their issue EMQX Cloud takes them.`,
		Example: `  mutualctl acme profiles
  mutualctl acme profiles --directory https://ca.example/directory --directory-ca ca.pem`,
		Args: operands(0, 0, ""),
	}
	f.registerDirectory(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return t.profiles(cmd.Context(), f) }
	return cmd
}

// profileObject is one profile in what profiles --json prints.
type profileObject struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Hours       float64  `json:"hours"`   // of its certificates; 0: not known
	Remarks     []string `json:"remarks"` // sentences
}

func (t *terminal) profiles(ctx context.Context, f *obtainFlags) error {
	if f.staging && (f.directoryCA != "" || f.directory != acme.LetsEncrypt.URL) {
		return usage("leave out one of them", "--staging and --directory name two authorities")
	}
	d := f.chosenDirectory()
	info, err := acme.Ask(ctx, d)
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	list := []profileObject{}
	for _, name := range slices.Sorted(maps.Keys(info.Profiles)) {
		o := profileObject{Name: name, Description: info.Profiles[name], Remarks: []string{}}
		if long, ok := acme.Lifetime(d, name, time.Now()); ok {
			o.Hours, o.Remarks = long.Hours(), taken(long)
			if remark := acme.ProfileRemark(name); remark != "" {
				o.Remarks = append(o.Remarks, remark)
			}
		}
		list = append(list, o)
	}
	if f.json {
		t.object(struct {
			Schema    int             `json:"schema"`
			Directory string          `json:"directory"`
			Profiles  []profileObject `json:"profiles"`
		}{schema, d.URL, list})
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(t.out, "This authority has no profiles: leave --profile out.")
	}
	for _, o := range list {
		fmt.Fprintf(t.out, "%s: %s\n", o.Name, o.Description)
		for _, r := range o.Remarks {
			fmt.Fprintf(t.out, "    %s\n", r)
		}
	}
	return nil
}

// taken says for how long after their issue the plans that take certificates take those that last long.
func taken(long time.Duration) (sentences []string) {
	for _, p := range deploy.Plans() {
		if s := p.Takes(long); p.Custom && !slices.Contains(sentences, s) {
			sentences = append(sentences, s)
		}
	}
	return sentences
}

// chosenDirectory is the one of --directory and --staging.
func (f *obtainFlags) chosenDirectory() acme.Directory {
	if f.staging {
		return acme.LetsEncryptStaging
	}
	return acme.Directory{URL: strings.TrimSpace(f.directory), CAFile: f.directoryCA}
}

func (f *obtainFlags) registerDirectory(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.directory, "directory", acme.LetsEncrypt.URL, "`URL` of the authority's directory")
	flags.StringVar(&f.directoryCA, "directory-ca", "", "trust the certificates in `FILE` for the directory's own HTTPS")
	flags.BoolVar(&f.staging, "staging", false, "use Let's Encrypt's staging directory: wide limits, certificates that nobody trusts")
}
