package main

import (
	"slices"

	"mutual/core/diagnose"
)

// refusalIDs are the findings about what a broker refuses in a connection that stood.
var refusalIDs = []string{"mqtt-client-id-in-use", "mqtt-disconnected", "mqtt-subscribe-refused", "mqtt-publish-refused"}

// tellRefusals prints on standard error, as findings, what the broker has refused on l since it was last called.
func (t *terminal) tellRefusals(l *live) {
	a := l.State().Attempt
	if a == nil || a.MQTT == nil || len(a.MQTT.Later) == 0 {
		return
	}
	p := newPage(t.err)
	for _, f := range diagnose.Diagnose(a, l.wanted.profile.AlsoFor).Findings {
		if what := f.ID + f.Title; slices.Contains(refusalIDs, f.ID) && !l.told[what] {
			l.told[what] = true
			p.finding(f)
		}
	}
}
