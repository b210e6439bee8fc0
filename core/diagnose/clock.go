package diagnose

import (
	"fmt"
	"time"

	"mutual/core/chain"
	"mutual/core/pki"
)

// clockRules stand before what is wrong with the server's chain: with a wrong clock, every date in it looks wrong.
var clockRules = []Rule{
	{ID: "clock-wrong", Spec: "RFC 5280 §6.1.3 (a)(2)", Check: clockWrong, Hides: []string{"certificate-expired", "certificate-not-yet-valid"}},
}

// lifetimeRules come last: what they say will matter later.
var lifetimeRules = []Rule{
	{ID: "certificate-expires-soon", Spec: "RFC 5280 §4.1.2.5", Check: certificateExpiresSoon},
}

// written is the day on which this rule was written: no clock that is right shows an earlier one.
var written = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// apart is how far apart two certificates must have expired, or become valid, for the clock to be the likelier cause:
// a broker is not run for that long with the first of them out of its dates. A whole chain that was made in one sitting,
// for the same number of days, expires at once, and then it is the chain that is old.
const apart = 7 * 24 * time.Hour

// clockWrong looks for another clock at which this program would accept the very same chain. That proves little for a
// single certificate; it counts when several are out of their dates in the same direction, long after one another, or
// when the clock shows a day before the program was written.
func clockWrong(c *Case) []Finding {
	direction, out := c.outOfDate()
	if len(out) == 0 || direction == 0 {
		return nil
	}
	before := direction < 0 && !c.offline && c.Question.At.Before(written)
	first, last := bounds(out, direction)
	if !before && (len(out) < 2 || last.Sub(first) < apart) {
		return nil
	}
	at, ok := c.otherClock(direction)
	if !ok {
		return nil
	}
	reads, span := date(c.Question.At), "every one of them was valid"
	f := Finding{
		Severity: c.severity([]string{"go"}, Warning),
		Clients:  []string{"go"},
		Title:    fmt.Sprintf("This computer's clock shows %s, which is probably wrong: the broker's certificates were all valid on %s.", reads, date(at)),
		Subject:  Subject{Kind: "setting", Setting: "clock"},
		Evidence: []Fact{{"clock", c.Question.At.UTC().Format("2006-01-02 15:04:05 UTC")}, {"a clock at which all is well", at.UTC().Format("2006-01-02 15:04:05 UTC")}},
		Fixes: []Fix{{
			ID: "set-clock", Title: "Read how to set the clock", Risk: SystemRisk,
			Action: Action{Text: "Let the operating system take the time from the network. Linux: timedatectl set-ntp true. Windows: Settings, Time & language, Date & time, Sync now. macOS: System Settings, General, Date & Time, Set time and date automatically. A battery that is empty sets a computer back by years whenever it is switched on."},
		}},
	}
	end := "expired"
	if direction < 0 {
		end, span = "not valid yet", "every one of them is valid"
		f.Title = fmt.Sprintf("This computer's clock shows %s, which is probably wrong: the broker's certificates are all valid on %s.", reads, date(at))
	}
	f.Detail = fmt.Sprintf("By this clock, %s; on %s %s, and nothing else is wrong with the chain.", counted(len(out), end), date(at), span)
	if before {
		f.Detail += fmt.Sprintf(" The clock shows a day before this program was made (%s).", date(written))
	}
	f.Detail += " Set the clock, and try again. If the clock is right, the broker's certificates have to be renewed."
	for _, x := range out {
		f.Evidence = append(f.Evidence, Fact{called(x), date(x.X.NotBefore) + " to " + date(x.X.NotAfter)})
	}
	return []Finding{f}
}

// counted is "1 of the certificates is expired", "2 of the certificates are expired".
func counted(n int, what string) string {
	if n == 1 {
		return "1 of the certificates is " + what
	}
	return fmt.Sprintf("%d of the certificates are %s", n, what)
}

// outOfDate are the certificates of the path that are out of their dates: all expired (1) or all not valid yet (-1).
// 0: some are the one and some the other, and no clock would do.
func (c *Case) outOfDate() (direction int, out []chain.Certificate) {
	for _, x := range c.Analysis.Path {
		if x.X == nil {
			continue
		}
		d := 0
		switch {
		case c.Question.At.After(x.X.NotAfter):
			d = 1
		case c.Question.At.Before(x.X.NotBefore):
			d = -1
		}
		if d == 0 {
			continue
		}
		if direction != 0 && direction != d {
			return 0, nil
		}
		direction = d
		out = append(out, x)
	}
	return direction, out
}

// bounds are the first and the last of the dates that are missed.
func bounds(out []chain.Certificate, direction int) (first, last time.Time) {
	for i, x := range out {
		t := x.X.NotAfter
		if direction < 0 {
			t = x.X.NotBefore
		}
		if i == 0 || t.Before(first) {
			first = t
		}
		if i == 0 || t.After(last) {
			last = t
		}
	}
	return first, last
}

// otherClock is the nearest clock at which this program accepts the chain as it is.
func (c *Case) otherClock(direction int) (time.Time, bool) {
	var at time.Time
	for i, x := range c.Analysis.Path {
		switch {
		case x.X == nil:
		case direction > 0 && (i == 0 || x.X.NotAfter.Before(at)):
			at = x.X.NotAfter
		case direction < 0 && (i == 0 || x.X.NotBefore.After(at)):
			at = x.X.NotBefore
		}
	}
	judge, ok := chain.Named("go")
	if !ok || at.IsZero() {
		return at, false
	}
	q := c.Question
	q.At = at
	return at, judge.Judge(q).Accepted
}

// certificateExpiresSoon looks at every certificate of the path, the trust anchor too.
func certificateExpiresSoon(c *Case) []Finding {
	var all []Finding
	for i, x := range c.Analysis.Path {
		if x.X == nil || c.Question.At.After(x.X.NotAfter) || c.Question.At.Before(x.X.NotBefore) {
			continue
		}
		if c.Question.At.Before(pki.RenewBy(x.X)) {
			continue
		}
		fault := chain.Fault{Certificate: x, Index: i}
		f := Finding{
			Severity: Warning,
			Title:    fmt.Sprintf("%s expires on %s.", c.the(fault), date(x.X.NotAfter)),
			Detail:   fmt.Sprintf("That is in %s. From then on, clients refuse the connection.", ago(x.X.NotAfter.Sub(c.Question.At))),
			Subject:  certificateSubject(x),
			Evidence: c.certificateFacts(fault),
		}
		if i == 0 {
			f.Detail += " The broker needs a renewed certificate, and has to be told to load it."
		} else {
			f.Detail += " The authority's next certificate has to be in place by then, and what it issued be renewed from it."
		}
		all = append(all, f)
	}
	return all
}
