package nameserver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"mutual/core/progress"
)

// await calls look, in growing pauses that a nudge ends, until it says that there is nothing more to wait for, or why that
// will not be; in between, tell has the sentence that it gives.
func await(ctx context.Context, look func() (over bool, detail string, err error), tell func(detail string)) error {
	for wait := time.Second / 2; ; wait = min(wait*3/2, 5*time.Second) {
		over, detail, err := look()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case over || err != nil:
			return err
		}
		tell(detail)
		if err := untilNextLook(ctx, wait); err != nil {
			return err
		}
	}
}

// AwaitText waits until every authoritative server answers with the record, and returns a sentence that says so. After
// limit (0: never) a *LateError says which do not. Where none of them answers from here, that is ErrServersUnreachable.
func (r Resolver) AwaitText(ctx context.Context, rec Record, limit time.Duration, tell func(detail string)) (seen string, err error) {
	began := time.Now()
	err = await(ctx, func() (over bool, detail string, err error) {
		have, lack, err := r.sees(ctx, rec)
		if errors.Is(err, ErrNoZone) {
			limit = min(limit, resolverTime)
		}
		switch {
		case errors.Is(err, ErrServersUnreachable):
			return true, "", err
		case err == nil && len(lack) == 0:
			seen = allAnswer(len(have))
			return true, "", nil
		case limit > 0 && time.Since(began) > limit && err != nil:
			return true, "", err
		case limit > 0 && time.Since(began) > limit:
			return true, "", &LateError{rec, have, lack}
		}
		return false, waitingFor(have, lack, err), nil
	}, tell)
	return seen, err
}

func allAnswer(servers int) string {
	if servers == 1 {
		return "The name server answers with the record."
	}
	return fmt.Sprintf("All %d name servers answer with the record.", servers)
}

// waitingFor is a sentence; err is why no name server could be asked.
func waitingFor(have, lack []string, err error) string {
	if err != nil && len(lack) == 0 {
		return progress.Sentence(err.Error())
	}
	return fmt.Sprintf("%d of %d name servers answer with the record; still without it: %s.", len(have), len(have)+len(lack), Shown(lack...))
}

// LateError says that a record was not seen everywhere in time.
type LateError struct {
	Record     Record
	Have, Lack []string // the name servers that answer with it, and those that do not
}

func (e *LateError) Error() string {
	return fmt.Sprintf("waiting for the record %s: %s See that the record was created in the zone that the domain is delegated to, and try again",
		Shown(e.Record.Name), waitingFor(e.Have, e.Lack, nil))
}

// AwaitCNAME waits until name leads to target at every authoritative server, or ctx ends.
func (r Resolver) AwaitCNAME(ctx context.Context, name, target string, report progress.Report) error {
	name, target = dns.Fqdn(strings.ToLower(name)), dns.Fqdn(strings.ToLower(target))
	done := report.Begin(progress.Resolve, name, "Waiting until the domain's name servers answer with the record.")
	began, seen := time.Now(), ""
	err := await(ctx, func() (over bool, detail string, err error) {
		answers, err := r.ask(ctx, name, dns.TypeCNAME)
		if errors.Is(err, ErrNoZone) && time.Since(began) < resolverTime {
			answers, err = r.aliasAtResolver(ctx, name), nil
		}
		switch {
		case errors.Is(err, ErrServersUnreachable):
			seen = "The domain's name servers cannot be asked from here; the service says that they have the record."
			return true, "", nil
		case errors.Is(err, ErrNoZone):
			return true, "", err
		case err != nil: // such as a question that was lost
			return false, progress.Sentence(err.Error()), nil
		}
		have, lack := answers.divide(func(rr dns.RR) bool {
			c, ok := rr.(*dns.CNAME)
			return ok && strings.EqualFold(c.Target, target)
		})
		seen = allAnswer(len(have))
		return len(lack) == 0, "Still without the record: " + Shown(lack...) + ". If that stays so, the domain is delegated to other name servers than this zone's.", nil
	}, func(detail string) { report.Tell(progress.Event{Step: progress.Resolve, Name: name, Detail: detail}) })
	if err == nil {
		done(seen)
	}
	return err
}

// aliasAtResolver is what the resolver knows where it knows nothing of zones; see sees.
func (r Resolver) aliasAtResolver(ctx context.Context, name string) byServer {
	target, err := r.system().LookupCNAME(ctx, name)
	if err != nil {
		return byServer{theResolver: nil}
	}
	return byServer{theResolver: {&dns.CNAME{Target: target}}}
}
