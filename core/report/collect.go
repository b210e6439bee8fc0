package report

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"net/url"
	"reflect"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/expression"
)

// newMask collects what has to be masked in a: first what is known to be a name or address by the place where it
// stands, then whatever looks like one in any text that came from outside.
func newMask(a *evidence.Attempt) *mask {
	m := &mask{
		names: map[string]string{}, ips: map[netip.Addr]string{}, files: map[string]bool{}, digests: map[string]bool{}, original: map[string]bool{},
	}
	c := collector{m: m}
	c.attempt(a)
	for _, h := range c.hosts {
		m.original[lower(h)] = true
	}
	for _, ip := range c.ips {
		m.original[ip.WithZone("").Unmap().String()] = true
	}
	c.wildcardsFirst()
	for _, h := range c.hosts {
		m.addHost(h)
	}
	for _, ip := range c.ips {
		m.addIP(ip)
	}
	m.finish()
	return m
}

// collector finds names and addresses, in the order in which they get their numbers.
type collector struct {
	m     *mask
	hosts []string
	ips   []netip.Addr
}

func (c *collector) attempt(a *evidence.Attempt) {
	c.fileNames(a)
	if i := a.Target.Invalid; i != nil { // no name can be told from the rest
		c.m.addClient(i.Input, "address")
		c.m.addClient(a.Target.Host, "address")
	}
	c.host(a.Target.Host)
	c.host(a.Target.Name)
	if a.TLS != nil {
		c.host(a.TLS.ServerName)
	}
	if a.MQTT != nil {
		c.reference(a.MQTT.ServerReference)
		c.m.addClient(a.MQTT.ClientID, "client")
		c.m.addClient(a.MQTT.AssignedClientID, "client")
	}
	if a.TLS != nil {
		for i, s := range a.TLS.Sent {
			c.certificate(s, i == 0)
		}
		for _, name := range a.TLS.AcceptableCAs {
			c.look(distinguishedName(name))
		}
	}
	if a.Files != nil {
		for _, f := range a.Files.Files {
			for _, b := range f.Blocks {
				if len(b.Certificate) > 0 {
					c.certificate(evidence.Certificate{DER: b.Certificate}, f.Role == evidence.RoleCertificate)
				}
			}
		}
	}
	for _, x := range a.Trust.Candidates {
		if x.Source == evidence.Fetched {
			c.certificate(x, false)
		} else { // publicly known, and its names with it
			c.keep(chain.Parse(x))
		}
	}
	c.texts(reflect.ValueOf(a))
}

// wildcardsFirst lets the bases of wildcards be numbered before the names below them.
func (c *collector) wildcardsFirst() {
	var bases []string
	for _, h := range c.hosts {
		if strings.HasPrefix(h, "*.") {
			bases = append(bases, h)
		}
	}
	if len(bases) > 0 && len(c.hosts) > 0 {
		c.hosts = append(bases, c.hosts...)
	}
}

func (c *collector) fileNames(a *evidence.Attempt) {
	if a.Files == nil {
		return
	}
	for _, f := range a.Files.Files {
		c.m.addFile(f.Path)
		if f.Matching != "" {
			c.m.addFile(f.Matching)
		}
	}
}

// host takes what is known to be a host name or an address.
func (c *collector) host(s string) {
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		c.ips = append(c.ips, ip)
	} else if s != "" {
		c.hosts = append(c.hosts, s)
	}
}

// reference takes the hosts of a Server Reference: names, with or without a port, separated by spaces (MQTT 5.0 §4.11).
func (c *collector) reference(s string) {
	for _, part := range strings.Fields(s) {
		if i := strings.LastIndexByte(part, ':'); i > 0 && digits(part[i+1:]) {
			part = part[:i]
		}
		c.host(part)
	}
}

// certificate takes the names in a certificate; own: it is the server's or the client's own one, not an authority's.
func (c *collector) certificate(e evidence.Certificate, own bool) {
	p := chain.Parse(e)
	if p.X == nil {
		for _, run := range readable.FindAllString(string(e.DER), -1) { // its names are there all the same
			c.look(run)
		}
		return
	}
	for _, n := range p.X.DNSNames {
		c.host(n)
	}
	for _, ip := range p.X.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			c.ips = append(c.ips, a)
		}
	}
	for _, u := range p.X.URIs {
		c.host(u.Hostname())
	}
	for _, links := range [][]string{p.X.IssuingCertificateURL, p.X.OCSPServer, p.X.CRLDistributionPoints} {
		for _, l := range links {
			if u, err := url.Parse(l); err == nil {
				c.host(u.Hostname())
			}
		}
	}
	c.look(p.Subject())
	c.look(p.Issuer())
	switch cn := p.CommonName(); {
	case p.X.IsCA && !own:
		c.keep(p)
	case e.Source == evidence.Sent:
		if hostName.MatchString(cn) {
			c.host(cn)
		}
	case own: // a person or a device
		c.m.addClient(cn, "client")
	}
}

// keep lets the identifiers of an authority stay: with them, somebody else can find the certificate that is missing.
func (c *collector) keep(p chain.Certificate) {
	c.m.digests[hex.EncodeToString(p.SHA256[:])] = true
	if p.X != nil {
		c.m.digests[hex.EncodeToString(p.X.SubjectKeyId)] = true
		c.m.digests[hex.EncodeToString(p.X.AuthorityKeyId)] = true
		spki := sha256.Sum256(p.X.RawSubjectPublicKeyInfo)
		c.m.digests[hex.EncodeToString(spki[:])] = true
	}
}

var (
	// readable are the texts within DER.
	readable = expression.New(`[ -~]{4,}`)
	// hostName is what a common name looks like that is a host's.
	hostName = expression.New(`^[\pL\pN*][\pL\pN_.*-]*$`)
	// hostLike is a name in a running text: with a dot, and ending as domains do.
	hostLike = expression.New(`(?i)(?:[\pL\pN_](?:[\pL\pN_-]*[\pL\pN_])?\.)+(?:xn--[a-z0-9-]+|\pL{2,})\b`)
	// anyIP finds candidates for addresses in a running text.
	anyIP = expression.New(`[0-9a-fA-F:.]{3,}`)
)

// look takes whatever in a text looks like a host name or an address.
func (c *collector) look(text string) {
	for _, h := range hostLike.FindAllString(text, -1) {
		if !c.m.files[lower(h)] {
			c.hosts = append(c.hosts, h)
		}
	}
	for _, s := range anyIP.FindAllString(text, -1) {
		s = strings.TrimRight(s, ".:")
		if ip, err := netip.ParseAddr(s); err == nil {
			c.ips = append(c.ips, ip)
		} else if ap, err := netip.ParseAddrPort(s); err == nil {
			c.ips = append(c.ips, ap.Addr())
		}
	}
}

// texts looks through every text of the evidence, and through bytes that are a text.
func (c *collector) texts(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.texts(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !closed[f.Name] {
				c.texts(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if len(v.Bytes()) <= 64 { // first bytes of an answer; certificates are read as such
				c.look(string(v.Bytes()))
			}
			return
		}
		for i := range v.Len() {
			c.texts(v.Index(i))
		}
	case reflect.String:
		c.look(v.String())
	}
}

// closed are the fields whose values come from this program, or are looked at in another way.
var closed = map[string]bool{
	"Started": true, "Transport": true, "Source": true, "Format": true, "Kind": true, "Label": true, "KeyType": true, "ALPN": true,
	"Status": true, "Failure": true, "Problem": true, "Role": true, "Path": true, "File": true, "Matching": true, "Candidates": true, "DER": true,
}
