// Package diagnose turns evidence into findings, the cause first. It is a pure function: no network, no clock, no
// files. Rules look at evidence, never at error texts.
package diagnose

import (
	"slices"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// Severity is one rule for all ids: error if and only if this program or a client that must accept too refuses because
// of it, or a file, setting, network or broker fault makes the connection impossible; else at most a warning.
type Severity string

const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Risk of a fix.
type Risk string

const (
	NoRisk     Risk = "none"
	AddsTrust  Risk = "adds-trust"
	Weakens    Risk = "weakens"
	SystemRisk Risk = "system"
)

// Finding is one cause.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`  // one sentence that can be read aloud
	Detail   string   `json:"detail"` // how we know, what else it could be, what to do
	Clients  []string `json:"clients"`
	Subject  Subject  `json:"subject"`
	Evidence []Fact   `json:"evidence"`
	Fixes    []Fix    `json:"fixes"`
	Spec     string   `json:"-"` // the rule's source: "RFC 5280 §4.1.2.5"
}

// Subject is the thing at fault.
type Subject struct {
	Kind       string          `json:"kind"` // "certificate", "file", "setting", "network", "broker"
	Source     evidence.Source `json:"source,omitempty"`
	File       string          `json:"file,omitempty"`
	Block      *int            `json:"block,omitempty"`
	Position   *int            `json:"position,omitempty"`
	SHA256     string          `json:"sha256,omitempty"` // lower-case hex of the DER
	CommonName string          `json:"common_name,omitempty"`
	Setting    string          `json:"setting,omitempty"`
}

// Fact is a piece of evidence.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Fix is one way out, to be shown as a button.
type Fix struct {
	ID        string `json:"id"`
	Title     string `json:"title"` // a verb phrase
	Risk      Risk   `json:"risk"`
	Automatic bool   `json:"automatic"` // package fix can carry it out; else Action.Text is to be read or copied
	Action    Action `json:"-"`
}

// Action is a fix as data; package fix carries it out. Several parts may be set at once.
type Action struct {
	Set []Assignment // settings of the profile to change
	// Add are certificates to be written, with those that the profile's CA files hold already, into a new CA file
	// that takes their place in the profile. Name suggests the file's name, without a folder.
	Add  []chain.Certificate
	Name string
	// Chain are the client's own certificate and its issuers in order, to be written into a new client certificate file
	// that takes the place of the profile's.
	Chain []chain.Certificate
	// Export are certificates to be written into a file of their own, in this order, for somebody else: whoever runs the
	// server. Nothing in the profile changes.
	Export []chain.Certificate
	// Passphrase says that the passphrase of the profile's key is wanted from the user before trying again.
	Passphrase bool
	// Convert names a DER file, or one with damaged PEM text, that is to be written as PEM beside it. The copy takes its
	// place in the profile.
	Convert string
	Text    string // for people to read or copy, where nothing is automatic
}

// Field is a setting of a profile that a fix may change.
type Field string

const (
	FieldTransport       Field = "transport"        // a profile.Transport
	FieldPort            Field = "port"             // a number; "0": the transport's own
	FieldMQTTVersion     Field = "mqtt-version"     // a profile.Version
	FieldServerName      Field = "server-name"      // a DNS name or IP address
	FieldALPN            Field = "alpn"             // protocol names, comma between; "": none
	FieldPublicTrust     Field = "public-trust"     // "true": the system's and Mozilla's roots count too
	FieldCertificateFile Field = "certificate-file" // a path
	FieldKeyFile         Field = "key-file"         // a path
)

// Assignment is one changed setting.
type Assignment struct {
	Field Field
	Value string
}

// Result is a whole diagnosis.
type Result struct {
	Findings []Finding
	Chain    chain.Analysis
	Verdicts []chain.Verdict // nil where no certificate was seen
}

// Diagnose judges an attempt. clients are the names of the judges that must accept too.
func Diagnose(a *evidence.Attempt, clients []string) Result {
	c := &Case{Attempt: a, Clients: clients}
	if q, ok := chain.FromAttempt(a); ok {
		c.judge(q)
	}
	return c.result()
}

// Verify judges a chain without a connection. files is what was read, and may be nil.
func Verify(q chain.Question, files *evidence.Files, clients []string) Result {
	c := &Case{Attempt: &evidence.Attempt{Started: q.At, Files: files}, Clients: clients, offline: true}
	c.Target.Name = q.Name
	if len(q.Sent) > 0 {
		c.judge(q)
	}
	return c.result()
}

// Failed says whether a finding of severity error is among fs.
func Failed(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == Error })
}
