package main

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"mutual/core/chain"
	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/profile"
)

// object is what diagnose --json and verify --json print, and what the text for people is written from. A part that was
// not reached is nil; lists of what was found are never nil.
type object struct {
	Schema   int                 `json:"schema"`
	Target   *targetObject       `json:"target"`
	Stages   []stageObject       `json:"stages"`
	TLS      *tlsObject          `json:"tls"`
	MQTT     *mqttObject         `json:"mqtt"`
	Chain    []certificateObject `json:"chain"`
	Path     []string            `json:"path"`
	Findings []diagnose.Finding  `json:"findings"`
	Verdicts []chain.Verdict     `json:"verdicts"`
	Probes   []probeObject       `json:"probes"`
}

type targetObject struct {
	URL       string   `json:"url"`
	Host      string   `json:"host"`
	Port      int      `json:"port"`
	Addresses []string `json:"addresses"`
}

type stageObject struct {
	Name     string          `json:"name"`
	Status   evidence.Status `json:"status"`
	Duration float64         `json:"duration_ms"`
	Detail   string          `json:"detail,omitempty"`
}

type tlsObject struct {
	Version       string   `json:"version"` // "1.3"; empty: none was agreed
	CipherSuite   string   `json:"cipher_suite"`
	ALPN          string   `json:"alpn"`
	ServerName    string   `json:"server_name"`
	Requested     bool     `json:"client_certificate_requested"`
	Sent          bool     `json:"client_certificate_sent"`
	AcceptableCAs []string `json:"acceptable_cas"`
	Alert         *uint8   `json:"alert"`
}

type mqttObject struct {
	Version          string `json:"version"`
	ReasonCode       *byte  `json:"reason_code"`
	ReasonName       string `json:"reason_name"`
	ReasonString     string `json:"reason_string"`
	SessionPresent   bool   `json:"session_present"`
	AssignedClientID string `json:"assigned_client_id"`
}

// certificateObject is one certificate: those that were sent, in their order, then what else stands on the path.
// Position is nil for a certificate that was not sent.
type certificateObject struct {
	Source    evidence.Source `json:"source"`
	Position  *int            `json:"position"`
	File      string          `json:"file,omitempty"`
	SHA256    string          `json:"sha256"`
	Subject   string          `json:"subject"`
	Issuer    string          `json:"issuer"`
	NotBefore string          `json:"not_before"`
	NotAfter  string          `json:"not_after"`

	trusted string // for people: where the trust anchor of a path comes from that the broker sends as well
}

type probeObject struct {
	Name     string          `json:"name"`
	Status   evidence.Status `json:"status"`
	Detail   string          `json:"detail"`
	Duration float64         `json:"duration_ms"`
}

// newObject is the object of an attempt at a connection.
func newObject(a *evidence.Attempt, r diagnose.Result) object {
	o := object{
		Schema: schema, Target: newTarget(a), Stages: newStages(a), TLS: newTLS(a.TLS), MQTT: newMQTT(a.MQTT),
		Findings: findings(r), Verdicts: r.Verdicts, Probes: []probeObject{},
	}
	if a.TLS != nil {
		o.Chain, o.Path = certificates(a.TLS.Sent, r.Chain.Path)
	}
	for _, p := range a.Probes {
		o.Probes = append(o.Probes, probeObject{p.Name, p.Status, p.Detail, milliseconds(p.Duration)})
	}
	return o
}

func newTarget(a *evidence.Attempt) *targetObject {
	s := profile.Server{Transport: profile.Transport(a.Target.Transport), Host: a.Target.Host, Port: a.Target.Port, Path: a.Target.Path}
	if a.Target.Invalid != nil {
		return &targetObject{URL: a.Target.Invalid.Input, Addresses: []string{}}
	}
	t := &targetObject{URL: s.URL(), Host: a.Target.Host, Port: s.PortOrDefault(), Addresses: []string{}}
	if a.Resolve != nil {
		t.Addresses = append(t.Addresses, a.Resolve.Addresses...)
	}
	return t
}

func newTLS(t *evidence.TLS) *tlsObject {
	if t == nil {
		return nil
	}
	o := &tlsObject{
		Version: evidence.VersionName(t.Version), CipherSuite: evidence.SuiteName(t.CipherSuite), ALPN: t.ALPN, ServerName: t.ServerName,
		Requested: t.CertificateRequested, Sent: t.CertificateSent, AcceptableCAs: []string{}, Alert: t.Alert,
	}
	for _, name := range t.AcceptableCAs {
		o.AcceptableCAs = append(o.AcceptableCAs, distinguishedName(name))
	}
	return o
}

func newMQTT(m *evidence.MQTT) *mqttObject {
	if m == nil {
		return nil
	}
	o := &mqttObject{
		Version: mqttVersion(m.Version), ReasonCode: m.ReasonCode, ReasonString: m.ReasonString,
		SessionPresent: m.SessionPresent, AssignedClientID: m.AssignedClientID, ReasonName: m.ReasonName(),
	}
	return o
}

// mqttVersion is the name of a protocol level (MQTT 5.0 §3.1.2.2), in the form that scripts were promised: 5, not 5.0.
func mqttVersion(level byte) string {
	switch level {
	case 3:
		return "3.1"
	case 4:
		return "3.1.1"
	}
	return strconv.Itoa(int(level))
}

// findings never returns nil, and neither do the lists in it: a script may walk over them unasked.
func findings(r diagnose.Result) []diagnose.Finding {
	all := slices.Clone(r.Findings)
	if all == nil {
		all = []diagnose.Finding{}
	}
	for i := range all {
		f := &all[i]
		f.Clients = orEmpty(f.Clients)
		f.Evidence = orEmpty(f.Evidence)
		f.Fixes = orEmpty(f.Fixes)
	}
	return all
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// certificates lists what was sent and then what else is on the path, and the path as hashes. Both are nil when nothing
// was sent.
func certificates(sent []evidence.Certificate, path []chain.Certificate) (list []certificateObject, hashes []string) {
	if len(sent) == 0 {
		return nil, nil
	}
	known := map[string]int{}
	for i, c := range sent {
		position := c.Position
		o := newCertificate(c, &position)
		known[o.SHA256] = i
		list = append(list, o)
	}
	hashes = []string{}
	for _, c := range path {
		o := newCertificate(c.Certificate, nil)
		hashes = append(hashes, o.SHA256)
		if i, ok := known[o.SHA256]; !ok {
			list = append(list, o)
		} else if o.Source != evidence.Sent {
			list[i].trusted = origin(o)
		}
	}
	return list, hashes
}

func newCertificate(c evidence.Certificate, position *int) certificateObject {
	o := certificateObject{Source: c.Source, Position: position, File: c.File, SHA256: fingerprint(c.DER)}
	if x := chain.Parse(c).X; x != nil {
		o.Subject, o.Issuer = distinguishedName(x.RawSubject), distinguishedName(x.RawIssuer)
		o.NotBefore, o.NotAfter = utc(x.NotBefore), utc(x.NotAfter)
	}
	return o
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// distinguishedName writes a name as RFC 4514 does; one that cannot be read, as hex.
func distinguishedName(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return "#" + hex.EncodeToString(der)
	}
	return name.String()
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// milliseconds keeps microseconds: more is noise.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
