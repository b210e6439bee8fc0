// Package nameservertest is a DNS of its own on a loopback port, with everything that tests want to find in one: zones,
// records that come late, wildcards, dynamic updates.
package nameservertest

import (
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver"
)

// T is what is needed of a test: a *testing.T, or a script's.
type T interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
	TempDir() string
}

// World is a DNS of its own on a loopback port: at once the recursive server, that of the zones, and what Pebble asks.
type World struct {
	// Address is that of the recursive server; Port that of the authoritative ones.
	Address string
	Port    string
	mu      sync.Mutex
	zones   map[string][]string // zone → name servers
	records []worldRecord
	files   string
	// Update says what a dynamic update of a name is answered with; nil: dns.RcodeSuccess. Unsigned ones are refused.
	update func(name string) int
	// UpdateDelay is until the DNS answers with a record that was added by an update.
	updateDelay time.Duration
}

type worldRecord struct {
	rr   dns.RR
	from time.Time
}

// NewWorld serves zones, each with two name servers.
func NewWorld(t T, zones ...string) *World {
	t.Helper()
	w := &World{zones: map[string][]string{}}
	for _, z := range zones {
		w.zones[dns.Fqdn(z)] = []string{"ns1." + dns.Fqdn(z), "ns2." + dns.Fqdn(z)}
	}
	udp, tcp := bothListeners(t)
	w.Address = udp.LocalAddr().String()
	_, w.Port, _ = net.SplitHostPort(w.Address)
	for _, s := range []*dns.Server{{PacketConn: udp, Handler: w}, {Listener: tcp, Handler: w}} {
		s.TsigSecret = map[string]string{UpdateKey: UpdateSecret}
		s.MsgAcceptFunc = func(h dns.Header) dns.MsgAcceptAction {
			if int(h.Bits>>11)&0xF == dns.OpcodeUpdate {
				return dns.MsgAccept
			}
			return dns.DefaultMsgAcceptFunc(h)
		}
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { _ = s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return w
}

// Resolver asks this DNS.
func (w *World) Resolver() nameserver.Resolver {
	r := nameserver.SystemAt(w.Address)
	r.Port = w.Port
	return r
}

// bothListeners listens on one port with UDP and TCP; the TCP side of a free UDP port may be taken.
func bothListeners(t T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err == nil {
			return udp, tcp
		}
		_ = tcp.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// Servers are the name servers that those are sent to who ask for zone.
func (w *World) Servers(zone string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.zones[dns.Fqdn(zone)])
}

// Delegate sends those who ask for a zone's name servers elsewhere.
func (w *World) Delegate(zone string, servers ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.zones[dns.Fqdn(zone)] = nil
	for _, s := range servers {
		w.zones[dns.Fqdn(zone)] = append(w.zones[dns.Fqdn(zone)], dns.Fqdn(s))
	}
}

// Set replaces the records of one name and kind; they can be seen after delay.
func (w *World) Set(delay time.Duration, name, kind string, values ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	code := dns.StringToType[kind]
	w.records = slices.DeleteFunc(w.records, func(r worldRecord) bool {
		return r.rr.Header().Name == name && r.rr.Header().Rrtype == code
	})
	for _, v := range values {
		rr, err := dns.NewRR(name + " 60 IN " + kind + " " + v)
		if err != nil {
			panic(err)
		}
		w.records = append(w.records, worldRecord{rr: rr, from: time.Now().Add(delay)})
	}
}

// Add adds one record beside others, which can be seen after delay, unless it is there.
func (w *World) Add(delay time.Duration, name, kind, value string) {
	rr, err := dns.NewRR(name + " 60 IN " + kind + " " + value)
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.records, func(r worldRecord) bool { return dns.IsDuplicate(r.rr, rr) }) {
		w.records = append(w.records, worldRecord{rr: rr, from: time.Now().Add(delay)})
	}
}

// Remove removes one record.
func (w *World) Remove(name, kind, value string) {
	rr, err := dns.NewRR(name + " 60 IN " + kind + " " + value)
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records = slices.DeleteFunc(w.records, func(r worldRecord) bool { return dns.IsDuplicate(r.rr, rr) })
}

// ReadFrom has the files in dir be TXT records, too: the name, "~", and the value. So a program can make some.
func (w *World) ReadFrom(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files = dir
}

func (w *World) fromFiles() (records []dns.RR) {
	entries, _ := os.ReadDir(w.files)
	for _, e := range entries {
		if name, value, ok := strings.Cut(e.Name(), "~"); ok {
			rr, err := dns.NewRR(name + ` 60 IN TXT "` + value + `"`)
			if err == nil {
				records = append(records, rr)
			}
		}
	}
	return records
}

// Texts are all TXT records, for seeing that none is left.
func (w *World) Texts() (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.files != "" {
		for _, rr := range w.fromFiles() {
			names = append(names, rr.String())
		}
	}
	for _, r := range w.records {
		if r.rr.Header().Rrtype == dns.TypeTXT {
			names = append(names, r.rr.String())
		}
	}
	return names
}

// ServeDNS answers one question.
func (w *World) ServeDNS(out dns.ResponseWriter, in *dns.Msg) {
	if in.Opcode == dns.OpcodeUpdate {
		w.serveUpdate(out, in)
		return
	}
	w.mu.Lock()
	m := new(dns.Msg)
	m.SetReply(in)
	q := in.Question[0]
	m.Authoritative = true
	m.Answer = w.answer(strings.ToLower(q.Name), q.Qtype)
	w.mu.Unlock()
	if t := in.IsTsig(); t != nil && !w.refuseSignature(out, in, m) {
		m.SetTsig(t.Hdr.Name, t.Algorithm, 300, time.Now().Unix())
	} else if t != nil {
		return
	}
	_ = out.WriteMsg(m)
}

func (w *World) answer(name string, kind uint16) (answer []dns.RR) {
	if servers, ok := w.zones[name]; ok && kind == dns.TypeNS {
		for _, s := range servers {
			rr, _ := dns.NewRR(name + " 60 IN NS " + s)
			answer = append(answer, rr)
		}
		return answer
	}
	if kind == dns.TypeSOA && w.zones[name] != nil {
		rr, _ := dns.NewRR(name + " 60 IN SOA " + w.zones[name][0] + " admin." + name + " 1 60 60 60 60")
		return []dns.RR{rr}
	}
	if kind == dns.TypeA && strings.HasPrefix(name, "ns") {
		rr, _ := dns.NewRR(name + " 60 IN A 127.0.0.1")
		return []dns.RR{rr}
	}
	if w.files != "" && kind == dns.TypeTXT {
		for _, rr := range w.fromFiles() {
			if rr.Header().Name == name {
				answer = append(answer, rr)
			}
		}
	}
	owner := w.owner(name)
	for _, r := range w.records {
		if r.rr.Header().Name != owner || time.Now().Before(r.from) {
			continue
		}
		rr := dns.Copy(r.rr)
		rr.Header().Name = name
		if rr.Header().Rrtype == kind {
			answer = append(answer, rr)
		} else if c, ok := rr.(*dns.CNAME); ok {
			answer = append(append(answer, c), w.answer(strings.ToLower(c.Target), kind)...)
		}
	}
	return answer
}

// owner is name, or where it has no records and none below it has any the wildcard that stands for it (RFC 4592 §3.3).
func (w *World) owner(name string) string {
	seen := map[string]bool{}
	for _, r := range w.records {
		if time.Now().Before(r.from) {
			continue
		}
		for at := r.rr.Header().Name; at != "" && at != "."; _, at, _ = strings.Cut(at, ".") {
			seen[at] = true
		}
	}
	for at := name; !seen[name] && at != ""; {
		_, at, _ = strings.Cut(at, ".")
		if seen["*."+at] {
			return "*." + at
		}
		if seen[at] {
			break // the closest encloser has no wildcard
		}
	}
	return name
}
