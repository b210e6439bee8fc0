package nameserver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// LeadsTo says where name leads, and whether that is target: over CNAME records to the same name, or to an address that
// target has, too. where is for people: a host name or addresses; empty: the name does not resolve.
func (r Resolver) LeadsTo(ctx context.Context, name, target string) (there bool, where string, err error) {
	end, err := r.Follow(ctx, name)
	if err != nil {
		return false, "", fmt.Errorf("looking where %s leads: %w", name, err)
	}
	own, _ := r.system().LookupHost(ctx, strings.TrimSuffix(end, "."))
	theirs, _ := r.system().LookupHost(ctx, strings.TrimSuffix(target, "."))
	if ctx.Err() != nil {
		return false, "", ctx.Err()
	}
	slices.Sort(own)
	alias := end != dns.Fqdn(strings.ToLower(name))
	switch {
	case alias && end == dns.Fqdn(strings.ToLower(target)):
		there = true
	default:
		there = slices.ContainsFunc(own, func(a string) bool { return slices.Contains(theirs, a) })
	}
	if alias {
		return there, strings.TrimSuffix(end, "."), nil
	}
	return there, strings.Join(own, ", "), nil
}
