package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

// passageFaults are those of what lies between: the network, a proxy, the web server in front of a WebSocket.
var passageFaults = []fault{
	{Fault: Fault{"tcp-unreachable", Network, "This computer has no route to the broker",
		"That no packet left for the broker: a route, a VPN or the network itself is missing."},
		scene: func(c *scene, _ string) error { c.profile.Server.Host = unroutable; return nil }},
	{Fault: Fault{"tcp-reset", Network, "The port ends every connection without a word",
		"How to recognise a port that takes connections and ends them at once, as load balancers without a backend do."},
		variants: []string{"closed"},
		scene: func(c *scene, variant string) error {
			c.screen = func(conn net.Conn) (net.Conn, bool) {
				conn.Read(make([]byte, 4<<10)) // whatever came, and whether it did: what is left unread makes a reset of every end
				if variant != "closed" {
					abort(conn)
				}
				return nil, false
			}
			return nil
		}},
	{Fault: Fault{"tls-alert", TLS, "The broker gives up for a reason of its own",
		"What an alert says and does not say, and what to look for in the broker's own log."},
		scene: func(c *scene, _ string) error {
			c.screen = func(conn net.Conn) (net.Conn, bool) {
				one := make([]byte, 1)
				if _, err := conn.Read(one); err == nil {
					conn.Write([]byte{21, 3, 3, 0, 2, 2, 80}) // internal_error
					lingerClose(conn)
				}
				return nil, false
			}
			return nil
		}},
	{Fault: Fault{"proxy-failed", Network, "The proxy does not let the connection through",
		"How to tell a proxy that refuses from a broker that refuses."},
		variants: []string{"login", "broker-unreachable", "refused", "socks5"},
		scene: func(c *scene, variant string) error {
			c.proxy = variant
			if variant == "" {
				c.proxy = "forbidden"
			}
			return nil
		}},
	{Fault: Fault{"websocket-rejected", Protocol, "The broker's WebSocket is under another path",
		"That MQTT over WebSocket needs the right path, and what the HTTP status says about it."},
		variants: []string{"sub-protocol", "forbidden"},
		scene: func(c *scene, variant string) error {
			c.profile.Server.Transport, c.profile.Server.Path = "wss", "/ws"
			c.webSocket = &webDoor{path: "/mqtt"}
			switch variant {
			case "sub-protocol":
				c.webSocket.other = "/ws" // for something else than MQTT
			case "forbidden":
				c.profile.Server.Path, c.webSocket.status = "/mqtt", http.StatusForbidden
			}
			return nil
		}},
}

// proxyStatus is what an HTTP proxy answers, by how it is broken.
var proxyStatus = map[string]int{
	"forbidden": http.StatusForbidden, "login": http.StatusProxyAuthRequired, "broker-unreachable": http.StatusBadGateway,
}

// startProxy starts a proxy that refuses in that way, on a free port, and returns its URL.
func (s *server) startProxy(ctx context.Context, how string) (address string, err error) {
	if how == "refused" {
		port, held, err := holdPort(ctx)
		s.held = append(s.held, held...)
		return fmt.Sprintf("http://127.0.0.1:%d", port), err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	if how == "socks5" {
		s.listenAlso(l, refuseSOCKS)
		return "socks5://" + l.Addr().String(), nil
	}
	s.listenAlso(l, func(conn net.Conn) { refuseCONNECT(conn, proxyStatus[how]) })
	return "http://" + l.Addr().String(), nil
}

// refuseCONNECT is an HTTP proxy that answers every request in the same way (RFC 9110 §9.3.6).
func refuseCONNECT(conn net.Conn, status int) {
	request, err := readRequest(conn)
	if err != nil {
		return
	}
	header := http.Header{}
	if status == http.StatusProxyAuthRequired {
		header.Set("Proxy-Authenticate", `Basic realm="practice"`)
	}
	answer := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: header, Close: true, Request: request}
	answer.Write(conn)
	lingerClose(conn)
}

// refuseSOCKS is a SOCKS5 proxy whose rules do not allow the connection (RFC 1928 §6).
func refuseSOCKS(conn net.Conn) {
	greeting := make([]byte, 2)
	if _, err := io.ReadFull(conn, greeting); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(greeting[1])); err != nil {
		return
	}
	conn.Write([]byte{5, 0})
	one := make([]byte, 1)
	if _, err := conn.Read(one); err != nil {
		return
	}
	conn.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0})
	lingerClose(conn)
}
