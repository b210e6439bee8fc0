// Package progress is how work in steps is told while it is done: to a list in the window, or a line in a terminal.
package progress

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Step is a part of an order, or of changing a record.
type Step string

// The steps in their order.
const (
	Account   Step = "account"
	Order     Step = "order"
	Record    Step = "record"    // the challenge's record is created
	Seen      Step = "seen"      // until every authoritative server answers with it
	Validate  Step = "validate"  // the authority looks for itself
	CleanUp   Step = "clean-up"  // the record is removed
	Finalize  Step = "finalize"  // the request for the certificate
	Download  Step = "download"  // the certificate and its alternate chains
	WriteDown Step = "files"     // cert.pem, chain.pem, fullchain.pem, privkey.pem, root.pem
	RenewInfo Step = "renewal"   // when to renew
	Revoke    Step = "revoke"    // the certificate is revoked
	HostZone  Step = "zone"      // the hosted zone is looked for
	Change    Step = "change"    // a record is changed, until the service says that it is everywhere
	Resolve   Step = "resolve"   // until the name resolves at the authoritative servers
	Identity  Step = "identity"  // whose credentials they are
	Permitted Step = "permitted" // whether they are allowed what is needed
)

// Event is told when a step begins, when there is something new to say of it, and when it ends.
type Event struct {
	Step   Step
	Name   string // of the certificate's names; empty where the step is not about one
	Detail string // a sentence
	Done   bool
	Took   time.Duration // since the step began
	// Manual is set at Record where a person must create the record; the order goes on when it is seen.
	Manual *ByHand
}

// ByHand is a TXT record that a person must create.
type ByHand struct {
	Name  string // with the closing dot
	Value string // without quotation marks
}

// Report is called with progress, from one goroutine at a time; nil is allowed.
type Report func(Event)

// Begin tells of a step and returns what tells of its end.
func (r Report) Begin(s Step, name, detail string) (done func(detail string)) {
	began := time.Now()
	r.Tell(Event{Step: s, Name: name, Detail: detail})
	return func(detail string) {
		r.Tell(Event{Step: s, Name: name, Detail: detail, Done: true, Took: time.Since(began)})
	}
}

// Tell calls r, if there is one.
func (r Report) Tell(p Event) {
	if r != nil {
		r(p)
	}
}

// Sentence is the text of an error with a capital letter and an end; nothing stays nothing.
func Sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
		return ""
	case !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?"):
		s += "."
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
