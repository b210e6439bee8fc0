package report

import (
	"encoding/hex"
	"fmt"
	"strings"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// details are the tables for whoever wants to know exactly.
func (w writer) details() []section {
	all := []section{w.connection(), w.trust()}
	all = append(all, w.files()...)
	all = append(all, w.tls(), w.mqtt())
	all = append(all, w.certificates()...)
	var there []section
	for _, s := range all {
		rows := s.Rows[:0]
		for _, r := range s.Rows {
			if r.Value != "" {
				rows = append(rows, r)
			}
		}
		if len(rows) > 0 {
			there = append(there, section{s.Title, rows})
		}
	}
	return there
}

func (w writer) connection() section {
	a := w.Attempt
	s := section{Title: "Connection"}
	if a.Target.Host != "" {
		s.Rows = append(s.Rows, row{"broker", w.text(server(a.Target).URL())})
	}
	s.Rows = append(s.Rows, row{"name expected in its certificate", w.text(a.Target.Name)}, row{"ALPN offered", w.text(strings.Join(a.Target.ALPN, ", "))})
	if a.Resolve != nil {
		s.Rows = append(s.Rows, row{"addresses", w.text(some(a.Resolve.Addresses, 16))}, row{"looking up, raw text", w.text(a.Resolve.Error)})
	}
	if a.Dial != nil {
		for i, t := range a.Dial.Tries[:min(len(a.Dial.Tries), 16)] {
			answer := "answered"
			if t.Failure != evidence.NoFailure {
				answer = join(", ", string(t.Failure), t.Error)
			}
			s.Rows = append(s.Rows, row{fmt.Sprintf("try %d", i+1), w.text(join(", ", t.Address+": "+answer, Took(t.Took)))})
		}
	}
	return s
}

func (w writer) trust() section {
	t := w.Attempt.Trust
	var sources []string
	for _, x := range []struct {
		on   bool
		name string
	}{{t.File, "CA file"}, {t.System, "this computer's authorities"}, {t.Mozilla, "Mozilla's authorities"}} {
		if x.on {
			sources = append(sources, x.name)
		}
	}
	s := section{Title: "Trust", Rows: []row{{"trusted", strings.Join(sources, ", ")}}}
	if w.Attempt.Target.DoNotVerify {
		s.Rows = append(s.Rows, row{"verification of the broker", "switched off"})
	}
	return s
}

func (w writer) files() []section {
	if w.Attempt.Files == nil {
		return nil
	}
	s := section{Title: "Files"}
	for _, f := range w.Attempt.Files.Files {
		what := string(f.Problem)
		if f.Problem == evidence.Readable {
			var kinds []string
			for _, b := range f.Blocks {
				kinds = append(kinds, join(" ", b.KeyType, strings.ReplaceAll(b.Kind, "-", " ")))
			}
			what = some(kinds, 6)
		}
		s.Rows = append(s.Rows, row{roleWords(f.Role), w.text(join("; ", f.Path, f.Format, what, f.Detail))})
	}
	s.Rows = append(s.Rows, row{"raw text", w.text(w.Attempt.Files.Error)})
	return []section{s}
}

func (w writer) tls() section {
	t := w.Attempt.TLS
	if t == nil {
		return section{}
	}
	var cas []string
	for _, der := range t.AcceptableCAs {
		cas = append(cas, distinguishedName(der))
	}
	s := section{Title: "TLS", Rows: []row{
		{"version", evidence.VersionName(t.Version)}, {"cipher suite", evidence.SuiteName(t.CipherSuite)}, {"ALPN", w.text(t.ALPN)},
		{"server name sent", w.text(t.ServerName)}, {"handshake complete", yes(t.Complete)}, {"broker verified", yes(t.Verified)},
		{"client certificate asked for", yes(t.CertificateRequested)}, {"client certificate sent", yes(t.CertificateSent)},
		{"authorities that the broker accepts", w.text(some(cas, 10))}, {"ended by", string(t.Failure)}, {"alert", alertWords(t.Alert)},
		{"first bytes", w.bytes(t.FirstBytes)}, {"raw text", w.text(t.Error)},
	}}
	if t.Late {
		s.Rows = append(s.Rows, row{"when", "after the handshake"})
	}
	return s
}

func (w writer) mqtt() section {
	m := w.Attempt.MQTT
	if m == nil {
		return section{}
	}
	reason := ""
	if m.ReasonCode != nil {
		reason = fmt.Sprintf("%s (0x%02X)", m.ReasonName(), *m.ReasonCode)
	}
	return section{Title: "MQTT", Rows: []row{
		{"version", mqttVersion(m.Version)}, {"reason", reason}, {"reason string", w.text(m.ReasonString)},
		{"server reference", w.text(m.ServerReference)}, {"client identifier", w.text(m.ClientID)},
		{"assigned client identifier", w.text(m.AssignedClientID)}, {"session present", yes(m.SessionPresent)},
		{"ended by", string(m.Failure)}, {"first bytes", w.bytes(m.FirstBytes)}, {"raw text", w.text(m.Error)},
	}}
}

// bytes shows the first bytes of an answer. A masked report has them only as far as they name a protocol.
func (w writer) bytes(b []byte) string {
	if w.mask != nil {
		b = b[:min(len(b), 4)]
	}
	return strings.ToUpper(hex.EncodeToString(b))
}

// certificates are those that were sent, and what else is on the path.
func (w writer) certificates() (all []section) {
	const most = 20
	var list []chain.Certificate
	known := map[[32]byte]bool{}
	add := func(c chain.Certificate) {
		if !known[c.SHA256] {
			known[c.SHA256] = true
			list = append(list, c)
		}
	}
	if w.Attempt.TLS != nil {
		for _, c := range w.Attempt.TLS.Sent {
			add(chain.Parse(c))
		}
	}
	for _, c := range w.Result.Chain.Path {
		add(c)
	}
	for i, c := range list {
		if i == most {
			all = append(all, section{"Further certificates", []row{{"number", fmt.Sprint(len(list) - most)}}})
			break
		}
		all = append(all, w.certificate(c))
	}
	return all
}

func (w writer) certificate(c chain.Certificate) section {
	s := section{Title: "Certificate: " + w.text(NameOf(c)), Rows: []row{
		{"from", w.text(SourceWords(c.Certificate))}, {"subject", w.text(c.Subject())}, {"issuer", w.text(c.Issuer())},
	}}
	if x := c.X; x != nil {
		var names []string
		names = append(names, x.DNSNames...)
		for _, ip := range x.IPAddresses {
			names = append(names, ip.String())
		}
		names = append(names, x.EmailAddresses...)
		for _, u := range x.URIs {
			names = append(names, u.String())
		}
		s.Rows = append(s.Rows,
			row{"valid", moment(x.NotBefore) + " to " + moment(x.NotAfter)},
			row{"names", w.text(some(names, 20))},
			row{"key", pki.KeyTypeOf(x.PublicKey)}, row{"signed with", x.SignatureAlgorithm.String()},
			row{"subject key identifier", w.text(colons(x.SubjectKeyId))}, row{"authority key identifier", w.text(colons(x.AuthorityKeyId))})
	} else {
		s.Rows = append(s.Rows, row{"not readable for Go", w.text(c.Error)})
	}
	s.Rows = append(s.Rows, row{"SHA-256", w.text(fingerprint(c.DER))})
	return s
}
