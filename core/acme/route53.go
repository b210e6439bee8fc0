package acme

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// AWSCredentials are those to use; all empty: the environment's and the shared files', in the SDK's order
// (AWS_ACCESS_KEY_ID, AWS_PROFILE, ~/.aws/credentials, …). They are secrets and are written nowhere here.
type AWSCredentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Profile         string // of the shared files; empty: AWS_PROFILE, else "default"
	// Endpoint takes the place of the service's address; empty: AWS's, or AWS_ENDPOINT_URL.
	Endpoint string
}

// Route53 is Amazon's DNS, reached with somebody's credentials. It is built on Amazon's SDK and not on lego's provider,
// which takes no context and does not tell the number of the change that is to be waited for.
type Route53 struct {
	client *route53.Client
	sts    *sts.Client
	// Resolver tells zones of the same name apart.
	Resolver Resolver
	// Poll is how often a change is asked for; 0: 2 s (the account's limit is 5 requests a second).
	Poll time.Duration
	// SeenTimeout bounds each wait: until the service says that all of its servers have a change, and until the domain's
	// servers answer with a CNAME record; 0: 5 minutes.
	SeenTimeout time.Duration
}

// awsRegion is what requests to Route 53, which has no regions, are signed for.
const awsRegion = "us-east-1"

// seenTimeout is r.SeenTimeout, or where that is 0 five minutes: a zone's servers have a change within 60 s (Route 53
// developer guide), and caches in between hold a "no" longer.
func (r *Route53) seenTimeout() time.Duration {
	if r.SeenTimeout == 0 {
		return 5 * time.Minute
	}
	return r.SeenTimeout
}

// NewRoute53 reads the credentials; no request is made.
func NewRoute53(ctx context.Context, c AWSCredentials) (*Route53, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(awsRegion),
		// The SDK's own kind of client takes AWS_CA_BUNDLE into account.
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(requestTimeout)),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 5, 5*time.Second })
		}),
		// A computer that is not one of Amazon's would wait for an answer that does not come.
		awsconfig.WithEC2IMDSClientEnableState(imdsDisabled),
	}
	if c.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(c.Profile))
	}
	if c.AccessKeyID != "" || c.SecretAccessKey != "" {
		options = append(options, awsconfig.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)))
	}
	if c.Endpoint != "" {
		options = append(options, awsconfig.WithBaseEndpoint(c.Endpoint))
	}
	config, err := awsconfig.LoadDefaultConfig(ctx, options...)
	var noProfile awsconfig.SharedConfigProfileNotExistError
	if errors.As(err, &noProfile) {
		return nil, fmt.Errorf("reading the AWS credentials: the shared files (~/.aws/config, ~/.aws/credentials) have no profile %q, which AWS_PROFILE or the settings name", noProfile.Profile)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the AWS credentials: %w", err)
	}
	return &Route53{client: route53.NewFromConfig(config), sts: sts.NewFromConfig(config)}, nil
}

// Name and Type are those of Solver.
func (*Route53) Name() string { return "route53" }
func (*Route53) Type() string { return DNS01 }

// Zone is a hosted zone.
type Zone struct {
	ID   string // without the "/hostedzone/" before it
	Name string // with the closing dot
}

// Identity says whose the credentials are; every valid key may ask that.
func (r *Route53) Identity(ctx context.Context) (arn string, err error) {
	out, err := r.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", explainAWS("asking whose credentials these are", err)
	}
	return aws.ToString(out.Arn), nil
}

// FindZone looks for the public hosted zone that name belongs in: the longest that is an ancestor of it.
func (r *Route53) FindZone(ctx context.Context, name string) (Zone, error) {
	name, err := RecordName(name)
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

func (r *Route53) zonesNamed(ctx context.Context, name string) ([]Zone, error) {
	out, err := r.client.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: aws.String(name)})
	if err != nil {
		return nil, explainAWS("looking for the hosted zone "+withoutDot(name), err)
	}
	var found []Zone
	for _, z := range out.HostedZones {
		private := z.Config != nil && z.Config.PrivateZone
		if zone := zoneOf(z); strings.EqualFold(zone.Name, name) && !private {
			found = append(found, zone)
		}
	}
	return found, nil
}

// delegated picks, of several zones with one name, the one whose name servers the domain is delegated to.
func (r *Route53) delegated(ctx context.Context, zones []Zone) (Zone, error) {
	_, real, err := r.Resolver.Zone(ctx, zones[0].Name)
	if err != nil {
		return Zone{}, err
	}
	for _, z := range zones {
		own, err := r.NameServers(ctx, z)
		if err != nil {
			return Zone{}, err
		}
		if slices.ContainsFunc(own, func(s string) bool { return slices.Contains(real, s) }) {
			return z, nil
		}
	}
	return Zone{}, fmt.Errorf("looking for the hosted zone: the account has %d zones named %s, and the domain is delegated to none of them", len(zones), zones[0].Name)
}

// NameServers are those that the zone itself names. The domain works only if its registration names the same.
func (r *Route53) NameServers(ctx context.Context, z Zone) ([]string, error) {
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

// records are the record sets at name itself.
func (r *Route53) records(ctx context.Context, z Zone, name string) ([]types.ResourceRecordSet, error) {
	out, err := r.client.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: aws.String(z.ID), StartRecordName: aws.String(name)})
	if err != nil {
		return nil, explainAWS("reading the records of "+z.Name, err)
	}
	var sets []types.ResourceRecordSet
	for _, s := range out.ResourceRecordSets {
		if strings.EqualFold(unescape(aws.ToString(s.Name)), name) {
			sets = append(sets, s)
		}
	}
	return sets, nil
}

// unescape undoes the service's octal form of characters such as "*" (\052).
func unescape(s string) string { return strings.ReplaceAll(s, `\052`, "*") }

// recordTTL is short, so that a record that is gone is soon forgotten everywhere. Seconds.
const recordTTL = 60

// Present adds the challenge's value to the TXT record, beside values that are there, and waits until the service says
// that all of its servers have it.
func (r *Route53) Present(ctx context.Context, c Challenge) error {
	id, err := r.changeText(ctx, c.Record(), with)
	if err != nil || id == "" {
		return err
	}
	return r.insync(ctx, id, nil)
}

// CleanUp takes the challenge's value out again, and leaves others. Nobody waits for a record to be gone.
func (r *Route53) CleanUp(ctx context.Context, c Challenge) error {
	_, err := r.changeText(ctx, c.Record(), without)
	return err
}

// edit changes the values of a TXT record set with regard to one of them, which is in quotation marks like all.
type edit func(values []string, value string) []string

func with(values []string, value string) []string {
	if slices.Contains(values, value) {
		return values
	}
	return append(slices.Clone(values), value)
}

func without(values []string, value string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == value })
}

// changeText edits the record set in the zone that it belongs in. id is that of the change; empty: none was needed.
func (r *Route53) changeText(ctx context.Context, rec Record, e edit) (id string, err error) {
	zone, err := r.FindZone(ctx, rec.Name)
	if err != nil {
		return "", err
	}
	return r.changeTextIn(ctx, zone, rec, e)
}

// changeTextIn does so in zone. Several values of one name are one set: a wildcard and its parent are proved at the same name.
func (r *Route53) changeTextIn(ctx context.Context, zone Zone, rec Record, e edit) (id string, err error) {
	sets, err := r.records(ctx, zone, rec.Name)
	if err != nil {
		return "", err
	}
	old := types.ResourceRecordSet{Name: aws.String(rec.Name), Type: types.RRTypeTxt, TTL: aws.Int64(recordTTL)}
	for _, s := range sets {
		if s.Type == types.RRTypeTxt {
			old = s
		}
	}
	var values []string
	for _, v := range old.ResourceRecords {
		values = append(values, aws.ToString(v.Value))
	}
	wanted := e(values, `"`+rec.Value+`"`)
	if slices.Equal(wanted, values) {
		return "", nil
	}
	if len(wanted) == 0 {
		return r.change(ctx, zone, types.ChangeActionDelete, old) // which takes the set as it is
	}
	changed := old
	changed.ResourceRecords = nil
	for _, v := range wanted {
		changed.ResourceRecords = append(changed.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return r.change(ctx, zone, types.ChangeActionUpsert, changed)
}

func (r *Route53) change(ctx context.Context, z Zone, action types.ChangeAction, set types.ResourceRecordSet) (id string, err error) {
	return r.changeBatch(ctx, z, aws.ToString(set.Name), []types.Change{{Action: action, ResourceRecordSet: &set}})
}

func (r *Route53) changeBatch(ctx context.Context, z Zone, name string, changes []types.Change) (id string, err error) {
	out, err := r.client.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(z.ID), ChangeBatch: &types.ChangeBatch{Comment: aws.String("Made by Mutual"), Changes: changes}})
	if err != nil {
		return "", explainAWS("changing the record "+name, err)
	}
	return aws.ToString(out.ChangeInfo.Id), nil
}

// insync waits until the service says that all of its servers have the change (GetChange: PENDING, then INSYNC).
func (r *Route53) insync(ctx context.Context, id string, tell func(status string)) error {
	poll := r.Poll
	if poll == 0 {
		poll = 2 * time.Second
	}
	limit := r.seenTimeout()
	for deadline := time.Now().Add(limit); ; {
		out, err := r.client.GetChange(ctx, &route53.GetChangeInput{Id: aws.String(strings.TrimPrefix(id, "/change/"))})
		if err != nil {
			return explainAWS("asking how far the change is", err)
		}
		if tell != nil {
			tell(string(out.ChangeInfo.Status))
		}
		if out.ChangeInfo.Status == types.ChangeStatusInsync {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waiting for the change: the service still says %s after %s; try again in a few minutes", out.ChangeInfo.Status, limit)
		}
		if err := sleep(ctx, poll); err != nil {
			return err
		}
	}
}
