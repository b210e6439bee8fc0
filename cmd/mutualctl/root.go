package main

import (
	"context"

	"github.com/spf13/cobra"
)

// run carries out one command line and returns its exit status.
func run(ctx context.Context, args []string, t *terminal) int {
	root := newRoot(t)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	return t.finish(ctx, root.ExecuteContext(ctx), wantsJSON(args))
}

// newRoot is the tree of commands.
func newRoot(t *terminal) *cobra.Command {
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
	root.AddCommand(
		newDiagnose(t), newVerify(t), newExplain(t), newInspect(t), newCert(t), newExport(t), newACME(t), newDNS(t), newPub(t), newSub(t),
		newLab(t), newProfile(t), newVersion(t),
	)
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
