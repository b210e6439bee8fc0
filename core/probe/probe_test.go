package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// server accepts connections and hands each to serve. It keeps what serve returns, and the number of connections.
type server struct {
	address string
	mu      sync.Mutex
	heard   []string
	stop    func() // waits for all that was heard
}

func newServer(t *testing.T, serve func(net.Conn) string) *server {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	s := &server{address: l.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(20 * time.Second))
				heard := serve(c)
				s.mu.Lock()
				defer s.mu.Unlock()
				s.heard = append(s.heard, heard)
			})
		}
	})
	s.stop = func() { l.Close(); group.Wait() }
	t.Cleanup(s.stop)
	return s
}

func certificate() tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// speaksTLS shakes hands and returns what it is told afterwards.
func speaksTLS(oldest, newest uint16) func(net.Conn) string {
	config := &tls.Config{Certificates: []tls.Certificate{certificate()}, MinVersion: oldest, MaxVersion: newest}
	return func(c net.Conn) string {
		s := tls.Server(c, config)
		if s.HandshakeContext(context.Background()) != nil {
			return ""
		}
		told, _ := io.ReadAll(s)
		return string(told)
	}
}

// speaksMQTT answers a CONNECT of the given level with answer, resets on anything else, and returns what it was told.
func speaksMQTT(level byte, answer string) func(net.Conn) string {
	return func(c net.Conn) string {
		first := make([]byte, 64)
		n, _ := c.Read(first)
		if n < 9 || first[0] != 0x10 || first[8] != level {
			c.(*net.TCPConn).SetLinger(0)
			return "not CONNECT"
		}
		io.WriteString(c, answer)
		rest, _ := io.ReadAll(c)
		return string(first[:n]) + string(rest)
	}
}

// attempt tries to connect to s and probes.
func attempt(t *testing.T, s *server, transport profile.Transport, timeout time.Duration) (*evidence.Attempt, map[string]evidence.Probe) {
	t.Helper()
	at := must(net.ResolveTCPAddr("tcp", s.address))
	p := profile.New("test")
	p.Server = profile.Server{Transport: transport, Host: at.IP.String(), Port: at.Port}
	p.MQTT.UserName, p.MQTT.ClientID = "the-user", "the-client"
	m := pki.Material{Roots: &pki.Roots{}}
	a := session.Try(t.Context(), p, m, "the-client", session.Options{Timeout: timeout, Password: "the-password"})
	var started []string
	Run(t.Context(), a, func(p evidence.Probe) {
		if p.Status == "" {
			started = append(started, p.Name)
		}
	})
	byName := map[string]evidence.Probe{}
	for i, p := range a.Probes {
		if started[i] != p.Name || p.Duration <= 0 || p.Detail == "" || !strings.HasSuffix(p.Detail, ".") || p.Status == "" {
			t.Errorf("probe %+v, started as %s", p, started[i])
		}
		byName[p.Name] = p
	}
	if len(started) != len(a.Probes) {
		t.Errorf("started %v, recorded %d", started, len(a.Probes))
	}
	return a, byName
}

func names(ps map[string]evidence.Probe) string {
	var s []string
	for _, name := range []string{"plain-connect", "server-hello", "version-1.0", "version-1.1", "version-1.2", "version-1.3"} {
		if p, ok := ps[name]; ok {
			s = append(s, name+":"+string(p.Status))
		}
	}
	return strings.Join(s, " ")
}

func TestRun(t *testing.T) {
	http := "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
	const noVersion = " version-1.0:failed version-1.1:failed version-1.2:failed version-1.3:failed"
	tests := []struct {
		name      string
		serve     func(net.Conn) string
		transport profile.Transport
		want      string
	}{
		{"TLS to plain MQTT 5.0", speaksMQTT(5, "\x20\x03\x00\x00\x00"), profile.MQTTS, "plain-connect:ok" + noVersion},
		{"TLS to plain MQTT that refuses", speaksMQTT(5, "\x20\x03\x00\x87\x00"), profile.MQTTS, "plain-connect:ok" + noVersion},
		{"TLS to plain MQTT 3.1.1", speaksMQTT(4, "\x20\x02\x00\x00"), profile.MQTTS, "plain-connect:ok" + noVersion},
		{"TLS to a web server", func(c net.Conn) string { c.Read(make([]byte, 4096)); io.WriteString(c, http); return "" }, profile.MQTTS, "plain-connect:failed"},
		{"TLS to one who closes", func(c net.Conn) string { c.Read(make([]byte, 4096)); return "" }, profile.MQTTS, "plain-connect:failed" + noVersion},
		{"TLS to old versions", speaksTLS(tls.VersionTLS10, tls.VersionTLS11), profile.MQTTS, "version-1.0:ok version-1.1:ok version-1.2:failed version-1.3:failed"},
		{"TLS to one that is not trusted", speaksTLS(tls.VersionTLS12, tls.VersionTLS13), profile.MQTTS, ""},
		{"MQTT to TLS", speaksTLS(tls.VersionTLS12, tls.VersionTLS13), profile.MQTT, "server-hello:ok"},
		{"MQTT to old TLS", speaksTLS(tls.VersionTLS10, tls.VersionTLS10), profile.MQTT, "server-hello:ok"},
		{"MQTT to a web server", func(c net.Conn) string { c.Read(make([]byte, 4096)); io.WriteString(c, http); return "" }, profile.MQTT, "server-hello:failed"},
		{"MQTT that refuses", speaksMQTT(5, "\x20\x03\x00\x87\x00"), profile.MQTT, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.serve)
			_, ps := attempt(t, s, tt.transport, time.Second)
			if got := names(ps); got != tt.want {
				t.Errorf("probed %q, want %q\n%+v", got, tt.want, ps)
			}
			if p, ok := ps["version-1.0"]; ok && p.Status == evidence.OK && p.Version != tls.VersionTLS10 {
				t.Errorf("%+v", p)
			}
			if p, ok := ps["plain-connect"]; ok && p.Status == evidence.OK && (len(p.Bytes) < 4 || p.Bytes[0] != 0x20) {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestProgress: each experiment is told of as it starts and as it ends, the quick ones before the slow.
func TestProgress(t *testing.T) {
	s := newServer(t, speaksTLS(tls.VersionTLS10, tls.VersionTLS11))
	a, _ := attempt(t, s, profile.MQTTS, time.Second)
	a.Probes = nil
	var began, ended []string
	Run(t.Context(), a, func(p evidence.Probe) {
		if p.Status == "" {
			began = append(began, p.Name)
		} else {
			ended = append(ended, p.Name)
		}
	})
	slices.Sort(ended)
	if len(began) != 4 || !slices.Equal(began, ended) || len(a.Probes) != 4 {
		t.Errorf("began %v, ended %v", began, ended)
	}
}

// TestProbesTellNothing looks at all that probes send in the clear: no credentials, no identifier of the profile's.
func TestProbesTellNothing(t *testing.T) {
	s := newServer(t, speaksMQTT(5, "\x20\x03\x00\x00\x00"))
	attempt(t, s, profile.MQTTS, time.Second)
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	connects := 0
	for _, heard := range s.heard {
		if strings.Contains(heard, "the-user") || strings.Contains(heard, "the-password") || strings.Contains(heard, "the-client") {
			t.Errorf("a probe told %q", heard)
		}
		if strings.HasPrefix(heard, "\x10") {
			connects++
			if !strings.HasSuffix(heard, "\xe0\x00") || !strings.Contains(heard, "mutual-") {
				t.Errorf("a probe told %q", heard)
			}
		}
	}
	if connects != 1 {
		t.Errorf("%d probes were answered", connects)
	}
}

// TestBounds has a server that never answers: each experiment ends by itself, and all of them when they are cancelled.
func TestBounds(t *testing.T) {
	s := newServer(t, func(c net.Conn) string { io.Copy(io.Discard, c); return "" })
	a := &evidence.Attempt{
		Target: evidence.Target{Transport: "mqtts", Name: "localhost"},
		Dial:   &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}, Address: s.address},
		TLS:    &evidence.TLS{Stage: evidence.Stage{Status: evidence.Failed}, Failure: evidence.Closed},
	}
	begin := time.Now()
	Run(t.Context(), a, nil)
	if took := time.Since(begin); took > eachWait+time.Second {
		t.Errorf("it took %s", took)
	}
	if len(a.Probes) != 6 {
		t.Fatalf("%+v", a.Probes)
	}
	for _, p := range a.Probes {
		if p.Status != evidence.Failed || p.Failure != evidence.Timeout {
			t.Errorf("%+v", p)
		}
	}

	a.Probes = nil
	ctx, cancel := context.WithCancel(t.Context())
	begin = time.Now()
	Run(ctx, a, func(p evidence.Probe) {
		if p.Name == "version-1.3" && p.Status == "" {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
	})
	if took := time.Since(begin); took > time.Second {
		t.Errorf("after cancelling it took %s", took)
	}
	for _, p := range a.Probes {
		if p.Failure != evidence.Cancelled {
			t.Errorf("%+v", p)
		}
	}
}

func TestNothingToProbe(t *testing.T) {
	ok, failed := evidence.Stage{Status: evidence.OK}, evidence.Stage{Status: evidence.Failed}
	alert := uint8(48)
	dial := &evidence.Dial{Stage: ok, Address: "127.0.0.1:1"}
	for name, a := range map[string]*evidence.Attempt{
		"nothing reached":  {},
		"not dialled":      {Dial: &evidence.Dial{Stage: failed}},
		"fine":             {Dial: dial, TLS: &evidence.TLS{Stage: ok, Complete: true}, MQTT: &evidence.MQTT{Stage: ok}},
		"client refused":   {Dial: dial, TLS: &evidence.TLS{Stage: failed, Complete: true, Late: true, Failure: evidence.AlertSent, Alert: &alert}},
		"certificate seen": {Dial: dial, TLS: &evidence.TLS{Stage: failed, Failure: evidence.Unverified, Sent: make([]evidence.Certificate, 1)}},
		"cancelled":        {Dial: dial, TLS: &evidence.TLS{Stage: failed, Failure: evidence.Cancelled}},
	} {
		Run(t.Context(), a, func(evidence.Probe) { t.Errorf("%s: probed", name) })
		if len(a.Probes) != 0 {
			t.Errorf("%s: %+v", name, a.Probes)
		}
	}
}

// TestNotChosen is about failures that no experiment explains, or that are none of the server's.
func TestNotChosen(t *testing.T) {
	web := func(status int) *evidence.Attempt {
		return &evidence.Attempt{
			Target: evidence.Target{Transport: "ws"}, Dial: &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}},
			WebSocket: &evidence.WebSocket{HTTPStatus: status}, MQTT: &evidence.MQTT{Stage: evidence.Stage{Status: evidence.Failed}},
		}
	}
	proxied := web(0)
	proxied.Dial.Proxy = &evidence.Proxy{}
	for _, tt := range []struct {
		name string
		a    *evidence.Attempt
		want int
	}{{"web server without TLS", web(404), 0}, {"perhaps one with TLS", web(400), 1}, {"no answer in HTTP", web(0), 1}, {"behind a proxy", proxied, 0}} {
		if got := choose(tt.a); len(got) != tt.want {
			t.Errorf("%s: %d experiments", tt.name, len(got))
		}
	}
}
