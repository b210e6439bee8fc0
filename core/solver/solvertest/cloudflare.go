// Package solvertest has stand-ins for Cloudflare and acme-dns, which feed the DNS of nameservertest.
package solvertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver/nameservertest"
)

// Cloudflare speaks the documented part of Cloudflare's API (version 4, "Zones" and "DNS Records") that is used here, and
// feeds the DNS. A token sees just the zones that it may read, and may change the records of those where it has DNS:Edit.
type Cloudflare struct {
	world *nameservertest.World
	URL   string
	Token string
	Delay time.Duration // until the DNS answers with a record

	Mu       sync.Mutex
	ReadOnly bool   // the token lacks DNS:Edit
	Status   string // of the zones
	zones    map[string]string
	records  map[string]cloudflareRecord
	count    int
	// Fail makes a request be answered with an error; status 0: none.
	Fail func(method, path string) (status, code int, message string)
}

type cloudflareRecord struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Content string `json:"content"`
	TTL     int    `json:"ttl"`
	zone    string
}

// NewCloudflare hosts zones for one token, "cf-token-of-alice".
func NewCloudflare(t nameservertest.T, w *nameservertest.World, zones ...string) *Cloudflare {
	t.Helper()
	s := &Cloudflare{world: w, Token: "cf-token-of-alice", Status: "active", zones: map[string]string{}, records: map[string]cloudflareRecord{}}
	for i, z := range zones {
		s.zones[fmt.Sprintf("%032x", i+1)] = z
	}
	server := httptest.NewServer(http.StripPrefix("/client/v4", s))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/client/v4"
	return s
}

// ServeHTTP answers one request.
func (s *Cloudflare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !bearer || token == "" || strings.ContainsAny(token, " \n"):
		s.refuse(w, 400, 6003, "Invalid request headers", map[string]any{"code": 6111, "message": "Invalid format for Authorization header"})
		return
	case token != s.Token:
		s.refuse(w, 403, 9109, "Invalid access token")
		return
	}
	if s.Fail != nil {
		if status, code, message := s.Fail(r.Method, r.URL.Path); status != 0 {
			s.refuse(w, status, code, message)
			return
		}
	}
	switch {
	case len(parts) == 1 && parts[0] == "zones" && r.Method == http.MethodGet:
		s.listZones(w, r.URL.Query().Get("name"))
	case len(parts) >= 3 && parts[0] == "zones" && parts[2] == "dns_records" && s.zones[parts[1]] != "":
		s.serveRecords(w, r, parts)
	default:
		s.refuse(w, 404, 7003, "Could not route to "+r.URL.Path+", perhaps your object identifier is invalid?")
	}
}

func (s *Cloudflare) refuse(w http.ResponseWriter, status, code int, message string, chain ...any) {
	said := map[string]any{"code": code, "message": message}
	if chain != nil {
		said["error_chain"] = chain
	}
	s.answer(w, status, map[string]any{"success": false, "errors": []any{said}, "messages": []any{}, "result": nil})
}

func (s *Cloudflare) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s *Cloudflare) result(w http.ResponseWriter, result any) {
	s.answer(w, 200, map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result})
}

func (s *Cloudflare) listZones(w http.ResponseWriter, name string) {
	list := []any{}
	for id, z := range s.zones {
		if name == "" || z == name {
			list = append(list, map[string]any{"id": id, "name": z, "status": s.Status, "name_servers": []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"}})
		}
	}
	s.result(w, list)
}

func (s *Cloudflare) serveRecords(w http.ResponseWriter, r *http.Request, parts []string) {
	if r.Method != http.MethodGet && s.ReadOnly {
		s.refuse(w, 403, 10000, "Authentication error")
		return
	}
	switch {
	case r.Method == http.MethodGet && len(parts) == 3:
		list := []cloudflareRecord{}
		for _, x := range s.records {
			if q := r.URL.Query(); x.zone == parts[1] && (q.Get("name") == "" || q.Get("name") == x.Name) && (q.Get("type") == "" || q.Get("type") == x.Type) {
				list = append(list, x)
			}
		}
		slices.SortFunc(list, func(a, b cloudflareRecord) int { return strings.Compare(a.ID, b.ID) })
		s.result(w, list)
	case r.Method == http.MethodPost && len(parts) == 3:
		s.create(w, r, parts[1])
	case r.Method == http.MethodDelete && len(parts) == 4:
		x, ok := s.records[parts[3]]
		if !ok {
			s.refuse(w, 404, 81044, "Record does not exist.")
			return
		}
		delete(s.records, parts[3])
		s.world.Remove(dns.Fqdn(x.Name), x.Type, x.Content)
		s.result(w, map[string]any{"id": x.ID})
	default:
		s.refuse(w, 405, 10405, "Method not allowed for this authentication scheme")
	}
}

// create validates as the service does: names within the zone, no identical record, a TTL of 60 s to a day.
func (s *Cloudflare) create(w http.ResponseWriter, r *http.Request, zone string) {
	var x cloudflareRecord
	if err := json.NewDecoder(r.Body).Decode(&x); err != nil || x.Type != "TXT" || x.Content == "" {
		s.refuse(w, 400, 9005, "Content for TXT record is invalid.")
		return
	}
	if x.Name != s.zones[zone] && !strings.HasSuffix(x.Name, "."+s.zones[zone]) {
		x.Name += "." + s.zones[zone]
	}
	if x.TTL != 1 && (x.TTL < 60 || x.TTL > 86400) {
		s.refuse(w, 400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
		return
	}
	for _, y := range s.records {
		if y.zone == zone && y.Name == x.Name && y.Type == x.Type && y.Content == x.Content {
			s.refuse(w, 400, 81058, "An identical record already exists.")
			return
		}
	}
	s.count++
	x.ID, x.zone = fmt.Sprintf("%032x", 0xabc0+s.count), zone
	s.records[x.ID] = x
	s.world.Add(s.Delay, dns.Fqdn(x.Name), x.Type, x.Content)
	s.result(w, x)
}
