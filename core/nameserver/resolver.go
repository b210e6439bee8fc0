// Package nameserver asks the authoritative name servers of a domain, whose answers no cache has kept: which zone a name is
// in, where it leads, who answers with a record already; and waits until all do.
package nameserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Resolver asks the DNS. The zero value finds servers with the system's resolver and asks them on port 53.
type Resolver struct {
	// System finds zones, name servers and their addresses; nil: the system's.
	System *net.Resolver
	// Recursive is the address of the recursive server that System asks; empty: the system's own. See [SystemAt].
	Recursive string
	// Port is that of authoritative servers; empty: 53.
	Port string
	// Timeout bounds one question; 0: 3 s.
	Timeout time.Duration
}

// SystemAt returns a resolver that asks the recursive server at address, on port 53 where it names none, instead of the
// system's.
func SystemAt(address string) Resolver {
	address = Address(address)
	return Resolver{Recursive: address, System: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, network, address)
	}}}
}

// Address is the address of a name server with its port, which is 53 where it names none.
func Address(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return net.JoinHostPort(strings.Trim(address, "[]"), "53")
	}
	return address
}

// ErrServersUnreachable is returned where no authoritative server answers: port 53 may be closed on the way.
var ErrServersUnreachable = errors.New("none of the domain's name servers answers from here")

func (r Resolver) system() *net.Resolver {
	if r.System != nil {
		return r.System
	}
	return net.DefaultResolver
}

// Zone returns the zone that name is in, with the closing dot, and its name servers: the closest ancestor, or name
// itself, that has any.
func (r Resolver) Zone(ctx context.Context, name string) (zone string, servers []string, err error) {
	labels := dns.SplitDomainName(name)
	for i := range labels {
		candidate := strings.Join(labels[i:], ".") + "."
		if i == len(labels)-1 && len(labels) > 1 {
			break // a top-level domain is nobody's zone here
		}
		found, lookErr := r.system().LookupNS(ctx, candidate)
		if ctx.Err() != nil {
			return "", nil, ctx.Err()
		}
		// A server that cannot be reached says nothing about the zone; one that says "no" does.
		var de *net.DNSError
		if lookErr != nil && errors.As(lookErr, &de) && (de.IsTimeout || de.IsTemporary && !de.IsNotFound) {
			return "", nil, fmt.Errorf("looking for the zone of %s: %w", Shown(name), r.unanswered(de))
		}
		if lookErr != nil || len(found) == 0 {
			continue
		}
		for _, ns := range found {
			servers = append(servers, strings.ToLower(ns.Host))
		}
		slices.Sort(servers)
		return candidate, servers, nil
	}
	return "", nil, fmt.Errorf("looking for the zone of %s: %w", Shown(name), ErrNoZone)
}

const theResolver = "the resolver"

// resolverTime is how long a resolver that knows no zone for a name is asked for its record: the domain may not be
// registered at all, and then nobody will ever see it.
const resolverTime = time.Minute

// ErrNoZone is returned where a name is in no zone that anybody is sent to.
var ErrNoZone = errors.New("no part of the name has name servers; is the domain registered and delegated?")

// unanswered says which server did not answer, and how.
func (r Resolver) unanswered(e *net.DNSError) error {
	at := e.Server // which is the system's also where another one was asked
	if r.Recursive != "" {
		at = r.Recursive
	}
	if e.IsTimeout {
		return fmt.Errorf("the name server %s does not answer the question for %s; see whether this computer reaches it, and try again", at, Shown(e.Name))
	}
	return fmt.Errorf("the name server %s finds no answer for %s: see that the CNAME records there do not go round in a circle, and that the domain's name servers answer", at, Shown(e.Name))
}

// byServer is what the authoritative servers of a name say.
type byServer map[string][]dns.RR

// divide returns the servers whose answer has a record that is wanted, and the others, both sorted.
func (a byServer) divide(wanted func(dns.RR) bool) (have, lack []string) {
	for server, rrs := range a {
		if slices.ContainsFunc(rrs, wanted) {
			have = append(have, server)
		} else {
			lack = append(lack, server)
		}
	}
	slices.Sort(have)
	slices.Sort(lack)
	return have, lack
}

// ask puts one question to every authoritative server of the zone that name is in. Servers that do not answer are left
// out; ErrServersUnreachable where none does.
func (r Resolver) ask(ctx context.Context, name string, kind uint16) (byServer, error) {
	_, servers, err := r.Zone(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.askAt(ctx, servers, name, kind)
}

func (r Resolver) askAt(ctx context.Context, servers []string, name string, kind uint16) (byServer, error) {
	answers := byServer{}
	var last error
	for _, server := range servers {
		rr, err := r.askServer(ctx, server, name, kind)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			last = err
			continue
		}
		answers[server] = rr
	}
	if len(answers) == 0 {
		return nil, fmt.Errorf("asking for %s: %w (%w)", Shown(name), ErrServersUnreachable, last)
	}
	return answers, nil
}

// askServer asks one server at its addresses until one answers. No such name is an empty answer.
func (r Resolver) askServer(ctx context.Context, server, name string, kind uint16) ([]dns.RR, error) {
	addresses, err := r.system().LookupHost(ctx, server)
	if err != nil {
		return nil, fmt.Errorf("looking up the name server %s: %w", Shown(server), err)
	}
	port := r.Port
	if port == "" {
		port = "53"
	}
	for _, a := range addresses {
		var rr []dns.RR
		if rr, err = r.exchange(ctx, net.JoinHostPort(a, port), name, kind); err == nil {
			return rr, nil
		}
	}
	return nil, err
}

func (r Resolver) exchange(ctx context.Context, address, name string, kind uint16) ([]dns.RR, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 3 * time.Second
	}
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.RecursionDesired = false
	m.SetEdns0(1232, false) // the size that DNS Flag Day 2020 settled on
	for _, network := range []string{"udp", "tcp"} {
		in, err := Exchange(ctx, &dns.Client{Net: network, Timeout: timeout}, m, address)
		switch {
		case err != nil:
			return nil, fmt.Errorf("asking %s: %w", address, err)
		case in.Truncated && network == "udp":
			continue
		case in.Rcode != dns.RcodeSuccess && in.Rcode != dns.RcodeNameError:
			return nil, fmt.Errorf("asking %s: it answered %s", address, dns.RcodeToString[in.Rcode])
		}
		return in.Answer, nil
	}
	return nil, fmt.Errorf("asking %s: the answer does not fit", address)
}

// Exchange puts m to one server and waits for the answer, or for the end of ctx, which the DNS library sees only before it waits.
func Exchange(ctx context.Context, c *dns.Client, m *dns.Msg, address string) (*dns.Msg, error) {
	conn, err := c.DialContext(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	in, _, err := c.ExchangeWithConnContext(ctx, m, conn)
	return in, err
}

// Follow returns the name that CNAME records lead to from name, which is name itself where there is none. It is asked of
// the authoritative servers, whose answer no cache has kept.
func (r Resolver) Follow(ctx context.Context, name string) (string, error) {
	return r.follow(ctx, name, false)
}

// FollowOwn does so as far as the records are the names' own. That a wildcard's lead elsewhere (*.example.org CNAME …) is
// nothing to follow for a record that is to be created: it takes the wildcard's place.
func (r Resolver) FollowOwn(ctx context.Context, name string) (string, error) {
	return r.follow(ctx, name, true)
}

func (r Resolver) follow(ctx context.Context, name string, own bool) (string, error) {
	name = dns.Fqdn(name)
	for range 10 { // longer chains are refused by resolvers too
		answers, err := r.ask(ctx, name, dns.TypeCNAME)
		if err != nil {
			return name, err
		}
		target := ""
		for _, rrs := range answers {
			for _, rr := range rrs {
				if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, name) {
					target = strings.ToLower(c.Target)
				}
			}
		}
		if target == "" {
			return name, nil
		}
		if own {
			if wild, err := r.wildcard(ctx, name, target); wild || err != nil {
				return name, err
			}
		}
		name = target
	}
	return name, fmt.Errorf("following the CNAME records of %s: they go round in a circle, or on for more than 10", Shown(name))
}

// wildcard says whether name leads to target only because every name beside it does (*.example.org CNAME …): a record of
// name's own then takes the wildcard's place (RFC 4592 §2.2.1), and nothing has to be done where it leads to.
func (r Resolver) wildcard(ctx context.Context, name, target string) (bool, error) {
	_, parent, _ := strings.Cut(name, ".")
	answers, err := r.ask(ctx, "_"+strings.ToLower(rand.Text()[:12])+"."+parent, dns.TypeCNAME)
	if err != nil {
		return false, err
	}
	for _, rrs := range answers {
		for _, rr := range rrs {
			if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Target, target) {
				return true, nil
			}
		}
	}
	return false, nil
}

// Record is a TXT record to create.
type Record struct {
	Name  string // with the closing dot
	Value string // without quotation marks
}

// sees says which of the zone's servers answer with the record, and which do not yet. Where no zone can be found for the
// name, as in a network of one's own whose resolver knows names and nothing of zones, it is that resolver that has to
// answer; err says so until it does.
func (r Resolver) sees(ctx context.Context, rec Record) (have, lack []string, err error) {
	answers, err := r.ask(ctx, rec.Name, dns.TypeTXT)
	if errors.Is(err, ErrNoZone) {
		values, _ := r.system().LookupTXT(ctx, rec.Name)
		if slices.Contains(values, rec.Value) {
			return []string{theResolver}, nil, nil
		}
		return nil, []string{theResolver}, err
	}
	if err != nil {
		return nil, nil, err
	}
	have, lack = answers.divide(func(rr dns.RR) bool {
		txt, ok := rr.(*dns.TXT)
		return ok && strings.Join(txt.Txt, "") == rec.Value
	})
	return have, lack, nil
}
