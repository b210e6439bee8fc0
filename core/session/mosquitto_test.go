package session

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/profile"
)

// mosquitto starts Debian's broker with two-way TLS. stop kills it, as a crash does; start starts it again on the same
// port.
type mosquitto struct {
	t       testing.TB
	config  string
	address string
	process *exec.Cmd
}

func newMosquitto(t testing.TB, c credentials) *mosquitto {
	t.Helper()
	const program = "/usr/sbin/mosquitto"
	if _, err := os.Stat(program); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %s is not installed", program)
	}
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	files := pki.Paths(c.dir, pki.Server)
	text := fmt.Sprintf("user root\nallow_anonymous true\nlistener %d 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\nmax_inflight_messages 0\nmax_queued_messages 0\n",
		address.Port, filepath.Join(c.dir, pki.CACertificateName), files.Certificate, files.Key)
	m := &mosquitto{t: t, config: filepath.Join(t.TempDir(), "mosquitto.conf"), address: address.String()}
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m.start()
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) start() {
	m.t.Helper()
	m.process = exec.Command("/usr/sbin/mosquitto", "-c", m.config)
	if err := m.process.Start(); err != nil {
		m.t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", m.address); err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			m.t.Fatal("mosquitto does not listen")
		}
	}
}

func (m *mosquitto) stop() {
	m.process.Process.Kill()
	m.process.Wait()
}

// TestMosquitto is the main job: two-way TLS with a real broker, messages of every QoS, a crash of the broker.
func TestMosquitto(t *testing.T) {
	c := newCredentials(t)
	b := newMosquitto(t, c)
	p, m := c.profile(t, b.address)
	p.Subscriptions = []profile.Subscription{{Filter: "test/#", QoS: 2}}
	s := start(t, p, m, Options{})
	ready := func(st State) bool { return st.TwoWay && st.Subscriptions[0].Answer != nil }
	s.until("the green badge", ready)

	const each = 100
	var group sync.WaitGroup
	for qos := range byte(3) {
		group.Go(func() {
			for i := range each {
				out := Outgoing{Topic: fmt.Sprintf("test/%d", qos), Payload: []byte(fmt.Sprint(i)), QoS: qos, Properties: []history.Property{{Name: "n", Value: fmt.Sprint(i)}}}
				if a, err := s.Publish(t.Context(), out); err != nil || a.Refused {
					t.Errorf("QoS %d, message %d: %+v, %v", qos, i, a, err)
					return
				}
			}
		})
	}
	group.Wait()
	s.untilMessages(6 * each)
	next := map[string]int{}
	for i := range s.Messages().Len() {
		m, _ := s.Messages().At(i)
		if m.Direction != history.Received {
			continue
		}
		want := fmt.Sprint(next[m.Topic])
		if string(m.Payload) != want || len(m.Properties) != 1 || m.Properties[0].Value != "n: "+want || m.Topic != fmt.Sprintf("test/%d", m.QoS) {
			t.Fatalf("on %s, message %s came as %+v", m.Topic, want, m)
		}
		next[m.Topic]++
	}

	b.stop()
	s.until("the end", func(st State) bool { return st.Ended != "" })
	b.start()
	s.until("the green badge again", ready)
	if _, err := s.Publish(t.Context(), Outgoing{Topic: "test/again", QoS: 1}); err != nil {
		t.Error(err)
	}
	s.untilMessages(6*each + 2)
}

// TestMosquittoRefusesClient has no client certificate, or one of another authority, where the broker wants one: its
// alert comes late, and must be seen each time.
func TestMosquittoRefusesClient(t *testing.T) {
	c, stranger := newCredentials(t), newCredentials(t)
	b := newMosquitto(t, c)
	for name, tt := range map[string]struct {
		from  credentials
		alert uint8
	}{"none": {credentials{}, 116}, "stranger": {stranger, 48}} {
		t.Run(name, func(t *testing.T) {
			p, _ := c.profile(t, b.address)
			p.ClientCertificate = profile.ClientCertificate{}
			if tt.from.dir != "" {
				files := pki.Paths(tt.from.dir, pki.Client)
				p.ClientCertificate = profile.ClientCertificate{CertificateFile: files.Certificate, KeyFile: files.Key}
			}
			m := c.load(t, p)
			for range 10 {
				a := Try(t.Context(), p, m, "", Options{})
				if a.TLS.Alert == nil || *a.TLS.Alert != tt.alert || !a.TLS.Late || a.TLS.Status != evidence.Failed || a.MQTT != nil {
					t.Fatalf("TLS %+v, MQTT %+v", a.TLS, a.MQTT)
				}
			}
		})
	}
}

// BenchmarkReceive counts messages of 100 bytes from mosquitto over two-way TLS, as fast as it sends them.
func BenchmarkReceive(b *testing.B) {
	for qos := range byte(3) {
		b.Run(fmt.Sprintf("QoS%d", qos), func(b *testing.B) {
			c := newCredentials(b)
			broker := newMosquitto(b, c)
			p, m := c.profile(b, broker.address)
			p.Subscriptions = []profile.Subscription{{Filter: "b", QoS: qos}}
			s := start(b, p, m, Options{})
			s.until("a subscription", func(st State) bool { return st.Phase == Connected && st.Subscriptions[0].Answer != nil })
			p.Subscriptions = nil
			sender := start(b, p, m, Options{})
			sender.untilPhase(Connected)
			out := Outgoing{Topic: "b", Payload: make([]byte, 100), QoS: qos}
			begin, n := time.Now(), 0
			for b.Loop() {
				n++
				if _, err := sender.Publish(context.Background(), out); err != nil {
					b.Fatal(err)
				}
			}
			s.untilMessages(n)
			b.ReportMetric(float64(n)/time.Since(begin).Seconds(), "messages/s")
		})
	}
}
