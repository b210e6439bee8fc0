package ui

import (
	"context"

	"mutual/core/session"
)

// practise puts a fresh practice broker, broken in that way, in the place of the one that runs, and connects to it.
func (c *connection) practise(fault, variant string) {
	if c.closing {
		return
	}
	c.stopTry()
	if c.preparing != "" {
		c.cancel() // what it has started is put away when it ends
		c.preparing = ""
	}
	s, p, cancel := c.session, c.practice, c.cancel
	c.session, c.practice, c.state = nil, nil, session.State{}
	c.fault, c.variant, c.change = fault, variant, nil
	c.attempt, c.result, c.trouble, c.refusals, c.pinned = nil, nil, "", nil, false // they were about another broker
	c.wanted = true
	if s == nil && p == nil {
		c.connect()
		return
	}
	c.closing = true
	c.changed()
	run(c.env.async, c.env.ctx, func(context.Context) struct{} {
		closeAll(s, p, cancel)
		return struct{}{}
	}, func(struct{}) {
		c.closing = false
		c.connect()
	})
}

// doing says what is being done; empty: nothing.
func (c *connection) doing() string {
	switch {
	case c.closing:
		return "Disconnecting"
	case c.trying != "":
		return c.trying
	case c.preparing != "":
		return c.preparing
	case c.session != nil && c.state.Phase == session.Connecting:
		return stageDoing(c.state.Stage)
	}
	return ""
}
