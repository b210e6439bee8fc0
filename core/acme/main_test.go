package acme

import (
	"testing"

	"go.uber.org/goleak"
)

// Pebble's validation waits for tasks as long as the process lives.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/letsencrypt/pebble/v2/va.VAImpl.processTasks"))
}
