package tlsdial

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// proxyHeard is what a proxy was told before it connected.
type proxyHeard struct {
	mu   sync.Mutex
	said []string
}

func (h *proxyHeard) add(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, fmt.Sprintf(format, args...))
}

func (h *proxyHeard) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.said, "\n")
}

// splice connects two connections until one of them ends.
func splice(a, b net.Conn) {
	var group sync.WaitGroup
	group.Go(func() { io.Copy(a, b); a.(*net.TCPConn).CloseWrite() })
	group.Go(func() { io.Copy(b, a); b.(*net.TCPConn).CloseWrite() })
	group.Wait()
}

// httpProxy is a proxy for CONNECT. With a password, it wants that of the user me.
func httpProxy(t testing.TB, password string) (string, *proxyHeard) {
	h := &proxyHeard{}
	return server(t, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		h.add("%s %s %s", r.Method, r.RequestURI, r.Header.Get("Proxy-Authorization"))
		if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+password)); password != "" && r.Header.Get("Proxy-Authorization") != want {
			io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
			return
		}
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno")
			return
		}
		defer to.Close()
		io.WriteString(c, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
		splice(c, to)
	}), h
}

// socksProxy speaks RFC 1928, and with a password RFC 1929.
func socksProxy(t testing.TB, password string) (string, *proxyHeard) {
	h := &proxyHeard{}
	return server(t, func(c net.Conn) {
		read := func(n int) []byte { b := make([]byte, n); io.ReadFull(c, b); return b }
		methods := read(int(read(2)[1]))
		want := byte(0)
		if password != "" {
			want = 2
		}
		if !slices.Contains(methods, want) {
			c.Write([]byte{5, 0xFF})
			return
		}
		c.Write([]byte{5, want})
		if want == 2 {
			user := string(read(int(read(2)[1])))
			given := string(read(int(read(1)[0])))
			h.add("login %s:%s", user, given)
			if given != password {
				c.Write([]byte{1, 1})
				return
			}
			c.Write([]byte{1, 0})
		}
		head := read(4)
		var host string
		switch head[3] {
		case 1:
			host = netip.AddrFrom4([4]byte(read(4))).String()
		case 3:
			host = string(read(int(read(1)[0])))
		case 4:
			host = netip.AddrFrom16([16]byte(read(16))).String()
		}
		address := net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(read(2)))))
		h.add("kind %d %s", head[3], address)
		to, err := net.Dial("tcp", address)
		if err != nil {
			c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		defer to.Close()
		c.Write(append([]byte{5, 0, 0, 3, 4}, "home\x00\x00"...))
		splice(c, to)
	}), h
}

// TestProxy reaches a TLS server by way of each kind of proxy, which resolves the server's name.
func TestProxy(t *testing.T) {
	ca := newAuthority("CA")
	certificate := ca.issue(newKey(), nil)
	for _, tt := range []struct {
		scheme, user, password string
		start                  func(testing.TB, string) (string, *proxyHeard)
		told                   string
	}{
		{"http", "", "", httpProxy, "CONNECT localhost:PORT "},
		{"http", "me@", "s3cret", httpProxy, "CONNECT localhost:PORT Basic bWU6czNjcmV0"},
		{"socks5", "", "", socksProxy, "kind 3 localhost:PORT"},
		{"socks5", "me@", "s3cret", socksProxy, "login me:s3cret\nkind 3 localhost:PORT"},
	} {
		t.Run(tt.scheme+" "+tt.user, func(t *testing.T) {
			address, heard := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{certificate}})
			proxy, told := tt.start(t, tt.password)
			p, m := ca.trusting(t, address, nil)
			p.Server.Host, p.Server.Proxy = "localhost", tt.scheme+"://"+tt.user+proxy
			a := NewAttempt(p, m)
			c, err := Dial(t.Context(), p, m, a, Options{ProxyPassword: tt.password, Timeout: 5 * time.Second})
			if err != nil {
				t.Fatalf("%v: %+v", err, a.Dial.Proxy)
			}
			io.WriteString(c, "CONNECT")
			c.Close()
			d := a.Dial
			if !a.TLS.Verified || d.Address != proxy || d.Status != evidence.OK || d.Proxy.Status != evidence.OK || d.Proxy.Scheme != tt.scheme || d.Proxy.Named != (tt.user != "") {
				t.Errorf("recorded %+v, %+v, %+v", a.TLS, d, d.Proxy)
			}
			if want := strings.ReplaceAll(tt.told, "PORT", strconv.Itoa(p.Server.Port)); told.all() != want {
				t.Errorf("the proxy was told %q, want %q", told.all(), want)
			}
			if got, err := heard.get(); strings.Contains(got, "s3cret") {
				t.Errorf("the server heard %q, %v", got, err)
			}
		})
	}
}

// TestProxyRefuses is about proxies that make no connection.
func TestProxyRefuses(t *testing.T) {
	ca := newAuthority("CA")
	answering := func(answers ...string) func(testing.TB, string) (string, *proxyHeard) {
		return func(t testing.TB, _ string) (string, *proxyHeard) {
			return server(t, func(c net.Conn) {
				for _, answer := range answers {
					c.Read(make([]byte, 4096))
					io.WriteString(c, answer)
				}
			}), nil
		}
	}
	number := func(n uint8) *uint8 { return &n }
	closed := func(t testing.TB, _ string) (string, *proxyHeard) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))
		defer l.Close()
		return l.Addr().String(), nil
	}
	for _, tt := range []struct {
		name, scheme, user, password string
		start                        func(testing.TB, string) (string, *proxyHeard)
		want                         evidence.Proxy
	}{
		{"nothing there", "http", "", "", closed, evidence.Proxy{Stage: evidence.Stage{Status: evidence.Skipped}}},
		{"no login, http", "http", "", "pw", httpProxy, evidence.Proxy{Failure: evidence.NoPassage, HTTPStatus: 407, StatusLine: "HTTP/1.1 407 Proxy Authentication Required", AuthSchemes: []string{"Negotiate", "Basic"}, NotAdmitted: true}},
		{"wrong password, http", "http", "me@", "pw", httpProxy, evidence.Proxy{Failure: evidence.NoPassage, HTTPStatus: 407, StatusLine: "HTTP/1.1 407 Proxy Authentication Required", AuthSchemes: []string{"Negotiate", "Basic"}, NotAdmitted: true, Named: true}},
		{"server refuses, http", "http", "", "", httpProxy, evidence.Proxy{Failure: evidence.NoPassage, HTTPStatus: 502, StatusLine: "HTTP/1.1 502 Bad Gateway"}},
		{"forbidden", "http", "", "", answering("HTTP/1.1 403 Forbidden\r\n\r\n"), evidence.Proxy{Failure: evidence.NoPassage, HTTPStatus: 403, StatusLine: "HTTP/1.1 403 Forbidden"}},
		{"no proxy, http", "http", "", "", answering("SSH-2.0-x\r\n"), evidence.Proxy{Failure: evidence.NotProxy, FirstBytes: []byte("SSH-2.0-x\r\n")}},
		{"silent end, http", "http", "", "", answering(""), evidence.Proxy{Failure: evidence.Closed}},
		{"half an answer", "http", "", "", answering("HTTP/1.1 200 OK\r\n"), evidence.Proxy{Failure: evidence.Closed, FirstBytes: []byte("HTTP/1.1 200 OK\r\n")}},
		{"endless head", "http", "", "", answering("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 4000)), evidence.Proxy{Failure: evidence.NotProxy, FirstBytes: []byte(("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 8))[:64])}},
		{"no login, socks", "socks5", "", "pw", socksProxy, evidence.Proxy{Failure: evidence.NoPassage, Method: number(0xFF), NotAdmitted: true}},
		{"wrong password, socks", "socks5", "me@", "pw", socksProxy, evidence.Proxy{Failure: evidence.NoPassage, Method: number(2), NotAdmitted: true, Named: true}},
		{"server refuses, socks", "socks5", "", "", socksProxy, evidence.Proxy{Failure: evidence.NoPassage, Method: number(0), Reply: number(5)}},
		{"no proxy, socks", "socks5", "", "", answering("HTTP/1.1 400 Bad Request\r\n\r\n"), evidence.Proxy{Failure: evidence.NotProxy, FirstBytes: []byte("HTTP/1.1 400 Bad Request\r\n\r\n")}},
		{"strange address, socks", "socks5", "", "", answering("\x05\x00", "\x05\x00\x00\x09"), evidence.Proxy{Failure: evidence.NotProxy, Method: number(0), Reply: number(0), FirstBytes: []byte("\x05\x00\x00\x09")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, _ := closed(t, "")
			p, m := ca.trusting(t, target, nil)
			proxy, _ := tt.start(t, tt.password)
			p.Server.Proxy = tt.scheme + "://" + tt.user + proxy
			a := NewAttempt(p, m)
			c, err := Dial(t.Context(), p, m, a, Options{ProxyPassword: "wr0ng", Timeout: 5 * time.Second})
			if err == nil {
				c.Close()
				t.Fatal("the proxy was passed")
			}
			got := *a.Dial.Proxy
			if want := tt.want.Status; want != "" && got.Status != want || want == "" && (got.Status != evidence.Failed || got.Duration <= 0 || got.Error == "") || a.Dial.Status != evidence.Failed {
				t.Errorf("status %s, %s", got.Status, a.Dial.Status)
			}
			got.Stage = evidence.Stage{}
			tt.want.Stage, tt.want.Scheme, tt.want.Address = got.Stage, tt.scheme, proxy
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("recorded\n%+v, want\n%+v", got, tt.want)
			}
			if strings.Contains(err.Error()+a.Dial.Error, "wr0ng") {
				t.Errorf("the password is in %v", err)
			}
		})
	}
	t.Run("silence", func(t *testing.T) {
		p, m := ca.trusting(t, "127.0.0.1:1", nil)
		p.Server.Proxy = "socks5://" + server(t, func(c net.Conn) { io.Copy(io.Discard, c) })
		a := NewAttempt(p, m)
		if _, err := Dial(t.Context(), p, m, a, Options{Timeout: time.Second}); err == nil || a.Dial.Proxy.Failure != evidence.Timeout {
			t.Errorf("%v, %+v", err, a.Dial.Proxy)
		}
	})
	t.Run("an address that is none", func(t *testing.T) {
		p, m := ca.trusting(t, "127.0.0.1:1", nil)
		p.Server.Proxy = "http://proxy"
		a := NewAttempt(p, m)
		if _, err := Dial(t.Context(), p, m, a, Options{}); err == nil || a.Dial.Proxy.Status != evidence.Failed || a.Resolve != nil {
			t.Errorf("%v, %+v", err, a.Dial)
		}
	})
}

func TestSOCKSAddress(t *testing.T) {
	for host, want := range map[string]string{
		"192.0.2.1":  "\x01\xc0\x00\x02\x01",
		"::1":        "\x04" + strings.Repeat("\x00", 15) + "\x01",
		"fe80::1%lo": "\x04\xfe\x80" + strings.Repeat("\x00", 13) + "\x01",
		"a.example":  "\x03\x09a.example",
	} {
		if got := string(socksAddress(host)); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
}

// FuzzProxyAnswer feeds any bytes to both kinds of passage.
func FuzzProxyAnswer(f *testing.F) {
	f.Add(true, []byte("HTTP/1.1 200 OK\r\n\r\n"))
	f.Add(true, []byte("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\n\r\n"))
	f.Add(false, []byte("\x05\x02\x01\x00\x05\x00\x00\x03\x01a\x00\x00"))
	f.Add(false, []byte("\x05\x00\x05\x05\x00\x01"))
	f.Fuzz(func(t *testing.T, http bool, answer []byte) {
		here, there := net.Pipe()
		go io.Copy(io.Discard, there)
		go func() { there.Write(answer); there.Close() }()
		proxy := profile.Proxy{Scheme: profile.SOCKS5Proxy, UserName: "me", Host: "p", Port: 1}
		if http {
			proxy.Scheme = profile.HTTPProxy
		}
		a := &evidence.Attempt{Target: evidence.Target{Host: "h", Port: 2}, Dial: &evidence.Dial{Proxy: &evidence.Proxy{}}}
		err := pass(t.Context(), here, proxy, "pw", a, 2*time.Second)
		here.Close()
		if r := a.Dial.Proxy; (err == nil) != (r.Status == evidence.OK) || err != nil && r.Failure == "" || len(r.FirstBytes) > firstBytes {
			t.Errorf("%v: %+v", err, r)
		}
	})
}
