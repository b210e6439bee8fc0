package main

import "mutual/core/diagnose"

// tellRefusals prints on standard error, as findings, what the broker has refused on l since it was last called.
func (t *terminal) tellRefusals(l *live) {
	a := l.State().Attempt
	if a == nil || a.MQTT == nil || len(a.MQTT.Later) == 0 {
		return
	}
	p := newPage(t.err)
	for _, f := range diagnose.Diagnose(a, l.wanted.profile.AlsoFor).Findings {
		if what := f.ID + f.Title; diagnose.InSession(f.ID) && !l.told[what] {
			l.told[what] = true
			p.finding(f)
		}
	}
}
