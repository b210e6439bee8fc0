package solver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/remote"
)

// cloudflare is Cloudflare's DNS, reached with an API token (API version 4, developers.cloudflare.com/api: "Zones",
// "DNS Records"). It is not lego's provider, which removes only records that the same process has created, and takes a
// removal that was refused for one that was made.
type cloudflare struct {
	Token string
	// Base is the API's address; empty: Cloudflare's.
	Base string
	// Client sends the requests; nil: one of net/http.
	Client *http.Client
}

const (
	cloudflareBase = "https://api.cloudflare.com/client/v4"
	cloudflareName = "Cloudflare"
	// cloudflareTTL is the shortest that every plan takes. Seconds.
	cloudflareTTL = 60
)

// Name and Type are those of Solver.
func (*cloudflare) Name() string { return "cloudflare" }
func (*cloudflare) Type() string { return DNS01 }

type cloudflareZone struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Status      string   `json:"status"` // initializing, pending, active, moved
	NameServers []string `json:"name_servers"`
}

type cloudflareRecord struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Content string `json:"content"`
	TTL     int    `json:"ttl,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// Present creates the record beside others of its name, unless it is there.
func (s *cloudflare) Present(ctx context.Context, c Challenge) error {
	zone, there, err := s.find(ctx, c.Record())
	if err != nil || len(there) > 0 {
		return err
	}
	record := c.Record()
	return s.call(ctx, http.MethodPost, "/zones/"+zone.ID+"/dns_records", nil, cloudflareRecord{
		Type: "TXT", Name: strings.TrimSuffix(record.Name, "."), Content: strconv.Quote(record.Value), TTL: cloudflareTTL, Comment: "Made by Mutual"}, nil)
}

// CleanUp removes the record by its value, whoever created it.
func (s *cloudflare) CleanUp(ctx context.Context, c Challenge) error {
	zone, there, err := s.find(ctx, c.Record())
	if err != nil {
		return err
	}
	for _, r := range there {
		if err := s.call(ctx, http.MethodDelete, "/zones/"+zone.ID+"/dns_records/"+r.ID, nil, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// find returns the zone that the record belongs in, and the record where it is there.
func (s *cloudflare) find(ctx context.Context, record nameserver.Record) (zone cloudflareZone, there []cloudflareRecord, err error) {
	if zone, err = s.zone(ctx, record.Name); err != nil {
		return zone, nil, err
	}
	query := url.Values{"type": {"TXT"}, "name": {strings.TrimSuffix(record.Name, ".")}, "per_page": {"100"}}
	if err := s.call(ctx, http.MethodGet, "/zones/"+zone.ID+"/dns_records", query, nil, &there); err != nil {
		return zone, nil, err
	}
	return zone, slices.DeleteFunc(there, func(r cloudflareRecord) bool { return strings.Trim(r.Content, `"`) != record.Value }), nil
}

// zone is the longest zone of the token's that name is in.
func (s *cloudflare) zone(ctx context.Context, name string) (cloudflareZone, error) {
	labels := dns.SplitDomainName(name)
	for i := 0; i < len(labels)-1; i++ {
		var found []cloudflareZone
		if err := s.call(ctx, http.MethodGet, "/zones", url.Values{"name": {strings.Join(labels[i:], ".")}}, nil, &found); err != nil {
			return cloudflareZone{}, err
		}
		if len(found) == 0 {
			continue
		}
		if z := found[0]; z.Status != "" && z.Status != "active" {
			return z, &remote.ServiceError{Service: cloudflareName, Said: fmt.Sprintf("the zone %s is %s", z.Name, z.Status),
				Advice: "Nobody is sent to it yet: enter its name servers (" + strings.Join(z.NameServers, ", ") + ") where the domain is registered."}
		}
		return found[0], nil
	}
	return cloudflareZone{}, fmt.Errorf("looking for the zone of %s: the API token sees none for any part of the name; give it Zone:Read and DNS:Edit for the zone, or take a token of the account that has the zone",
		strings.TrimSuffix(name, "."))
}

// cloudflareAnswer is the envelope of every answer.
type cloudflareAnswer struct {
	Success bool            `json:"success"`
	Errors  []cloudflareSay `json:"errors"`
	Result  json.RawMessage `json:"result"`
}

type cloudflareSay struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Chain   []cloudflareSay `json:"error_chain"`
}

func (s *cloudflare) call(ctx context.Context, method, path string, query url.Values, body, result any) error {
	base := s.Base
	if base == "" {
		base = cloudflareBase
	}
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("preparing a request to Cloudflare: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, remote.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(base, "/")+path, sent)
	if err != nil {
		return fmt.Errorf("preparing a request to Cloudflare: %w", err)
	}
	r.URL.RawQuery = query.Encode()
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", remote.UserAgent)
	status, text, err := remote.Send(s.Client, r)
	if err != nil {
		return err
	}
	var answer cloudflareAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return &remote.ServiceError{Service: cloudflareName, Said: fmt.Sprintf("HTTP status %d, and nothing that can be read", status), Advice: "Try again in a minute."}
	}
	if !answer.Success || status >= 300 {
		return cloudflareError(status, path, answer.Errors)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return fmt.Errorf("reading Cloudflare's answer: %w", err)
	}
	return nil
}

// cloudflareError says what to do. A token that is unknown is refused wherever it is shown; one that lacks a right is
// refused at the zone's records only, for the list of zones just leaves out what it may not see.
func cloudflareError(status int, path string, said []cloudflareSay) error {
	e := &remote.ServiceError{Service: cloudflareName, Said: cloudflareWords(said), Advice: "Its own words say what it minds; try again."}
	if e.Said == "" {
		e.Said = fmt.Sprintf("HTTP status %d", status)
	}
	refused := status == http.StatusUnauthorized || status == http.StatusForbidden
	switch {
	case status == http.StatusTooManyRequests:
		e.Advice = "The account's limit of requests is used up, perhaps by another program: try again in five minutes."
	case refused && strings.Contains(path, "/dns_records"):
		e.Advice, e.Err = "Give the API token DNS:Edit, beside Zone:Read, for this zone.", remote.ErrNotAllowed
	case refused || status == http.StatusBadRequest && path == "/zones":
		e.Advice, e.Err = "See that the API token (not the global key) is copied whole, and is neither expired, rolled nor limited to other addresses.", remote.ErrWrongCredentials
	case status >= 500:
		e.Advice = "It has trouble of its own: try again in a minute."
	}
	return e
}

func cloudflareWords(said []cloudflareSay) string {
	var words []string
	for _, s := range said {
		words = append(words, fmt.Sprintf("%s (%d)", strings.TrimSuffix(s.Message, "."), s.Code))
		if chain := cloudflareWords(s.Chain); chain != "" {
			words = append(words, chain)
		}
	}
	return strings.Join(words, ": ")
}
