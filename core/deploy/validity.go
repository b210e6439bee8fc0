package deploy

import (
	"crypto/x509"
	"fmt"
	"time"

	"mutual/core/pki"
)

// validity demands a certificate that has begun and not ended, for brokers that ask no more.
func (c *checker) validity(id, rule string, x *x509.Certificate) {
	at := c.o.at()
	name := fmt.Sprintf("The certificate %q", pki.CommonName(x))
	switch {
	case at.Before(x.NotBefore):
		c.add(id, rule, Failed, fmt.Sprintf("%s is not valid before %s.", name, x.NotBefore.UTC().Format("2006-01-02 15:04 UTC")), "Wait until then, or look at this computer's clock.")
	case at.After(x.NotAfter):
		c.add(id, rule, Failed, fmt.Sprintf("%s expired on %s.", name, day(x.NotAfter)), "Have it renewed.")
	default:
		c.add(id, rule, Passed, fmt.Sprintf("%s is valid until %s.", name, day(x.NotAfter)), "")
	}
}

// UploadUntil is when a certificate stops being taken by a broker that refuses the last margin of its validity.
func UploadUntil(x *x509.Certificate, margin time.Duration) time.Time { return x.NotAfter.Add(-margin) }

// window demands a certificate that has begun, and is not within margin of its end.
func (c *checker) window(margin time.Duration) {
	x, at := c.m.Certificate, c.o.at()
	days := int(margin / dayLong)
	rule := fmt.Sprintf("The certificate has begun, and has more than %d days left.", days)
	last := UploadUntil(x, margin)
	switch {
	case at.After(x.NotAfter):
		c.add("upload-window", rule, Failed, fmt.Sprintf("%s expired on %s.", c.who(), day(x.NotAfter)), "Have it renewed.")
	case !last.After(x.NotBefore):
		c.add("upload-window", rule, Failed,
			fmt.Sprintf("%s lasts %s in all, so it is never more than %d days from its end.", c.who(), daysLong(x.NotAfter.Sub(x.NotBefore)), days),
			fmt.Sprintf("Have a certificate issued for longer than %d days, by an authority of your own if a public one does not.", days))
	case at.Before(x.NotBefore):
		c.add("upload-window", rule, Failed,
			fmt.Sprintf("%s is not valid before %s.", c.who(), x.NotBefore.UTC().Format("2006-01-02 15:04 UTC")),
			fmt.Sprintf("It can be uploaded from then until %s.", day(last)))
	case !at.Before(last):
		c.add("upload-window", rule, Failed,
			fmt.Sprintf("%s ends on %s, in %s; it could be uploaded until %s.", c.who(), day(x.NotAfter), daysLong(x.NotAfter.Sub(at)), day(last)),
			"Have it renewed, and upload the new one soon after it was issued.")
	default:
		c.add("upload-window", rule, Passed,
			fmt.Sprintf("%s can be uploaded until %s, %s from now; it ends on %s.", c.who(), day(last), daysLong(last.Sub(at)), day(x.NotAfter)), "")
	}
}

// renewals says what announced lifetimes will leave of the time in which a certificate can be uploaded.
func (c *checker) renewals(margin time.Duration) {
	x := c.m.Certificate
	known, ok := issuanceOf(x, c.m.Root != nil && c.m.isPublic(c.m.Root))
	if !ok {
		return
	}
	days := int(margin / dayLong)
	rule := "Renewed certificates can be uploaded, too."
	left := x.NotAfter.Sub(x.NotBefore) - margin
	text := fmt.Sprintf("A certificate that lasts %s can %s.", daysLong(x.NotAfter.Sub(x.NotBefore)), within(left))
	source, never, outcome := "", "", Passed
	for _, l := range known.lifetimes {
		if !l.from.After(c.o.at()) || time.Duration(l.days)*dayLong >= x.NotAfter.Sub(x.NotBefore) {
			continue
		}
		source, outcome = l.source, Warning
		left := time.Duration(l.days)*dayLong - margin
		text += fmt.Sprintf(" From %s on, those of %s last at most %d days, and can %s.", day(l.from), known.title, l.days, within(left))
		if left <= 0 && never == "" {
			never = day(l.from)
		}
	}
	if left <= 0 {
		outcome = Warning
	}
	do := fmt.Sprintf("Renew and upload as soon as a certificate is issued: EMQX takes none in its last %d days.", days)
	if never != "" {
		do = fmt.Sprintf("Plan for a certificate of an authority of your own before %s, when this one's can no longer be uploaded.", never)
	}
	if source == "" {
		source = c.source
	}
	c.from(source, func() { c.add("renewals", rule, outcome, text, do) })
}

// issuanceOf finds what is known of the issuer of x; public: x leads to a public root.
func issuanceOf(x *x509.Certificate, public bool) (issuance, bool) {
	for _, i := range issuances {
		if i.organization == "" {
			if public {
				return i, true
			}
			continue
		}
		for _, o := range x.Issuer.Organization {
			if o == i.organization {
				return i, true
			}
		}
	}
	return issuance{}, false
}

// within says for how long after its issue a certificate can be uploaded.
func within(left time.Duration) string {
	if left <= 0 {
		return "never be uploaded"
	}
	return fmt.Sprintf("be uploaded in the first %s", daysLong(left))
}

// daysLong is a duration in days, or in hours when it is less than two days.
func daysLong(d time.Duration) string {
	if d < 2*dayLong {
		return fmt.Sprintf("%d hours", int(d.Round(time.Hour)/time.Hour))
	}
	return fmt.Sprintf("%d days", int((d+time.Second)/dayLong))
}

// Takes says for how long after its issue p takes a certificate that lasts lifetime, a sentence.
func (p Plan) Takes(lifetime time.Duration) string {
	if !p.Custom {
		return p.Title + " takes no certificate of yours."
	}
	return fmt.Sprintf("A certificate that lasts %s can %s to %s, which takes none in its last %s.",
		daysLong(lifetime), within(lifetime-p.Margin), p.Title, daysLong(p.Margin))
}
