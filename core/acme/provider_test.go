package acme

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/progress"
	"mutual/core/remote"
	"mutual/core/route53"
	"mutual/core/solver"
	"mutual/core/solver/solvertest"
)

// service is a DNS service that names are proved with, and what can go wrong with it. What it cannot do is nil.
type service struct {
	settings map[string]string
	// wrong and denied are settings and states in which the credentials are unknown, and lack a right.
	wrong  map[string]string
	denied func(on bool)
	late   func(time.Duration)
	// stays: values stay, harmless, since the service cannot remove any.
	stays bool
}

// services are all that records are created with, each over the same domain.
var services = map[string]func(t *testing.T, s *scene) service{
	"route53": func(t *testing.T, s *scene) service {
		with := func(secret string) map[string]string {
			return map[string]string{"AWS_ENDPOINT_URL": s.aws.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": secret}
		}
		return service{
			settings: with("secret"), wrong: with("Secret"),
			denied: func(on bool) {
				s.aws.Mu.Lock()
				defer s.aws.Mu.Unlock()
				s.aws.Fail = nil
				if on {
					s.aws.Fail = func(action string) (int, string, string) {
						if action != "ChangeResourceRecordSets" {
							return 0, "", ""
						}
						return 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: route53:ChangeResourceRecordSets"
					}
				}
			},
			late: func(d time.Duration) { s.aws.Delay = d },
		}
	},
	"cloudflare": func(t *testing.T, s *scene) service {
		cf := solvertest.NewCloudflare(t, s.world, "example.org")
		with := func(token string) map[string]string {
			return map[string]string{"CLOUDFLARE_BASE_URL": cf.URL, "CLOUDFLARE_DNS_API_TOKEN": token}
		}
		return service{
			settings: with(cf.Token), wrong: with("another-token"),
			denied: func(on bool) {
				cf.Mu.Lock()
				defer cf.Mu.Unlock()
				cf.ReadOnly = on
			},
			late: func(d time.Duration) { cf.Delay = d },
		}
	},
	"rfc2136": func(t *testing.T, s *scene) service {
		with := func(secret string) map[string]string {
			return map[string]string{"RFC2136_NAMESERVER": s.world.Address, "RFC2136_TSIG_KEY": "mutual", "RFC2136_TSIG_SECRET": secret}
		}
		return service{
			settings: with(nameservertest.UpdateSecret), wrong: with("bm90IHRoZSBzZWNyZXQ="),
			denied: func(on bool) {
				s.world.Updates(nil, 0)
				if on {
					s.world.Updates(func(string) int { return dns.RcodeRefused }, 0)
				}
			},
			late: func(d time.Duration) { s.world.Updates(nil, d) },
		}
	},
	"acme-dns": func(t *testing.T, s *scene) service {
		a := solvertest.NewAcmeDNS(t, s.world, "auth.example")
		settings := map[string]string{"ACME_DNS_API_BASE": a.URL, "ACME_DNS_STORAGE_PATH": filepath.Join(t.TempDir(), "accounts.json")}
		// The account, and the CNAME record that it takes, are made once.
		_, err := s.obtainBy(t, "acme-dns", settings, "mqtt.example.org")
		var needed *solver.CNAMENeededError
		if !errors.As(err, &needed) || !slices.Contains(a.Names(), dns.Fqdn(needed.Target)) || needed.Name != "_acme-challenge.mqtt.example.org." {
			t.Fatalf("without the CNAME record: %v", err)
		}
		s.world.Set(0, needed.Name, "CNAME", dns.Fqdn(needed.Target))
		unknown := filepath.Join(t.TempDir(), "unknown.json")
		text := fmt.Sprintf(`{"mqtt.example.org": {"fulldomain": %q, "subdomain": "x", "username": "x", "password": "x"}}`, needed.Target)
		if err := os.WriteFile(unknown, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return service{
			settings: settings, wrong: map[string]string{"ACME_DNS_API_BASE": a.URL, "ACME_DNS_STORAGE_PATH": unknown},
			late: func(d time.Duration) { a.Delay = d }, stays: true,
		}
	},
	"exec": func(t *testing.T, s *scene) service {
		dir := t.TempDir()
		s.world.ReadFrom(dir)
		script := func(body string) map[string]string {
			path := filepath.Join(t.TempDir(), "hook")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return map[string]string{"EXEC_PATH": path}
		}
		file := `"` + dir + `/$2~$3"`
		return service{
			settings: script(`case "$1" in present) : > ` + file + `;; cleanup) rm -f ` + file + `;; *) exit 9;; esac`),
			wrong:    script(`echo "zone.example: the key has been revoked" >&2; exit 3`),
		}
	},
}

// obtainBy orders with a solver of its own, as a process of its own would.
func (s *scene) obtainBy(t *testing.T, name string, settings map[string]string, names ...string) (Obtained, error) {
	t.Helper()
	o := s.options(t)
	var err error
	if o.Solver, err = solver.New(t.Context(), name, settings, o.Resolver); err != nil {
		t.Fatal(err)
	}
	if r, ok := o.Solver.(solver.Route53); ok {
		r.Poll = 10 * time.Millisecond
	}
	return s.folder.Obtain(t.Context(), s.request(t, names...), o)
}

func (s *scene) clean(t *testing.T, v service) {
	t.Helper()
	if left := s.world.Texts(); len(left) != 0 && !v.stays {
		t.Errorf("records are left behind: %v", left)
	}
}

// TestProviders plays each service through an order that is validated, and through what goes wrong with it.
func TestProviders(t *testing.T) {
	const name = "mqtt.example.org"
	for provider, start := range services {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, acmetest.Options{})
			v := start(t, s)
			// Another's value at the same name is nobody's business here.
			if !v.stays {
				s.world.Add(0, "_acme-challenge."+name+".", "TXT", `"somebody else's"`)
			}
			// The wildcard and its parent are proved at one name, with two values.
			got, err := s.obtainBy(t, provider, v.settings, name, "*."+name)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Certificates[0].DNSNames) != 2 {
				t.Errorf("the certificate is for %v", got.Certificates[0].DNSNames)
			}
			if provider != "route53" && !v.stays { // whose stand-in holds its own records only
				if left := s.world.Texts(); len(left) != 1 || !strings.Contains(left[0], "somebody") {
					t.Errorf("left are %v", left)
				}
			}
			s.world.Set(0, "_acme-challenge."+name+".", "TXT")

			_, err = s.obtainBy(t, provider, v.wrong, name)
			var said *remote.ServiceError
			var aws *route53.Error
			switch {
			case provider == "route53" && !errors.As(err, &aws), provider != "route53" && !errors.As(err, &said):
				t.Errorf("with wrong credentials: %v", err)
			case provider == "exec" && !strings.Contains(said.Said, "the key has been revoked (exit status 3)"):
				t.Errorf("the program's own words are missing: %v", err)
			case provider != "exec" && !errors.Is(err, remote.ErrWrongCredentials):
				t.Errorf("with wrong credentials: %v", err)
			}
			s.clean(t, v)

			if v.denied != nil {
				v.denied(true)
				if _, err := s.obtainBy(t, provider, v.settings, name); !errors.Is(err, remote.ErrNotAllowed) {
					t.Errorf("without the right: %v", err)
				}
				v.denied(false)
				s.clean(t, v)
			}
			if v.late != nil {
				const delay = 700 * time.Millisecond
				v.late(delay)
				began := time.Now()
				if _, err := s.obtainBy(t, provider, v.settings, name); err != nil {
					t.Errorf("with a late record: %v", err)
				} else if time.Since(began) < delay {
					t.Error("it did not wait for the record")
				}
				v.late(0)
				s.clean(t, v)
			}
			s.cancelEach(t, provider, v, name)
		})
	}
}

// cancelEach ends an order at each step around the record, and goes on with it.
func (s *scene) cancelEach(t *testing.T, provider string, v service, name string) {
	t.Helper()
	for _, at := range []progress.Step{progress.Record, progress.Seen, progress.Validate, progress.Finalize} {
		ctx, cancel := context.WithCancel(t.Context())
		o := s.options(t)
		o.Solver, _ = solver.New(ctx, provider, v.settings, o.Resolver)
		o.Report = func(p progress.Event) {
			if p.Step == at {
				cancel()
			}
		}
		if _, err := s.folder.Obtain(ctx, s.request(t, name), o); !errors.Is(err, context.Canceled) {
			t.Errorf("ended at %s: %v", at, err)
		}
		cancel()
		s.clean(t, v)
		if _, err := s.obtainBy(t, provider, v.settings, name); err != nil {
			t.Errorf("gone on with after %s: %v", at, err)
		}
		s.clean(t, v)
	}
}
