package route53

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"mutual/core/nameserver"
)

// Zone is a hosted zone.
type Zone struct {
	ID   string // without the "/hostedzone/" before it
	Name string // with the closing dot
}

// FindZone looks for the public hosted zone that name belongs in: the longest that is an ancestor of it.
func (r *Client) FindZone(ctx context.Context, name string) (Zone, error) {
	name, err := nameserver.RecordName(name)
	if err != nil {
		return Zone{}, fmt.Errorf("looking for the hosted zone: %w", err)
	}
	labels := strings.Split(strings.TrimPrefix(name, "*."), ".")
	for i := 0; i < len(labels)-1; i++ {
		candidate := strings.Join(labels[i:], ".") + "."
		found, err := r.zonesNamed(ctx, candidate)
		if err != nil {
			return Zone{}, err
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return r.delegated(ctx, found)
	}
	return Zone{}, fmt.Errorf("looking for the hosted zone of %s: this account has no public hosted zone for any part of the name; use the credentials of the account that has, or create the zone", name)
}

func zoneOf(z types.HostedZone) Zone {
	return Zone{ID: strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/"), Name: unescape(aws.ToString(z.Name))}
}

// zonesNamed are the public zones of exactly that name. The service lists zones by name from one on, in pages.
func (r *Client) zonesNamed(ctx context.Context, name string) (found []Zone, err error) {
	ask := &api.ListHostedZonesByNameInput{DNSName: aws.String(name)}
	for {
		out, err := r.client.ListHostedZonesByName(ctx, ask)
		if err != nil {
			return nil, explain("looking for the hosted zone "+nameserver.Shown(name), err)
		}
		for _, z := range out.HostedZones {
			private := z.Config != nil && z.Config.PrivateZone
			if zone := zoneOf(z); strings.EqualFold(zone.Name, name) && !private {
				found = append(found, zone)
			}
		}
		next, id := aws.ToString(out.NextDNSName), aws.ToString(out.NextHostedZoneId)
		if !out.IsTruncated || !strings.EqualFold(unescape(next), name) || id == aws.ToString(ask.HostedZoneId) {
			return found, nil
		}
		ask.DNSName, ask.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
	}
}

// delegated picks, of several zones with one name, the one whose name servers the domain is delegated to: zones can have
// some of them in common.
func (r *Client) delegated(ctx context.Context, zones []Zone) (Zone, error) {
	_, real, err := r.Resolver.Zone(ctx, zones[0].Name)
	if err != nil {
		return Zone{}, err
	}
	var best Zone
	most := 0
	for _, z := range zones {
		own, err := r.NameServers(ctx, z)
		if err != nil {
			return Zone{}, err
		}
		if slices.Equal(own, real) {
			return z, nil
		}
		n := 0
		for _, s := range own {
			if slices.Contains(real, s) {
				n++
			}
		}
		if n > most {
			best, most = z, n
		}
	}
	if most == 0 {
		return Zone{}, fmt.Errorf("looking for the hosted zone: the account has %d zones named %s, and the domain is delegated to none of them: it is delegated to %s",
			len(zones), nameserver.Shown(zones[0].Name), nameserver.Shown(real...))
	}
	return best, nil
}

// NameServers are those that the zone itself names. The domain works only if its registration names the same.
func (r *Client) NameServers(ctx context.Context, z Zone) ([]string, error) {
	sets, err := r.records(ctx, z, z.Name)
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, s := range sets {
		if s.Type != types.RRTypeNs {
			continue
		}
		for _, v := range s.ResourceRecords {
			servers = append(servers, strings.ToLower(strings.TrimSuffix(aws.ToString(v.Value), "."))+".")
		}
	}
	slices.Sort(servers)
	return servers, nil
}

// records are the record sets at name itself. The service lists sets by name from one on, in pages.
func (r *Client) records(ctx context.Context, z Zone, name string) (sets []types.ResourceRecordSet, err error) {
	ask := &api.ListResourceRecordSetsInput{HostedZoneId: aws.String(z.ID), StartRecordName: aws.String(name)}
	for {
		out, err := r.client.ListResourceRecordSets(ctx, ask)
		if err != nil {
			return nil, explain("reading the records of "+nameserver.Shown(z.Name), err)
		}
		for _, s := range out.ResourceRecordSets {
			if strings.EqualFold(unescape(aws.ToString(s.Name)), name) {
				sets = append(sets, s)
			}
		}
		if !out.IsTruncated || !strings.EqualFold(unescape(aws.ToString(out.NextRecordName)), name) ||
			out.NextRecordType == ask.StartRecordType && aws.ToString(out.NextRecordIdentifier) == aws.ToString(ask.StartRecordIdentifier) {
			return sets, nil
		}
		ask.StartRecordName, ask.StartRecordType, ask.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
	}
}

// unescape undoes the service's octal form of characters that are no letters, digits, hyphens, underscores or dots, such
// as "*" (\052).
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
