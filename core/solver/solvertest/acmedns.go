package solvertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver/nameservertest"
)

// AcmeDNS speaks the HTTP interface of joohoi's acme-dns as its README has it: /register and /update. It keeps the last
// two values of each name, and has no way to remove one.
type AcmeDNS struct {
	world *nameservertest.World
	zone  string
	URL   string
	Delay time.Duration // until the DNS answers with a value

	Mu       sync.Mutex
	Closed   bool // it gives out no accounts
	accounts map[string]*acmeDNSAccount
}

type acmeDNSAccount struct {
	password string
	name     string
	values   []string
}

// NewAcmeDNS serves the names below zone, which is one of w's.
func NewAcmeDNS(t nameservertest.T, w *nameservertest.World, zone string) *AcmeDNS {
	t.Helper()
	s := &AcmeDNS{world: w, zone: zone, accounts: map[string]*acmeDNSAccount{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Names are those that accounts were given out for, with the closing dot.
func (s *AcmeDNS) Names() (names []string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, a := range s.accounts {
		names = append(names, dns.Fqdn(a.name))
	}
	return names
}

// Forget forgets the accounts, as after a loss of its data.
func (s *AcmeDNS) Forget() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	clear(s.accounts)
}

// txt is the form of a value: 43 characters of base64url.
var txt = regexp.MustCompile(`^[-_A-Za-z0-9]{43}$`)

// ServeHTTP answers one request.
func (s *AcmeDNS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	answer := func(status int, body map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/register":
		if s.Closed {
			http.NotFound(w, r) // disable_registration: the path is not there
			return
		}
		n := len(s.accounts) + 1
		user, sub := fmt.Sprintf("%08d-user", n), fmt.Sprintf("%08d-aaaa-bbbb", n)
		s.accounts[user] = &acmeDNSAccount{password: "password of " + user, name: sub + "." + s.zone}
		answer(http.StatusCreated, map[string]any{"username": user, "password": "password of " + user, "fulldomain": sub + "." + s.zone, "subdomain": sub, "allowfrom": []string{}})
	case "/update":
		var in struct{ Subdomain, Txt string }
		err := json.NewDecoder(r.Body).Decode(&in)
		a := s.accounts[r.Header.Get("X-Api-User")]
		switch {
		case a == nil || a.password != r.Header.Get("X-Api-Key") || err == nil && a.name != in.Subdomain+"."+s.zone:
			answer(http.StatusUnauthorized, map[string]any{"error": "forbidden"})
		case err != nil:
			answer(http.StatusBadRequest, map[string]any{"error": "malformed_json_payload"})
		case !txt.MatchString(in.Txt):
			answer(http.StatusBadRequest, map[string]any{"error": "bad_txt"})
		default:
			s.update(a, in.Txt)
			answer(http.StatusOK, map[string]any{"txt": in.Txt})
		}
	default:
		http.NotFound(w, r)
	}
}

func (s *AcmeDNS) update(a *acmeDNSAccount, value string) {
	a.values = append(a.values, value)
	if over := len(a.values) - 2; over > 0 {
		for _, old := range a.values[:over] {
			s.world.Remove(dns.Fqdn(a.name), "TXT", `"`+old+`"`)
		}
		a.values = a.values[over:]
	}
	s.world.Add(s.Delay, dns.Fqdn(a.name), "TXT", `"`+value+`"`)
}
