package report

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"mutual/core/chain"
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
				v.SetString(base(v.String()))
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

// nameInside is the place of a name in the server's certificate. With it, a masked report is judged again as the
// original was, and the name stands nowhere in the report but in the certificate.
type nameInside struct {
	// Kind is "dns", "ip" or "common-name"; Index counts the certificate's names of that kind, from 0.
	Kind  string `json:"kind"`
	Index int    `json:"index"`
	// Below holds stand-ins for the labels that come before what a wildcard covers.
	Below string `json:"below,omitempty"`
}

// inside looks for the name that a expects in the certificate that was sent.
func (m *mask) inside(a, masked *evidence.Attempt) *nameInside {
	if a.TLS == nil || len(a.TLS.Sent) == 0 || a.Target.Name == "" {
		return nil
	}
	c := chain.Parse(a.TLS.Sent[0])
	if c.X == nil {
		return nil
	}
	name := lower(strings.TrimSuffix(a.Target.Name, "."))
	if ip, err := netip.ParseAddr(name); err == nil {
		for i, x := range c.X.IPAddresses {
			if b, ok := netip.AddrFromSlice(x); ok && b.Unmap() == ip.Unmap() {
				return &nameInside{Kind: "ip", Index: i}
			}
		}
	}
	for i, n := range c.X.DNSNames {
		n = lower(n)
		if n == name {
			return &nameInside{Kind: "dns", Index: i}
		}
		if b, ok := strings.CutPrefix(n, "*."); ok {
			if name == b {
				return &nameInside{Kind: "dns", Index: i}
			}
			if above, ok := strings.CutSuffix(name, "."+b); ok {
				return &nameInside{Kind: "dns", Index: i, Below: strings.Repeat("host.", strings.Count(above, ".")) + "host"}
			}
		}
	}
	if lower(c.CommonName()) == name {
		return &nameInside{Kind: "common-name"}
	}
	return nil
}

// restore puts the name back that the masked attempt is judged with. A place that does not exist changes nothing.
func (n *nameInside) restore(a *evidence.Attempt) {
	if n == nil || a.TLS == nil || len(a.TLS.Sent) == 0 {
		return
	}
	c := chain.Parse(a.TLS.Sent[0])
	if c.X == nil || n.Index < 0 {
		return
	}
	switch {
	case n.Kind == "ip" && n.Index < len(c.X.IPAddresses):
		a.Target.Name = c.X.IPAddresses[n.Index].String()
	case n.Kind == "dns" && n.Index < len(c.X.DNSNames):
		a.Target.Name = strings.TrimPrefix(c.X.DNSNames[n.Index], "*.")
		if n.Below != "" {
			a.Target.Name = n.Below + "." + a.Target.Name
		}
	case n.Kind == "common-name":
		a.Target.Name = c.CommonName()
	}
}
