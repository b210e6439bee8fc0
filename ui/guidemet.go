package ui

import (
	"bytes"
	"context"
	"crypto/x509"
	"time"

	"mutual/core/acme"
	"mutual/core/chain"
	"mutual/core/evidence"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// encounter is the certificate that a broker has shown in a connection, beside the one that it is to have.
type encounter struct {
	shown *evidence.Certificate // nil: it has shown none
	moved bool                  // it was another deployment's
	own   *x509.Certificate     // of cert.pem, as it is now
	err   error                 // why own could not be read
}

// encounterOf reads cert.pem of the certificate that plan is about.
func encounterOf(a *evidence.Attempt, folder acme.Folder, plan acme.Plan) (e encounter) {
	e.moved = a != nil && a.Started.Before(plan.Moved)
	if a != nil && a.TLS != nil && len(a.TLS.Sent) > 0 {
		e.shown = &a.TLS.Sent[0]
	}
	e.own, e.err = folder.Certificate(plan.CertificateName())
	return e
}

// amiss says in a sentence why the certificate has not been met; empty: it has.
func (e encounter) amiss() string {
	switch {
	case e.err != nil:
		return "The certificate that the broker is to have cannot be read; get it again with step 4. " + sentence(e.err)
	case e.moved:
		return "The connection stands since before the deployment became another one: make it again."
	case e.shown == nil:
		return "The connection is not encrypted, so that the broker has shown no certificate: choose mqtts or wss in its settings, and try again."
	case !bytes.Equal(e.shown.DER, e.own.Raw):
		return "The broker sends " + certificateWords(*e.shown, e.own.NotAfter) +
			"; the new one is not in use there yet: hand it over again, or have the broker reload or restart, and then try again."
	}
	return ""
}

// certificateWords says which certificate c is, told apart from one that ends at other.
func certificateWords(c evidence.Certificate, other time.Time) string {
	parsed := chain.Parse(c)
	if !parsed.Legible() {
		return "something that cannot be read as a certificate"
	}
	_, until := parsed.Validity()
	end := report.Day(until)
	if end == report.Day(other) {
		end += " at " + until.UTC().Format("15:04:05 MST")
	}
	return "the certificate of " + report.NameOf(parsed) + ", issued by " + report.ShortName(parsed.Issuer()) + ", which ends on " + end
}

// met is told whatever happens to a connection: the step is passed when the one that was made stands, with the
// certificate as it is now.
func (c *guideConnect) met(conn *connection) {
	if !c.awaited(conn) {
		return
	}
	c.tried = conn
	switch status := conn.status(c.g.w.env.now()); {
	case conn.connected():
		c.compare(conn)
	case conn.busy() || conn.live() || status.detail == "" || conn.trying != "":
		c.tell(widgets.Neutral, "")
	default:
		c.compareRefused(conn, "The connection did not come about. "+sentenceOf(status.detail))
	}
}

// compareRefused says why there is no session; where the broker has sent another certificate than the one it is to have,
// that comes first, because no repair of the connection brings the new one there.
func (c *guideConnect) compareRefused(conn *connection, text string) {
	attempt, folder, plan := conn.state.Attempt, c.g.folder, c.g.plan
	if attempt == nil || attempt.TLS == nil || len(attempt.TLS.Sent) == 0 {
		c.tell(widgets.Bad, text)
		return
	}
	run(c.g.w.env.async, c.g.w.env.ctx, func(context.Context) encounter { return encounterOf(attempt, folder, plan) }, func(e encounter) {
		if c.g.w.closed || !c.awaited(conn) || conn.connected() || conn.busy() || conn.state.Attempt != attempt {
			return // something else has come about meanwhile, and has been told of itself
		}
		if amiss := e.amiss(); amiss != "" {
			text = amiss + " " + text
		}
		c.tell(widgets.Bad, text)
	})
}

// awaited says whether conn is the one that the step waits for.
func (c *guideConnect) awaited(conn *connection) bool {
	return conn != nil && conn.profile.ID == c.g.plan.ProfileID && c.g.plan.Next() == acme.StageConnect
}

// compare looks off the window's goroutine which certificate the broker has sent in this session.
func (c *guideConnect) compare(conn *connection) {
	if c.comparing {
		c.changed = conn
		return
	}
	c.comparing, c.changed = true, nil
	g, attempt := c.g, conn.state.Attempt
	folder, plan := g.folder, g.plan
	run(g.w.env.async, g.w.env.ctx, func(context.Context) encounter { return encounterOf(attempt, folder, plan) }, func(e encounter) {
		again := c.changed
		c.comparing = false
		switch {
		case g.w.closed:
			return
		case !c.awaited(conn) || !conn.connected() || conn.state.Attempt != attempt || g.plan.CertificateName() != plan.CertificateName():
			c.met(conn) // something else has come about meanwhile
		default:
			c.judge(conn, e)
		}
		c.met(again)
	})
}

// judge passes the step, or says why not.
func (c *guideConnect) judge(conn *connection, e encounter) {
	if amiss := e.amiss(); amiss != "" {
		c.tell(widgets.Bad, amiss)
		return
	}
	status := conn.status(c.g.w.env.now())
	c.tell(widgets.Good, "The client has met the broker with this certificate: "+status.badge+", "+status.detail+".")
	c.tried = nil
	c.g.pass(c.guideStep)
}

// tell says how it stands, and leads to the page Diagnosis where something is amiss. What is said already is not said
// again: that would scroll the page.
func (c *guideConnect) tell(tone widgets.Tone, text string) {
	setVisible(c.why, tone == widgets.Bad)
	if c.said.Text != text {
		c.say(tone, text)
	}
}
