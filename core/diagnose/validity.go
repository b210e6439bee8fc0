package diagnose

import (
	"fmt"

	"mutual/core/chain"
	"mutual/core/evidence"
)

var validityRules = []chainRule{
	{"certificate-expired", "RFC 5280 §4.1.2.5", Warning, certificateExpired},
	{"certificate-not-yet-valid", "RFC 5280 §4.1.2.5", Warning, certificateNotYetValid},
}

func certificateExpired(c *Case, f chain.Fault) Finding {
	_, until := f.Certificate.Validity()
	out := Finding{
		Title:    fmt.Sprintf("%s expired on %s.", c.the(f), date(until)),
		Detail:   fmt.Sprintf("That is %s ago %s.", ago(c.Question.At.Sub(until)), c.clock()),
		Evidence: []Fact{{"expired", until.UTC().Format("2006-01-02 15:04:05 UTC")}, {"clock", c.Question.At.UTC().Format("2006-01-02 15:04:05 UTC")}},
	}
	if f.Certificate.Source == evidence.CAFile {
		out.Detail += " Get the authority's current certificate for the CA file."
	} else if f.Index == 0 {
		out.Detail += " The broker needs a renewed certificate, and has to be told to load it: many brokers keep the old one until they are reloaded."
	} else {
		out.Detail += " The broker has to send the current certificate of that authority."
	}
	return out
}

func certificateNotYetValid(c *Case, f chain.Fault) Finding {
	from, _ := f.Certificate.Validity()
	return Finding{
		Title:    fmt.Sprintf("%s is not valid before %s.", c.the(f), from.UTC().Format("2006-01-02 15:04 UTC")),
		Detail:   fmt.Sprintf("That is %s away %s. Either the certificate was made for later, or the clock is wrong, here or on the machine that made it.", ago(from.Sub(c.Question.At)), c.clock()),
		Evidence: []Fact{{"valid from", from.UTC().Format("2006-01-02 15:04:05 UTC")}, {"clock", c.Question.At.UTC().Format("2006-01-02 15:04:05 UTC")}},
	}
}
