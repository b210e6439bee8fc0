package nameserver_test

import (
	"context"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/progress"
)

func TestLeadsTo(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org", "other.example")
	w.Set(0, "deployment.other.example.", "A", "192.0.2.7")
	w.Set(0, "elsewhere.other.example.", "A", "192.0.2.9")
	w.Set(0, "alias.example.org.", "CNAME", "deployment.other.example.")
	w.Set(0, "astray.example.org.", "CNAME", "elsewhere.other.example.")
	w.Set(0, "address.example.org.", "A", "192.0.2.7")
	w.Set(0, "old.example.org.", "A", "192.0.2.1")
	for _, c := range []struct {
		name, where string
		there       bool
	}{
		{"alias.example.org", "deployment.other.example", true},
		{"Alias.example.org.", "deployment.other.example", true},
		{"astray.example.org", "elsewhere.other.example", false},
		{"address.example.org", "192.0.2.7", true},
		{"old.example.org", "192.0.2.1", false},
		{"none.example.org", "", false},
	} {
		there, where, err := w.Resolver().LeadsTo(t.Context(), c.name, "deployment.other.example")
		if there != c.there || where != c.where || err != nil {
			t.Errorf("%s leads to %q, %v, %v", c.name, where, there, err)
		}
	}
	if _, _, err := w.Resolver().LeadsTo(t.Context(), "name.nowhere.invalid", "deployment.other.example"); err == nil {
		t.Error("a name of no zone leads somewhere")
	}
}

// TestNudge sees a record at once, long before the next look.
func TestNudge(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	nudge := make(chan struct{}, 1)
	looked := 0
	began := time.Now()
	err := w.Resolver().AwaitCNAME(nameserver.WithNudge(t.Context(), nudge), "mqtt.example.org", "deployment.example.org", func(p progress.Event) {
		if looked++; looked < 12 && !p.Done { // by its own clock that would take more than half a minute
			select {
			case nudge <- struct{}{}:
			default:
			}
		}
		if looked == 11 {
			w.Set(0, dns.Fqdn("mqtt.example.org"), "CNAME", "deployment.example.org.")
		}
	})
	if took := time.Since(began); err != nil || took > 15*time.Second {
		t.Errorf("after %s: %v", took, err)
	}
}

// TestAwaitBearsSilence goes on waiting where questions are lost: the record was created, and is what counts.
func TestAwaitBearsSilence(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	w.Set(0, "mqtt.example.org.", "CNAME", "deployment.example.org.")
	r := w.Resolver()
	var silent atomic.Bool
	silent.Store(true)
	ask := r.System.Dial
	r.System.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if silent.Load() {
			return nil, os.ErrDeadlineExceeded
		}
		return ask(ctx, network, address)
	}
	var told []string
	err := r.AwaitCNAME(t.Context(), "mqtt.example.org", "deployment.example.org", func(p progress.Event) {
		if told = append(told, p.Detail); len(told) == 2 {
			silent.Store(false)
		}
	})
	if err != nil || len(told) != 3 || !strings.HasPrefix(told[1], "Looking for the zone of mqtt.example.org: the name server ") {
		t.Errorf("%v, told is %q", err, told)
	}
}
