package profile

import (
	"net/url"
	"strconv"
	"strings"
)

// Schemes of proxies.
const (
	HTTPProxy   = "http"   // CONNECT (RFC 9110 §9.3.6)
	SOCKS5Proxy = "socks5" // RFC 1928; the proxy resolves the server's name
)

// Proxy is a proxy's URL taken apart.
type Proxy struct {
	Scheme   string // HTTPProxy or SOCKS5Proxy
	UserName string // empty: none
	Host     string // DNS name or IP address, no brackets
	Port     int    // 1 to 65535
}

// Address is host and port as a URL holds them.
func (p Proxy) Address() string { return bracketed(p.Host) + ":" + strconv.Itoa(p.Port) }

// URL is the proxy as ParseProxy reads it.
func (p Proxy) URL() string {
	user := ""
	if p.UserName != "" {
		user = url.User(p.UserName).String() + "@"
	}
	return p.Scheme + "://" + user + p.Address()
}

// ParseProxy reads a proxy's URL: "http://proxy.example:3128", "socks5://me@proxy.example:1080", and without a scheme,
// "proxy.example:3128", an HTTP proxy. The port is never left out, for no scheme has one that everybody uses. The error is
// an *AddressError that repeats no user name or password.
func ParseProxy(s string) (Proxy, error) {
	q := parser{input: s, end: len(strings.TrimRight(s, " \t\r\n"))}
	q.at = q.end - len(strings.TrimLeft(s[:q.end], " \t\r\n"))
	p := Proxy{Scheme: HTTPProxy}
	if name, _, found := strings.Cut(q.rest(), "://"); found {
		switch strings.ToLower(name) {
		case "http":
		case "socks5", "socks5h": // curl's socks5 resolves here, its socks5h there; this one always there
			p.Scheme = SOCKS5Proxy
		default:
			return Proxy{}, q.fail(SchemePart, q.at, "The scheme %q is not one of a proxy; http:// and socks5:// are supported.", name)
		}
		q.at += len(name) + len("://")
	}
	if i := strings.LastIndex(q.rest(), "@"); i >= 0 {
		user := q.rest()[:i]
		if colon := strings.Index(user, ":"); colon >= 0 {
			return Proxy{}, q.fail(UserPart, q.at+colon, "The proxy's address holds a password, which is set apart from the address.")
		}
		name, err := url.PathUnescape(user)
		if err != nil || name == "" || len(name) > 255 || strings.ContainsAny(name, ":\x00\r\n") { // RFC 1929 §2, RFC 7617 §2
			return Proxy{}, q.fail(UserPart, q.at, "The user name before the \"@\" of the proxy's address cannot be used.")
		}
		p.UserName = name
		q.at += i + 1
	}
	var server Server
	for _, step := range []func(*Server) error{q.tail, q.proxyHost, q.port} {
		if err := step(&server); err != nil {
			return Proxy{}, err
		}
	}
	if server.Port == 0 {
		return Proxy{}, q.fail(PortPart, q.end, "The port after the proxy's name is missing.")
	}
	p.Host, p.Port = server.Host, server.Port
	return p, nil
}

// proxyHost is host with a sentence of its own for nothing at all.
func (p *parser) proxyHost(s *Server) error {
	if r := p.rest(); r == "" || r[0] == ':' {
		return p.fail(HostPart, p.at, "The proxy's name or address is missing.")
	}
	return p.host(s)
}
