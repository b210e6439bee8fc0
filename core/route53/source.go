package route53

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"mutual/core/remote"
)

const imdsDisabled = imds.ClientDisabled

// retryer tries again what may go better the next time. A certificate that is not trusted and a port that nobody listens
// at stay so for longer than somebody waits.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 5, 5*time.Second
		lasting := retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			var untrusted *tls.CertificateVerificationError
			if errors.As(err, &untrusted) || errors.Is(err, syscall.ECONNREFUSED) {
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		})
		o.Retryables = append([]retry.IsErrorRetryable{lasting}, o.Retryables...)
	})
}

// whole reads each answer to its end: of a refusal the SDK loses the body, and net/http then keeps a goroutine until the
// request's time is over.
type whole struct{ aws.HTTPClient }

func (c whole) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, remote.MaxAnswer))
	if err != nil {
		return nil, &url.Error{Op: r.Method, URL: r.URL.String(), Err: err} // as net/http would have it, for remote.Explain
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

// roles asks for a role's credentials where the other requests go: the SDK has the client that does so before it has read
// AWS_ENDPOINT_URL and the profile's endpoint_url.
type roles struct {
	stscreds.AssumeRoleAPIClient
	config *aws.Config // which is whole only when the first request is made
}

func (r roles) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return r.AssumeRoleAPIClient.AssumeRole(ctx, in, append(options, func(o *sts.Options) {
		if o.BaseEndpoint == nil {
			o.BaseEndpoint = sts.NewFromConfig(*r.config).Options().BaseEndpoint
		}
	})...)
}

// explainSources says why the files and the environment say nothing that can be used.
func explainSources(err error) error {
	var missing awsconfig.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Errorf("reading the AWS credentials: the shared files (~/.aws/config, ~/.aws/credentials) have no profile %q, which AWS_PROFILE or the settings name", missing.Profile)
	}
	return fmt.Errorf("reading the AWS credentials: %w", err)
}

// explainNoCredentials says why a request could not be signed; other errors are returned as they are.
func explainNoCredentials(err error) error {
	text := err.Error()
	_, cause, found := strings.Cut(text, "get credentials: ")
	if !found {
		return err
	}
	cause = strings.TrimPrefix(cause, "failed to refresh cached credentials, ")
	if strings.Contains(cause, "IMDS") { // the last of the sources, which is turned off here
		return errors.New("there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or enter them")
	}
	return fmt.Errorf("the AWS credentials cannot be had from where the profile says: %w", errors.New(cause))
}

// Sources says, in the SDK's order, where credentials stand that are not typed; empty: nowhere that is known here. No
// secret is shown.
func Sources() string {
	var found []string
	if id := os.Getenv("AWS_ACCESS_KEY_ID"); id != "" && os.Getenv("AWS_SECRET_ACCESS_KEY") != "" {
		found = append(found, fmt.Sprintf("the environment (AWS_ACCESS_KEY_ID is %s)", id))
	}
	profile := os.Getenv("AWS_PROFILE")
	for _, f := range []struct{ variable, name string }{{"AWS_SHARED_CREDENTIALS_FILE", "credentials"}, {"AWS_CONFIG_FILE", "config"}} {
		path := os.Getenv(f.variable)
		if home, err := os.UserHomeDir(); path == "" && err == nil {
			path = filepath.Join(home, ".aws", f.name)
		}
		if _, err := os.Stat(path); path == "" || err != nil {
			continue
		}
		text := "the file " + path
		if profile != "" {
			text += " (AWS_PROFILE is " + profile + ")"
		}
		found = append(found, text)
	}
	return strings.Join(found, ", then ")
}
