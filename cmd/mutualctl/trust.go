package main

import (
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/profile"
)

// trustFlags say which trust anchors count.
type trustFlags struct {
	files   []string
	sources []string
}

func (t *trustFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&t.files, "ca", nil, "trust the certificates in `FILE` (PEM; repeatable)")
	cmd.Flags().StringSliceVar(&t.sources, "trust", nil,
		"which `SOURCES` of trust anchors count: file,system,mozilla (default: file with --ca, else system,mozilla)")
	complete(cmd, "trust", func() []string { return []string{"file", "system", "mozilla"} })
}

// apply changes trust where one of the flags was given. Without either it is left alone: in a new profile that is the
// zero value, which trusts the public authorities.
func (t *trustFlags) apply(cmd *cobra.Command, trust *profile.Trust) error {
	if cmd.Flags().Changed("ca") {
		*trust = profile.Trust{Files: t.files, DoNotVerify: trust.DoNotVerify, CheckRevocation: trust.CheckRevocation}
	}
	if !cmd.Flags().Changed("trust") {
		return nil
	}
	files := trust.Files
	*trust = profile.Trust{DoNotVerify: trust.DoNotVerify, CheckRevocation: trust.CheckRevocation}
	for _, source := range t.sources {
		switch strings.TrimSpace(source) {
		case "file":
			trust.Files = files
			if len(files) == 0 {
				return usage("--ca FILE", "--trust file needs a file to trust")
			}
		case "system":
			trust.System = true
		case "mozilla":
			trust.Mozilla = true
		default:
			return usage("--trust file,system,mozilla", "--trust: no source of trust anchors is called %q", source)
		}
	}
	if len(t.sources) == 0 {
		return usage("--trust file,system,mozilla", "--trust names no source")
	}
	return nil
}
