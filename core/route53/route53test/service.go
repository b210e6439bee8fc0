// Package route53test is a stand-in for Route 53 that feeds the DNS of nameservertest.
package route53test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/miekg/dns"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53"
)

// Service speaks the documented REST-XML of Route 53 (API reference 2013-04-01) as far as it is used here: it checks the
// signature of every request, validates change sets, answers GetChange with PENDING before INSYNC, and feeds the DNS.
type Service struct {
	world   *nameservertest.World
	URL     string
	Key     aws.Credentials
	Pending int           // how often a change is PENDING
	Delay   time.Duration // until the DNS answers with a record
	Page    int           // the most zones, or record sets, in one answer; 0: all

	Mu      sync.Mutex
	Zones   map[string]string // id → name
	Sets    map[string]map[Key]Set
	changes map[string]int
	Calls   []string // the actions that were asked for
	// Fail makes an action answer with an error instead; empty code: none.
	Fail func(action string) (status int, code, message string)
}

// Key names a record set.
type Key struct{ Name, Type string }

// Set is a record set.
type Set struct {
	Name            string
	Type            string
	TTL             int64 `xml:",omitempty"`
	ResourceRecords struct {
		ResourceRecord []struct{ Value string }
	}
}

// NewService hosts zones, numbered Z0001 and on, for one key: AKIDEXAMPLE with the secret "secret".
func NewService(t nameservertest.T, w *nameservertest.World, zones ...string) *Service {
	t.Helper()
	s := &Service{world: w, Key: aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, Pending: 1,
		Zones: map[string]string{}, Sets: map[string]map[Key]Set{}, changes: map[string]int{}}
	for i, z := range zones {
		id := fmt.Sprintf("Z%04d", i+1)
		s.Zones[id] = dns.Fqdn(z)
		set := Set{Name: dns.Fqdn(z), Type: "NS", TTL: 172800}
		for _, ns := range w.Servers(z) {
			set.ResourceRecords.ResourceRecord = append(set.ResourceRecords.ResourceRecord, struct{ Value string }{ns})
		}
		s.Sets[id] = map[Key]Set{{dns.Fqdn(z), "NS"}: set}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Client reaches the service with its key.
func (s *Service) Client(t nameservertest.T) *route53.Client {
	t.Helper()
	return s.ClientWith(t, s.Key.AccessKeyID, s.Key.SecretAccessKey)
}

// ClientWith reaches it with another key.
func (s *Service) ClientWith(t nameservertest.T, id, secret string) *route53.Client {
	t.Helper()
	c, err := route53.New(context.Background(), route53.Credentials{AccessKeyID: id, SecretAccessKey: secret, Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	c.Resolver, c.Poll = s.world.Resolver(), 10*time.Millisecond
	return c
}

const awsXML = "https://route53.amazonaws.com/doc/2013-04-01/"

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	action := s.action(r)
	s.Calls = append(s.Calls, action)
	if status, code, message := s.authenticate(r, body); code != "" {
		refuse(w, status, code, message)
		return
	}
	if s.Fail != nil {
		if status, code, message := s.Fail(action); code != "" {
			refuse(w, status, code, message)
			return
		}
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch action {
	case "GetCallerIdentity":
		fmt.Fprint(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/alice</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case "ListHostedZones":
		fmt.Fprintf(w, `<?xml version="1.0"?><ListHostedZonesResponse xmlns=%q><HostedZones></HostedZones><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListHostedZonesResponse>`, awsXML)
	case "ListHostedZonesByName":
		s.listZones(w, r.URL.Query().Get("dnsname"), r.URL.Query().Get("hostedzoneid"))
	case "ListResourceRecordSets":
		s.listSets(w, parts[2], r.URL.Query().Get("name"), r.URL.Query().Get("type"))
	case "ChangeResourceRecordSets":
		s.changeSets(w, parts[2], body)
	case "GetChange":
		s.getChange(w, parts[2])
	default:
		refuse(w, 404, "UnknownOperation", r.Method+" "+r.URL.Path)
	}
}

func (s *Service) action(r *http.Request) string {
	switch path := strings.Trim(r.URL.Path, "/"); {
	case path == "":
		return "GetCallerIdentity"
	case strings.HasSuffix(path, "hostedzone") && r.Method == http.MethodGet:
		return "ListHostedZones"
	case strings.HasSuffix(path, "hostedzonesbyname"):
		return "ListHostedZonesByName"
	case strings.HasSuffix(path, "rrset") && r.Method == http.MethodGet:
		return "ListResourceRecordSets"
	case strings.HasSuffix(path, "rrset"):
		return "ChangeResourceRecordSets"
	case strings.Contains(path, "/change/"):
		return "GetChange"
	}
	return ""
}

var (
	signedHeaders = regexp.MustCompile(`SignedHeaders=([^,]+)`)
	credential    = regexp.MustCompile(`Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/`)
)

// authenticate signs the request once more, with the key that the service knows (Signature Version 4).
func (s *Service) authenticate(r *http.Request, body []byte) (int, string, string) {
	auth := r.Header.Get("Authorization")
	c := credential.FindStringSubmatch(auth)
	if c == nil {
		return 403, "MissingAuthenticationToken", "Request is missing Authentication Token"
	}
	if c[1] != s.Key.AccessKeyID {
		return 403, "InvalidClientTokenId", "The security token included in the request is invalid."
	}
	again, _ := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), bytes.NewReader(body))
	for _, h := range strings.Split(signedHeaders.FindStringSubmatch(auth)[1], ";") {
		if v := r.Header.Get(h); v != "" {
			again.Header.Set(h, v)
		}
	}
	when, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	sum := sha256.Sum256(body)
	_ = v4.NewSigner().SignHTTP(r.Context(), s.Key, again, hex.EncodeToString(sum[:]), c[4], c[3], when)
	if again.Header.Get("Authorization") != auth {
		return 403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
	}
	return 0, "", ""
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><ErrorResponse xmlns=%q><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, awsXML, code, message)
}

func (s *Service) listZones(w http.ResponseWriter, from, fromID string) {
	from = dns.Fqdn(from)
	fmt.Fprintf(w, `<?xml version="1.0"?><ListHostedZonesByNameResponse xmlns=%q><HostedZones>`, awsXML)
	ids := make([]string, 0, len(s.Zones))
	for id := range s.Zones {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return strings.Compare(reversed(s.Zones[a])+" "+a, reversed(s.Zones[b])+" "+b)
	})
	n, more := 0, `<IsTruncated>false</IsTruncated>`
	for _, id := range ids {
		if reversed(s.Zones[id])+" "+id >= reversed(from)+" "+fromID {
			if n++; s.Page > 0 && n > s.Page {
				more = fmt.Sprintf(`<IsTruncated>true</IsTruncated><NextDNSName>%s</NextDNSName><NextHostedZoneId>%s</NextHostedZoneId>`, s.Zones[id], id)
				break
			}
			fmt.Fprintf(w, `<HostedZone><Id>/hostedzone/%s</Id><Name>%s</Name><CallerReference>x</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>`, id, s.Zones[id])
		}
	}
	fmt.Fprint(w, `</HostedZones>`+more+`<MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`)
}

// reversed orders names as the service does, by labels from the right.
func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}

func (s *Service) listSets(w http.ResponseWriter, zone, from, fromType string) {
	sets, ok := s.Sets[zone]
	if !ok {
		refuse(w, 404, "NoSuchHostedZone", "No hosted zone found with ID: "+zone)
		return
	}
	var keys []Key
	for k := range sets {
		if reversed(k.Name)+" "+k.Type >= reversed(dns.Fqdn(from))+" "+fromType {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(reversed(a.Name)+" "+a.Type, reversed(b.Name)+" "+b.Type) })
	type response struct {
		XMLName            xml.Name `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ListResourceRecordSetsResponse"`
		ResourceRecordSets struct{ ResourceRecordSet []Set }
		IsTruncated        bool
		NextRecordName     string `xml:",omitempty"`
		NextRecordType     string `xml:",omitempty"`
		MaxItems           int
	}
	out := response{MaxItems: 300}
	for i, k := range keys {
		if s.Page > 0 && i == s.Page {
			out.IsTruncated, out.NextRecordName, out.NextRecordType = true, strings.ReplaceAll(k.Name, "*", `\052`), k.Type
			break
		}
		set := sets[k]
		set.Name = strings.ReplaceAll(set.Name, "*", `\052`)
		out.ResourceRecordSets.ResourceRecordSet = append(out.ResourceRecordSets.ResourceRecordSet, set)
	}
	_ = xml.NewEncoder(w).Encode(out)
}

func (s *Service) changeSets(w http.ResponseWriter, zone string, body []byte) {
	var in struct {
		ChangeBatch struct {
			Changes struct {
				Change []struct {
					Action            string
					ResourceRecordSet Set
				}
			}
		}
	}
	sets, ok := s.Sets[zone]
	if err := xml.Unmarshal(body, &in); err != nil || !ok {
		refuse(w, 404, "NoSuchHostedZone", "No hosted zone found with ID: "+zone)
		return
	}
	next := map[Key]Set{}
	for k, v := range sets {
		next[k] = v
	}
	for _, c := range in.ChangeBatch.Changes.Change {
		if why := applyChange(next, s.Zones[zone], c.Action, c.ResourceRecordSet); why != "" {
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(400)
			fmt.Fprintf(w, `<?xml version="1.0"?><InvalidChangeBatch xmlns=%q><Messages><Message>%s</Message></Messages><RequestId>1</RequestId></InvalidChangeBatch>`, awsXML, why)
			return
		}
	}
	for k := range sets {
		if _, still := next[k]; !still {
			s.world.Set(0, k.Name, k.Type)
		}
	}
	for k, v := range next {
		if fmt.Sprint(v) != fmt.Sprint(sets[k]) {
			s.world.Set(s.Delay, k.Name, k.Type, v.Values()...)
		}
	}
	s.Sets[zone] = next
	id := fmt.Sprintf("C%d", len(s.changes)+1)
	s.changes[id] = s.Pending
	fmt.Fprintf(w, `<?xml version="1.0"?><ChangeResourceRecordSetsResponse xmlns=%q><ChangeInfo><Id>/change/%s</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>`, awsXML, id)
}

// Values are the records' values.
func (r Set) Values() (v []string) {
	for _, x := range r.ResourceRecords.ResourceRecord {
		v = append(v, x.Value)
	}
	return v
}

// applyChange validates as the service does ("ChangeResourceRecordSets", "DNS constraints and behaviors").
func applyChange(sets map[Key]Set, zone, action string, set Set) string {
	set.Name = strings.ReplaceAll(dns.Fqdn(strings.ToLower(set.Name)), `\052`, "*")
	k := Key{set.Name, set.Type}
	old, exists := sets[k]
	switch {
	case !dns.IsSubDomain(zone, set.Name):
		return fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", set.Name, zone)
	case action == "DELETE" && (!exists || fmt.Sprint(old.Values(), old.TTL) != fmt.Sprint(set.Values(), set.TTL)):
		return fmt.Sprintf("Tried to delete resource record set [name='%s', type='%s'] but it was not found", set.Name, set.Type)
	case action == "DELETE":
		delete(sets, k)
		return ""
	case action == "CREATE" && exists:
		return fmt.Sprintf("Tried to create resource record set [name='%s', type='%s'] but it already exists", set.Name, set.Type)
	case len(set.Values()) == 0 || set.TTL == 0:
		return "Invalid request: Expected TTL and at least one resource record"
	case set.Type == "TXT" && slices.ContainsFunc(set.Values(), func(v string) bool { return !strings.HasPrefix(v, `"`) || !strings.HasSuffix(v, `"`) }):
		return "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks)'"
	case set.Type == "CNAME" && set.Name == zone:
		return fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", set.Name, zone)
	}
	for other := range sets {
		if other.Name == set.Name && other.Type != set.Type && (other.Type == "CNAME" || set.Type == "CNAME") {
			return fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", set.Type, set.Name, zone)
		}
	}
	sets[k] = set
	return ""
}

func (s *Service) getChange(w http.ResponseWriter, id string) {
	left, ok := s.changes[id]
	if !ok {
		refuse(w, 404, "NoSuchChange", "A change with the specified change ID does not exist.")
		return
	}
	status := "INSYNC"
	if left > 0 {
		status = "PENDING"
		s.changes[id]--
	}
	fmt.Fprintf(w, `<?xml version="1.0"?><GetChangeResponse xmlns=%q><ChangeInfo><Id>/change/%s</Id><Status>%s</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></GetChangeResponse>`, awsXML, id, status)
}

// Put adds records of one name to the zone that takes them, TTL 300.
func (s *Service) Put(name, kind string, values ...string) {
	set := Set{Name: name, Type: kind, TTL: 300}
	for _, v := range values {
		set.ResourceRecords.ResourceRecord = append(set.ResourceRecords.ResourceRecord, struct{ Value string }{v})
	}
	for id := range s.Zones {
		if applyChange(s.Sets[id], s.Zones[id], "CREATE", set) == "" {
			s.world.Set(0, name, kind, values...)
		}
	}
}
