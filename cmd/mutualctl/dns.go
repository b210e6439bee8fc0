package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/acme"
)

func newDNS(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dns",
		Short:   "Point a name at a deployment",
		Long:    "dns changes records in Amazon Route 53, with the credentials of the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, …).",
		Example: "  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud",
	}
	group(cmd)
	cmd.AddCommand(newDNSCNAME(t))
	return cmd
}

func newDNSCNAME(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	var yes, dry bool
	cmd := &cobra.Command{
		Use:   "cname NAME TARGET",
		Short: "Make NAME an alias of TARGET",
		Long: `cname shows the records that are at NAME, says what would change, asks, makes the change, and waits until all of the
domain's name servers answer with it. Nothing is changed where the record is there already.`,
		Example: `  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud
  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud --dry-run`,
		Args: operands(2, 2, "NAME and TARGET"),
	}
	f.registerResolver(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "change the record without asking")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would change")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.cname(cmd.Context(), f, args[0], args[1], yes, dry)
	}
	return cmd
}

func (t *terminal) cname(ctx context.Context, f *acmeFlags, name, target string, yes, dry bool) error {
	r, err := acme.NewRoute53(ctx, acme.AWSCredentials{})
	if err != nil {
		return usage("", "%s", err)
	}
	r.Resolver = f.dns()
	plan, err := r.PlanCNAME(ctx, name, target)
	if err != nil {
		return t.acmeEnd(ctx, err, false)
	}
	fmt.Fprintf(t.out, "%s, in the hosted zone %s (%s):\n", plan.Name, plan.Zone.Name, plan.Zone.ID)
	for _, b := range plan.Before {
		sign := "-"
		if plan.Done {
			sign = " "
		}
		fmt.Fprintf(t.out, "  %s %s\n", sign, b)
	}
	if plan.Done {
		fmt.Fprintln(t.out, "The record is there already.")
	} else {
		fmt.Fprintf(t.out, "  + %s\n", plan.After)
	}
	if dry {
		return nil
	}
	if !plan.Done {
		question := "Create it?"
		if len(plan.Before) > 0 {
			question = "Replace " + strings.Join(plan.Before, ", ") + "?"
		}
		if err := t.agree(ctx, question, yes); err != nil {
			return err
		}
	}
	return t.acmeEnd(ctx, r.ApplyCNAME(ctx, plan, t.steps()), false)
}
