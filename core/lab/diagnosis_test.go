package lab

import (
	"context"
	"strings"
	"testing"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/session"
	"mutual/core/session/sessiontest"
)

// attempt tries l's profile as the program does.
func attempt(t *testing.T, l *Lab) *evidence.Attempt {
	t.Helper()
	p := l.Profile()
	m := pki.Load(t.Context(), p, pki.LoadOptions{Passphrase: l.GivenPassphrase(), Roots: l.Roots()})
	o := session.Options{} // the default time-out, for slow machines; what never answers needs no long wait
	if l.scene.listen == silent || l.fault == "large-hello-dropped" {
		o.Timeout = 2 * time.Second // but long enough for the stages before it
	}
	var a *evidence.Attempt
	if ShowsInSession(l.fault) {
		a = sessiontest.UntilRefused(t.Context(), t, p, m)
	} else {
		a = session.Try(t.Context(), p, m, "", o)
	}
	probe.RunAsked(t.Context(), a, probe.Asked{Made: &probe.Made{Profile: p, Material: m}, Intermediates: true, Roots: l.Roots()}, nil)
	return a
}

// summary is the findings on one line.
func summary(fs []diagnose.Finding) string {
	var all []string
	for _, f := range fs {
		all = append(all, string(f.Severity)+" "+f.ID+": "+f.Title)
	}
	return strings.Join(all, " | ")
}

// works has the faults that this program connects in spite of; of those with a warning OpenSSL refuses all but the
// harmless ones.
var works = map[string]diagnose.Severity{
	"anchor-not-root": diagnose.Warning, "ca-file-holds-leaf": diagnose.Warning, "anchor-not-self-consistent": diagnose.Warning,
	"key-too-weak": diagnose.Warning, "key-usage": diagnose.Warning, "certificate-expires-soon": diagnose.Warning,
	"file-partly-bad": diagnose.Warning, "file-encoding partly": diagnose.Warning, "strict-profile": diagnose.Warning, "interception trusted": diagnose.Warning, "chain-order": diagnose.Warning, "chain-extra": diagnose.Info, "root-included": diagnose.Info,
	"mqtt-subscribe-refused": diagnose.Warning, "mqtt-publish-refused": diagnose.Warning, "client-certificate-expires-soon": diagnose.Warning, "client-chain-order": diagnose.Warning, "client-chain-order authorities": diagnose.Info,
	"revocation-unknown": diagnose.Info, "staple-missing": diagnose.Warning,
}

var harmless = map[string]bool{"certificate-expires-soon": true, "strict-profile": true, "interception": true, "chain-order": true,
	"client-certificate-expires-soon": true, "mqtt-subscribe-refused": true, "mqtt-publish-refused": true, "staple-missing": true}

// TestEveryFaultIsDiagnosed is the whole way: broken server, attempt, probes, diagnosis.
func TestEveryFaultIsDiagnosed(t *testing.T) {
	for _, f := range faults() {
		for _, variant := range append([]string{""}, f.variants...) {
			t.Run(f.ID+" "+variant, func(t *testing.T) {
				l := start(t, Options{Fault: f.ID, Variant: variant})
				a := attempt(t, l)
				found := diagnose.Diagnose(a, nil).Findings
				want := works[strings.TrimSpace(f.ID+" "+variant)]
				if want == "" {
					want = works[f.ID]
				}
				if want == "" {
					want = diagnose.Error
				} else if a.MQTT == nil || a.MQTT.Status != evidence.OK {
					t.Errorf("no session: %+v", a.MQTT)
				}
				if want == diagnose.Warning && !harmless[f.ID] {
					found := diagnose.Diagnose(a, []string{"openssl"}).Findings
					if len(found) == 0 || found[0].ID != f.ID || found[0].Severity != diagnose.Error {
						t.Errorf("with openssl: %s", summary(found))
					}
				}
				if len(found) == 0 || found[0].ID != f.ID || found[0].Severity != want {
					t.Errorf("got %s", summary(found))
				}
			})
		}
	}
}

func TestSoundLabHasNoFindings(t *testing.T) {
	l := start(t, Options{})
	a := attempt(t, l)
	if found := diagnose.Diagnose(a, []string{"openssl"}).Findings; len(found) > 0 {
		t.Errorf("got %s", summary(found))
	}
	if a.MQTT == nil || a.MQTT.Status != evidence.OK || !a.TLS.Verified || !a.TLS.CertificateRequested || !a.TLS.CertificateSent {
		t.Errorf("TLS %+v, MQTT %+v", a.TLS, a.MQTT)
	}
}

// TestSoundLabSession publishes and receives through the program's own session.
func TestSoundLabSession(t *testing.T) {
	l := start(t, Options{})
	p := l.Profile()
	p.Subscriptions = []profile.Subscription{{Filter: "a/#", QoS: 1}}
	received := make(chan history.Message, 1)
	changed := make(chan struct{}, 1)
	m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: l.Roots()})
	s := session.Open(t.Context(), p, m, session.Options{
		Received: func(m history.Message) { received <- m },
		Changed: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		},
	})
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for ready := false; !ready; {
		state := s.State()
		ready = state.TwoWay && len(state.Subscriptions) == 1 && state.Subscriptions[0].Answer != nil
		if ready {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("not connected: %+v", state)
		}
	}
	answer, err := s.Publish(ctx, session.Outgoing{Topic: "a/b", Payload: []byte("hello"), QoS: 1})
	if err != nil || answer.Refused {
		t.Fatalf("publishing: %+v, %v", answer, err)
	}
	select {
	case m := <-received:
		if m.Topic != "a/b" || string(m.Payload) != "hello" {
			t.Errorf("got %+v", m)
		}
	case <-ctx.Done():
		t.Error("nothing received")
	}
}
