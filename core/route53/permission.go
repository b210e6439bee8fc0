package route53

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/remote"
)

// Policy is the IAM policy (JSON) that allows what is done here, in z only. The first statement's actions cannot be
// limited to a zone (Service Authorization Reference, "Actions, resources, and condition keys for Amazon Route 53").
func Policy(z Zone) string {
	type statement struct {
		Sid, Effect      string
		Action, Resource []string
	}
	text, _ := json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{
		{"FindTheZone", "Allow", []string{"route53:ListHostedZones", "route53:ListHostedZonesByName", "route53:GetChange"}, []string{"*"}},
		{"ChangeItsRecords", "Allow", []string{"route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"},
			[]string{"arn:aws:route53:::hostedzone/" + z.ID}},
	}}, "", "  ")
	return string(text)
}

// Permission is one action of the policy, and whether it is allowed; Err is nil where it is. Untried is set where an
// earlier one had to be allowed first.
type Permission struct {
	Action  string
	Err     error
	Untried bool
	// Spare is set where nothing here needs the action: it is in the policy for other programs that such credentials are
	// used with, as certbot's route53 plugin, which finds the zone by listing all of them.
	Spare bool
}

// SpareWords say what a Spare permission is for.
const SpareWords = "Not needed here; other programs, such as certbot, find the zone with it."

// Lacking says that an order will not succeed for want of this permission, as far as is known.
func (p Permission) Lacking() bool { return (p.Err != nil || p.Untried) && !p.Spare }

// Try does what an order will do, with the record that it will do it with: a policy may allow no other, and it may be in
// another zone than z, where a CNAME record leads there. What it creates it removes again.
func (r *Client) Try(ctx context.Context, z Zone, rec nameserver.Record) []Permission {
	find, read := Permission{Action: "route53:ListHostedZonesByName"}, Permission{Action: "route53:ListResourceRecordSets"}
	change, ask := Permission{Action: "route53:ChangeResourceRecordSets"}, Permission{Action: "route53:GetChange"}
	list := Permission{Action: "route53:ListHostedZones", Spare: true}
	if !dns.IsSubDomain(z.Name, rec.Name) {
		z, find.Err = r.FindZone(ctx, rec.Name)
	} else {
		_, find.Err = r.zonesNamed(ctx, z.Name)
	}
	if read.Untried = z.ID == ""; !read.Untried {
		_, read.Err = r.records(ctx, z, rec.Name)
	}
	id := ""
	if change.Untried = read.Untried || read.Err != nil; !change.Untried {
		id, change.Err = r.tryChange(ctx, z, rec)
	}
	if ask.Untried = id == ""; !ask.Untried {
		ask.Err = r.insync(ctx, id, nil)
	}
	// What was refused may have been done all the same: it is removed in any case.
	if err := r.takeBack(ctx, z, rec); err != nil && !change.Untried && change.Err == nil {
		change.Err = fmt.Errorf("removing the record %s of the check: %w", nameserver.Shown(rec.Name), err)
	}
	list.Err = r.listZones(ctx)
	return []Permission{find, read, change, ask, list}
}

func (r *Client) listZones(ctx context.Context) error {
	if _, err := r.client.ListHostedZones(ctx, &api.ListHostedZonesInput{MaxItems: aws.Int32(1)}); err != nil {
		return explain("listing the hosted zones", err)
	}
	return nil
}

// tryChange creates rec, or, where a check that was killed has left it, removes it.
func (r *Client) tryChange(ctx context.Context, z Zone, rec nameserver.Record) (id string, err error) {
	if id, err = r.changeTextIn(ctx, z, rec, with); err == nil && id == "" {
		return r.changeTextIn(ctx, z, rec, without)
	}
	return id, err
}

// takeBack removes rec, also after ctx has ended.
func (r *Client) takeBack(ctx context.Context, z Zone, rec nameserver.Record) error {
	ctx, cancel := remote.Afterwards(ctx)
	defer cancel()
	_, err := r.changeTextIn(ctx, z, rec, without)
	return err
}
