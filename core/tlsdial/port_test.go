package tlsdial

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mutual/core/evidence"
)

// serverHello is a ServerHello of the given version, as a record.
func serverHello(version uint16) []byte {
	hello := append([]byte{byte(version >> 8), byte(version)}, bytes.Repeat([]byte{7}, 32)...)
	hello = append(hello, 0, 0xC0, 0x13, 0) // no session, ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression
	message := append([]byte{messageServerHello, 0, 0, byte(len(hello))}, hello...)
	return append([]byte{recordHandshake, byte(version >> 8), byte(version), 0, byte(len(message))}, message...)
}

// TestOtherPorts meets ports that do not speak TLS as it is spoken now, or nothing at all.
func TestOtherPorts(t *testing.T) {
	readHello := func(c net.Conn) { c.Read(make([]byte, 4096)) }
	reset := func(c net.Conn) { c.(*net.TCPConn).SetLinger(0); c.Close() }
	long := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
	tests := []struct {
		name    string
		serve   func(net.Conn)
		want    evidence.Failure
		first   string
		version uint16
	}{
		{"web server", func(c net.Conn) { readHello(c); io.WriteString(c, long) }, evidence.NotTLS, long[:64], 0},
		{"in two pieces", func(c net.Conn) {
			readHello(c)
			io.WriteString(c, long[:7])
			time.Sleep(20 * time.Millisecond)
			io.WriteString(c, long[7:30])
		}, evidence.NotTLS, long[:30], 0},
		{"greeting that stays open", func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH\r\n"); io.Copy(io.Discard, c) }, evidence.NotTLS, "SSH-2.0-OpenSSH\r\n", 0},
		{"CONNACK", func(c net.Conn) { readHello(c); io.WriteString(c, "\x20\x02\x00\x01") }, evidence.NotTLS, "\x20\x02\x00\x01", 0},
		{"DISCONNECT", func(c net.Conn) { readHello(c); io.WriteString(c, "\xe0\x01\x81") }, evidence.NotTLS, "\xe0\x01\x81", 0},
		{"closed", func(c net.Conn) { readHello(c) }, evidence.Closed, "", 0},
		{"reset", func(c net.Conn) { readHello(c); reset(c) }, evidence.Reset, "", 0},
		{"silent", func(c net.Conn) { io.Copy(io.Discard, c) }, evidence.Timeout, "", 0},
		{"TLS 1.0", func(c net.Conn) { readHello(c); c.Write(serverHello(0x0301)); io.Copy(io.Discard, c) }, evidence.VersionGap, "", 0x0301},
		{"SSL 3.0", func(c net.Conn) { readHello(c); c.Write(serverHello(0x0300)); io.Copy(io.Discard, c) }, evidence.VersionGap, "", 0x0300},
		{"alert as a record", func(c net.Conn) { readHello(c); c.Write([]byte{21, 3, 3, 0, 2, 2, 70}) }, evidence.AlertSent, "", 0},
		{"close_notify", func(c net.Conn) { readHello(c); c.Write([]byte{21, 3, 3, 0, 2, 1, 0}) }, evidence.Closed, "", 0},
		{"half a ServerHello", func(c net.Conn) { readHello(c); c.Write(serverHello(0x0303)[:20]) }, evidence.Closed, "", 0},
	}
	ca := newAuthority("CA")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, m := ca.trusting(t, server(t, tt.serve), nil)
			a := NewAttempt(p, m)
			timeout := 5 * time.Second
			if tt.want == evidence.Timeout {
				timeout = 100 * time.Millisecond
			}
			c, err := Dial(t.Context(), p, m, a, Options{Timeout: timeout})
			if err == nil {
				c.Close()
				t.Fatal("a handshake was made")
			}
			r := a.TLS
			if r.Failure != tt.want || string(r.FirstBytes) != tt.first || r.Version != tt.version || r.Status != evidence.Failed {
				t.Errorf("recorded %+v, first bytes %q", r, r.FirstBytes)
			}
		})
	}
}

func TestServerOfOldVersions(t *testing.T) {
	ca := newAuthority("CA")
	address, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	p, m := ca.trusting(t, address, nil)
	a, _ := dial(t, p, m)
	if r := a.TLS; r.Failure != evidence.AlertSent || *r.Alert != 70 || r.Version != 0 {
		t.Errorf("recorded %+v", r)
	}
	for version, want := range map[uint16]evidence.Failure{tls.VersionTLS10: "", tls.VersionTLS11: "", tls.VersionTLS12: evidence.AlertSent, tls.VersionTLS13: evidence.AlertSent} {
		socket := must(net.Dial("tcp", address))
		h := Hello(t.Context(), socket, "localhost", nil, version, version)
		socket.Close()
		if h.Failure != want || want == "" && h.Version != version {
			t.Errorf("hello of version %x: %+v", version, h)
		}
	}
}

// TestHelloNeverBecomesAConnection offers a certificate that anybody would accept, and counts what is heard.
func TestHelloNeverBecomesAConnection(t *testing.T) {
	ca := newAuthority("CA")
	address, h := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(newKey(), nil)}})
	socket := must(net.Dial("tcp", address))
	answer := Hello(t.Context(), socket, "localhost", []string{"mqtt"}, tls.VersionTLS10, tls.VersionTLS13)
	socket.Close()
	if answer.Version != tls.VersionTLS13 || answer.Err != nil || answer.Failure != "" {
		t.Errorf("the answer is %+v", answer)
	}
	waitFor(t, func() bool { _, err := h.get(); return err != nil })
}

func TestDialFailures(t *testing.T) {
	ca := newAuthority("CA")
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	refused := l.Addr().String()
	l.Close()

	t.Run("refused", func(t *testing.T) {
		p, m := ca.trusting(t, refused, nil)
		a, err := dial(t, p, m)
		if err == nil || a.Dial.Status != evidence.Failed || len(a.Dial.Tries) != 1 || a.Dial.Tries[0].Failure != evidence.Refused || a.TLS != nil {
			t.Errorf("%v, %+v", err, a.Dial)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		p, m := ca.trusting(t, refused, nil)
		a := NewAttempt(p, m)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Dial(ctx, p, m, a, Options{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("cancelled during the handshake", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, m := ca.trusting(t, server(t, func(c net.Conn) { c.Read(make([]byte, 4096)); cancel(); io.Copy(io.Discard, c) }), nil)
		a := NewAttempt(p, m)
		if _, err := Dial(ctx, p, m, a, Options{}); err == nil || a.TLS.Failure != evidence.Cancelled {
			t.Errorf("%v, %+v", err, a.TLS)
		}
	})
	t.Run("next address", func(t *testing.T) {
		address := netip.MustParseAddrPort(server(t, func(c net.Conn) {}))
		a := &evidence.Attempt{Target: evidence.Target{Host: "test", Port: int(address.Port())}}
		addresses := []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3"), address.Addr()}
		c, err := connect(t.Context(), addresses, a.Target.Port, a, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		d := a.Dial
		if d.Address != address.String() || len(d.Tries) != 3 || d.Tries[0].Failure != evidence.Refused || d.Tries[1].Failure != evidence.Refused || d.Tries[2].Failure != "" {
			t.Errorf("recorded %+v", d)
		}
	})
}

// names is a name server that knows little.
type names map[string]any

func (n names) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	switch found := n[host].(type) {
	case []netip.Addr:
		return found, nil
	case error:
		return nil, found
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestResolve(t *testing.T) {
	ip := netip.MustParseAddr
	r := names{
		"mixed":   []netip.Addr{ip("2001:db8::1"), ip("2001:db8::2"), ip("::ffff:192.0.2.1"), ip("192.0.2.1"), ip("192.0.2.2")},
		"unknown": &net.DNSError{Err: "no such host", IsNotFound: true},
		"failing": &net.DNSError{Err: "server misbehaving", IsTemporary: true},
		"slow":    &net.DNSError{Err: "i/o timeout", IsTimeout: true},
	}
	tests := []struct {
		host              string
		status            evidence.Status
		notFound, timeout bool
		addresses         string
	}{
		{"mixed", evidence.OK, false, false, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2"},
		{"192.0.2.9", evidence.OK, false, false, "192.0.2.9"},
		{"fe80::1%lo", evidence.OK, false, false, "fe80::1%lo"},
		{"unknown", evidence.Failed, true, false, ""},
		{"failing", evidence.Failed, false, false, ""},
		{"slow", evidence.Failed, false, true, ""},
		{"dead", evidence.Failed, false, true, ""},
	}
	for _, tt := range tests {
		a := &evidence.Attempt{Target: evidence.Target{Host: tt.host}}
		resolve(t.Context(), r, tt.host, a, 20*time.Millisecond)
		got := a.Resolve
		if got.Status != tt.status || got.NotFound != tt.notFound || got.Timeout != tt.timeout || strings.Join(got.Addresses, " ") != tt.addresses {
			t.Errorf("%s: %+v", tt.host, got)
		}
	}
}

// TestNameThatDoesNotExist asks the real resolver for a name that cannot exist (RFC 6761 §6.4).
func TestNameThatDoesNotExist(t *testing.T) {
	a := &evidence.Attempt{Target: evidence.Target{Host: "broker.invalid"}}
	if _, err := resolve(t.Context(), net.DefaultResolver, a.Target.Host, a, 5*time.Second); err == nil || a.Resolve.Status != evidence.Failed {
		t.Errorf("%v, %+v", err, a.Resolve)
	}
	if !a.Resolve.NotFound {
		t.Logf("no name server answers here: %s", a.Resolve.Error)
	}
}
