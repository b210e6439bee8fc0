package route53

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/progress"
)

// Plan is the change that points a name at a deployment, before it is made.
type Plan struct {
	Zone   Zone
	Name   string   // with the closing dot
	Target string   // with the closing dot
	Before []string // the records at the name, as "CNAME old.example. (TTL 300)"
	After  string
	// Done is set where the record is there already.
	Done bool
	// Delegation is a sentence where the domain is delegated elsewhere, so that the record will be seen by nobody; empty:
	// all is well, or it could not be asked.
	Delegation string

	replace []types.ResourceRecordSet // what has to go first
}

// cnameTTL is the service's console's default. Seconds.
const cnameTTL = 300

// PlanCNAME looks at what is at name, and says what would change. A zone's own name cannot have a CNAME record
// (RFC 1034 §3.6.2).
func (r *Client) PlanCNAME(ctx context.Context, name, target string) (Plan, error) {
	p, err := planOf(name, target)
	if err != nil {
		return p, err
	}
	if p.Zone, err = r.FindZone(ctx, p.Name); err != nil {
		return p, err
	}
	if p.Name == p.Zone.Name {
		return p, fmt.Errorf("planning the CNAME record: %s is the zone itself, which cannot have a CNAME record; choose a name below it, such as mqtt.%s", nameserver.Shown(p.Name), nameserver.Shown(p.Zone.Name))
	}
	if err := r.notDelegated(ctx, p.Zone, p.Name); err != nil {
		return p, err
	}
	sets, err := r.records(ctx, p.Zone, p.Name)
	if err != nil {
		return p, err
	}
	for _, s := range sets {
		p.Before = append(p.Before, describe(s)...)
		if s.Type == types.RRTypeCname && len(s.ResourceRecords) == 1 && strings.EqualFold(dns.Fqdn(aws.ToString(s.ResourceRecords[0].Value)), p.Target) {
			p.Done = true
		}
		if s.Type != types.RRTypeCname || s.AliasTarget != nil || s.SetIdentifier != nil {
			p.replace = append(p.replace, s)
		}
	}
	p.After = fmt.Sprintf("CNAME %s (TTL %d)", p.Target, cnameTTL)
	if d, err := r.Delegation(ctx, p.Zone); err == nil {
		p.Delegation = d.Problem(p.Zone)
	}
	return p, ctx.Err()
}

// planOf has the names, in the form that the DNS has them.
func planOf(name, target string) (p Plan, err error) {
	if name, err = nameserver.RecordName(name); err != nil {
		return p, fmt.Errorf("planning the CNAME record: %w", err)
	}
	if target, err = nameserver.RecordName(target); err != nil {
		return p, fmt.Errorf("planning the CNAME record: its target: %w", err)
	}
	if strings.HasPrefix(target, "*.") {
		return p, fmt.Errorf("planning the CNAME record: its target: %w", &nameserver.NameError{Name: target, Why: "is a wildcard; what is wanted is one name"})
	}
	if name == target {
		return p, fmt.Errorf("planning the CNAME record: %w", &nameserver.NameError{Name: name, Why: "cannot point at itself"})
	}
	return Plan{Name: dns.Fqdn(name), Target: dns.Fqdn(target)}, nil
}

// notDelegated is an error where z hands name, or a name above it, over to other name servers: a record in z would be
// seen by nobody, and one in the place of the delegation would take away everything below.
func (r *Client) notDelegated(ctx context.Context, z Zone, name string) error {
	for at := strings.TrimPrefix(name, "*."); dns.IsSubDomain(z.Name, at) && at != z.Name; _, at, _ = strings.Cut(at, ".") {
		sets, err := r.records(ctx, z, at)
		if err != nil {
			return err
		}
		for _, s := range sets {
			if s.Type == types.RRTypeNs {
				var servers []string
				for _, v := range valuesOf(&s) {
					servers = append(servers, dns.Fqdn(v))
				}
				return fmt.Errorf("planning the CNAME record: %s is delegated to %s, so the hosted zone %s says nothing about %s; create the record there, or use the credentials of the account that has the zone %s",
					nameserver.Shown(at), nameserver.Shown(servers...), nameserver.Shown(z.Name), nameserver.Shown(name), nameserver.Shown(at))
			}
		}
	}
	return nil
}

func describe(s types.ResourceRecordSet) (lines []string) {
	if s.AliasTarget != nil {
		return []string{fmt.Sprintf("%s alias of %s", s.Type, aws.ToString(s.AliasTarget.DNSName))}
	}
	for _, v := range s.ResourceRecords {
		lines = append(lines, fmt.Sprintf("%s %s (TTL %d)", s.Type, aws.ToString(v.Value), aws.ToInt64(s.TTL)))
	}
	return lines
}

// ApplyCNAME makes the change in one batch, all or nothing, waits until the service's servers have it, and until the
// authoritative servers of the domain answer with it. Where the domain is delegated elsewhere, or they do not answer with
// it within r.SeenTimeout, that is a *NotSeenError; the record stays.
func (r *Client) ApplyCNAME(ctx context.Context, p Plan, report progress.Report) error {
	if !p.Done {
		done := report.Begin(progress.Change, p.Name, "Changing the record.")
		id, err := r.applyBatch(ctx, p)
		if err != nil {
			return err
		}
		err = r.insync(ctx, id, func(status string) {
			report.Tell(progress.Event{Step: progress.Change, Name: p.Name, Detail: "The service says " + status + "."})
		})
		if err != nil {
			return err
		}
		done("The record is changed.")
	}
	if p.Delegation != "" {
		return &NotSeenError{Name: p.Name, Why: p.Delegation}
	}
	limit := r.seenTimeout()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := r.Resolver.AwaitCNAME(limited, p.Name, p.Target, report)
	if ctx.Err() == nil && limited.Err() != nil {
		return &NotSeenError{Name: p.Name, Why: fmt.Sprintf("After %s the domain's name servers still do not all answer with it. "+
			"See that no other record of this name is in the way there, and try again: what is done already is not done twice.", limit)}
	}
	return err
}

// NotSeenError says that a record is in the hosted zone, and that the domain's name servers do not show it.
type NotSeenError struct{ Name, Why string }

func (e *NotSeenError) Error() string {
	return fmt.Sprintf("the record of %s is in the hosted zone, but cannot be seen: %s", strings.TrimSuffix(e.Name, "."), e.Why)
}

func (r *Client) applyBatch(ctx context.Context, p Plan) (id string, err error) {
	var changes []types.Change
	for i := range p.replace {
		changes = append(changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: &p.replace[i]})
	}
	changes = append(changes, types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: &types.ResourceRecordSet{
		Name: aws.String(p.Name), Type: types.RRTypeCname, TTL: aws.Int64(cnameTTL), ResourceRecords: []types.ResourceRecord{{Value: aws.String(p.Target)}}}})
	return r.changeBatch(ctx, p.Zone, p.Name, changes)
}
