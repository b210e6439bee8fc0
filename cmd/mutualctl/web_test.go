package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/rogpeppe/go-internal/testscript"

	"mutual/core/pki"
)

// everybody may do everything.
type everybody struct{ mqtt.HookBase }

func (*everybody) Provides(b byte) bool {
	return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck
}

func (*everybody) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

func (*everybody) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// startWeb puts a web server, with and without two-way TLS, before the embedded broker's WebSocket listener.
func startWeb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: web PREFIX")
	}
	s := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ts.Check(s.AddHook(new(everybody), nil))
	freePort(ts, false, []string{args[0] + "_BEHIND"})
	behind := "127.0.0.1:" + ts.Getenv(args[0]+"_BEHIND")
	ts.Check(s.AddListener(listeners.NewWebsocket(listeners.Config{ID: "web", Address: behind})))
	ts.Check(s.Serve())
	ts.Defer(func() { s.Close() })

	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind})
	forward.ErrorLog = log.New(io.Discard, "", 0)
	paths := http.NewServeMux()
	paths.Handle("/mqtt", forward)

	certificate, clients := issueAll(ts, args[0])
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"h2", "http/1.1"}}
	for scheme, wrap := range map[string]func(net.Listener) net.Listener{
		"ws":  func(l net.Listener) net.Listener { return l },
		"wss": func(l net.Listener) net.Listener { return tls.NewListener(l, config) },
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		web := &http.Server{Handler: paths, ErrorLog: log.New(io.Discard, "", 0)}
		go web.Serve(wrap(l))
		ts.Defer(func() { web.Close() })
		ts.Setenv(args[0]+"_"+map[string]string{"ws": "WS", "wss": "WSS"}[scheme], scheme+"://"+l.Addr().String())
	}
}

// issueAll makes an authority, a server and a client.
func issueAll(ts *testscript.TestScript, prefix string) (server tls.Certificate, clients *x509.CertPool) {
	dir := ts.MkAbs("web-" + prefix)
	issued := map[pki.Kind]pki.Issued{}
	for _, k := range []pki.Kind{pki.CA, pki.Server, pki.Client} {
		r := pki.Request{Kind: k, Subject: pkix.Name{CommonName: string(k)}, Algorithm: pki.ECDSAP256}
		if k == pki.Server {
			r.Names = []string{"127.0.0.1"}
		}
		var err error
		if k == pki.CA {
			issued[k], err = pki.NewAuthority(r)
		} else {
			issued[k], err = pki.Issue(issued[pki.CA], r)
		}
		ts.Check(err)
		ts.Check(issued[k].Write(pki.Paths(dir, k), false))
	}
	ts.Setenv(prefix+"_CA", pki.Paths(dir, pki.CA).Certificate)
	ts.Setenv(prefix+"_CERT", pki.Paths(dir, pki.Client).Certificate)
	ts.Setenv(prefix+"_KEY", pki.Paths(dir, pki.Client).Key)
	server, err := tls.X509KeyPair(issued[pki.Server].CertificatePEM, issued[pki.Server].KeyPEM)
	ts.Check(err)
	clients = x509.NewCertPool()
	clients.AddCert(issued[pki.CA].Certificate)
	return server, clients
}

// startProxy starts a proxy for CONNECT.
func startProxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: proxy NAME [PASSWORD]")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Defer(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go pass(c, args[1:])
		}
	}()
}

func pass(c net.Conn, password []string) {
	defer c.Close()
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	if len(password) > 0 {
		r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
		if user, given, _ := r.BasicAuth(); user != "me" || given != password[0] {
			io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\r\n")
			return
		}
	}
	to, err := net.Dial("tcp", r.Host)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer to.Close()
	io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	go io.Copy(to, c)
	io.Copy(c, to)
}
