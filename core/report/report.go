// Package report writes one attempt at a connection down for somebody else: as a page (HTML), as text for a ticket
// (Markdown) and as data that can be judged again (JSON). It reads no files, dials nothing and knows no clock: what is
// in a report is what was seen. No secret can be in one, because evidence has no field for a secret.
package report

import (
	"fmt"
	"slices"

	"mutual/core/diagnose"
	"mutual/core/evidence"
)

// Report is an attempt and what is said of it.
type Report struct {
	Attempt *evidence.Attempt
	Result  diagnose.Result
	Clients []string // the clients that had to accept too, as chain names its judges
	Program string   // what wrote it: "mutualctl 1.4.0"; empty: not known
	// Kept says what a masked report that was read back still holds or lacks; empty for one that was not masked.
	Kept string
}

// Options of writing. The zero value hides nothing.
type Options struct {
	// Mask puts stand-ins in the place of host names, addresses and whatever else leads to a place or a person.
	Mask bool
}

// New judges a and returns the report of it.
func New(a *evidence.Attempt, clients []string, program string) Report {
	return Report{Attempt: a, Result: diagnose.Diagnose(a, clients), Clients: clients, Program: program}
}

// For is r, judged again with other clients that must accept too.
func (r Report) For(clients []string) Report {
	r.Clients, r.Result = clients, diagnose.Diagnose(r.Attempt, clients)
	return r
}

// tone is what a colour means, in the words of the style sheet.
type tone string

const (
	good    tone = "good"
	warn    tone = "warn"
	bad     tone = "bad"
	note    tone = "note"    // information, not judgement
	neutral tone = "neutral" // nothing to say
)

// verdict says how the attempt ended: in a word or two for a mark, and in the end of a sentence that begins with "The
// connection to …".
func (r Report) verdict() (t tone, mark, text string) {
	a := r.Attempt
	switch {
	case BrokeOff(a) && len(r.Result.Findings) == 0:
		return bad, "Not connected", "does not work, and no known cause fits"
	case BrokeOff(a):
		return bad, "Not connected", "does not work"
	case diagnose.Failed(r.Result.Findings):
		return bad, "Not for every client", "works here, but not with every client that must be able to connect"
	case a.MQTT == nil || a.MQTT.Status != evidence.OK:
		return neutral, "Not finished", "was not tried to the end"
	case a.TLS == nil:
		return warn, "Not encrypted", "works, and is not encrypted"
	case !a.TLS.Verified:
		return warn, "Broker not verified", "works, and the broker is not verified"
	case r.warned():
		t, mark = warn, "Works, with a warning"
	default:
		t, mark = good, "Works"
	}
	if TwoWay(a) {
		return t, mark, "works, with two-way TLS"
	}
	return t, mark, "works, and the broker is verified; it did not check by a certificate who connects"
}

func (r Report) warned() bool {
	return slices.ContainsFunc(r.Result.Findings, func(f diagnose.Finding) bool { return f.Severity == diagnose.Warning })
}

// sentence is the verdict in one sentence.
func (r Report) sentence() string {
	_, _, text := r.verdict()
	to := ""
	if r.Attempt.Target.Host != "" {
		to = " to " + hostPort(r.Attempt.Target)
	}
	return fmt.Sprintf("The connection%s %s.", to, text)
}

// BrokeOff says whether a stage of a was reached and did not succeed.
func BrokeOff(a *evidence.Attempt) bool {
	return slices.ContainsFunc(stagesOf(a), func(s reached) bool { return s.stage != nil && s.stage.Status == evidence.Failed })
}

// TwoWay says whether both sides were authenticated by certificates, and the server accepted.
func TwoWay(a *evidence.Attempt) bool {
	return a.TLS != nil && a.TLS.Verified && a.TLS.CertificateRequested && a.TLS.CertificateSent &&
		a.MQTT != nil && a.MQTT.Status == evidence.OK
}

// reached is one of the five stages; stage is nil when it was not reached.
type reached struct {
	name  string // as people read it
	stage *evidence.Stage
}

// stagesOf lists all five, in order.
func stagesOf(a *evidence.Attempt) []reached {
	all := []reached{{name: "Your files"}, {name: "Address"}, {name: "Network"}, {name: "TLS"}, {name: "MQTT"}}
	if a.Files != nil {
		all[0].stage = &a.Files.Stage
	}
	if a.Resolve != nil {
		all[1].stage = &a.Resolve.Stage
	}
	if a.Dial != nil {
		all[2].stage = &a.Dial.Stage
	}
	if a.TLS != nil {
		all[3].stage = &a.TLS.Stage
	}
	if a.MQTT != nil {
		all[4].stage = &a.MQTT.Stage
	}
	return all
}
