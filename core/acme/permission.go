package acme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"
	"github.com/miekg/dns"
)

const imdsDisabled = imds.ClientDisabled

// Policy is the IAM policy (JSON) that allows what is done here, in z only. The first statement's actions cannot be
// limited to a zone (Service Authorization Reference, "Actions, resources, and condition keys for Amazon Route 53").
func Policy(z Zone) string {
	type statement struct {
		Sid, Effect      string
		Action, Resource []string
	}
	text, _ := json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{
		{"FindTheZone", "Allow", []string{"route53:ListHostedZones", "route53:ListHostedZonesByName", "route53:GetChange"}, []string{"*"}},
		{"ChangeItsRecords", "Allow", []string{"route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"},
			[]string{"arn:aws:route53:::hostedzone/" + z.ID}},
	}}, "", "  ")
	return string(text)
}

// Permission is one action that is needed, and whether it is allowed; Err is nil where it is. Untried is set where an
// earlier one had to be allowed first.
type Permission struct {
	Action  string
	Err     error
	Untried bool
}

// Try does what an order for name will do, with the record that it will do it with: a policy may allow no other, and a
// CNAME record there may lead to another zone than z. What it creates it removes again.
func (r *Route53) Try(ctx context.Context, z Zone, name string) []Permission {
	find, read := Permission{Action: "route53:ListHostedZonesByName"}, Permission{Action: "route53:ListResourceRecordSets"}
	change, ask := Permission{Action: "route53:ChangeResourceRecordSets"}, Permission{Action: "route53:GetChange"}
	rec := checkChallenge(ctx, r.Resolver, name).Record()
	if !dns.IsSubDomain(z.Name, rec.Name) {
		z, find.Err = r.FindZone(ctx, rec.Name)
	} else {
		_, find.Err = r.zonesNamed(ctx, z.Name)
	}
	if read.Untried = z.ID == ""; !read.Untried {
		_, read.Err = r.records(ctx, z, rec.Name)
	}
	id := ""
	if change.Untried = read.Untried || read.Err != nil; !change.Untried {
		id, change.Err = r.tryChange(ctx, z, rec)
	}
	if ask.Untried = id == ""; !ask.Untried {
		ask.Err = r.insync(ctx, id, nil)
	}
	// What was refused may have been done all the same: it is removed in any case.
	if err := r.takeBack(ctx, z, rec); err != nil && !change.Untried && change.Err == nil {
		change.Err = fmt.Errorf("removing the record %s of the check: %w", rec.Name, err)
	}
	return []Permission{find, read, change, ask}
}

// tryChange creates rec, or, where a check that was killed has left it, removes it.
func (r *Route53) tryChange(ctx context.Context, z Zone, rec Record) (id string, err error) {
	if id, err = r.changeTextIn(ctx, z, rec, with); err == nil && id == "" {
		return r.changeTextIn(ctx, z, rec, without)
	}
	return id, err
}

// takeBack removes rec, also after ctx has ended.
func (r *Route53) takeBack(ctx context.Context, z Zone, rec Record) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	_, err := r.changeTextIn(ctx, z, rec, without)
	return err
}

// awsAdvice is what to do about the service's errors, by its codes (Route 53 API reference, "Common errors" and those
// of each action).
var awsAdvice = map[string]string{
	"InvalidClientTokenId":        unknownKey,
	"UnrecognizedClientException": unknownKey,
	"SignatureDoesNotMatch":       wrongSecret,
	"InvalidSignatureException":   wrongSecret,
	"ExpiredToken":                "The session has ended: get new credentials.",
	"ExpiredTokenException":       "The session has ended: get new credentials.",
	"RequestExpired":              wrongClock,
	"RequestTimeTooSkewed":        wrongClock,
	"RequestInTheFuture":          wrongClock,
	"Throttling":                  tooOften,
	"ThrottlingException":         tooOften,
	"PriorRequestNotComplete":     "Another change of this zone is still under way: try again in a minute.",
	"NoSuchHostedZone":            "The hosted zone is not in the account of these credentials.",
	"InvalidChangeBatch":          "The zone cannot hold the record as it is: its message says what is in the way.",
}

const (
	unknownKey  = "The access key is unknown: see that it is copied whole, and still active in IAM."
	wrongSecret = "The secret access key does not belong to the access key: copy it again, whole."
	tooOften    = "The account's limit of 5 requests a second is used up, perhaps by another program: try again in a minute."
	wrongClock  = "This computer's clock is off by more than a few minutes: set it."
)

// AWSError is what the service said, with what to do about it.
type AWSError struct {
	Code, Message, Advice string
	Err                   error
}

func (e *AWSError) Error() string {
	return strings.TrimSpace(e.Code + ": " + strings.TrimSuffix(e.Message, ".") + ". " + e.Advice)
}
func (e *AWSError) Unwrap() error { return e.Err }

// explainAWS turns the SDK's error into one that says what to do.
func explainAWS(doing string, err error) error {
	var api smithy.APIError
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !errors.As(err, &api) {
		if strings.Contains(err.Error(), "failed to refresh cached credentials") || strings.Contains(err.Error(), "get credentials") {
			return fmt.Errorf("%s: there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or enter them (%w)", doing, err)
		}
		return fmt.Errorf("%s: %w", doing, explainNetwork(err))
	}
	e := &AWSError{Code: api.ErrorCode(), Message: api.ErrorMessage(), Advice: awsAdvice[api.ErrorCode()], Err: err}
	switch {
	case strings.HasPrefix(e.Code, "AccessDenied"):
		e.Err = ErrNotAllowed
		e.Advice = "Give the user or role the policy that is shown for this zone."
	case e.Advice == wrongSecret && (strings.Contains(e.Message, "Signature expired") || strings.Contains(e.Message, "Signature not yet current")):
		// A wrong clock has the code of a wrong key, too ("Signature expired: 20260101T120000Z is now earlier than …").
		e.Advice = wrongClock
	}
	switch e.Advice {
	case wrongClock:
		e.Advice = fmt.Sprintf("This computer's clock is off by more than a few minutes, for it shows %s: set it.", clock(time.Now()))
	case unknownKey, wrongSecret:
		e.Err = ErrWrongCredentials
	}
	return fmt.Errorf("%s: %w", doing, e)
}
