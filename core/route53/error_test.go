package route53_test

import (
	"strings"
	"testing"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
)

// TestWrongClockSigns: the service says that the signature is from another time, with the code of a wrong key.
func TestWrongClockSigns(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	aws := route53test.NewService(t, w, "example.org")
	aws.Fail = func(string) (int, string, string) {
		return 403, "SignatureDoesNotMatch", "Signature expired: 20260101T120000Z is now earlier than 20260101T123000Z (20260101T123500Z - 5 min.)"
	}
	_, err := aws.Client(t).FindZone(t.Context(), "mqtt.example.org")
	if err == nil || !strings.Contains(err.Error(), "This computer's clock is off") || !strings.Contains(err.Error(), "Signature expired: 20260101T120000Z") || strings.Contains(err.Error(), "copy it again") {
		t.Errorf("got %v", err)
	}
}
