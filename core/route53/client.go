// Package route53 is Amazon's DNS as far as it is needed here: the hosted zone of a name, whether the domain is delegated to
// it, CNAME and TXT records, and what the credentials are allowed. It knows records, and nothing of what they prove.
package route53

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	api "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"mutual/core/nameserver"
	"mutual/core/remote"
)

// Credentials are those to use; all empty: the environment's and the shared files', in the SDK's order
// (AWS_ACCESS_KEY_ID, AWS_PROFILE, ~/.aws/credentials, …). They are secrets and are written nowhere here.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Profile         string // of the shared files; empty: AWS_PROFILE, else "default"
	// Endpoint takes the place of the service's address; empty: AWS's, or AWS_ENDPOINT_URL.
	Endpoint string
}

// Client is Amazon's DNS, reached with somebody's credentials. It is built on Amazon's SDK and not on lego's provider,
// which takes no context and does not tell the number of the change that is to be waited for.
type Client struct {
	client *api.Client
	sts    *sts.Client
	// Resolver tells zones of the same name apart.
	Resolver nameserver.Resolver
	// Poll is how often a change is asked for; 0: 2 s (the account's limit is 5 requests a second).
	Poll time.Duration
	// SeenTimeout bounds each wait: until the service says that all of its servers have a change, and until the domain's
	// servers answer with a CNAME record; 0: 5 minutes.
	SeenTimeout time.Duration

	mu      sync.Mutex
	changes map[nameserver.Record]string // the IDs of those that AddText has made
}

// awsRegion is what requests to Route 53, which has no regions, are signed for.
const awsRegion = "us-east-1"

// seenTimeout is r.SeenTimeout, or where that is 0 five minutes: a zone's servers have a change within 60 s (Route 53
// developer guide), and caches in between hold a "no" longer.
func (r *Client) seenTimeout() time.Duration {
	if r.SeenTimeout == 0 {
		return 5 * time.Minute
	}
	return r.SeenTimeout
}

// New reads the credentials; no request is made.
func New(ctx context.Context, c Credentials) (*Client, error) {
	var config aws.Config
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(awsRegion),
		// The SDK's own kind of client takes AWS_CA_BUNDLE into account.
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(remote.Timeout)),
		awsconfig.WithRetryer(retryer),
		awsconfig.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.Client = roles{o.Client, &config} }),
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
	var err error
	config, err = awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, explainSources(err)
	}
	config.HTTPClient = whole{config.HTTPClient}
	return &Client{client: api.NewFromConfig(config), sts: sts.NewFromConfig(config)}, nil
}

// Identity says whose the credentials are; every valid key may ask that.
func (r *Client) Identity(ctx context.Context) (arn string, err error) {
	out, err := r.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", explain("asking whose credentials these are", err)
	}
	return aws.ToString(out.Arn), nil
}

// recordTTL is short, so that a record that is gone is soon forgotten everywhere. Seconds.
const recordTTL = 60

// AddText adds the record's value to the TXT record set of its name, beside values that are there. It returns when the
// service has taken the change over; see AwaitAdded. What was not even asked for is a *remote.UnbegunError.
func (r *Client) AddText(ctx context.Context, rec nameserver.Record) error {
	id, err := r.changeText(ctx, rec, with)
	if err != nil || id == "" {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changes == nil {
		r.changes = map[nameserver.Record]string{}
	}
	r.changes[rec] = id
	return nil
}

// AwaitAdded waits until the service says that all of its servers have what AddText has added.
func (r *Client) AwaitAdded(ctx context.Context, rec nameserver.Record) error {
	r.mu.Lock()
	id := r.changes[rec]
	delete(r.changes, rec)
	r.mu.Unlock()
	if id == "" {
		return nil
	}
	return r.insync(ctx, id, nil)
}

// RemoveText takes the record's value out again, and leaves others. Nobody waits for a record to be gone.
func (r *Client) RemoveText(ctx context.Context, rec nameserver.Record) error {
	_, err := r.changeText(ctx, rec, without)
	return err
}

func (r *Client) changeBatch(ctx context.Context, z Zone, name string, changes []types.Change) (id string, err error) {
	out, err := r.client.ChangeResourceRecordSets(ctx, &api.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(z.ID), ChangeBatch: &types.ChangeBatch{Comment: aws.String("Made by Mutual"), Changes: changes}})
	if err != nil {
		return "", explain("changing the record "+nameserver.Shown(name), err)
	}
	return aws.ToString(out.ChangeInfo.Id), nil
}

// insync waits until the service says that all of its servers have the change (GetChange: PENDING, then INSYNC).
func (r *Client) insync(ctx context.Context, id string, tell func(status string)) error {
	poll := r.Poll
	if poll == 0 {
		poll = 2 * time.Second
	}
	limit := r.seenTimeout()
	for deadline := time.Now().Add(limit); ; {
		out, err := r.client.GetChange(ctx, &api.GetChangeInput{Id: aws.String(strings.TrimPrefix(id, "/change/"))})
		if err != nil {
			return explain("asking how far the change is", err)
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
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(poll):
		}
	}
}
