package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// Ports that IANA registered for MQTT over TLS and over TCP, and those of WebSocket (RFC 6455 §3). Brokers often listen
// for WebSocket on 8084 or 8083 instead, which belongs into the URL.
const (
	PortMQTTS = 8883
	PortMQTT  = 1883
	PortWSS   = 443
	PortWS    = 80
)

// DefaultPath is the path under which most brokers listen for WebSocket.
const DefaultPath = "/mqtt"

// DefaultPort is the transport's own port; an unknown or empty transport counts as MQTTS.
func (t Transport) DefaultPort() int {
	switch t {
	case MQTT:
		return PortMQTT
	case WSS:
		return PortWSS
	case WS:
		return PortWS
	}
	return PortMQTTS
}

// PathOrDefault is the path that is asked for over WebSocket.
func (s Server) PathOrDefault() string {
	if s.Path != "" {
		return s.Path
	}
	return DefaultPath
}

// PortOrDefault is the port that is dialled, 1 to 65535.
func (s Server) PortOrDefault() int {
	if s.Port != 0 {
		return s.Port
	}
	return s.Transport.DefaultPort()
}

// ReferenceName is the name or address that the server's certificate must contain (RFC 9525 §6.1), in ASCII.
func (s Server) ReferenceName() string {
	if s.Name != "" {
		return ASCIIHost(s.Name)
	}
	return ASCIIHost(s.Host)
}

// CheckAddress says what is wrong with the host, as an *AddressError whose Input it is; nil: nothing.
func (s Server) CheckAddress() error {
	at, problem := checkHost(s.Host)
	if problem == "" {
		return nil
	}
	if s.Host != "" { // somebody may have put a whole address there: its own fault is the better explanation
		whole, err := ParseURL(s.Host)
		if err != nil {
			return err
		}
		if whole.Port != 0 || strings.Contains(s.Host, "://") {
			return &AddressError{Input: s.Host, Part: HostPart, Position: 0,
				Text: "The host is a whole address; its scheme and its port have settings of their own."}
		}
	}
	return &AddressError{Input: s.Host, Part: HostPart, Position: at, Text: problem}
}

// URL is the server as the command line takes it, always with its port and, for WebSocket, its path, an IPv6 address in brackets (RFC 3986 §3.2.2).
func (s Server) URL() string {
	transport := s.Transport
	if transport == "" {
		transport = MQTTS
	}
	return string(transport) + "://" + s.Address() + s.urlPath()
}

func (s Server) urlPath() string {
	if s.Transport.WebSocket() {
		return s.PathOrDefault()
	}
	return ""
}

// Address is host and port as a URL holds them.
func (s Server) Address() string { return bracketed(s.Host) + ":" + strconv.Itoa(s.PortOrDefault()) }

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + strings.Replace(host, "%", "%25", 1) + "]" // RFC 6874: the zone's percent sign is escaped
	}
	return host
}

// Part is a part of an address, for AddressError.
type Part string

const (
	SchemePart Part = "scheme"
	UserPart   Part = "user"
	HostPart   Part = "host"
	PortPart   Part = "port"
	PathPart   Part = "path"
)

// AddressError says which part of an address cannot be used, where it begins, and why.
type AddressError struct {
	Input    string
	Part     Part
	Position int    // index of the first byte at fault in Input; len(Input) when something is missing at its end
	Text     string // one sentence for people
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("parsing the address, character %d: %s", len([]rune(e.Input[:e.Position]))+1, e.Text)
}

// schemes are those that are read, and what each stands for.
var schemes = map[string]Transport{
	"mqtts": MQTTS, "tls": MQTTS, "ssl": MQTTS, "mqtt+ssl": MQTTS,
	"mqtt": MQTT, "tcp": MQTT,
	"wss": WSS, "ws": WS,
}

const schemesKnown = "mqtts://, mqtt://, wss:// and ws:// are supported"

// ParseURL reads what people type or paste for a server: "broker.example", "broker.example:8883", "mqtts://…",
// "mqtt://…" and their aliases, "wss://broker.example/path", "ws://…", IPv6 addresses with or without brackets. Without a
// scheme it is MQTTS; without a port, Port stays 0, without a path, Path stays empty. The error is an *AddressError.
func ParseURL(s string) (Server, error) {
	p := parser{input: s, end: len(strings.TrimRight(s, " \t\r\n"))}
	p.at = p.end - len(strings.TrimLeft(s[:p.end], " \t\r\n"))
	if p.at == p.end {
		return Server{}, p.fail(HostPart, p.end, "The broker's name or address is missing.")
	}
	server := Server{Transport: MQTTS}
	for _, step := range []func(*Server) error{p.scheme, p.tail, p.user, p.host, p.port} {
		if err := step(&server); err != nil {
			return Server{}, err
		}
	}
	return server, nil
}

// parser walks over input[at:end], from the left and, for the path, from the right.
type parser struct {
	input   string
	at, end int
}

func (p *parser) rest() string { return p.input[p.at:p.end] }

func (p *parser) fail(part Part, position int, format string, args ...any) error {
	return &AddressError{Input: p.input, Part: part, Position: position, Text: fmt.Sprintf(format, args...)}
}

func (p *parser) scheme(s *Server) error {
	name, _, found := strings.Cut(p.rest(), "://")
	if !found {
		return nil
	}
	switch transport, known := schemes[strings.ToLower(name)]; {
	case known:
		s.Transport = transport
	case name == "":
		return p.fail(SchemePart, p.at, "The scheme before \"://\" is missing; "+schemesKnown+".")
	default:
		return p.fail(SchemePart, p.at, "The scheme %q is not one of MQTT; "+schemesKnown+".", name)
	}
	p.at += len(name) + len("://")
	return nil
}

// tail takes the path off, which only a lone slash may be except for WebSocket.
func (p *parser) tail(s *Server) error {
	i := strings.IndexAny(p.rest(), "/?#")
	if i < 0 {
		return nil
	}
	if s.Transport.WebSocket() {
		path := p.rest()[i:]
		if path[0] == '?' {
			path = "/" + path
		}
		if at, problem := checkPath(path); problem != "" {
			return p.fail(PathPart, min(p.at+i+at, p.end), "%s", problem)
		}
		s.Path, p.end = path, p.at+i
		return nil
	}
	if p.rest()[i:] != "/" {
		return p.fail(PathPart, p.at+i, "The address must end after the port: only WebSocket addresses have a path.")
	}
	p.end--
	return nil
}

// user refuses "name:password@". The text repeats nothing of it.
func (p *parser) user(*Server) error {
	if strings.Contains(p.rest(), "@") {
		return p.fail(UserPart, p.at, "The address holds a user name; the user name and the password are set apart from the address.")
	}
	return nil
}

func (p *parser) host(s *Server) error {
	text := p.rest()
	start := p.at
	switch {
	case strings.HasPrefix(text, "["):
		i := strings.Index(text, "]")
		if i < 0 {
			return p.fail(HostPart, p.end, "The closing bracket of the IPv6 address is missing.")
		}
		s.Host = strings.Replace(text[1:i], "%25", "%", 1)
		if a, ok := parseAddress(s.Host); !ok || !a.Is6() {
			return p.fail(HostPart, start+1, "%q between the brackets is not an IPv6 address.", s.Host)
		}
		p.at += i + 1
		return nil
	case strings.Count(text, ":") > 1: // an IPv6 address without brackets, and so without a port
		if _, ok := parseAddress(text); !ok {
			return p.fail(HostPart, start, "%q is not an IPv6 address; with a port, its address stands in brackets: [address]:port.", text)
		}
		s.Host, p.at = text, p.end
		return nil
	}
	s.Host, _, _ = strings.Cut(text, ":")
	if at, problem := checkHost(s.Host); problem != "" {
		return p.fail(HostPart, start+at, "%s", problem)
	}
	p.at += len(s.Host)
	return nil
}

func (p *parser) port(s *Server) error {
	text := p.rest()
	if text == "" {
		return nil
	}
	if text[0] != ':' {
		return p.fail(PortPart, p.at, "After the closing bracket only a colon and the port may follow.")
	}
	digits := text[1:]
	if digits == "" {
		return p.fail(PortPart, p.end, "The port after the colon is missing.")
	}
	if i := strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' }); i >= 0 {
		return p.fail(PortPart, p.at+1+i, "The port %q is not a number.", digits)
	}
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return p.fail(PortPart, p.at+1, "The port %s is not between 1 and 65535.", digits)
	}
	s.Port = port
	return nil
}
