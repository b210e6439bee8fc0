// Package chain builds certification paths over what was sent, what the user trusts and what is publicly known, lists
// every fault on them, and judges them as each client program would. It is pure: no network, no clock, no files, no
// program is run. It knows no case by name.
package chain

import (
	"crypto/x509"
	"time"

	"mutual/core/evidence"
)

// Certificate is one certificate and what Go made of it.
type Certificate struct {
	evidence.Certificate
	X      *x509.Certificate // nil when Go cannot parse it
	Error  string            // why not
	SHA256 [32]byte
}

// Parse reads c. It does not fail: see Certificate.X.
func Parse(c evidence.Certificate) Certificate { panic("skeleton") }

// Purpose is what the end-entity certificate is to be used for.
type Purpose string

const (
	ServerAuth Purpose = "server"
	ClientAuth Purpose = "client"
	AnyPurpose Purpose = "any"
)

// Question is what a judge is asked.
type Question struct {
	Sent      []Certificate // end-entity certificate first
	Untrusted []Certificate // further intermediates, as openssl's -untrusted
	Anchors   []Certificate // trust anchors, of every source in force
	// Candidates are certificates of public sources that are not trusted in this question: they tell what is missing,
	// and no judge sees them.
	Candidates []Certificate
	Name       string    // reference identifier, DNS name or IP address; empty: no judge checks a name
	At         time.Time // the clock
	Purpose    Purpose
}

// FromAttempt is the question that an attempt's server chain poses. ok is false when no certificate was sent.
func FromAttempt(a *evidence.Attempt) (q Question, ok bool) { panic("skeleton") }

// Judge is one client's way of deciding.
type Judge interface {
	Name() string
	Models() string // the program and versions that it models: "OpenSSL 3.0, security level 2"
	Judge(Question) Verdict
}

// Verdict is what one client would say.
type Verdict struct {
	Client   string `json:"client"`
	Accepted bool   `json:"accepted"`
	Code     string `json:"code"`  // the client's own; empty where it has none
	Text     string `json:"text"`  // the client's own words
	Depth    int    `json:"depth"` // OpenSSL's count from the end-entity certificate; -1: none
	// Reasons are all that this client would object to, the one it prints first.
	Reasons []Reason `json:"-"`
}

// Reason is one objection of one client.
type Reason struct {
	ID     string   // finding id
	SHA256 [32]byte // the certificate at fault; zero: none in particular
	Code   string
	Text   string
	Depth  int
}

// Judges returns all judges, `go` first.
func Judges() []Judge { panic("skeleton") }

// Named returns the judge of that name.
func Named(name string) (j Judge, ok bool) { panic("skeleton") }

// Analysis is the path that go built (or the best candidate), and every fault on it, the cause first.
type Analysis struct {
	Path   []Certificate // end-entity certificate to trust anchor, as far as it can be built
	Faults []Fault
	// Anchored says that Path ends in a trust anchor.
	Anchored bool
}

// Fault is one thing wrong with a path, as data; diagnose words it.
type Fault struct {
	ID          string      // finding id
	Certificate Certificate // the one at fault
	Index       int         // its place in the path, from the end-entity certificate; -1: not on it
	// Issuer is the certificate that is missing, that would complete the path, or that contradicts: from Candidates
	// where it is publicly known; its X is nil when nothing is known but IssuerName and IssuerKeyID.
	Issuer      Certificate
	IssuerName  string   // RFC 4514
	IssuerKeyID []byte   // authorityKeyIdentifier
	Clients     []string // who refuses because of it
	Repairs     bool     // repairing this alone makes a path that go accepts
	Detail      string   // technical particulars, not a sentence for people
}

// Analyse builds the paths and lists the faults. Bounded: see the limits in path.go.
func Analyse(q Question) Analysis { panic("skeleton") }
