package route53

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"mutual/core/remote"
)

// advice is what to do about the service's errors, by its codes (Route 53 API reference, "Common errors" and those
// of each action).
var advice = map[string]string{
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

// Error is what the service said, with what to do about it.
type Error struct {
	Code, Message, Advice string
	Err                   error
}

func (e *Error) Error() string {
	return strings.TrimSpace(e.Code + ": " + strings.TrimSuffix(e.Message, ".") + ". " + e.Advice)
}
func (e *Error) Unwrap() error { return e.Err }

// unknownCode is the SDK's for an answer without one.
const unknownCode = "UnknownError"

// ofSTS says whether a role could not be assumed: the service that was asked for is another one.
func ofSTS(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if o, ok := err.(*smithy.OperationError); ok && o.ServiceID == "STS" && o.OperationName != "GetCallerIdentity" {
			return true
		}
	}
	return false
}

// explain turns the SDK's error into one that says what to do.
func explain(doing string, err error) error {
	var api smithy.APIError
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: the service did not answer in time (%w)", doing, context.DeadlineExceeded)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !errors.As(err, &api) {
		return fmt.Errorf("%s: %w", doing, remote.Explain(explainNoCredentials(err)))
	}
	e := &Error{Code: api.ErrorCode(), Message: api.ErrorMessage(), Advice: advice[api.ErrorCode()], Err: err}
	var answer *awshttp.ResponseError
	switch {
	case e.Code == unknownCode && errors.As(err, &answer):
		// What answered is no document of the service's: a page of something in between, or of the service in trouble.
		e.Code, e.Message = "HTTP status", remote.Status(answer.HTTPStatusCode())
		e.Advice = "Try again later, and see whether something in between answers in the service's place, such as a proxy."
	case strings.HasPrefix(e.Code, "AccessDenied") && ofSTS(err):
		e.Err = remote.ErrNotAllowed
		e.Advice = "See that the profile names the right role, and that the role lets these credentials assume it."
	case strings.HasPrefix(e.Code, "AccessDenied"):
		e.Err = remote.ErrNotAllowed
		e.Advice = "Give the user or role the policy that is shown for this zone."
	case e.Advice == wrongSecret && (strings.Contains(e.Message, "Signature expired") || strings.Contains(e.Message, "Signature not yet current")):
		// A wrong clock has the code of a wrong key, too ("Signature expired: 20260101T120000Z is now earlier than …").
		e.Advice = wrongClock
	}
	switch e.Advice {
	case wrongClock:
		e.Advice = fmt.Sprintf("This computer's clock is off by more than a few minutes, for it shows %s: set it.", remote.Clock(time.Now()))
	case unknownKey, wrongSecret:
		e.Err = remote.ErrWrongCredentials
	}
	return fmt.Errorf("%s: %w", doing, e)
}
