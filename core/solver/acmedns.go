package solver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/pki"
	"mutual/core/remote"
)

// acmeDNS is a server of joohoi's acme-dns, which holds the challenges of names that lead to it by a CNAME record. It keeps
// the last two values of each name and has no way to remove one: they stay there, in a domain of its own, and prove
// nothing any more.
type acmeDNS struct {
	Base string // its address, "https://auth.example.org"
	// Accounts is the path of the file with the accounts that it has given out, in the form of goacmedns and lego, 0600.
	Accounts string
	// Client sends the requests; nil: one of net/http.
	Client *http.Client
}

// acmeDNSAccount is what /register answers.
type acmeDNSAccount struct {
	FullDomain string `json:"fulldomain"`
	SubDomain  string `json:"subdomain"`
	Username   string `json:"username"`
	Password   string `json:"password"`
	ServerURL  string `json:"server_url"`
}

// CNAMENeededError says which record has to be created once, by hand, before the order can go on.
type CNAMENeededError struct{ Name, Target string }

func (e *CNAMENeededError) Error() string {
	return fmt.Sprintf("the name %[1]s does not lead to acme-dns: create the record %[2]q in the domain's zone, once for all renewals, and try again (in a zone file both names end with a dot)",
		nameserver.Shown(e.Name), nameserver.Shown(e.Name)+" CNAME "+nameserver.Shown(e.Target))
}

// Name and Type are those of Solver.
func (*acmeDNS) Name() string { return "acme-dns" }
func (*acmeDNS) Type() string { return DNS01 }

// Present hands the value over. Without the CNAME record that leads to the account's name it is a *CNAMENeededError; the
// account is kept.
func (s *acmeDNS) Present(ctx context.Context, c Challenge) error {
	account, err := s.account(ctx, c.Name)
	if err != nil {
		return err
	}
	if c.Target != "" && !strings.EqualFold(dns.Fqdn(c.Target), dns.Fqdn(account.FullDomain)) {
		return &CNAMENeededError{Name: challengeName(c.Name), Target: account.FullDomain}
	}
	return s.call(ctx, "/update", account, map[string]string{"subdomain": account.SubDomain, "txt": c.Record().Value}, nil)
}

// CleanUp does nothing, see acmeDNS.
func (*acmeDNS) CleanUp(context.Context, Challenge) error { return nil }

// account reads the account of a name, or has one made, which is written down at once: it is given out only once.
func (s *acmeDNS) account(ctx context.Context, name string) (acmeDNSAccount, error) {
	if err := os.MkdirAll(filepath.Dir(s.Accounts), 0o700); err != nil {
		return acmeDNSAccount{}, fmt.Errorf("preparing the folder of %s: %w", s.Accounts, err)
	}
	l := flock.New(s.Accounts + ".lock")
	// Whoever has it waits for an answer for remote.Timeout at most.
	if _, err := l.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return acmeDNSAccount{}, fmt.Errorf("locking the accounts of acme-dns: %w", err)
	}
	defer func() { _ = l.Unlock() }()
	all := map[string]acmeDNSAccount{}
	text, err := os.ReadFile(s.Accounts)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return acmeDNSAccount{}, fmt.Errorf("reading the accounts of acme-dns: %w", err)
	default:
		if err := json.Unmarshal(text, &all); err != nil {
			return acmeDNSAccount{}, fmt.Errorf("reading the accounts of acme-dns: %s cannot be read (%w); mend it, or name another file", s.Accounts, err)
		}
	}
	if a, ok := all[name]; ok {
		return a, nil
	}
	if all == nil { // the file holds null
		all = map[string]acmeDNSAccount{}
	}
	var made acmeDNSAccount
	if err := s.call(ctx, "/register", acmeDNSAccount{}, nil, &made); err != nil {
		return made, err
	}
	if made.FullDomain == "" || made.SubDomain == "" || made.Username == "" {
		return made, &remote.ServiceError{Service: s.service(), Said: "an account without a name", Advice: "See that the address is that of an acme-dns server."}
	}
	made.ServerURL = s.Base
	all[name] = made
	if text, err = json.MarshalIndent(all, "", "  "); err != nil {
		return made, fmt.Errorf("writing the accounts of acme-dns: %w", err)
	}
	return made, pki.WriteFiles([]pki.OutputFile{{Path: s.Accounts, Data: append(text, '\n'), Private: true}}, true)
}

func (s *acmeDNS) service() string { return "acme-dns at " + s.Base }

func (s *acmeDNS) call(ctx context.Context, path string, a acmeDNSAccount, body, result any) error {
	text := []byte("{}")
	if body != nil {
		text, _ = json.Marshal(body) // a map of strings
	}
	ctx, cancel := context.WithTimeout(ctx, remote.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.Base, "/")+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("preparing a request to acme-dns: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", remote.UserAgent)
	if a.Username != "" {
		r.Header.Set("X-Api-User", a.Username)
		r.Header.Set("X-Api-Key", a.Password)
	}
	status, got, err := remote.Send(s.Client, r)
	if err != nil {
		return err
	}
	if status >= 300 {
		return s.refusal(status, got, path)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(got, result); err != nil {
		return &remote.ServiceError{Service: s.service(), Said: "nothing that can be read", Advice: "See that the address is that of an acme-dns server."}
	}
	return nil
}

// refusal says what to do; acme-dns names its reason in one word ({"error": "forbidden"}).
func (s *acmeDNS) refusal(status int, text []byte, path string) error {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(text, &said)
	e := &remote.ServiceError{Service: s.service(), Said: fmt.Sprintf("%s (HTTP status %d)", said.Error, status), Advice: "See that the address is that of an acme-dns server, and try again."}
	if said.Error == "" {
		e.Said = fmt.Sprintf("HTTP status %d", status)
	}
	switch {
	case path == "/register" && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound):
		e.Advice, e.Err = "It gives out no accounts: get one from whoever runs it, and put it into the account file.", remote.ErrNotAllowed
	case said.Error == "forbidden" || status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Advice, e.Err = "The account in "+s.Accounts+" is unknown there, or is limited to other addresses: remove it from the file to get a new one, which takes another CNAME record.", remote.ErrWrongCredentials
	case status >= 500:
		e.Advice = "It has trouble of its own: try again in a minute, and see its log."
	}
	return e
}
