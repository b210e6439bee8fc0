package session

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	mochi "github.com/mochi-mqtt/server/v2/packets"
	"go.uber.org/goleak"

	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/profile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// credentials are one authority with a server and a client certificate, as files.
type credentials struct {
	dir    string
	server tls.Certificate
	pool   *x509.CertPool
}

func newCredentials(t testing.TB) credentials {
	t.Helper()
	dir := t.TempDir()
	authority := must(pki.NewAuthority(pki.Request{Kind: pki.CA, Subject: must(pki.ParseSubject("/O=Test Org/CN=Test CA")), Algorithm: pki.ECDSAP256}))
	server := must(pki.Issue(authority, pki.Request{Kind: pki.Server, Subject: must(pki.ParseSubject("localhost")), Names: []string{"localhost", "127.0.0.1", "::1"}, Algorithm: pki.ECDSAP256}))
	client := must(pki.Issue(authority, pki.Request{Kind: pki.Client, Subject: must(pki.ParseSubject("Client")), Algorithm: pki.ECDSAP256}))
	for kind, issued := range map[pki.Kind]pki.Issued{pki.CA: authority, pki.Server: server, pki.Client: client} {
		if err := issued.Write(pki.Paths(dir, kind), false); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority.Certificate)
	return credentials{dir, must(tls.X509KeyPair(server.CertificatePEM, server.KeyPEM)), pool}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// serverConfig requires a client certificate of the same authority.
func (c credentials) serverConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.server}, ClientCAs: c.pool, ClientAuth: tls.RequireAndVerifyClientCert}
}

// profile is one that connects with two-way TLS to address.
func (c credentials) profile(t testing.TB, address string) (profile.Profile, pki.Material) {
	t.Helper()
	p := profile.New("test")
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	p.Server.Host, p.Server.Port = host, must(strconv.Atoi(port))
	p.Trust.Files = []string{filepath.Join(c.dir, pki.CACertificateName)}
	files := pki.Paths(c.dir, pki.Client)
	p.ClientCertificate = profile.ClientCertificate{CertificateFile: files.Certificate, KeyFile: files.Key}
	return p, c.load(t, p)
}

func (c credentials) load(t testing.TB, p profile.Profile) pki.Material {
	t.Helper()
	m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: &pki.Roots{}})
	for _, f := range m.Files.Files {
		if f.Problem != "" {
			t.Fatalf("%s: %s %s", f.Path, f.Problem, f.Detail)
		}
	}
	return m
}

// broker is the embedded MQTT 5 broker on a free port.
type broker struct {
	*mqtt.Server
	address string
	once    sync.Once
}

// stop stops it; it may be called again.
func (b *broker) stop() { b.once.Do(func() { b.Server.Close() }) }

// allow lets everybody do everything; tests embed it.
type allow struct{ mqtt.HookBase }

func (*allow) ID() string { return "test" }

func (*allow) Provides(b byte) bool {
	return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck
}

func (*allow) OnConnectAuthenticate(*mqtt.Client, mochi.Packet) bool { return true }

func (*allow) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// startBroker starts one; config nil: without TLS. hook, if not nil, decides who may do what.
func startBroker(t testing.TB, config *tls.Config, capabilities *mqtt.Capabilities, hook mqtt.Hook) *broker {
	t.Helper()
	return startBrokerAt(t, "127.0.0.1:0", config, capabilities, hook)
}

func startBrokerAt(t testing.TB, address string, config *tls.Config, capabilities *mqtt.Capabilities, hook mqtt.Hook) *broker {
	t.Helper()
	s := mqtt.New(&mqtt.Options{InlineClient: true, Capabilities: capabilities, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if hook == nil {
		hook = new(allow)
	}
	if err := s.AddHook(hook, nil); err != nil {
		t.Fatal(err)
	}
	l := must(net.Listen("tcp", address))
	address = l.Addr().String()
	if config != nil {
		l = tls.NewListener(l, config)
	}
	if err := s.AddListener(listeners.NewNet("test", l)); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		t.Fatal(err)
	}
	b := &broker{Server: s, address: address}
	t.Cleanup(b.stop)
	return b
}

// testBackoff makes reconnecting quick.
var testBackoff = backoff{first: 10 * time.Millisecond, limit: 100 * time.Millisecond, stable: time.Minute}

// running is a session under test.
type running struct {
	*Session
	t       testing.TB
	changed chan struct{}
}

func start(t testing.TB, p profile.Profile, m pki.Material, o Options) *running {
	t.Helper()
	r := &running{t: t, changed: make(chan struct{}, 1)}
	o.Changed = func() {
		select {
		case r.changed <- struct{}{}:
		default:
		}
	}
	if received := o.Received; received != nil {
		o.Received = func(m history.Message) {
			received(m)
			o.Changed() // what is waited for may be what received has done
		}
	}
	r.Session = open(context.Background(), p, m, o, testBackoff)
	t.Cleanup(r.Close)
	return r
}

// until waits until the state is as wanted, and returns it.
func (r *running) until(what string, wanted func(State) bool) State {
	r.t.Helper()
	deadline := time.After(15 * time.Second)
	for {
		st := r.State()
		if wanted(st) {
			return st
		}
		select {
		case <-r.changed:
		case <-deadline:
			r.t.Fatalf("waited in vain for: %s; the state is %+v", what, st)
		}
	}
}

func (r *running) untilPhase(p Phase) State {
	r.t.Helper()
	return r.until(string(p), func(s State) bool { return s.Phase == p })
}

// untilMessages waits until n messages were ever held.
func (r *running) untilMessages(n int) {
	r.t.Helper()
	r.until(strconv.Itoa(n)+" messages", func(State) bool { return r.Messages().Total() >= uint64(n) })
}
