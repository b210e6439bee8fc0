package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"mutual/core/evidence"
)

// attempt is a copy of a with stand-ins in all its texts. Certificates stay as they are.
func (m *mask) attempt(a *evidence.Attempt) (*evidence.Attempt, error) {
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("copying the attempt: %w", err)
	}
	masked := new(evidence.Attempt)
	if err := json.Unmarshal(b, masked); err != nil {
		return nil, fmt.Errorf("copying the attempt: %w", err)
	}
	m.fields(reflect.ValueOf(masked), "")
	return masked, nil
}

// kept are the fields whose values rules and renderers compare: they are this program's own words.
var kept = map[string]bool{"Transport": true, "Format": true, "Kind": true, "Label": true, "KeyType": true}

func (m *mask) fields(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			m.fields(v.Elem(), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !kept[f.Name] {
				m.fields(v.Field(i), f.Name)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if name == "FirstBytes" || name == "Bytes" {
				v.SetBytes(m.bytes(v.Bytes()))
			}
			return
		}
		for i := range v.Len() {
			m.fields(v.Index(i), name)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() { // named types are words of this program
			if name == "Path" || name == "File" || name == "Matching" {
				v.SetString(Base(v.String()))
			}
			if name == "Name" && m.probe(v.String()) {
				return
			}
			v.SetString(m.text(v.String()))
		}
	}
}

// probe says whether a text is the name of an experiment, which rules look for.
func (m *mask) probe(s string) bool {
	for _, fetched := range []evidence.AnswerKind{evidence.IssuerAnswer, evidence.CRLAnswer, evidence.OCSPAnswer} {
		if strings.HasPrefix(s, string(fetched)+":") { // an address follows
			return false
		}
	}
	return s == "plain-connect" || strings.Contains(s, "-") && m.names[lower(s)] == ""
}

// bytes masks what is a text in an answer's first bytes: a greeting names its host.
func (m *mask) bytes(b []byte) []byte {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' && c != '\t' {
			return b
		}
	}
	out := []byte(m.text(string(b)))
	return out[:min(len(out), 64)]
}

// nameInside is the place of the name that was expected, in one of the certificates that the server sent. With it, a
// masked report is judged as the original was, and the name stands nowhere in the report but in the certificate.
type nameInside struct {
	Certificate int  `json:"certificate"` // index in the server's Certificate message, from 0
	Offset      int  `json:"offset"`      // in its DER, in bytes
	Length      int  `json:"length"`
	Address     bool `json:"address,omitempty"` // the bytes are an IP address, not a text
	// Below holds stand-ins for the labels in front, where only a wildcard's base is in the certificate.
	Below string `json:"below,omitempty"`
}

// longestName is that of a domain (RFC 1035 §2.3.4).
const longestName = 255

// inside looks for the name that a expects. The bytes are searched, not the parsed names: a certificate that cannot be
// parsed holds its name all the same, and a rule may look at any certificate that was sent.
func inside(a *evidence.Attempt) *nameInside {
	name := lower(strings.TrimSuffix(a.Target.Name, "."))
	if a.TLS == nil || name == "" || len(name) > longestName {
		return nil
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		raw := ip.Unmap().AsSlice()
		for i, c := range a.TLS.Sent {
			if at := bytes.Index(c.DER, raw); at >= 0 {
				return &nameInside{Certificate: i, Offset: at, Length: len(raw), Address: true}
			}
		}
	}
	if i, at := find(a.TLS.Sent, []byte(name)); i >= 0 {
		return &nameInside{Certificate: i, Offset: at, Length: len(name)}
	}
	for below, rest := "host", name; ; below += ".host" {
		_, above, ok := strings.Cut(rest, ".")
		if !ok {
			return nil
		}
		rest = above
		if i, at := find(a.TLS.Sent, []byte("*."+rest)); i >= 0 {
			return &nameInside{Certificate: i, Offset: at + 2, Length: len(rest), Below: below}
		}
	}
}

// find returns the first certificate that holds text, in whatever case, and where; -1 when none does.
func find(sent []evidence.Certificate, text []byte) (certificate, offset int) {
	for i, c := range sent {
		if at := strings.Index(lowerBytes(c.DER), string(text)); at >= 0 {
			return i, at
		}
	}
	return -1, -1
}

// lowerBytes is ASCII's lower case of bytes that need not be a text: no length changes.
func lowerBytes(b []byte) string {
	out := bytes.Clone(b)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] += 'a' - 'A'
		}
	}
	return string(out)
}

// restore puts the name back that a masked attempt is judged with. A place that does not exist changes nothing.
func (n *nameInside) restore(a *evidence.Attempt) {
	if n == nil || a.TLS == nil || n.Certificate < 0 || n.Certificate >= len(a.TLS.Sent) {
		return
	}
	der := a.TLS.Sent[n.Certificate].DER
	if n.Offset < 0 || n.Length < 1 || n.Length > longestName || n.Offset > len(der)-n.Length || len(n.Below) > longestName {
		return
	}
	raw := der[n.Offset : n.Offset+n.Length]
	if n.Address {
		if ip, ok := netip.AddrFromSlice(raw); ok {
			a.Target.Name = ip.String()
		}
		return
	}
	a.Target.Name = join(".", n.Below, string(raw))
}
