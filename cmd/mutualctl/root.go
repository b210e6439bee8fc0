package main

import (
	"context"

	"github.com/spf13/cobra"
)

// run carries out one command line and returns its exit status.
func run(ctx context.Context, args []string, t *terminal) int {
	name := named(args)
	t.lines = name == "sub"
	root := newRoot(t, name)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	return t.finish(ctx, root.ExecuteContext(ctx), wantsJSON(args))
}

// commands make the commands, by name.
var commands = map[string]func(*terminal) *cobra.Command{
	"diagnose": newDiagnose, "verify": newVerify, "explain": newExplain, "inspect": newInspect, "cert": newCert, "export": newExport,
	"acme": newACME, "dns": newDNS, "pub": newPub, "sub": newSub, "lab": newLab, "profile": newProfile, "version": newVersion,
}

// named is the command that a command line begins with: making the others, with all their flags, would cost each start
// half a millisecond. Empty: all of them are needed.
func named(args []string) string {
	if len(args) > 0 && commands[args[0]] != nil {
		return args[0]
	}
	return ""
}

// newRoot is the tree of commands, or the one command that is named alone.
func newRoot(t *terminal, only string) *cobra.Command {
	root := &cobra.Command{
		Use:   "mutualctl",
		Short: "Get two-way TLS to an MQTT broker working, and learn why it does not",
		Long: `mutualctl tries a connection to an MQTT broker stage by stage and explains what it sees.

Exit status:
  0  done, and nothing found that makes the connection impossible
  1  done, and something found that does
  2  wrong usage, or a file named on the command line that cannot be read
  3  interrupted, or out of time`,
		Example: `  mutualctl lab --tour
  mutualctl diagnose mqtts://broker.example:8883 --ca ca.pem --cert client.crt --key client.key`,
		Version:       thisBuild().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	if only != "" {
		root.AddCommand(commands[only](t))
		return root
	}
	for _, make := range commands {
		root.AddCommand(make(t)) // cobra sorts them
	}
	group(root)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd("completion")
	exemplify(root)
	return root
}

// group makes a command that only holds others: alone it prints its help, with an unknown name it is wrong usage.
func group(c *cobra.Command) {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownCommand(cmd, args[0])
	}
}

// exemplify gives an example to the commands that cobra makes.
func exemplify(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Example = "  mutualctl help diagnose"
			c.RunE = help
		case "completion":
			c.Example = "  mutualctl completion bash > /etc/bash_completion.d/mutualctl"
			group(c)
			for _, shell := range c.Commands() {
				shell.Example = "  mutualctl completion " + shell.Name()
			}
		}
	}
}

// help is the command help, for which an unknown command is wrong usage.
func help(cmd *cobra.Command, args []string) error {
	about, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return unknownCommand(about, args[len(args)-max(1, len(rest))])
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}
