package solver

import (
	"context"
	"fmt"
	"os"

	"mutual/core/nameserver"
	"mutual/core/route53"
)

// Provider is a kind of DNS service, with what it asks for.
type Provider struct {
	Name     string // as a Solver says it
	Title    string // for people
	Settings []Setting
}

// Setting is one thing that a provider asks for. Variable is the environment variable that lego's documentation gives
// it, from which it is taken where nothing is entered and nothing is kept with the certificate.
type Setting struct {
	Variable string
	Title    string
	Hint     string
	Secret   bool
	Optional bool
}

// Providers lists the services that are linked into the program.
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
		{Variable: "RFC2136_TSIG_ALGORITHM", Title: "TSIG algorithm", Hint: "hmac-sha256 where nothing is entered", Optional: true},
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

// ProviderNamed is the provider of that name; the first where there is none.
func ProviderNamed(name string) Provider {
	for _, p := range Providers {
		if p.Name == name {
			return p
		}
	}
	return Providers[0]
}

// InEffect are the provider's settings as New sees them: those given, and the environment's for the rest. With
// Route 53 they are those given, and the profile's name, for the SDK reads the rest itself.
func (p Provider) InEffect(settings map[string]string) map[string]string {
	values := map[string]string{}
	for _, s := range p.Settings {
		value := settings[s.Variable]
		if value == "" && (p.Name != "route53" || s.Variable == "AWS_PROFILE" && settings["AWS_ACCESS_KEY_ID"] == "") {
			value = os.Getenv(s.Variable)
		}
		if value != "" {
			values[s.Variable] = value
		}
	}
	return values
}

// Open are those of values that are no secrets, and may be written down for renewals.
func (p Provider) Open(values map[string]string) map[string]string {
	open := map[string]string{}
	for _, s := range p.Settings {
		if !s.Secret && values[s.Variable] != "" {
			open[s.Variable] = values[s.Variable]
		}
	}
	return open
}

// New makes the solver of the provider that is named, from settings by variable, and from the environment for
// those that settings lacks.
func New(ctx context.Context, name string, settings map[string]string, r nameserver.Resolver) (Solver, error) {
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

func (p Provider) solver(ctx context.Context, settings map[string]string, get func(string) string, r nameserver.Resolver) (Solver, error) {
	switch p.Name {
	case "route53":
		// The SDK reads the environment itself, and knows which of several sources goes first.
		c := route53.Credentials{AccessKeyID: settings["AWS_ACCESS_KEY_ID"], SecretAccessKey: settings["AWS_SECRET_ACCESS_KEY"],
			SessionToken: settings["AWS_SESSION_TOKEN"], Profile: settings["AWS_PROFILE"], Endpoint: settings["AWS_ENDPOINT_URL"]}
		s, err := route53.New(ctx, c)
		if err != nil {
			return nil, err
		}
		s.Resolver = r
		return Route53{s}, nil
	case Manual:
		return manual{}, nil
	case HTTP01:
		return &webServer{Address: get("HTTP01_ADDRESS")}, nil
	}
	made, err := p.serviceSolver(get)
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", p.Title, err)
	}
	return made, nil
}

func (p Provider) serviceSolver(get func(string) string) (Solver, error) {
	switch p.Name {
	case "cloudflare":
		return &cloudflare{Token: get("CLOUDFLARE_DNS_API_TOKEN"), Base: get("CLOUDFLARE_BASE_URL")}, nil
	case "rfc2136":
		return dynamicUpdate{Server: get("RFC2136_NAMESERVER"), KeyName: get("RFC2136_TSIG_KEY"), Secret: get("RFC2136_TSIG_SECRET"),
			Algorithm: get("RFC2136_TSIG_ALGORITHM")}.checked()
	case "acme-dns":
		return &acmeDNS{Base: get("ACME_DNS_API_BASE"), Accounts: get("ACME_DNS_STORAGE_PATH")}, nil
	case "exec":
		return &program{Path: get("EXEC_PATH")}, nil
	}
	return nil, fmt.Errorf("%q is not known", p.Name)
}
