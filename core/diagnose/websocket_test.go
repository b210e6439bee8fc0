package diagnose

import (
	"testing"

	"mutual/core/evidence"
)

func proxied(change func(*evidence.Attempt, *evidence.Proxy)) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.Dial.Status, a.Dial.Error = evidence.Failed, "x"
		a.Dial.Proxy = &evidence.Proxy{Stage: failed("x"), Scheme: "http", Address: "proxy.example:3128"}
		change(a, a.Dial.Proxy)
	})
}

// upgraded is a WebSocket request that came to nothing, over TLS or not.
func upgraded(transport string, change func(*evidence.Attempt, *evidence.WebSocket)) *evidence.Attempt {
	return attempt(func(a *evidence.Attempt) {
		a.Target.Transport, a.Target.Port = transport, 8084
		if transport == "wss" {
			a.TLS = &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, Complete: true, Verified: true, Version: 0x0304}
		}
		a.WebSocket = &evidence.WebSocket{Stage: failed("x"), Failure: evidence.NotUpgraded, Path: "/mqtt"}
		change(a, a.WebSocket)
		a.MQTT = &evidence.MQTT{Stage: a.WebSocket.Stage, Failure: a.WebSocket.Failure, Version: 5}
	})
}

func answered(status int, path string) *evidence.Attempt {
	return upgraded("wss", func(_ *evidence.Attempt, w *evidence.WebSocket) { w.HTTPStatus, w.Path = status, path })
}

func reply(n uint8) *uint8 { return &n }

var webSocketCases = []struct {
	name            string
	attempt         *evidence.Attempt
	want, title, at string // at: subject
	fix             string
}{
	{"proxy unknown", proxied(func(a *evidence.Attempt, p *evidence.Proxy) {
		a.Resolve, a.Dial.Status, p.Status = &evidence.Resolve{Stage: failed("x"), NotFound: true}, evidence.Skipped, evidence.Skipped
	}), "proxy-failed", `The proxy's name "proxy.example" does not exist in the DNS.`, "proxy", ""},
	{"no answer about the proxy", proxied(func(a *evidence.Attempt, p *evidence.Proxy) {
		a.Resolve, a.Dial.Status, p.Status = &evidence.Resolve{Stage: failed("x"), Timeout: true}, evidence.Skipped, evidence.Skipped
	}), "proxy-failed", `The name server did not answer when asked for the proxy "proxy.example".`, "proxy", ""},
	{"proxy refused", proxied(func(a *evidence.Attempt, p *evidence.Proxy) {
		p.Status, a.Dial.Tries = evidence.Skipped, []evidence.DialAttempt{{Address: "192.0.2.9:3128", Failure: evidence.Refused}}
	}), "proxy-failed", "No proxy listens at proxy.example:3128.", "proxy", ""},
	{"proxy silent", proxied(func(a *evidence.Attempt, p *evidence.Proxy) {
		p.Status, a.Dial.Tries = evidence.Skipped, []evidence.DialAttempt{{Address: "192.0.2.9:3128", Failure: evidence.Timeout}}
	}), "proxy-failed", "The proxy at proxy.example:3128 does not answer.", "proxy", ""},
	{"proxy unreachable", proxied(func(a *evidence.Attempt, p *evidence.Proxy) {
		p.Status, a.Dial.Tries = evidence.Skipped, []evidence.DialAttempt{{Address: "192.0.2.9:3128", Failure: evidence.Unreachable}}
	}), "proxy-failed", "This computer has no route to the proxy at proxy.example:3128.", "proxy", ""},
	{"407", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Failure, p.HTTPStatus, p.StatusLine, p.NotAdmitted, p.AuthSchemes = evidence.NoPassage, 407, "HTTP/1.1 407 x", true, []string{"Negotiate"}
	}), "proxy-failed", "The proxy at proxy.example:3128 wants a user name and a password.", "proxy", ""},
	{"407 with a name", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Failure, p.HTTPStatus, p.NotAdmitted, p.Named = evidence.NoPassage, 407, true, true
	}), "proxy-failed", "The proxy at proxy.example:3128 refused the user name or the password.", "proxy", ""},
	{"403", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Failure, p.HTTPStatus, p.StatusLine = evidence.NoPassage, 403, "HTTP/1.1 403 Forbidden"
	}), "proxy-failed", "The proxy at proxy.example:3128 does not allow a connection to broker.example:8883.", "", ""},
	{"502", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Failure, p.HTTPStatus, p.StatusLine = evidence.NoPassage, 502, "HTTP/1.1 502 Bad Gateway"
	}), "proxy-failed", "The proxy at proxy.example:3128 did not reach broker.example:8883.", "", ""},
	{"SOCKS: refused", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Scheme, p.Failure, p.Method, p.Reply = "socks5", evidence.NoPassage, reply(0), reply(5)
	}), "proxy-failed", "The proxy at proxy.example:3128 did not reach broker.example:8883.", "", ""},
	{"SOCKS: rules", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Scheme, p.Failure, p.Method, p.Reply = "socks5", evidence.NoPassage, reply(0), reply(2)
	}), "proxy-failed", "The proxy at proxy.example:3128 does not allow a connection to broker.example:8883.", "", ""},
	{"no proxy at all", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) {
		p.Scheme, p.Failure, p.FirstBytes = "socks5", evidence.NotProxy, []byte("HTTP/1.1 400")
	}), "proxy-failed", "What listens at proxy.example:3128 is not a SOCKS5 proxy.", "proxy", ""},
	{"proxy falls silent", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) { p.Failure = evidence.Timeout }), "proxy-failed", "The proxy at proxy.example:3128 took the connection, but did not answer.", "proxy", ""},
	{"proxy closes", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) { p.Failure = evidence.Reset }), "proxy-failed", "The proxy at proxy.example:3128 closed the connection without an answer.", "proxy", ""},
	{"no address of one", proxied(func(_ *evidence.Attempt, p *evidence.Proxy) { p.Failure = evidence.Other }), "proxy-failed", "The proxy's address cannot be used as it is.", "proxy", ""},

	{"404 under /", answered(404, "/"), "websocket-rejected", `The web server on broker.example gives no WebSocket under the path "/": it answered "404 Not Found".`, "path", "try-usual-path"},
	{"404 under /mqtt", answered(404, "/mqtt"), "websocket-rejected", "", "path", ""},
	{"200", answered(200, "/ws"), "websocket-rejected", "", "path", "try-usual-path"},
	{"401", answered(401, "/ws"), "websocket-rejected", "", "", ""},
	{"503", answered(503, "/ws"), "websocket-rejected", `The web server on broker.example gives no WebSocket under the path "/ws": it answered "503 Service Unavailable".`, "", ""},
	{"moved", upgraded("ws", func(_ *evidence.Attempt, w *evidence.WebSocket) {
		w.HTTPStatus, w.Headers = 301, []evidence.Header{{Name: "Location", Value: "https://www.example"}}
	}), "websocket-rejected", "", "path", ""},
	{"no sub-protocol", answered(101, "/chat"), "websocket-rejected", `The web server on broker.example offers WebSocket under the path "/chat", but not for MQTT.`, "path", "try-usual-path"},
	{"another key", upgraded("wss", func(_ *evidence.Attempt, w *evidence.WebSocket) { w.HTTPStatus, w.Subprotocol = 101, "mqtt" }), "websocket-rejected", "", "", ""},
	{"closed", upgraded("wss", func(_ *evidence.Attempt, w *evidence.WebSocket) { w.Failure = evidence.Closed }), "websocket-rejected", "What listens on port 8084 of broker.example closed the connection when asked for a WebSocket.", "transport", ""},
	{"closed, noted late", upgraded("wss", func(a *evidence.Attempt, w *evidence.WebSocket) {
		w.Failure, a.TLS.Failure, a.TLS.Late = evidence.Closed, evidence.Closed, true
	}), "websocket-rejected", "", "transport", ""},
	{"closed, plain", upgraded("ws", func(_ *evidence.Attempt, w *evidence.WebSocket) { w.Failure = evidence.Reset }), "websocket-rejected", "", "transport", ""},
	{"silent", upgraded("ws", func(_ *evidence.Attempt, w *evidence.WebSocket) { w.Failure = evidence.Timeout }), "websocket-rejected", "", "transport", ""},
	{"not HTTP", upgraded("wss", func(_ *evidence.Attempt, w *evidence.WebSocket) {
		w.Failure, w.FirstBytes = evidence.NotHTTP, []byte("\x20\x03\x00\x85\x00")
	}), "websocket-rejected", "What listens on port 8084 of broker.example does not speak WebSocket.", "port", ""},
	{"ws to TLS", upgraded("ws", func(_ *evidence.Attempt, w *evidence.WebSocket) {
		w.Failure, w.FirstBytes = evidence.NotHTTP, []byte{0x15, 3, 1, 0, 2, 2, 22}
	}), "server-requires-tls", "Port 8084 of broker.example requires TLS.", "transport", "use-tls"},
	{"ws to HTTPS", upgraded("ws", func(a *evidence.Attempt, w *evidence.WebSocket) {
		w.HTTPStatus = 400
		a.Probes = []evidence.Probe{{Name: "server-hello", Status: evidence.OK, Detail: "x"}}
	}), "server-requires-tls", "", "transport", "use-tls"},
	{"wss to HTTP", attempt(func(a *evidence.Attempt) {
		a.Target.Transport, a.Target.Port = "wss", 8083
		a.TLS = &evidence.TLS{Stage: failed("x"), Failure: evidence.NotTLS, FirstBytes: []byte("HTTP/1.1 400 Bad Request\r\n")}
	}), "websocket-rejected", "Port 8083 of broker.example speaks HTTP without TLS.", "port", ""},
}

func TestWebSocketRules(t *testing.T) {
	for _, c := range webSocketCases {
		t.Run(c.name, func(t *testing.T) {
			fs := Diagnose(c.attempt, nil).Findings
			if len(fs) != 1 {
				t.Fatalf("%d findings, want one: %+v", len(fs), fs)
			}
			f := fs[0]
			if f.ID != c.want || f.Severity != Error || f.Subject.Setting != c.at {
				t.Errorf("got %s (%s) about %+v, want %s: %q", f.ID, f.Severity, f.Subject, c.want, f.Title)
			}
			if c.title != "" && f.Title != c.title {
				t.Errorf("title\n got %q\nwant %q", f.Title, c.title)
			}
			fix := ""
			if len(f.Fixes) > 0 {
				fix = f.Fixes[0].ID
			}
			if fix != c.fix {
				t.Errorf("fix %q, want %q", fix, c.fix)
			}
			readable(t, f)
		})
	}
}

// A verdict on the client certificate that comes in the place of the HTTP answer is that, and no WebSocket matter; nor is
// what follows a proxy and an upgrade that went well.
func TestNoWebSocketMatter(t *testing.T) {
	required := upgraded("wss", func(a *evidence.Attempt, w *evidence.WebSocket) {
		a.TLS.CertificateRequested, a.TLS.Late, a.TLS.Failure, w.Failure = true, true, evidence.Closed, evidence.Closed
	})
	if fs := Diagnose(required, nil).Findings; len(fs) == 0 || fs[0].ID != "client-certificate-required" {
		t.Errorf("%+v", fs)
	}
	ok := byte(0)
	sound := upgraded("wss", func(a *evidence.Attempt, w *evidence.WebSocket) {
		*w = evidence.WebSocket{Stage: evidence.Stage{Status: evidence.OK}, HTTPStatus: 101, Subprotocol: "mqtt"}
		a.Dial.Proxy = &evidence.Proxy{Stage: w.Stage, Scheme: "http", Address: "proxy.example:3128"}
	})
	sound.MQTT = &evidence.MQTT{Stage: evidence.Stage{Status: evidence.OK}, ReasonCode: &ok, Version: 5}
	if fs := Diagnose(sound, nil).Findings; len(fs) != 0 {
		t.Errorf("%+v", fs)
	}
}
