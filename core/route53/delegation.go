package route53

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mutual/core/nameserver"
)

// Delegation compares the name servers that a hosted zone names with those that the domain is delegated to.
type Delegation struct {
	Own, Real []string // host names with the closing dot
	// Zone is what the DNS says the name is in; it differs from the hosted zone where that is not delegated at all.
	Zone string
}

// Delegation asks for both. A hosted zone that nobody is sent to can be filled with records in vain.
func (r *Client) Delegation(ctx context.Context, z Zone) (d Delegation, err error) {
	if d.Own, err = r.NameServers(ctx, z); err != nil {
		return d, err
	}
	d.Zone, d.Real, err = r.Resolver.Zone(ctx, z.Name)
	return d, err
}

// Problem is a sentence where the domain is delegated elsewhere; empty: it is delegated to the hosted zone.
func (d Delegation) Problem(z Zone) string {
	name := strings.TrimSuffix(z.Name, ".")
	if !strings.EqualFold(d.Zone, z.Name) {
		return fmt.Sprintf("%s is not delegated: the DNS knows only %s above it. Enter the name servers %s for it there.",
			name, strings.TrimSuffix(d.Zone, "."), nameserver.Shown(d.Own...))
	}
	if slices.ContainsFunc(d.Real, func(s string) bool { return slices.Contains(d.Own, s) }) {
		return ""
	}
	return fmt.Sprintf("%s is delegated to %s, not to this hosted zone (%s): records that are created here are seen by nobody. "+
		"Enter this zone's name servers where the domain is registered, or create the records where it is delegated to.", name, nameserver.Shown(d.Real...), nameserver.Shown(d.Own...))
}
