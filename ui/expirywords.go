package ui

import (
	"fmt"
	"time"

	"mutual/core/pki"
	"mutual/core/report"
	"mutual/core/watch"
	"mutual/ui/widgets"
)

// spanWords words a duration that is not negative: "3 days", "5 hours", "less than an hour".
func spanWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	case d >= time.Hour:
		return "one hour"
	}
	return "less than an hour"
}

// endWords says when a certificate ends, as the end of a sentence.
func endWords(x watch.Entry, now time.Time) string {
	c := x.Certificate
	switch left := x.Left(now); {
	case left < 0:
		return "expired on " + report.Day(c.NotAfter) + ", " + spanWords(-left) + " ago"
	case now.Before(c.NotBefore):
		return "is not valid before " + report.Day(c.NotBefore) + ", in " + spanWords(c.NotBefore.Sub(now))
	default:
		return "ends on " + report.Day(c.NotAfter) + ", in " + spanWords(left)
	}
}

// stateWords is the mark beside a certificate.
func stateWords(x watch.Entry, now time.Time) (widgets.Tone, string) {
	switch left := x.Left(now); x.State {
	case watch.Expired:
		return widgets.Bad, "expired"
	case watch.Due:
		return widgets.Warn, "renew: " + spanWords(left)
	case watch.Early:
		return widgets.Warn, "not yet valid"
	default:
		return widgets.Good, spanWords(left)
	}
}

// useWords says where a certificate is used.
func useWords(u watch.Use) string {
	switch u.Role {
	case watch.CAFile:
		return fmt.Sprintf("trusted by “%s” (%s)", u.Profile, report.Base(u.File))
	case watch.Client:
		return fmt.Sprintf("shown to the broker by “%s” (%s)", u.Profile, report.Base(u.File))
	}
	seen := report.Day(u.LastSeen)
	if u.Replaced {
		return fmt.Sprintf("sent by %s until %s, and another since", u.Address, seen)
	}
	return fmt.Sprintf("sent by %s, last seen %s", u.Address, seen)
}

// worstUse is the use that a reminder is about: one that matters, a profile's own first.
func worstUse(x watch.Entry) watch.Use {
	best, rank := x.Uses[0], 9
	for _, u := range x.Uses {
		r := map[watch.Role]int{watch.Client: 0, watch.CAFile: 1, watch.Broker: 2}[u.Role]
		if u.Bundle || u.Replaced {
			r += 4
		}
		if r < rank {
			best, rank = u, r
		}
	}
	return best
}

// usesWords is one line about all uses.
func usesWords(x watch.Entry) string {
	text := useWords(worstUse(x))
	if n := len(x.Uses) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	return text
}

// inBundles says that x stands only in large bundles of public roots.
func inBundles(x watch.Entry) bool {
	for _, u := range x.Uses {
		if !u.Bundle {
			return false
		}
	}
	return true
}

// whatToDo says what the use of a certificate calls for.
func whatToDo(x watch.Entry, u watch.Use, now time.Time) string {
	issuer := pki.CommonName(x.Certificate)
	if name := x.Certificate.Issuer.CommonName; name != "" {
		issuer = name
	}
	renew := "from " + report.Day(x.RenewBy) + " on"
	switch {
	case u.Replaced:
		return "Nothing: the broker has another one now."
	case u.Bundle:
		return "Nothing: in a bundle of public roots some always end; take a newer bundle when there is one."
	case x.State == watch.Early:
		return "Look at this computer's clock, or wait: brokers and clients refuse it until then."
	case x.State == watch.Valid && u.Role == watch.Broker:
		return "Nothing yet. Its owner should renew it " + renew + "."
	case x.State == watch.Valid:
		return "Nothing yet. It is due for renewal " + renew + "."
	case u.Role == watch.Client:
		return fmt.Sprintf("Have “%s” issue a new one (the page Certificates makes them with an authority of your own), and choose it in the settings of “%s”.", issuer, u.Profile)
	case u.Role == watch.CAFile && x.State == watch.Expired:
		return fmt.Sprintf("Ask for the authority's new certificate, and choose it in the settings of “%s”: with this one no broker is accepted.", u.Profile)
	case u.Role == watch.CAFile:
		return fmt.Sprintf("Ask for the authority's new certificate, and add it in the settings of “%s”; this one can stay beside it until the broker has changed.", u.Profile)
	}
	return fmt.Sprintf("Tell whoever runs %s. Your own broker: renew the certificate, and hand the new one over.", u.Address)
}
