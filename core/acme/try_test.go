package acme

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver/nameservertest"
)

func TestTryRecord(t *testing.T) {
	s := newScene(t, acmetest.Options{})
	if err := TryRecord(t.Context(), s.solver(t), s.world.Resolver(), "mqtt.example.org", nil); err != nil {
		t.Error(err)
	}
	if len(s.world.Texts()) != 0 {
		t.Errorf("left: %v", s.world.Texts())
	}
	s.aws.Fail = func(action string) (int, string, string) {
		if action == "ChangeResourceRecordSets" {
			return 403, "AccessDenied", "not you"
		}
		return 0, "", ""
	}
	if err := TryRecord(t.Context(), s.solver(t), s.world.Resolver(), "mqtt.example.org", nil); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("refused: %v", err)
	}
	h := &HTTP01Solver{Address: "127.0.0.1:0"}
	if err := TryRecord(t.Context(), h, s.world.Resolver(), "mqtt.example.org", nil); err != nil || h.server != nil {
		t.Errorf("at a port: %v, it still listens: %v", err, h.server != nil)
	}
}

// TestPending ends the wait for a change that stays PENDING, and leaves no record.
func TestPending(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	s := acmetest.NewRoute53(t, w, "example.org")
	s.Pending = 1 << 30
	r := route53At(t, w, s)
	r.SeenTimeout = 50 * time.Millisecond
	err := TryRecord(t.Context(), Route53Solver{r}, r.Resolver, "mqtt.example.org", nil)
	if err == nil || !strings.Contains(err.Error(), "still says PENDING after 50ms; try again") {
		t.Errorf("got %v", err)
	}
	if left := w.Texts(); len(left) != 0 {
		t.Errorf("records are left behind: %v", left)
	}
}
