package solver

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver"
	"mutual/core/remote"
)

// dynamicUpdate changes records at a name server itself (RFC 2136), signed with a shared key (TSIG, RFC 8945) where there
// is one. It is not lego's provider, which empties the name before each value: of a wildcard and its parent, which are
// proved at one name, only the last would be there, and a record of somebody else's would be gone.
type dynamicUpdate struct {
	Server    string // host or host:port; the port is 53 where none is given
	KeyName   string // empty: unsigned
	Secret    string // base64
	Algorithm string // of TSIG; empty: hmac-sha256
	// Timeout bounds one question; 0: 5 s.
	Timeout time.Duration
}

// checked returns d in the form in which it is sent.
func (d dynamicUpdate) checked() (*dynamicUpdate, error) {
	d.Server = nameserver.Address(d.Server)
	if (d.KeyName == "") != (d.Secret == "") {
		return nil, errors.New("a TSIG key has a name and a secret; enter both, or neither")
	}
	if d.KeyName == "" {
		return &d, nil
	}
	d.KeyName = dns.CanonicalName(d.KeyName)
	if d.Algorithm = dns.CanonicalName(d.Algorithm); d.Algorithm == "." {
		d.Algorithm = dns.HmacSHA256
	}
	switch d.Algorithm {
	case dns.HmacSHA1, dns.HmacSHA224, dns.HmacSHA256, dns.HmacSHA384, dns.HmacSHA512:
	default:
		return nil, fmt.Errorf("the TSIG algorithm is one of hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384 and hmac-sha512, not %q", strings.TrimSuffix(d.Algorithm, "."))
	}
	if _, err := base64.StdEncoding.DecodeString(d.Secret); err != nil {
		return nil, errors.New("the TSIG secret is not base64; copy the value that stands behind \"secret\" in the server's key file, whole")
	}
	return &d, nil
}

// updateTTL is short, so that a record that is gone is soon forgotten everywhere. Seconds.
const updateTTL = 60

// Name and Type are those of Solver.
func (*dynamicUpdate) Name() string { return "rfc2136" }
func (*dynamicUpdate) Type() string { return DNS01 }

// Present adds the record beside others of its name; one that is there is left as it is (RFC 2136 §3.4.2.2).
func (d *dynamicUpdate) Present(ctx context.Context, c Challenge) error {
	return d.change(ctx, c.Record(), func(m *dns.Msg, rr []dns.RR) { m.Insert(rr) })
}

// CleanUp removes the record by its value, whoever created it; one that is not there is no error (RFC 2136 §3.4.2.4).
func (d *dynamicUpdate) CleanUp(ctx context.Context, c Challenge) error {
	return d.change(ctx, c.Record(), func(m *dns.Msg, rr []dns.RR) { m.Remove(rr) })
}

func (d *dynamicUpdate) change(ctx context.Context, rec nameserver.Record, edit func(*dns.Msg, []dns.RR)) error {
	zone, err := d.zone(ctx, rec.Name)
	if err != nil {
		return err
	}
	m := new(dns.Msg)
	m.SetUpdate(zone)
	edit(m, []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: rec.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: updateTTL}, Txt: []string{rec.Value}}})
	answer, err := d.exchange(ctx, m)
	if err != nil {
		return err
	}
	return d.refusal(answer, zone)
}

// zone asks the server which of its zones name is in: that of the SOA record that it answers with, or that it shows beside
// a "no".
func (d *dynamicUpdate) zone(ctx context.Context, name string) (string, error) {
	for labels := dns.SplitDomainName(name); len(labels) > 0; labels = labels[1:] {
		m := new(dns.Msg)
		m.SetQuestion(strings.Join(labels, ".")+".", dns.TypeSOA)
		m.RecursionDesired = false
		answer, err := d.exchange(ctx, m)
		if err != nil {
			return "", err
		}
		if err := d.refusal(answer, ""); err != nil && tsigError(answer) != 0 {
			return "", err
		}
		for _, rr := range append(answer.Answer, answer.Ns...) {
			if soa, ok := rr.(*dns.SOA); ok && answer.Authoritative && dns.IsSubDomain(soa.Hdr.Name, name) {
				return strings.ToLower(soa.Hdr.Name), nil
			}
		}
	}
	return "", fmt.Errorf("looking for the zone of %s: the name server %s is responsible for no part of the name; enter the primary name server of the zone that the domain is delegated to",
		strings.TrimSuffix(name, "."), d.Server)
}

// exchange asks by UDP, and by TCP where the answer does not fit or the datagram is lost.
func (d *dynamicUpdate) exchange(ctx context.Context, m *dns.Msg) (*dns.Msg, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	var last error
	for _, network := range []string{"udp", "udp", "tcp"} {
		asked := m.Copy()
		asked.Id = dns.Id()
		c := &dns.Client{Net: network, Timeout: timeout}
		if d.KeyName != "" {
			asked.SetTsig(d.KeyName, d.Algorithm, 300, time.Now().Unix()) // 300 s is what RFC 8945 §10 recommends
			c.TsigSecret = map[string]string{d.KeyName: d.Secret}
		}
		answer, err := nameserver.Exchange(ctx, c, asked, d.Server)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case answer != nil && answer.Truncated && network == "udp":
			last = errors.New("the answer does not fit")
		case answer != nil && (err == nil || tsigError(answer) != 0 || answer.Rcode != dns.RcodeSuccess):
			return answer, nil // a refusal that is about the signature cannot be signed itself
		default:
			last = err
		}
	}
	return nil, &remote.NetworkError{Host: d.Server, Err: last, Advice: "See that the name server's address is right, and that port 53 is open to it from here."}
}

// tsigError is the error in the answer's TSIG record (RFC 8945 §3); 0: none.
func tsigError(m *dns.Msg) uint16 {
	if t := m.IsTsig(); t != nil {
		return t.Error
	}
	return 0
}

// refusal says what the server minds, and what to do.
func (d *dynamicUpdate) refusal(answer *dns.Msg, zone string) error {
	code := uint16(answer.Rcode)
	if t := tsigError(answer); t != 0 {
		code = t
	}
	if code == dns.RcodeSuccess {
		return nil
	}
	e := &remote.ServiceError{Service: "The name server " + d.Server, Said: dns.RcodeToString[int(code)], Advice: "Its log says more."}
	zone = strings.TrimSuffix(zone, ".")
	switch code {
	case dns.RcodeBadKey:
		e.Advice, e.Err = "It knows no TSIG key "+strings.TrimSuffix(d.KeyName, ".")+" with this algorithm: enter both as they stand in its configuration.", remote.ErrWrongCredentials
	case dns.RcodeBadSig:
		e.Said, e.Advice, e.Err = "BADSIG", "The TSIG secret is not the one of the key "+strings.TrimSuffix(d.KeyName, ".")+": copy it again, whole.", remote.ErrWrongCredentials
	case dns.RcodeBadTime:
		e.Advice = "This computer's clock and the server's differ by more than five minutes: set the clock." + serverTime(answer)
	case dns.RcodeRefused:
		e.Advice, e.Err = "Allow TXT records of this name to be changed in "+zone+" with this key (in BIND: update-policy or allow-update).", remote.ErrNotAllowed
	case dns.RcodeNotAuth, dns.RcodeNotZone:
		e.Advice, e.Err = "It does not take changes of "+zone+": enter the zone's primary name server, and see that the key is known there.", remote.ErrNotAllowed
	case dns.RcodeServerFailure:
		e.Advice = "It could not write the zone: see its log, and that it may write its zone and journal files."
	case dns.RcodeNotImplemented:
		e.Advice = "It takes no dynamic updates at all: enter the zone's primary name server."
	}
	return e
}

// serverTime is a sentence with the server's clock, which it tells beside BADTIME (RFC 8945 §5.2.3: 48 bits, seconds).
func serverTime(m *dns.Msg) string {
	t := m.IsTsig()
	if t == nil {
		return ""
	}
	raw, err := hex.DecodeString(t.OtherData)
	if err != nil || len(raw) != 6 {
		return ""
	}
	var seconds int64
	for _, b := range raw {
		seconds = seconds<<8 | int64(b)
	}
	return fmt.Sprintf(" The server's shows %s, this one's %s.", remote.Clock(time.Unix(seconds, 0)), remote.Clock(time.Now()))
}
