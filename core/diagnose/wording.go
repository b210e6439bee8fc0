package diagnose

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/pki"
)

// date is how dates stand in sentences.
func date(t time.Time) string { return t.UTC().Format("2006-01-02") }

// ago says how far t lies from now, in units that a person would use, rounded.
func ago(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	unit := func(n int, word string) string {
		if n == 1 {
			return "1 " + word
		}
		return fmt.Sprintf("%d %ss", n, word)
	}
	switch {
	case d < 2*time.Minute:
		return unit(int(d.Seconds()+0.5), "second")
	case d < 2*time.Hour:
		return unit(int(d.Minutes()+0.5), "minute")
	case d < 48*time.Hour:
		return unit(int(d.Hours()+0.5), "hour")
	}
	return unit(int(d.Hours()/24+0.5), "day")
}

// list joins words as a sentence does: "a", "a and b", "a, b and c"; after six it counts the rest.
func list(words []string) string {
	const most = 6
	if len(words) > most {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("%d more", len(words)-most))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func quote(s string) string { return `"` + s + `"` }

// base is a file's name without its folder: in a sentence the folder only disturbs; the subject has the whole path.
func base(path string) string { return filepath.Base(path) }

// colons writes an identifier as certificate viewers do: "AB:CD".
func colons(b []byte) string {
	parts := make([]string, len(b))
	for i, x := range b {
		parts[i] = fmt.Sprintf("%02X", x)
	}
	return strings.Join(parts, ":")
}

// called is the name by which people know a certificate.
func called(c chain.Certificate) string {
	if c.X != nil {
		return pki.CommonName(c.X)
	}
	for _, name := range []string{c.CommonName(), c.Subject()} {
		if name != "" {
			return name
		}
	}
	return "unreadable certificate"
}

// the names a certificate as the subject of a sentence, by the part that it plays.
func (c *Case) the(f chain.Fault) string {
	switch {
	case f.Certificate.Source == evidence.CAFile:
		return fmt.Sprintf("The certificate %s in %s", quote(called(f.Certificate)), base(f.Certificate.File))
	case f.Index == 0 && c.Question.Purpose == chain.ClientAuth:
		return "The client certificate"
	case f.Index == 0:
		return "The broker's certificate"
	case f.Certificate.Subject() != "" && f.Certificate.Subject() == f.Certificate.Issuer():
		return "The root certificate " + quote(called(f.Certificate))
	}
	return "The intermediate certificate " + quote(called(f.Certificate))
}

// clock says at what time a certificate was judged.
func (c *Case) clock() string {
	if c.offline {
		return "on " + date(c.Question.At)
	}
	return fmt.Sprintf("by this computer's clock (%s)", date(c.Question.At))
}

// where says where a certificate came from, in words.
func where(c chain.Certificate) string {
	switch c.Source {
	case evidence.Sent:
		return fmt.Sprintf("sent by the broker, number %d of its chain", c.Position+1)
	case evidence.CAFile, evidence.UntrustedFile, evidence.ClientFile:
		return fmt.Sprintf("certificate %d in %s", c.Block+1, c.File)
	case evidence.System:
		return "this computer's public roots"
	case evidence.Mozilla:
		return "Mozilla's public roots"
	case evidence.BuiltIn:
		return "the public certificates built into this program"
	case evidence.Fetched:
		return c.File
	}
	return string(c.Source)
}

// issuerOf is the best name for the certificate that would follow: a known certificate's, else the name it must have.
func issuerOf(f chain.Fault) string {
	if f.Issuer.X != nil {
		return called(f.Issuer)
	}
	return shortName(f.IssuerName)
}

// shortName takes the common name out of an RFC 4514 name; where there is none, the whole.
func shortName(dn string) string {
	for _, part := range strings.Split(dn, ",") {
		if cn, ok := strings.CutPrefix(strings.TrimSpace(part), "CN="); ok {
			return cn
		}
	}
	if dn == "" {
		return "an authority without a name"
	}
	return dn
}

// certificateSubject is the subject of a finding about a certificate.
func certificateSubject(c chain.Certificate) Subject {
	s := Subject{Kind: "certificate", Source: c.Source, File: c.File, CommonName: called(c)}
	if len(c.DER) > 0 {
		s.SHA256 = hex.EncodeToString(c.SHA256[:])
	}
	switch c.Source {
	case evidence.Sent:
		s.Position = &c.Position
	case evidence.CAFile, evidence.UntrustedFile, evidence.ClientFile:
		s.Block = &c.Block
	}
	return s
}

// clientNames say to people which programs a judge speaks for.
var clientNames = map[string]string{
	"go":              "Mutual",
	"openssl":         "OpenSSL clients (mosquitto, MQTT X and other Node.js programs, Python before 3.13)",
	"openssl-partial": "curl and other OpenSSL clients that accept partial chains",
	"python313":       "Python 3.13 and later",
	"java":            "Java clients",
	"mbedtls":         "mbedTLS clients (ESP32 and other devices)",
	"gnutls":          "GnuTLS clients",
}

// clientName is clientNames, or the judge's own name.
func clientName(id string) string {
	if n, ok := clientNames[id]; ok {
		return n
	}
	return id
}

// refusals says who refuses because of a finding, in that client's own words: support staff compare them with a log.
func (c *Case) refusals(f chain.Fault) (said []Fact) {
	for _, v := range c.Verdicts {
		if !slices.Contains(f.Clients, v.Client) {
			continue
		}
		i := slices.IndexFunc(v.Reasons, func(r chain.Reason) bool {
			return r.ID == f.ID && (r.SHA256 == f.Certificate.SHA256 || r.SHA256 == [32]byte{})
		})
		if i < 0 {
			continue
		}
		words := quote(v.Reasons[i].Text)
		if code := v.Reasons[i].Code; code != "" && v.Client != "go" {
			words = "error " + code + ", " + words
		}
		said = append(said, Fact{clientName(v.Client), words})
	}
	return said
}

// onlyOthers says in a sentence who refuses, when this program does not: otherwise it goes without saying.
func onlyOthers(refusers []string, said []Fact) string {
	if len(said) == 0 || slices.Contains(refusers, "go") {
		return ""
	}
	var parts []string
	for _, s := range said {
		parts = append(parts, s.Name+": "+s.Value)
	}
	return "Refused by " + strings.Join(parts, "; ") + "."
}

// sentences joins what is not empty.
func sentences(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
