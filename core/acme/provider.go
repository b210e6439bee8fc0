package acme

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
	legolog "github.com/go-acme/lego/v4/log"
	"github.com/go-acme/lego/v4/providers/dns/acmedns"
	"github.com/go-acme/lego/v4/providers/dns/cloudflare"
	"github.com/go-acme/lego/v4/providers/dns/exec"
	"github.com/go-acme/lego/v4/providers/dns/rfc2136"
)

// Provider is a kind of DNS service, with what it asks for.
type Provider struct {
	Name     string // as in Request.Solver
	Title    string // for people
	Settings []Setting
}

// Setting is one thing that a provider asks for. Variable is the environment variable that lego's documentation gives
// it, from which it is taken where the user enters nothing.
type Setting struct {
	Variable string
	Title    string
	Hint     string
	Secret   bool
	Optional bool
}

// Providers lists the services that are linked into the program; lego knows more, at a tenfold size.
var Providers = []Provider{
	{Name: "route53", Title: "Amazon Route 53", Settings: []Setting{
		{Variable: "AWS_ACCESS_KEY_ID", Title: "Access key", Hint: "Empty: the environment's or the shared files'", Optional: true},
		{Variable: "AWS_SECRET_ACCESS_KEY", Title: "Secret access key", Secret: true, Optional: true},
		{Variable: "AWS_SESSION_TOKEN", Title: "Session token", Hint: "Only with temporary credentials", Secret: true, Optional: true},
		{Variable: "AWS_PROFILE", Title: "Profile", Hint: "Of the shared files", Optional: true},
	}},
	{Name: "cloudflare", Title: "Cloudflare", Settings: []Setting{
		{Variable: "CLOUDFLARE_DNS_API_TOKEN", Title: "API token", Hint: "With Zone:Read and DNS:Edit for the zone", Secret: true},
	}},
	{Name: "rfc2136", Title: "Dynamic update (RFC 2136)", Settings: []Setting{
		{Variable: "RFC2136_NAMESERVER", Title: "Name server", Hint: "host or host:port"},
		{Variable: "RFC2136_TSIG_KEY", Title: "TSIG key name", Optional: true},
		{Variable: "RFC2136_TSIG_SECRET", Title: "TSIG secret", Hint: "Base64", Secret: true, Optional: true},
		{Variable: "RFC2136_TSIG_ALGORITHM", Title: "TSIG algorithm", Hint: "hmac-sha256. where nothing is entered", Optional: true},
	}},
	{Name: "acme-dns", Title: "acme-dns", Settings: []Setting{
		{Variable: "ACME_DNS_API_BASE", Title: "Address", Hint: "https://auth.example.org"},
		{Variable: "ACME_DNS_STORAGE_PATH", Title: "Account file", Hint: "Where the accounts that it gives out are kept"},
	}},
	{Name: "exec", Title: "A program of yours", Settings: []Setting{
		{Variable: "EXEC_PATH", Title: "Program", Hint: `Run with "present" or "cleanup", the record's name and its value`},
	}},
	{Name: Manual, Title: "By hand"},
	{Name: HTTP01, Title: "Port 80 of this computer (HTTP-01)", Settings: []Setting{
		{Variable: "HTTP01_ADDRESS", Title: "Address", Hint: "What to listen on; :80 where nothing is entered", Optional: true},
	}},
}

// NewSolver makes the solver of the provider that is named, from settings by variable, and from the environment for
// those that settings lacks.
func NewSolver(ctx context.Context, name string, settings map[string]string, r Resolver) (Solver, error) {
	for _, p := range Providers {
		if p.Name != name {
			continue
		}
		get, err := p.values(settings)
		if err != nil {
			return nil, err
		}
		return p.solver(ctx, settings, get, r)
	}
	return nil, fmt.Errorf("choosing how the names are proved: %q is not known", name)
}

// values returns what reads a setting, after checking that none is missing.
func (p Provider) values(settings map[string]string) (func(string) string, error) {
	get := func(variable string) string {
		if v := settings[variable]; v != "" {
			return v
		}
		return os.Getenv(variable)
	}
	for _, s := range p.Settings {
		if !s.Optional && get(s.Variable) == "" {
			return nil, fmt.Errorf("choosing how the names are proved: %s needs %q; enter it or set %s", p.Title, s.Title, s.Variable)
		}
	}
	return get, nil
}

func (p Provider) solver(ctx context.Context, settings map[string]string, get func(string) string, r Resolver) (Solver, error) {
	switch p.Name {
	case "route53":
		// The SDK reads the environment itself, and knows which of several sources goes first.
		c := AWSCredentials{AccessKeyID: settings["AWS_ACCESS_KEY_ID"], SecretAccessKey: settings["AWS_SECRET_ACCESS_KEY"],
			SessionToken: settings["AWS_SESSION_TOKEN"], Profile: settings["AWS_PROFILE"]}
		s, err := NewRoute53(ctx, c)
		if err != nil {
			return nil, err
		}
		s.Resolver = r
		return s, nil
	case Manual:
		return ManualSolver{}, nil
	case HTTP01:
		return &HTTP01Solver{Address: get("HTTP01_ADDRESS")}, nil
	}
	t := &transport{base: http.DefaultTransport, ctx: ctx}
	made, err := legoProvider(p.Name, get, &http.Client{Transport: t, Timeout: requestTimeout})
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", p.Title, err)
	}
	return &legoSolver{name: p.Name, provider: made, transport: t, resolver: r}, nil
}

func legoProvider(name string, get func(string) string, client *http.Client) (challenge.Provider, error) {
	switch name {
	case "cloudflare":
		c := cloudflare.NewDefaultConfig()
		c.AuthToken, c.ZoneToken = get("CLOUDFLARE_DNS_API_TOKEN"), get("CLOUDFLARE_DNS_API_TOKEN")
		c.BaseURL = get("CLOUDFLARE_BASE_URL")
		c.HTTPClient = client
		return cloudflare.NewDNSProviderConfig(c)
	case "rfc2136":
		c := rfc2136.NewDefaultConfig()
		c.Nameserver, c.TSIGKey, c.TSIGSecret = get("RFC2136_NAMESERVER"), get("RFC2136_TSIG_KEY"), get("RFC2136_TSIG_SECRET")
		if c.TSIGAlgorithm = get("RFC2136_TSIG_ALGORITHM"); c.TSIGAlgorithm == "" {
			c.TSIGAlgorithm = "hmac-sha256."
		}
		return rfc2136.NewDNSProviderConfig(c)
	case "acme-dns":
		c := acmedns.NewDefaultConfig()
		c.APIBase, c.StoragePath = get("ACME_DNS_API_BASE"), get("ACME_DNS_STORAGE_PATH")
		return acmedns.NewDNSProviderConfig(c)
	case "exec":
		c := exec.NewDefaultConfig()
		c.Program = get("EXEC_PATH")
		return exec.NewDNSProviderConfig(c)
	}
	return nil, fmt.Errorf("%q is not known", name)
}

// legoSolver is one of lego's providers. They take no context: requests over HTTP are bound to it by the transport, the
// others are bounded by their own time limits, and are waited for, so that none comes after the clean-up.
type legoSolver struct {
	name      string
	provider  challenge.Provider
	transport *transport
	resolver  Resolver
}

func (s *legoSolver) Name() string { return s.name }
func (s *legoSolver) Type() string { return DNS01 }

func (s *legoSolver) Present(ctx context.Context, c Challenge) error {
	return s.call(ctx, func() error { return s.provider.Present(c.Name, c.Token, c.KeyAuthorization) })
}

func (s *legoSolver) CleanUp(ctx context.Context, c Challenge) error {
	return s.call(ctx, func() error { return s.provider.CleanUp(c.Name, c.Token, c.KeyAuthorization) })
}

// legoGlobals guards what lego keeps for the whole program: its log, which would go to the terminal, and the resolvers
// it finds zones with.
var legoGlobals sync.Mutex

type silence struct{}

func (silence) Fatal(...any)          {}
func (silence) Fatalln(...any)        {}
func (silence) Fatalf(string, ...any) {}
func (silence) Print(...any)          {}
func (silence) Println(...any)        {}
func (silence) Printf(string, ...any) {}

func quiet() {
	legoGlobals.Lock()
	defer legoGlobals.Unlock()
	if _, ok := legolog.Logger.(silence); !ok {
		legolog.Logger = silence{}
	}
}

func (s *legoSolver) call(ctx context.Context, do func() error) error {
	quiet()
	if s.resolver.Recursive != "" {
		legoGlobals.Lock()
		_ = dns01.AddRecursiveNameservers([]string{s.resolver.Recursive})(nil)
		legoGlobals.Unlock()
	}
	s.transport.bind(ctx)
	if err := do(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return explainNetwork(err)
	}
	return ctx.Err()
}

// SystemAt returns a resolver that asks the recursive server at address instead of the system's.
func SystemAt(address string) Resolver {
	return Resolver{Recursive: address, System: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, network, address)
	}}}
}
