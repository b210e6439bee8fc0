package acme

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/miekg/dns"

	"mutual/core/acme/acmetest"
	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/progress"
	"mutual/core/remote"
	"mutual/core/route53"
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
		cf := acmetest.NewCloudflare(t, s.world, "example.org")
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
		a := acmetest.NewAcmeDNS(t, s.world, "auth.example")
		settings := map[string]string{"ACME_DNS_API_BASE": a.URL, "ACME_DNS_STORAGE_PATH": filepath.Join(t.TempDir(), "accounts.json")}
		// The account, and the CNAME record that it takes, are made once.
		_, err := s.obtainBy(t, "acme-dns", settings, "mqtt.example.org")
		var needed *CNAMENeededError
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
	if o.Solver, err = NewSolver(t.Context(), name, settings, o.Resolver); err != nil {
		t.Fatal(err)
	}
	if r, ok := o.Solver.(Route53Solver); ok {
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
		o.Solver, _ = NewSolver(ctx, provider, v.settings, o.Resolver)
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

// TestSettings refuses what cannot work before anything is sent.
func TestSettings(t *testing.T) {
	for _, c := range []struct {
		provider string
		settings map[string]string
		want     string
	}{
		{"cloudflare", nil, "CLOUDFLARE_DNS_API_TOKEN"},
		{"rfc2136", nil, "RFC2136_NAMESERVER"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k"}, "both, or neither"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k", "RFC2136_TSIG_SECRET": "not base64!"}, "not base64"},
		{"rfc2136", map[string]string{"RFC2136_NAMESERVER": "ns", "RFC2136_TSIG_KEY": "k", "RFC2136_TSIG_SECRET": "eA==", "RFC2136_TSIG_ALGORITHM": "hmac-md5"}, "hmac-sha256"},
		{"acme-dns", map[string]string{"ACME_DNS_API_BASE": "https://auth.example"}, "ACME_DNS_STORAGE_PATH"},
		{"exec", nil, "EXEC_PATH"},
		{"nonsense", nil, "not known"},
	} {
		if _, err := NewSolver(t.Context(), c.provider, c.settings, nameserver.Resolver{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v: %v", c.provider, c.settings, err)
		}
	}
	for in, want := range map[string]string{"ns.example": "ns.example:53", "192.0.2.1:5353": "192.0.2.1:5353", "2001:db8::1": "[2001:db8::1]:53", "[2001:db8::1]": "[2001:db8::1]:53"} {
		if d, err := (DynamicUpdate{Server: in}).checked(); err != nil || d.Server != want {
			t.Errorf("%s: %v, %v", in, d, err)
		}
	}
}

// TestDynamicUpdateRefused says what to do for each way in which a name server refuses.
func TestDynamicUpdateRefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	c := Challenge{Name: "mqtt.example.org", Token: "t", KeyAuthorization: "t.k"}
	solver := func(key string) Solver {
		d, err := DynamicUpdate{Server: w.Address, KeyName: key, Secret: nameservertest.UpdateSecret}.checked()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if err := solver("stranger").Present(t.Context(), c); !errors.Is(err, remote.ErrWrongCredentials) || !strings.Contains(err.Error(), "no TSIG key stranger") {
		t.Errorf("an unknown key: %v", err)
	}
	for code, want := range map[int]string{dns.RcodeServerFailure: "journal", dns.RcodeNotImplemented: "no dynamic updates", dns.RcodeNotAuth: "primary name server"} {
		w.Updates(func(string) int { return code }, 0)
		var said *remote.ServiceError
		if err := solver("mutual").Present(t.Context(), c); !errors.As(err, &said) || said.Said != dns.RcodeToString[code] || !strings.Contains(said.Advice, want) {
			t.Errorf("%s: %v", dns.RcodeToString[code], err)
		}
	}
	elsewhere := Challenge{Name: "mqtt.elsewhere.net", KeyAuthorization: "t.k"}
	if err := solver("mutual").Present(t.Context(), elsewhere); err == nil || !strings.Contains(err.Error(), "responsible for no part") {
		t.Errorf("a zone that is elsewhere: %v", err)
	}
	l, err := net.ListenPacket("udp", "127.0.0.1:0") // nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := &DynamicUpdate{Server: l.LocalAddr().String(), Timeout: 20 * time.Millisecond}
	var network *remote.NetworkError
	if err := silent.Present(t.Context(), c); !errors.As(err, &network) || network.Host != silent.Server {
		t.Errorf("a server that is silent: %v", err)
	}
	// Whoever ends the wait for it does not wait for its time-out.
	ctx, cancel := context.WithCancel(t.Context())
	silent.Timeout = time.Hour
	ended := make(chan error, 1)
	go func() { ended <- silent.Present(ctx, c) }()
	if _, _, err := l.ReadFrom(make([]byte, 1500)); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the wait cannot be ended")
	}
}

// TestCloudflareRefused says what to do for each way in which Cloudflare refuses.
func TestCloudflareRefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	cf := acmetest.NewCloudflare(t, w, "example.org")
	c := Challenge{Name: "mqtt.example.org", Token: "t", KeyAuthorization: "t.k"}
	s := &Cloudflare{Token: cf.Token, Base: cf.URL}
	check := func(what string, c Challenge, wants ...string) {
		t.Helper()
		err := s.Present(t.Context(), c)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q in it", what, err, want)
			}
		}
	}
	check("another's zone", Challenge{Name: "mqtt.elsewhere.net", KeyAuthorization: "t.k"}, "mqtt.elsewhere.net", "Zone:Read")
	cf.Status = "pending"
	check("a zone that is not delegated", c, "example.org is pending", "ada.ns.cloudflare.com")
	cf.Status = "active"
	cf.Fail = func(string, string) (int, int, string) {
		return 429, 971, "Please wait and consider throttling your request speed"
	}
	check("too many requests", c, "throttling your request speed (971)", "five minutes")
	cf.Fail = func(string, string) (int, int, string) { return 502, 0, "bad gateway" }
	check("trouble", c, "try again in a minute")
	cf.Fail = nil
	s.Token = "two words"
	check("a token that was copied wrongly", c, "Invalid format for Authorization header (6111)", "copied whole")
	s.Token = cf.Token
	// The removal of one that is refused is not taken for done.
	if err := s.Present(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.Present(t.Context(), c); err != nil {
		t.Errorf("the second time: %v", err)
	}
	cf.ReadOnly = true
	if err := (&Cloudflare{Token: cf.Token, Base: cf.URL}).CleanUp(t.Context(), c); !errors.Is(err, remote.ErrNotAllowed) {
		t.Errorf("a removal that is refused: %v", err)
	}
	cf.ReadOnly = false
	if err := (&Cloudflare{Token: cf.Token, Base: cf.URL}).CleanUp(t.Context(), c); err != nil || len(w.Texts()) != 0 {
		t.Errorf("removed by another process: %v, left are %v", err, w.Texts())
	}
}

// TestAcmeDNSAccounts keeps the accounts, which are given out only once.
func TestAcmeDNSAccounts(t *testing.T) {
	w := nameservertest.NewWorld(t, "auth.example")
	a := acmetest.NewAcmeDNS(t, w, "auth.example")
	path := filepath.Join(t.TempDir(), "deep", "accounts.json")
	c := Challenge{Name: "mqtt.example.org", KeyAuthorization: "t.k", Target: "_acme-challenge.mqtt.example.org."}
	s := &AcmeDNS{Base: a.URL, Accounts: path}
	var first, second *CNAMENeededError
	if err := s.Present(t.Context(), c); !errors.As(err, &first) {
		t.Fatalf("the first time: %v", err)
	}
	if err := s.Present(t.Context(), c); !errors.As(err, &second) || *second != *first {
		t.Errorf("the second time: %v, want %v", second, first)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	other := c
	other.Name = "other.example.org"
	a.Closed = true
	if err := s.Present(t.Context(), other); !errors.Is(err, remote.ErrNotAllowed) || !strings.Contains(err.Error(), "gives out no accounts") {
		t.Errorf("a server that is closed: %v", err)
	}
	damaged := []byte(`{"mqtt.example.org": `)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	a.Closed = false
	if err := s.Present(t.Context(), other); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a damaged file: %v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != string(damaged) {
		t.Error("the damaged file was overwritten")
	}
	if err := os.WriteFile(path, []byte("null"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Present(t.Context(), other); !errors.As(err, &first) {
		t.Errorf("a file with nothing in it: %v", err)
	}
	// Another program has the file, and does not give it back.
	l := flock.New(path + ".lock")
	if err := l.Lock(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Unlock() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Present(ctx, c) }()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a file that is locked: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a wait for a file that is locked cannot be ended")
	}
}

// TestProgramCancelled ends a program that does not end.
func TestProgramCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho begun\nsleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := (&Program{Path: path}).Present(ctx, Challenge{Name: "a.example"}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	if err := (&Program{Path: path + ".missing"}).Present(t.Context(), Challenge{Name: "a.example"}); err == nil || !strings.Contains(err.Error(), "see that it is there") {
		t.Errorf("no program: %v", err)
	}
}

// TestNoRedirection: what a service redirects to gets no secret.
func TestNoRedirection(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked, with the headers %v", r.Header)
	}))
	defer elsewhere.Close()
	service := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer service.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, service.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Api-Key", "secret")
	if status, _, err := remote.Send(nil, r); err != nil || status != http.StatusTemporaryRedirect {
		t.Errorf("status %d, %v", status, err)
	}
}
