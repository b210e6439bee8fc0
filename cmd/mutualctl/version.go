package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version may be set when the program is built: -ldflags "-X main.version=1.2.3". Otherwise it is the module's.
var version string

// build is what version prints.
type build struct {
	Schema  int    `json:"schema"`
	Version string `json:"version"`
	Commit  string `json:"commit"` // empty: not built from a checkout
	Go      string `json:"go"`
}

func newVersion(t *terminal) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the commit and the Go version",
		Example: "  mutualctl version --json",
		Args:    operands(0, 0, ""),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.RunE = func(*cobra.Command, []string) error {
		b := thisBuild()
		if asJSON {
			t.object(b)
			return nil
		}
		commit := b.Commit
		if commit == "" {
			commit = "unknown commit"
		}
		fmt.Fprintf(t.out, "mutualctl %s (%s, %s, %s/%s)\n", b.Version, commit, b.Go, runtime.GOOS, runtime.GOARCH)
		return nil
	}
	return cmd
}

func thisBuild() build {
	b := build{Schema: schema, Version: version, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			b.Commit += "+changes"
		}
	}
	return b
}
