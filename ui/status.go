package ui

import (
	"fmt"
	"math"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/session"
	"mutual/ui/widgets"
)

// status is what the badge, the dot and the buttons say about a connection.
type status struct {
	tone   widgets.Tone
	badge  string
	detail string // beside the badge: TLS version, what is being waited for
	busy   bool   // a spinner and Cancel instead of Connect
	on     bool   // Disconnect instead of Connect
	next   bool   // waiting for the next try: "Try now" too
}

// status judges nothing: it words the snapshot. Green is State.TwoWay and nothing else.
func (c *connection) status(now time.Time) status {
	s := c.state
	switch {
	case c.closing:
		return status{badge: "Disconnecting…", busy: true}
	case c.preparing != "":
		return status{badge: "Connecting…", detail: c.preparing, busy: true}
	case c.session == nil && c.trouble != "":
		return status{tone: widgets.Bad, badge: "Not connected", detail: c.trouble}
	case c.session == nil:
		return status{badge: "Not connected"}
	}
	switch s.Phase {
	case session.Connecting:
		return status{badge: "Connecting…", detail: stageDoing(s.Stage), busy: true}
	case session.Connected:
		return c.connectedStatus()
	case session.Waiting:
		wait := "Trying again"
		if left := s.NextTry.Sub(now); left > 0 {
			wait = fmt.Sprintf("Next try in %d s", int(math.Ceil(left.Seconds())))
		}
		return status{tone: widgets.Warn, badge: "Reconnecting", detail: dotted(wait, s.Ended), on: true, next: true}
	case session.Failed:
		return status{tone: widgets.Bad, badge: "Not connected", detail: c.why()}
	default:
		if s.Ended != "" {
			return status{tone: widgets.Bad, badge: "Not connected", detail: s.Ended}
		}
		return status{badge: "Not connected"}
	}
}

func dotted(a, b string) string {
	if b == "" {
		return a
	}
	return a + "  ·  " + b
}

func (c *connection) connectedStatus() status {
	s, a := c.state, c.state.Attempt
	p := c.used // what is edited meanwhile is not what it runs with
	out := status{on: true, detail: wire(a)}
	switch {
	case s.TwoWay && !p.Trust.DoNotVerify:
		out.tone, out.badge = widgets.Good, "Two-way TLS"
	case s.Verified:
		out.tone, out.badge = widgets.Accent, "One-way TLS"
	case !p.Server.Transport.Encrypted():
		out.tone, out.badge = widgets.Warn, "Not encrypted"
	default:
		out.tone, out.badge = widgets.Warn, "Not verified"
	}
	return out
}

// wire says what the connection runs on: "TLS 1.3 · MQTT 5.0".
func wire(a *evidence.Attempt) string {
	if a == nil {
		return ""
	}
	text := "MQTT 5.0"
	if a.MQTT != nil && a.MQTT.Version == 4 {
		text = "MQTT 3.1.1"
	}
	if a.TLS != nil && a.TLS.Version != 0 {
		text = "TLS " + evidence.VersionName(a.TLS.Version) + "  ·  " + text
	}
	return text
}

// why is the title of the first finding, once there is one.
func (c *connection) why() string {
	if c.result != nil && c.judged != nil && c.trying == "" && len(c.result.Findings) > 0 {
		return c.result.Findings[0].Title
	}
	if c.trying != "" {
		return c.trying + "…"
	}
	return ""
}

// worst is the gravest severity among the findings, and how many have it.
func (c *connection) worst() (diagnose.Severity, int) {
	if c.result == nil {
		return "", 0
	}
	count := map[diagnose.Severity]int{}
	for _, f := range c.result.Findings {
		count[f.Severity]++
	}
	for _, s := range []diagnose.Severity{diagnose.Error, diagnose.Warning, diagnose.Info} {
		if count[s] > 0 {
			return s, count[s]
		}
	}
	return "", 0
}
