package acme

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

// CNAMEPlan is the change that points a name at a deployment, before it is made.
type CNAMEPlan struct {
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
func (r *Route53) PlanCNAME(ctx context.Context, name, target string) (CNAMEPlan, error) {
	var p CNAMEPlan
	var err error
	if name, err = RecordName(name); err != nil {
		return p, fmt.Errorf("planning the CNAME record: %w", err)
	}
	if target, err = RecordName(target); err != nil {
		return p, fmt.Errorf("planning the CNAME record: its target: %w", err)
	}
	if strings.HasPrefix(target, "*.") {
		return p, fmt.Errorf("planning the CNAME record: its target: %w", &NameError{target, "is a wildcard; what is wanted is one name"})
	}
	p.Name, p.Target = dns.Fqdn(name), dns.Fqdn(target)
	if p.Name == p.Target {
		return p, fmt.Errorf("planning the CNAME record: %w", &NameError{name, "cannot point at itself"})
	}
	if p.Zone, err = r.FindZone(ctx, name); err != nil {
		return p, err
	}
	if p.Name == p.Zone.Name {
		return p, fmt.Errorf("planning the CNAME record: %s is the zone itself, which cannot have a CNAME record; choose a name below it, such as mqtt.%s", name, strings.TrimSuffix(p.Zone.Name, "."))
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

// notDelegated is an error where z hands name, or a name above it, over to other name servers: a record in z would be
// seen by nobody, and one in the place of the delegation would take away everything below.
func (r *Route53) notDelegated(ctx context.Context, z Zone, name string) error {
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
					withoutDot(at), hosts(servers), withoutDot(z.Name), withoutDot(name), withoutDot(at))
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
func (r *Route53) ApplyCNAME(ctx context.Context, p CNAMEPlan, report Report) error {
	if !p.Done {
		done := report.step(StepChange, p.Name, "Changing the record.")
		id, err := r.applyBatch(ctx, p)
		if err != nil {
			return err
		}
		err = r.insync(ctx, id, func(status string) {
			report.tell(Progress{Step: StepChange, Name: p.Name, Detail: "The service says " + status + "."})
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

func (r *Route53) applyBatch(ctx context.Context, p CNAMEPlan) (id string, err error) {
	var changes []types.Change
	for i := range p.replace {
		changes = append(changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: &p.replace[i]})
	}
	changes = append(changes, types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: &types.ResourceRecordSet{
		Name: aws.String(p.Name), Type: types.RRTypeCname, TTL: aws.Int64(cnameTTL), ResourceRecords: []types.ResourceRecord{{Value: aws.String(p.Target)}}}})
	return r.changeBatch(ctx, p.Zone, p.Name, changes)
}

// aliasAtResolver is what the resolver knows where it knows nothing of zones; see [Resolver.Sees].
func (r Resolver) aliasAtResolver(ctx context.Context, name string) Answers {
	target, err := r.system().LookupCNAME(ctx, name)
	if err != nil {
		return Answers{theResolver: nil}
	}
	return Answers{theResolver: {&dns.CNAME{Target: target}}}
}

// AwaitCNAME waits until name leads to target at every authoritative server, or ctx ends.
func (r Resolver) AwaitCNAME(ctx context.Context, name, target string, report Report) error {
	name, target = dns.Fqdn(strings.ToLower(name)), dns.Fqdn(strings.ToLower(target))
	done := report.step(StepResolve, name, "Waiting until the domain's name servers answer with the record.")
	began := time.Now()
	for wait := time.Second / 2; ; wait = min(wait*3/2, 5*time.Second) {
		answers, err := r.Ask(ctx, name, dns.TypeCNAME)
		if errors.Is(err, errNoNameServers) && time.Since(began) < resolverTime {
			answers, err = r.aliasAtResolver(ctx, name), nil
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrServersUnreachable):
			done("The domain's name servers cannot be asked from here; the service says that they have the record.")
			return nil
		case errors.Is(err, errNoNameServers):
			return err
		}
		var lack []string
		for server, rrs := range answers {
			if !slices.ContainsFunc(rrs, func(rr dns.RR) bool {
				c, ok := rr.(*dns.CNAME)
				return ok && strings.EqualFold(c.Target, target)
			}) {
				lack = append(lack, server)
			}
		}
		if err == nil && len(lack) == 0 {
			done(servers(len(answers)) + " with the record.")
			return nil
		}
		slices.Sort(lack)
		detail := "Still without the record: " + hosts(lack) + ". If that stays so, the domain is delegated to other name servers than this zone's."
		if err != nil { // such as a question that was lost
			detail = asSentence(err.Error())
		}
		report.tell(Progress{Step: StepResolve, Name: name, Detail: detail})
		if err := untilNextLook(ctx, wait); err != nil {
			return err
		}
	}
}
