package route53

import (
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

// TestWrongClock: the SDK tries again what these codes are given to, several times, before it hands them on.
func TestWrongClock(t *testing.T) {
	for message, code := range map[string]string{
		"Signature not yet current: 20260101T130000Z is still later than 20260101T123500Z (20260101T123000Z + 5 min.)": "InvalidSignatureException",
		"Request has expired": "RequestExpired",
		"The difference between the request time and the current time is too large": "RequestTimeTooSkewed",
	} {
		err := explain("looking for the hosted zone", &smithy.GenericAPIError{Code: code, Message: message})
		if !strings.Contains(err.Error(), strings.TrimSuffix(message, ".")) || !strings.Contains(err.Error(), "This computer's clock is off") || strings.Contains(err.Error(), "copy it again") {
			t.Errorf("got %v", err)
		}
	}
}
