package probe

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"mutual/core/evidence"
)

// failedWith is an attempt whose handshake ended before any certificate came.
func failedWith(s *server, change func(*evidence.TLS)) *evidence.Attempt {
	a := &evidence.Attempt{
		Target: evidence.Target{Transport: "mqtts", Name: "localhost"},
		Dial:   &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}, Address: s.address},
		TLS:    &evidence.TLS{Stage: evidence.Stage{Status: evidence.Failed}, ServerName: "localhost"},
	}
	change(a.TLS)
	return a
}

func probed(t *testing.T, a *evidence.Attempt, name string) evidence.Probe {
	t.Helper()
	Run(t.Context(), a, nil)
	for _, p := range a.Probes {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("there was no probe %s: %+v", name, a.Probes)
	return evidence.Probe{}
}

// alertOnly answers every hello with a fatal alert.
func alertOnly(n byte) func(net.Conn) string {
	return func(c net.Conn) string {
		c.Read(make([]byte, 4096))
		c.Write([]byte{0x15, 3, 3, 0, 2, 2, n})
		io.Copy(io.Discard, c)
		return ""
	}
}

func TestSmallHello(t *testing.T) {
	cut := func(tt *evidence.TLS) { tt.Failure = evidence.Reset }
	s := newServer(t, speaksTLS(tls.VersionTLS12, tls.VersionTLS13))
	if p := probed(t, failedWith(s, cut), "small-hello"); p.Status != evidence.OK {
		t.Errorf("%+v", p)
	}
	small := 0
	drops := newServer(t, func(c net.Conn) string {
		hello := make([]byte, 4096)
		n, _ := io.ReadAtLeast(c, hello, 5)
		if size := int(hello[3])<<8 | int(hello[4]); n >= 5 && size < 1000 {
			return "small"
		}
		return "large"
	})
	if p := probed(t, failedWith(drops, cut), "small-hello"); p.Status != evidence.Failed || p.Failure == evidence.NoFailure {
		t.Errorf("%+v", p)
	}
	drops.stop()
	for _, h := range drops.heard {
		if h == "small" {
			small++
		}
	}
	if small == 0 {
		t.Errorf("no hello was small: %v", drops.heard)
	}
}

func TestNoServerName(t *testing.T) {
	unknown := func(tt *evidence.TLS) { n := uint8(112); tt.Failure, tt.Alert = evidence.AlertSent, &n }
	s := newServer(t, speaksTLS(tls.VersionTLS12, tls.VersionTLS13))
	if p := probed(t, failedWith(s, unknown), "no-server-name"); p.Status != evidence.OK || strings.Join(p.Names, " ") != "localhost" {
		t.Errorf("%+v", p)
	}
	refuses := newServer(t, alertOnly(112))
	if p := probed(t, failedWith(refuses, unknown), "no-server-name"); p.Status != evidence.Failed || p.Alert == nil || *p.Alert != 112 {
		t.Errorf("%+v", p)
	}
}

func TestALPN(t *testing.T) {
	refused := func(tt *evidence.TLS) { n := uint8(120); tt.Failure, tt.Alert = evidence.AlertSent, &n }
	config := &tls.Config{Certificates: []tls.Certificate{certificate()}, NextProtos: []string{"mqtt"}}
	s := newServer(t, func(c net.Conn) string { tls.Server(c, config).HandshakeContext(t.Context()); return "" })
	for protocol, want := range map[string]evidence.Status{"mqtt": evidence.OK, "x-amzn-mqtt-ca": evidence.Failed, "": evidence.OK} {
		if p := probed(t, failedWith(s, refused), "alpn:"+protocol); p.Status != want {
			t.Errorf("%+v", p)
		}
	}
}
