package main

import "mutual/core/diagnose"

// refusals are the findings on what the broker has refused on l since this was last asked.
func (l *live) refusals() []diagnose.Finding {
	a := l.State().Attempt
	if a == nil || a.MQTT == nil || len(a.MQTT.Later) == 0 {
		return nil
	}
	var fresh []diagnose.Finding
	for _, f := range findings(diagnose.Diagnose(a, l.wanted.profile.AlsoFor)) {
		if what := f.ID + f.Title; diagnose.InSession(f.ID) && !l.told[what] {
			l.told[what] = true
			fresh = append(fresh, f)
		}
	}
	return fresh
}

// tellRefusals prints them on standard error, and returns them.
func (t *terminal) tellRefusals(l *live) []diagnose.Finding {
	fresh := l.refusals()
	p := newPage(t.err)
	for _, f := range fresh {
		p.finding(f)
	}
	return fresh
}

// refused is what pub --json and sub --json print of findings on a connection that stood.
type refused struct {
	Schema   int                `json:"schema"`
	Findings []diagnose.Finding `json:"findings"`
	// Ended is why the connection is over, empty where it goes on.
	Ended string `json:"ended"`
}
