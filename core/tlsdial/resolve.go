package tlsdial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"mutual/core/evidence"
)

// resolver is what resolve needs of net.Resolver; the tests stand in for a name server that this machine does not have.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// resolve finds the addresses of host, in the order in which they are to be tried, and fills a.Resolve.
func resolve(ctx context.Context, r resolver, host string, a *evidence.Attempt, timeout time.Duration) ([]netip.Addr, error) {
	start := time.Now()
	a.Resolve = &evidence.Resolve{}
	addresses, err := lookup(ctx, r, host, timeout)
	a.Resolve.Duration = since(start)
	if err != nil {
		a.Resolve.Status, a.Resolve.Error = evidence.Failed, err.Error()
		var dns *net.DNSError
		if errors.As(err, &dns) {
			a.Resolve.NotFound = dns.IsNotFound
		}
		a.Resolve.Timeout = !a.Resolve.NotFound && failureOf(err) == evidence.Timeout
		return nil, fmt.Errorf("resolving %s: %w", host, err)
	}
	a.Resolve.Status = evidence.OK
	for _, address := range addresses {
		a.Resolve.Addresses = append(a.Resolve.Addresses, address.String())
	}
	return addresses, nil
}

func lookup(ctx context.Context, r resolver, host string, timeout time.Duration) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err) // the resolver may say less than the context knows
		}
		return nil, err
	}
	var addresses []netip.Addr
	for _, address := range found {
		if address = address.Unmap(); !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	if len(addresses) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	return interleave(addresses), nil
}

// interleave alternates the families, beginning with that of the first address (RFC 8305 §4).
func interleave(addresses []netip.Addr) []netip.Addr {
	var first, other []netip.Addr
	for _, address := range addresses {
		if address.Is4() == addresses[0].Is4() {
			first = append(first, address)
		} else {
			other = append(other, address)
		}
	}
	var mixed []netip.Addr
	for i := range max(len(first), len(other)) {
		if i < len(first) {
			mixed = append(mixed, first[i])
		}
		if i < len(other) {
			mixed = append(mixed, other[i])
		}
	}
	return mixed
}
