package nameservertest

import (
	"time"

	"github.com/miekg/dns"
)

// The key that updates have to be signed with, hmac-sha256.
const (
	UpdateKey    = "mutual."
	UpdateSecret = "c2VjcmV0IG9mIHRoZSBsYWJvcmF0b3J5"
)

// Updates says what a dynamic update of a name is answered with (nil: success), and after what time it can be seen.
func (w *World) Updates(answer func(name string) int, delay time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.update, w.updateDelay = answer, delay
}

// serveUpdate carries out a dynamic update (RFC 2136 §3.4) of single records, and of whole sets.
func (w *World) serveUpdate(out dns.ResponseWriter, in *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(in)
	t := in.IsTsig()
	if t == nil {
		m.SetRcode(in, dns.RcodeRefused)
		_ = out.WriteMsg(m)
		return
	}
	if w.refuseSignature(out, in, m) {
		return
	}
	m.SetTsig(t.Hdr.Name, t.Algorithm, 300, time.Now().Unix())
	m.Rcode = w.apply(in)
	_ = out.WriteMsg(m)
}

func (w *World) apply(in *dns.Msg) int {
	w.mu.Lock()
	zone, answer, delay := in.Question[0].Name, w.update, w.updateDelay
	_, known := w.zones[zone]
	w.mu.Unlock()
	if !known {
		return dns.RcodeNotAuth
	}
	for _, rr := range in.Ns {
		if !dns.IsSubDomain(zone, rr.Header().Name) {
			return dns.RcodeNotZone
		}
		if answer != nil {
			if code := answer(rr.Header().Name); code != dns.RcodeSuccess {
				return code
			}
		}
	}
	for _, rr := range in.Ns {
		h := rr.Header()
		kind := dns.TypeToString[h.Rrtype]
		switch h.Class {
		case dns.ClassINET:
			w.Add(delay, h.Name, kind, valueOf(rr))
		case dns.ClassNONE:
			w.Remove(h.Name, kind, valueOf(rr))
		case dns.ClassANY:
			w.Set(0, h.Name, kind)
		}
	}
	return dns.RcodeSuccess
}

func valueOf(rr dns.RR) string {
	if txt, ok := rr.(*dns.TXT); ok {
		return `"` + txt.Txt[0] + `"`
	}
	return rr.String()[len(rr.Header().String()):]
}

// refuseSignature answers, unsigned, where the signature of in is not good (RFC 8945 §5.2).
func (w *World) refuseSignature(out dns.ResponseWriter, in, m *dns.Msg) bool {
	t := in.IsTsig()
	status := out.TsigStatus()
	if status == nil {
		return false
	}
	code := uint16(dns.RcodeBadSig)
	other := ""
	switch {
	case t.Hdr.Name != UpdateKey || t.Algorithm != dns.HmacSHA256:
		code = dns.RcodeBadKey
	case status == dns.ErrTime:
		code, other = dns.RcodeBadTime, "000000000001"
	}
	m.Rcode = dns.RcodeNotAuth
	m.Answer, m.Ns = nil, nil
	m.Extra = []dns.RR{&dns.TSIG{Hdr: dns.RR_Header{Name: t.Hdr.Name, Rrtype: dns.TypeTSIG, Class: dns.ClassANY}, Algorithm: t.Algorithm,
		TimeSigned: t.TimeSigned, Fudge: t.Fudge, OrigId: in.Id, Error: code, OtherLen: uint16(len(other) / 2), OtherData: other}}
	if packed, err := m.Pack(); err == nil {
		_, _ = out.Write(packed)
	}
	return true
}
