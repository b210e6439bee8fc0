package ui

import (
	"mutual/core/report"
	"mutual/ui/widgets"
)

// drawn gives the certificates of a path the window's colours. What they say is the report's.
func drawn(links []report.Link) (out []widgets.Link) {
	for _, l := range links {
		tone := widgets.Neutral // nothing is known against it, and nothing for it
		switch {
		case l.Severity != "":
			tone = widgets.SeverityTone(l.Severity)
		case l.Sound:
			tone = widgets.Good
		}
		out = append(out, widgets.Link{
			Role: l.Role, Name: l.Name, Issuer: l.Issuer, Dates: l.Dates, From: l.From, Fault: l.Fault, Tone: tone, Missing: l.Missing,
		})
	}
	return out
}
