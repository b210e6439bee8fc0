package ui

import (
	"context"
	"reflect"
	"slices"
	"time"

	"mutual/core/diagnose"
	"mutual/core/evidence"
	"mutual/core/fix"
	"mutual/core/history"
	"mutual/core/pki"
	"mutual/core/probe"
	"mutual/core/profile"
	"mutual/core/session"
	"mutual/core/store"
)

// environment is what all connections share.
type environment struct {
	ctx     context.Context
	async   *async
	store   *store.Store
	dir     string // the store's folder
	secrets *store.Secrets
	now     func() time.Time
	roots   func() *pki.Roots // the public roots; nil: those of this machine
	// passphrase asks the user; it is called from a working goroutine.
	passphrase pki.Prompt
	tell       func(text string)        // shows bad news above the page
	notify     func(title, text string) // to the desktop
}

// publicRoots are the public roots. The first call reads them, which takes too long for the window's goroutine.
func (e *environment) publicRoots() *pki.Roots {
	if e.roots != nil {
		return e.roots()
	}
	return pki.PublicRoots()
}

// Window limits of one connection's messages in memory; older ones go first.
const (
	heldMessages = 20_000
	heldBytes    = 128 << 20
)

// connection is one profile and what has come of it: its session, the last attempt and the findings. All its methods
// belong to the window's goroutine.
type connection struct {
	env     *environment
	profile profile.Profile // as it is stored
	changed func()          // something about it is different now

	concluded func() // what the user asked for has been tried and judged

	practice   *practice // of a practice profile, while its broker runs
	fault      string    // of a practice profile: what to break
	variant    string    // the form of the fault
	passphrase string    // given by the user for this run of the program
	password   string    // the same
	proxy      string    // the proxy's password; the same

	session   *session.Session
	used      profile.Profile // what session was opened with
	made      *probe.Made     // the same with its material, for what is tried after a failure
	proxyUsed string          // the proxy's password of then
	state     session.State
	messages  *history.Window
	preparing string // what is being done before the session exists; empty: nothing
	closing   bool
	cancel    context.CancelFunc

	trying    string           // what "Try now" is doing; empty: nothing
	asking    []evidence.Probe // the probes that run meanwhile, by their names, and those that have ended
	cancelTry context.CancelFunc
	attempt   *evidence.Attempt // the one that result is about
	result    *diagnose.Result
	contacts  probe.Contacts    // whom else to ask about it
	judged    *evidence.Attempt // the session's attempt that was diagnosed last
	caFiles   []string          // those named in the form, also while public authorities are chosen instead
	change    *fix.Change       // the last repair, to be undone
	wanted    bool              // the user asked to connect, and has not been told yet how it went
	refusals  []*refusal        // what was refused while the session stood, oldest first
	pinned    bool              // result is one that the user asked to see: a sound connection after it does not take its place
	trouble   string            // a sentence about what could not be done; empty: nothing
}

func newConnection(env *environment, p profile.Profile, changed func()) *connection {
	return &connection{env: env, profile: p, changed: changed, concluded: func() {}, messages: history.NewWindow(heldMessages, heldBytes)}
}

// effective is the profile that is connected with: for practice that of the running broker.
func (c *connection) effective() profile.Profile {
	if c.practice != nil {
		return c.practice.profile
	}
	return c.profile
}

// inForce is the profile that a session which has not ended was opened with, else the one that will be connected with.
func (c *connection) inForce() profile.Profile {
	if c.live() {
		return c.used
	}
	return c.effective()
}

// live says whether there is a session that has not ended.
func (c *connection) live() bool {
	return c.session != nil && c.state.Phase != session.Failed && c.state.Phase != session.Disconnected
}

func (c *connection) connected() bool {
	return c.session != nil && c.state.Phase == session.Connected
}

func (c *connection) busy() bool { return c.preparing != "" || c.closing }

// connect opens a session; a failure ends in a diagnosis.
func (c *connection) connect() {
	if c.busy() || c.live() {
		return
	}
	c.stopTry()
	c.endSession()
	ctx, cancel := context.WithCancel(c.env.ctx)
	c.cancel, c.preparing, c.trouble = cancel, "Preparing", ""
	c.refusals, c.pinned = nil, false
	c.state = session.State{}
	c.changed()
	before := c.practice
	run(c.env.async, ctx, c.prepare(c.sayer(ctx, &c.preparing)), func(p prepared) {
		if ctx.Err() != nil {
			c.abandon(before, p.practice)
			return
		}
		c.preparing = ""
		c.adopt(p)
		if p.trouble == "" {
			c.open(ctx, p)
		}
		c.changed()
	})
}

// abandon stops the practice broker that was started for a connection that was given up meanwhile. before is the one
// that ran until then, which prepare has stopped if it started another.
func (c *connection) abandon(before, started *practice) {
	if started == nil || started == before {
		return
	}
	if c.practice == before {
		c.practice = nil
	}
	run(c.env.async, c.env.ctx, func(context.Context) struct{} {
		started.lab.Close()
		return struct{}{}
	}, func(struct{}) { c.changed() })
}

// adopt keeps what prepare started.
func (c *connection) adopt(p prepared) {
	if p.practice != nil {
		c.practice = p.practice
	}
	c.trouble = p.trouble
}

// sayer returns a function, for any goroutine, that shows in *where what is being done.
func (c *connection) sayer(ctx context.Context, where *string) func(string) {
	return func(s string) {
		c.env.async.post(func() {
			if ctx.Err() == nil && *where != "" {
				*where = s
				c.changed()
			}
		})
	}
}

// asker returns a function, for any goroutine, that shows which probe runs, and which has ended.
func (c *connection) asker(ctx context.Context) func(evidence.Probe) {
	return func(p evidence.Probe) {
		c.env.async.post(func() {
			if ctx.Err() != nil || c.trying == "" {
				return
			}
			i := slices.IndexFunc(c.asking, func(x evidence.Probe) bool { return x.Name == p.Name && x.Status == "" })
			if p.Status != "" && i >= 0 {
				c.asking[i] = p
			} else {
				c.asking = append(c.asking, p)
			}
			c.changed()
		})
	}
}

func (c *connection) open(ctx context.Context, p prepared) {
	var s *session.Session
	pull := c.env.async.coalesced(func() {
		if s != nil && c.session == s {
			c.pull()
		}
	})
	s = session.Open(ctx, p.profile, p.material, session.Options{Password: p.password, ProxyPassword: p.proxy, Changed: pull, Messages: c.messages})
	c.session, c.used, c.made, c.proxyUsed = s, p.profile, &probe.Made{Profile: p.profile, Material: p.material}, p.proxy
	c.pull()
}

// pull takes a snapshot of the session, and has each new attempt judged.
func (c *connection) pull() {
	if c.session == nil {
		return
	}
	c.state = c.session.State()
	if a := c.state.Attempt; a != nil && a != c.judged {
		c.judged = a
		c.diagnose(a, c.state.Phase == session.Failed)
	}
	c.changed()
}

// diagnose judges an attempt, with further experiments when it failed.
func (c *connection) diagnose(a *evidence.Attempt, failed bool) {
	c.stopTry()
	ctx, cancel := context.WithCancel(c.env.ctx)
	c.cancelTry, c.trying = cancel, "Looking for the cause"
	also, made, asking := c.effective().AlsoFor, c.made, c.asker(ctx)
	c.env.meet(a, made)
	run(c.env.async, ctx, func(ctx context.Context) judged { return judge(ctx, a, also, made, failed, asking) }, func(j judged) {
		if ctx.Err() == nil {
			c.endTry(j)
		}
		cancel()
	})
}

// meet keeps the certificates that the broker sent, for the list of those that end. That they cannot be written is no
// fault of the connection's. The practice broker has new ones each time.
func (e *environment) meet(a *evidence.Attempt, made *probe.Made) {
	if e.store != nil && made != nil && !made.Profile.Practice {
		inOrder(e.async, e.async.profiles, func() error { return e.store.Meet(a) }, func(error) {})
	}
}

type judged struct {
	attempt  *evidence.Attempt
	result   diagnose.Result
	contacts probe.Contacts
	trouble  string
}

// judge works on a copy: an attempt that was handed out never changes.
func judge(ctx context.Context, a *evidence.Attempt, also []string, made *probe.Made, probes bool, asking func(evidence.Probe)) judged {
	mine := *a
	mine.Probes = slices.Clone(a.Probes)
	if probes {
		probe.RunAsked(ctx, &mine, probe.Asked{Made: made}, asking)
	}
	return conclude(&mine, also)
}

// conclude judges an attempt that nothing more is added to.
func conclude(a *evidence.Attempt, also []string) judged {
	return judged{attempt: a, result: diagnose.Diagnose(a, also), contacts: probe.ContactsOf(a)}
}

func (c *connection) endTry(j judged) {
	told := c.wanted
	c.trying, c.cancelTry, c.asking = "", nil, nil
	c.trouble = j.trouble
	if j.attempt != nil {
		c.noteRefusals(j)
	}
	if c.pinned = c.pinned && !diagnose.Failed(j.result.Findings); j.attempt != nil && !c.pinned {
		c.attempt, c.result, c.contacts = j.attempt, &j.result, j.contacts
	}
	c.changed()
	if told && j.attempt != nil {
		c.wanted = false
		c.concluded()
	}
}

// stopTry gives up a diagnosis that is running.
func (c *connection) stopTry() {
	if c.cancelTry != nil {
		c.cancelTry()
	}
	c.trying, c.cancelTry, c.asking = "", nil, nil
}

// try makes one attempt beside the session, looks for the cause, and leaves the session alone.
func (c *connection) try() {
	if c.busy() || c.trying != "" {
		return
	}
	ctx, cancel := context.WithCancel(c.env.ctx)
	c.cancelTry, c.trying, c.trouble, c.pinned = cancel, "Preparing", "", false
	c.changed()
	say, asking, before := c.sayer(ctx, &c.trying), c.asker(ctx), c.practice
	prepare := c.prepare(say)
	type outcome struct {
		prepared
		judged
	}
	run(c.env.async, ctx, func(ctx context.Context) (o outcome) {
		if o.prepared = prepare(ctx); o.prepared.trouble != "" || ctx.Err() != nil {
			o.judged.trouble = o.prepared.trouble
			return o
		}
		say("Trying " + address(o.profile))
		a := session.Try(ctx, o.profile, o.material, "", session.Options{Password: o.password, ProxyPassword: o.proxy})
		made := &probe.Made{Profile: o.profile, Material: o.material}
		c.env.meet(a, made)
		o.judged = judge(ctx, a, o.profile.AlsoFor, made, true, asking)
		return o
	}, func(o outcome) {
		if ctx.Err() != nil {
			c.abandon(before, o.practice)
			return
		}
		if o.practice != nil {
			c.practice = o.practice
		}
		if o.prepared.trouble == "" {
			c.made, c.proxyUsed = &probe.Made{Profile: o.profile, Material: o.material}, o.proxy
		}
		c.endTry(o.judged)
		cancel()
	})
}

// disconnect ends the session and, for practice, its broker.
func (c *connection) disconnect() {
	c.stopTry()
	if c.preparing != "" {
		c.cancel()
		c.preparing = ""
		c.changed()
		return
	}
	if c.session == nil && c.practice == nil {
		return
	}
	s, p, cancel := c.session, c.practice, c.cancel
	c.closing, c.practice = true, nil
	c.changed()
	run(c.env.async, c.env.ctx, func(context.Context) struct{} {
		closeAll(s, p, cancel)
		return struct{}{}
	}, func(struct{}) {
		c.closing, c.session, c.state = false, nil, session.State{}
		c.changed()
	})
}

func closeAll(s *session.Session, p *practice, cancel context.CancelFunc) {
	if s != nil {
		s.Close()
	}
	if cancel != nil {
		cancel()
	}
	if p != nil {
		p.lab.Close()
	}
}

// endSession puts away a session that has failed or ended.
func (c *connection) endSession() {
	if c.session == nil {
		return
	}
	s, cancel := c.session, c.cancel
	c.session = nil
	run(c.env.async, c.env.ctx, func(context.Context) struct{} {
		closeAll(s, nil, cancel)
		return struct{}{}
	}, func(struct{}) {})
}

// reconnect closes the session and connects anew, with the settings as they are now.
func (c *connection) reconnect() {
	s, cancel := c.session, c.cancel
	c.session, c.closing = nil, true
	c.stopTry()
	c.changed()
	run(c.env.async, c.env.ctx, func(context.Context) struct{} {
		closeAll(s, nil, cancel)
		return struct{}{}
	}, func(struct{}) {
		c.closing = false
		c.connect()
	})
}

// outdated says whether the session was opened with other settings than those stored now.
func (c *connection) outdated() bool {
	return c.live() && !c.profile.Practice && !reflect.DeepEqual(withoutSubscriptions(c.used), withoutSubscriptions(c.profile))
}
