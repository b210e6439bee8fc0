package diagnose

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// FieldPath is the path that is asked for over WebSocket.
const FieldPath Field = "path"

// usualPath is the one under which most brokers listen for WebSocket.
const usualPath = "/mqtt"

// webSocketRules are about what stands between TCP and MQTT: a proxy on the way, and the upgrade to WebSocket.
var webSocketRules = []Rule{
	{ID: "proxy-failed", Spec: "RFC 9110 §9.3.6, RFC 1928 §6", Check: proxyFailed,
		Hides: []string{"dns-not-found", "dns-failed", "tcp-refused", "tcp-timeout", "tcp-unreachable"}},
	{ID: "server-requires-tls", Spec: "RFC 8446 §4.1.3", Check: webSocketRequiresTLS, Hides: []string{"websocket-rejected", "tcp-reset"}},
	{ID: "websocket-rejected", Spec: "RFC 6455 §4.2.2, MQTT 5.0 §6", Check: webSocketRejected,
		Hides: []string{"server-speaks-http", "server-speaks-plain-mqtt", "tcp-reset", "tcp-timeout", "connection-closed-after-handshake"}},
}

func proxyFailed(c *Case) []Finding {
	if c.Dial == nil || c.Dial.Proxy == nil {
		return nil
	}
	p := c.Dial.Proxy
	f := Finding{Severity: Error, Subject: Subject{Kind: "setting", Setting: "proxy"}, Evidence: []Fact{{"proxy", p.Scheme + "://" + p.Address}}}
	switch {
	case c.Resolve != nil && c.Resolve.Status == evidence.Failed:
		f.Title, f.Detail = proxyNotResolved(p, c.Resolve)
	case p.Status == evidence.Failed:
		c.wordProxy(&f, p)
	case c.Dial.Status == evidence.Failed:
		f.Title, f.Detail = proxyNotReached(p, commonFailure(c.Dial.Tries))
		for _, t := range c.Dial.Tries {
			f.Evidence = append(f.Evidence, Fact{"tried " + t.Address, t.Error})
		}
	default:
		return nil
	}
	return []Finding{f}
}

func proxyNotResolved(p *evidence.Proxy, r *evidence.Resolve) (title, detail string) {
	host, _, _ := net.SplitHostPort(p.Address)
	if r.NotFound {
		return fmt.Sprintf("The proxy's name %q does not exist in the DNS.", host),
			"The name server answered that there is no such name. Look for a typing mistake in the proxy's address, or for a VPN that is off."
	}
	return fmt.Sprintf("The name server did not answer when asked for the proxy %q.", host),
		"That is not the same as a name that does not exist. Check this computer's network or VPN, and try again."
}

func proxyNotReached(p *evidence.Proxy, f evidence.Failure) (title, detail string) {
	const outside = " Outside the network that the proxy is for, the setting has to be empty."
	switch f {
	case evidence.Refused:
		return fmt.Sprintf("No proxy listens at %s.", p.Address), "The computer answered and refused the connection. Check the proxy's port." + outside
	case evidence.Timeout:
		return fmt.Sprintf("The proxy at %s does not answer.", p.Address), "No answer of any kind came: a firewall drops the packets, a VPN is off, or the address is another." + outside
	}
	return fmt.Sprintf("This computer has no route to the proxy at %s.", p.Address), "The network does not carry packets to it. Check the network connection and the VPN." + outside
}

// wordProxy says what a proxy that was reached did.
func (c *Case) wordProxy(f *Finding, p *evidence.Proxy) {
	server := net.JoinHostPort(c.Target.Host, fmt.Sprint(c.Target.Port))
	if p.StatusLine != "" {
		f.Evidence = append(f.Evidence, Fact{"answer", p.StatusLine})
	}
	if len(p.AuthSchemes) > 0 {
		f.Evidence = append(f.Evidence, Fact{"authentication", strings.Join(p.AuthSchemes, ", ")})
	}
	if p.Method != nil {
		f.Evidence = append(f.Evidence, Fact{"method", fmt.Sprintf("0x%02X", *p.Method)})
	}
	if p.Reply != nil {
		f.Evidence = append(f.Evidence, Fact{"reply", fmt.Sprintf("%d (%s)", *p.Reply, socksReply(*p.Reply))})
	}
	switch {
	case p.Failure == evidence.NotProxy:
		f.Title = fmt.Sprintf("What listens at %s is not a %s proxy.", p.Address, proxyKind(p.Scheme))
		f.Detail = "Its answer begins with " + printable(p.FirstBytes) + ". Check the proxy's port, and whether it is an HTTP or a SOCKS5 proxy."
		f.Evidence = append(f.Evidence, c.hexBytes(p.FirstBytes))
	case p.NotAdmitted && p.Named:
		f.Title = fmt.Sprintf("The proxy at %s refused the user name or the password.", p.Address)
		f.Detail = sentences("Check both, upper and lower case included. They are the proxy's own, not the broker's.", basicMissing(p))
	case p.NotAdmitted:
		f.Title = fmt.Sprintf("The proxy at %s wants a user name and a password.", p.Address)
		f.Detail = sentences("The user name stands in the proxy's address (http://name@host:port), the password in its own field.", basicMissing(p))
	case p.HTTPStatus >= 502 && p.HTTPStatus <= 504, p.Reply != nil && slices.Contains([]uint8{1, 3, 4, 5, 6}, *p.Reply):
		f.Title = fmt.Sprintf("The proxy at %s did not reach %s.", p.Address, server)
		f.Detail = "The proxy itself works. " + c.proxySaid(p) + " Check the broker's name and port, and whether the broker runs: the proxy looks for it from where it stands."
		f.Subject = Subject{Kind: "network"}
	case p.Failure == evidence.NoPassage:
		f.Title = fmt.Sprintf("The proxy at %s does not allow a connection to %s.", p.Address, server)
		f.Detail = c.proxySaid(p) + " Many proxies allow port 443 only: a broker that listens there, for instance with wss://, can be reached, or the proxy's administrator can allow this one."
		f.Subject = Subject{Kind: "network"}
	case p.Failure == evidence.Timeout:
		f.Title = fmt.Sprintf("The proxy at %s took the connection, but did not answer.", p.Address)
		f.Detail = "It may be another kind of proxy, or it waits for the broker, which does not answer it."
	case p.Failure == evidence.Closed, p.Failure == evidence.Reset:
		f.Title = fmt.Sprintf("The proxy at %s closed the connection without an answer.", p.Address)
		f.Detail = "Some proxies do so with what they do not allow, and some with a protocol that they do not speak: check whether it is an HTTP or a SOCKS5 proxy."
	default:
		f.Title = "The proxy's address cannot be used as it is."
		f.Detail = "It is written as http://host:port or socks5://host:port, with a user name as http://name@host:port."
	}
}

func proxyKind(scheme string) string {
	if scheme == "socks5" {
		return "SOCKS5"
	}
	return "HTTP"
}

// basicMissing says that an HTTP proxy offers no way to log in that this program knows.
func basicMissing(p *evidence.Proxy) string {
	basic := slices.ContainsFunc(p.AuthSchemes, func(s string) bool { return strings.EqualFold(s, "Basic") })
	if len(p.AuthSchemes) == 0 || basic {
		return ""
	}
	return "This proxy offers " + list(p.AuthSchemes) + ", and Mutual speaks Basic: a small local proxy that logs in for other programs is one way."
}

func (c *Case) proxySaid(p *evidence.Proxy) string {
	if p.Reply != nil {
		return "It replied: " + socksReply(*p.Reply) + "."
	}
	return "It answered " + printable([]byte(p.StatusLine)) + "."
}

// socksReply names a reply (RFC 1928 §6).
func socksReply(n uint8) string {
	names := []string{"succeeded", "general failure", "connection not allowed by its rules", "network unreachable", "host unreachable",
		"connection refused", "time to live expired", "command not supported", "address type not supported"}
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("reply %d", n)
}

// webSocketRequiresTLS is for ws:// to a port that speaks TLS.
func webSocketRequiresTLS(c *Case) []Finding {
	w := c.WebSocket
	if c.Target.Transport != "ws" || w == nil || w.Status != evidence.Failed {
		return nil
	}
	p, ok := c.probe("server-hello")
	hello := ok && p.Status == evidence.OK
	if !isTLS(w.FirstBytes) && !hello {
		return nil
	}
	fact := c.hexBytes(w.FirstBytes)
	if hello {
		fact = Fact{"answer to a ClientHello", p.Detail}
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("Port %d of %s requires TLS.", c.Target.Port, c.Target.Host),
		Detail:   "The request for a WebSocket was not answered in plain HTTP; the port speaks TLS. The transport has to be wss://.",
		Subject:  Subject{Kind: "setting", Setting: "transport"},
		Evidence: []Fact{fact},
		Fixes: []Fix{{
			ID: "use-tls", Title: "Connect with TLS", Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{FieldTransport, "wss"}, {FieldPort, fmt.Sprint(c.Target.Port)}}},
		}},
	}}
}

func webSocketRejected(c *Case) []Finding {
	w := c.WebSocket
	if c.Target.Transport == "wss" && c.TLS != nil && c.TLS.Failure == evidence.NotTLS && isHTTP(c.TLS.FirstBytes) {
		return []Finding{{
			Severity: Error,
			Title:    fmt.Sprintf("Port %d of %s speaks HTTP without TLS.", c.Target.Port, c.Target.Host),
			Detail:   "TLS was offered and answered in plain HTTP. Brokers listen for WebSocket over TLS on a port of its own: often 443 or 8084, where 80 or 8083 is the one without.",
			Subject:  Subject{Kind: "setting", Setting: "port"},
			Evidence: []Fact{{"answer", printable(c.TLS.FirstBytes)}},
		}}
	}
	if w == nil || w.Status != evidence.Failed || c.TLS != nil && (c.TLS.Status != evidence.OK || c.TLS.CertificateRequested && c.TLS.Late) {
		return nil // or the broker's verdict on the client certificate, which came in its place
	}
	f := Finding{Severity: Error, Subject: Subject{Kind: "setting", Setting: "path"}, Evidence: []Fact{{"path", w.Path}}}
	if w.StatusLine != "" {
		f.Evidence = append(f.Evidence, Fact{"answer", w.StatusLine})
	}
	for _, h := range w.Headers {
		f.Evidence = append(f.Evidence, Fact{h.Name, h.Value})
	}
	if w.Body != "" {
		f.Evidence = append(f.Evidence, Fact{"body", strings.Join(strings.Fields(w.Body), " ")})
	}
	port := fmt.Sprintf("port %d of %s", c.Target.Port, c.Target.Host)
	switch {
	case w.Failure == evidence.NotHTTP:
		f.Title = fmt.Sprintf("What listens on %s does not speak WebSocket.", port)
		f.Detail = "Its answer to the request begins with " + printable(w.FirstBytes) + ". Check port and transport: MQTT itself is usually on 8883 with TLS or 1883 without."
		f.Subject.Setting = "port"
		f.Evidence = append(f.Evidence, c.hexBytes(w.FirstBytes))
	case w.Failure == evidence.Timeout:
		f.Title = fmt.Sprintf("What listens on %s took the connection, but did not answer the request for a WebSocket.", port)
		f.Detail = "The port may be for MQTT itself, which is mqtts:// or mqtt://, or for another protocol, or the broker may be overloaded."
		f.Subject.Setting = "transport"
	case w.Failure == evidence.Closed, w.Failure == evidence.Reset:
		f.Title = fmt.Sprintf("What listens on %s closed the connection when asked for a WebSocket.", port)
		f.Detail = "Brokers do this on the port for MQTT itself: then the transport is mqtts:// or mqtt://. A firewall in between may do it too."
		f.Subject.Setting = "transport"
	case w.Failure != evidence.NotUpgraded:
		return nil
	default:
		wordRefusal(&f, w, c.Target.Host)
	}
	return []Finding{f}
}

// wordRefusal is for an HTTP answer that makes no WebSocket for MQTT.
func wordRefusal(f *Finding, w *evidence.WebSocket, host string) {
	const elsewhere = "Brokers differ in the path: /mqtt, / and /ws are common, and the broker's documentation names its own."
	status := strings.TrimSpace(fmt.Sprintf("%d %s", w.HTTPStatus, http.StatusText(w.HTTPStatus)))
	f.Title = fmt.Sprintf("The web server on %s gives no WebSocket under the path %q: it answered %q.", host, w.Path, status)
	tryPath := true
	switch {
	case w.HTTPStatus == http.StatusSwitchingProtocols && w.Subprotocol == "":
		f.Title = fmt.Sprintf("The web server on %s offers WebSocket under the path %q, but not for MQTT.", host, w.Path)
		f.Detail = "It agreed to WebSocket and left out the sub-protocol \"mqtt\", which every broker must confirm. Something else than the broker listens here. " + elsewhere
	case w.HTTPStatus == http.StatusSwitchingProtocols:
		f.Title = fmt.Sprintf("The web server on %s agreed to WebSocket in a way that the standard does not allow.", host)
		f.Detail = "Its answer does not match the request. Often a proxy or load balancer in between changes it."
		f.Subject, tryPath = Subject{Kind: "network"}, false
	case w.HTTPStatus == http.StatusUnauthorized || w.HTTPStatus == http.StatusForbidden:
		f.Detail = "Something in front of the broker lets in only who logs in there, or comes from a permitted address. Over WebSocket, the MQTT user name and password are sent only after this. " + elsewhere
		f.Subject = Subject{Kind: "broker"}
		tryPath = w.HTTPStatus == http.StatusForbidden
	case w.HTTPStatus/100 == 3:
		f.Detail = "It points to another address" + location(w) + ". Redirections are not followed: the address that is meant belongs into the settings. " + elsewhere
	case w.HTTPStatus/100 == 5:
		f.Detail = "The web server, or the load balancer in front of the broker, is there, and the broker behind it does not answer."
		f.Subject, tryPath = Subject{Kind: "broker"}, false
	default:
		f.Detail = elsewhere
	}
	if tryPath && w.Path != usualPath {
		f.Fixes = append(f.Fixes, Fix{
			ID: "try-usual-path", Title: "Try path " + usualPath, Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{FieldPath, usualPath}}},
		})
	}
}

// location is where a redirection points to.
func location(w *evidence.WebSocket) string {
	for _, h := range w.Headers {
		if h.Name == "Location" {
			return ": " + quote(h.Value)
		}
	}
	return ""
}
