package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mutual/core/nameserver"
	"mutual/core/route53"
)

func newDNS(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "dns",
		Short:   "Point a name at a deployment",
		Long:    "dns changes records in Amazon Route 53, with the credentials that are kept for the name, or those of the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, …).",
		Example: "  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud",
	}
	group(cmd)
	cmd.AddCommand(newDNSCNAME(t))
	return cmd
}

// cnameFlags are those of dns cname.
type cnameFlags struct {
	acmeFlags
	yes, dry bool
	timeout  time.Duration
}

func newDNSCNAME(t *terminal) *cobra.Command {
	f := &cnameFlags{}
	cmd := &cobra.Command{
		Use:   "cname NAME TARGET",
		Short: "Make NAME an alias of TARGET",
		Long: `cname shows the records that are at NAME, says what would change, asks, makes the change, and waits until all of the
domain's name servers answer with it. Nothing is changed where the record is there already. Where the domain is delegated
to other name servers than the hosted zone's, it says so, and does not wait.

` + settingsHelp,
		Example: `  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud
  mutualctl dns cname mqtt.example.org ab1234.emqx.cloud --dry-run`,
		Args: operands(2, 2, "NAME and TARGET"),
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.yes, "yes", false, "change the record without asking")
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "only say what would change")
	cmd.Flags().DurationVar(&f.timeout, "dns-timeout", 5*time.Minute, "wait this long until the domain's name servers answer with the record")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.cname(cmd.Context(), f, args[0], args[1]) }
	return cmd
}

// cnameObject is what dns cname --json prints.
type cnameObject struct {
	Schema     int      `json:"schema"`
	Name       string   `json:"name"`
	Target     string   `json:"target"`
	Zone       string   `json:"zone"`
	ZoneID     string   `json:"zone_id"`
	Before     []string `json:"before"`
	After      string   `json:"after"`
	Changed    bool     `json:"changed"`
	Seen       bool     `json:"seen"`       // all name servers answer with it
	Delegation string   `json:"delegation"` // a sentence where the domain is delegated elsewhere; empty: all is well, or it could not be asked
	Problem    string   `json:"problem,omitempty"`
}

func (t *terminal) cname(ctx context.Context, f *cnameFlags, name, target string) error {
	if f.timeout <= 0 {
		return usage("--dns-timeout 5m", "--dns-timeout must be longer than nothing, and is %s", f.timeout)
	}
	if err := f.checkResolver(); err != nil {
		return err
	}
	for _, n := range []string{name, target} {
		if _, err := nameserver.RecordName(n); err != nil {
			return t.acmeEnd(ctx, err, f.json)
		}
	}
	r, err := t.route53(ctx, &f.acmeFlags, name)
	if err != nil {
		return err
	}
	r.SeenTimeout = f.timeout
	plan, err := r.PlanCNAME(ctx, name, target)
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	o := cnameObject{Schema: schema, Name: plan.Name, Target: plan.Target, Zone: plan.Zone.Name, ZoneID: plan.Zone.ID,
		Before: append([]string{}, plan.Before...), After: plan.After, Delegation: plan.Delegation}
	if !f.json {
		t.tellCNAME(plan)
	}
	if o.Delegation != "" {
		t.note("%s", o.Delegation)
	}
	if f.dry {
		return t.endCNAME(f, o)
	}
	if !plan.Done {
		question := "Create it?"
		if len(plan.Before) > 0 {
			question = "Replace " + strings.Join(plan.Before, ", ") + "?"
		}
		if err := t.agree(ctx, question, f.yes); err != nil {
			return err
		}
	}
	err = r.ApplyCNAME(ctx, plan, t.steps())
	var unseen *route53.NotSeenError
	switch {
	case err == nil:
		o.Seen = true
	case errors.As(err, &unseen):
		o.Problem = err.Error()
	default:
		return t.acmeEnd(ctx, err, f.json)
	}
	o.Changed = !plan.Done
	return t.endCNAME(f, o)
}

// endCNAME prints the object, and is exit status 1 where nobody sees the record.
func (t *terminal) endCNAME(f *cnameFlags, o cnameObject) error {
	if f.json {
		t.object(o)
	} else if o.Problem != "" {
		problem := o.Problem
		if o.Delegation != "" { // why stands above, before the question
			problem = "the record of " + nameserver.Shown(o.Name) + " is in the hosted zone, and nobody sees it there as long as the domain is delegated elsewhere"
		}
		t.complain(problem, "", false)
	}
	if o.Problem != "" || o.Delegation != "" {
		return ended(statusFound)
	}
	return nil
}

func (t *terminal) tellCNAME(plan route53.Plan) {
	fmt.Fprintf(t.out, "%s, in the hosted zone %s (%s):\n", nameserver.Shown(plan.Name), nameserver.Shown(plan.Zone.Name), plan.Zone.ID)
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
}
