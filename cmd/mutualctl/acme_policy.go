package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"mutual/core/nameserver"
	"mutual/core/progress"
	"mutual/core/route53"
	"mutual/core/solver"
)

func newACMEPolicy(t *terminal) *cobra.Command {
	f := &acmeFlags{}
	var try bool
	cmd := &cobra.Command{
		Use:   "policy NAME",
		Short: "Print the IAM policy that Route 53 needs for a name's zone",
		Long: `policy looks for the hosted zone that NAME is in and prints the IAM policy (JSON) that allows just what obtain, renew
and dns cname do in it. With --try each of these is tried, with a record that is removed again, and the domain's delegation
is compared with the zone's name servers; the exit status is 1 where something is not allowed, or the domain is delegated
elsewhere.

` + settingsHelp,
		Example: `  mutualctl acme policy mqtt.example.org
  mutualctl acme policy mqtt.example.org --try`,
		Args: operands(1, 1, "NAME"),
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&try, "try", false, "try what the policy allows")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.policy(cmd.Context(), f, args[0], try) }
	return cmd
}

// policyObject is what policy --json prints.
type policyObject struct {
	Schema      int                `json:"schema"`
	Name        string             `json:"name"`
	Identity    string             `json:"identity"` // whose credentials they are; empty: it is not told
	Zone        string             `json:"zone"`
	ZoneID      string             `json:"zone_id"`
	Policy      json.RawMessage    `json:"policy"`
	Permissions []permissionObject `json:"permissions"` // with --try
	Delegation  string             `json:"delegation"`  // a sentence where the domain is delegated elsewhere
}

type permissionObject struct {
	Action  string `json:"action"`
	Allowed bool   `json:"allowed"`
	Tried   bool   `json:"tried"`
	Needed  bool   `json:"needed"` // by this program
	Problem string `json:"problem,omitempty"`
}

func (t *terminal) policy(ctx context.Context, f *acmeFlags, name string, try bool) error {
	if err := f.checkResolver(); err != nil {
		return err
	}
	name, err := nameserver.RecordName(name)
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	r, err := t.route53(ctx, f, name)
	if err != nil {
		return err
	}
	o := policyObject{Schema: schema, Name: name, Permissions: []permissionObject{}}
	if o.Identity, err = r.Identity(ctx); err == nil {
		t.note("These are the credentials of %s.", o.Identity)
	}
	zone, err := r.FindZone(ctx, name)
	if err != nil {
		return t.acmeEnd(ctx, err, f.json)
	}
	o.Zone, o.ZoneID, o.Policy = zone.Name, zone.ID, json.RawMessage(route53.Policy(zone))
	t.note("%s is in the hosted zone %s (%s).", name, nameserver.Shown(zone.Name), zone.ID)
	if !f.json {
		fmt.Fprintln(t.out, route53.Policy(zone))
	}
	failed := try && t.tryPolicy(ctx, r, zone, &o)
	if err := interruption(ctx); err != nil {
		return err
	}
	if f.json {
		t.object(o)
	}
	if failed {
		return ended(statusFound)
	}
	return nil
}

// tryPolicy tries each action and says what came of it.
func (t *terminal) tryPolicy(ctx context.Context, r *route53.Client, zone route53.Zone, o *policyObject) (failed bool) {
	for _, p := range r.Try(ctx, zone, solver.Trial(ctx, r.Resolver, o.Name).Record()) {
		tried := permissionObject{Action: p.Action, Tried: !p.Untried, Needed: !p.Spare, Allowed: !p.Untried && p.Err == nil}
		switch {
		case p.Err != nil && p.Spare:
			tried.Problem = p.Err.Error()
			t.note("  –  %s: %s %s", p.Action, route53.SpareWords, progress.Sentence(p.Err.Error()))
		case p.Untried:
			t.note("  ?  %s: not tried, since what stands above comes first", p.Action)
		case p.Err != nil:
			failed, tried.Problem = true, p.Err.Error()
			t.note("  ✗  %s: %s", p.Action, p.Err)
		default:
			t.note("  ✓  %s", p.Action)
		}
		o.Permissions = append(o.Permissions, tried)
	}
	if d, err := r.Delegation(ctx, zone); err == nil && d.Problem(zone) != "" {
		failed, o.Delegation = true, d.Problem(zone)
		t.note("  ✗  %s", o.Delegation)
	}
	return failed
}
