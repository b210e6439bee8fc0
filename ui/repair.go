package ui

import (
	"context"
	"path/filepath"

	"mutual/core/diagnose"
	"mutual/core/fix"
	"mutual/core/profile"
	"mutual/core/store"
)

// repaired is what fix.Apply returned.
type repaired struct {
	change fix.Change
	err    error
}

// apply carries out an automatic fix, keeps what it changed for undo, and tries again. When the settings that it changes
// were changed meanwhile, or cannot be saved, the fix is taken back.
func (c *connection) apply(f diagnose.Fix) {
	p := c.effective()
	options := fix.Options{Dir: c.fixDir()}
	run(c.env.async, c.env.ctx, func(ctx context.Context) repaired {
		change, err := fix.Apply(ctx, p, f, options)
		return repaired{change, err}
	}, func(r repaired) {
		if r.err != nil {
			c.trouble = upperFirst(r.err.Error()) + "."
			c.changed()
			return
		}
		c.applied(r.change)
	})
}

// applied puts what a fix changed into the profile, as it is by now.
func (c *connection) applied(change fix.Change) {
	p, whole := moved(c.effective(), change.Before, change.After)
	if !whole {
		c.takeBack(change, "The settings were changed meanwhile, so the repair was not carried out.")
		return
	}
	c.keep(p, func(ok bool) {
		if !ok {
			c.profile, _ = moved(c.profile, change.After, change.Before)
			c.takeBack(change, "The repair was taken back, because the settings could not be saved.")
			return
		}
		c.change = &change
		c.again()
	})
}

// takeBack removes what a fix has written, and says why.
func (c *connection) takeBack(change fix.Change, why string) {
	c.removeWritten(change, func() {
		c.env.tell(why)
		c.changed()
	})
}

// removeWritten removes the files of a fix; one that was changed since stays, and is named.
func (c *connection) removeWritten(change fix.Change, then func()) {
	run(c.env.async, c.env.ctx, func(context.Context) error {
		_, err := change.Undo()
		return err
	}, func(err error) {
		if err != nil {
			c.env.tell(upperFirst(err.Error()) + ".")
		}
		then()
	})
}

// fixDir is where a new CA file goes when the profile has none: beside the practice files, else in the store.
func (c *connection) fixDir() string {
	if c.practice != nil {
		return c.practice.lab.Dir()
	}
	return filepath.Join(c.env.dir, "certificates")
}

// keep makes p the profile; then runs once it is stored, or could not be. A practice profile's files live as long as its broker, so
// its changes stay in memory.
func (c *connection) keep(p profile.Profile, then func(ok bool)) {
	if c.practice != nil {
		c.practice.profile = p
		then(true)
		return
	}
	c.save(p, then)
}

// stored is what writing a profile came to.
type stored struct {
	profile profile.Profile
	err     error
}

// save stores p in the background; the window shows p at once.
func (c *connection) save(p profile.Profile, then func(ok bool)) {
	c.profile = p
	c.changed()
	s := c.env.store
	inOrder(c.env.async, c.env.async.profiles, func() stored {
		q, err := s.Save(p)
		return stored{q, err}
	}, func(r stored) {
		if r.err != nil {
			c.env.tell("The settings were not saved: " + r.err.Error() + ".")
		}
		c.changed()
		if then != nil {
			then(r.err == nil)
		}
	})
}

// again tries what the user last wanted: a session that stands is left alone and the connection tried beside it.
func (c *connection) again() {
	if c.connected() {
		c.stopTry()
		c.try()
		return
	}
	c.endSession()
	c.connect()
}

// undo takes the last repair back, and nothing that was changed since.
func (c *connection) undo() {
	if c.change == nil {
		return
	}
	change := *c.change
	c.change = nil
	p, whole := moved(c.effective(), change.After, change.Before)
	if !whole {
		c.env.tell("The settings that the repair had changed were changed again since, and stay as they are.")
	}
	c.keep(p, func(ok bool) {
		switch {
		case !ok:
			c.profile, _ = moved(c.profile, change.Before, change.After)
			c.change = &change
			c.changed()
		case names(c.effective(), change.Written):
			c.again()
		default:
			c.removeWritten(change, c.again)
		}
	})
}

// givePassphrase keeps the passphrase for this run and, where the profile is a real one, in the secrets; then it tries
// again.
func (c *connection) givePassphrase(value string, remember bool) {
	c.passphrase = value
	if !remember || c.profile.Practice {
		c.again()
		return
	}
	c.storeSecret(store.Passphrase, value, func(bool) { c.again() })
}

// storeSecret writes a secret in the background, after those that were given before it.
func (c *connection) storeSecret(n store.SecretName, value string, then func(ok bool)) {
	ctx, s, id := c.env.ctx, c.env.secrets, c.profile.ID
	inOrder(c.env.async, c.env.async.secrets, func() error { return s.Set(ctx, id, n, value) }, func(err error) {
		if err != nil {
			c.env.tell("The " + string(n) + " was not saved: " + err.Error() + ".")
		}
		then(err == nil)
	})
}

// preview works out what a fix would change, and shows it.
func (c *connection) preview(f diagnose.Fix, show func(fix.Change)) {
	p := c.effective()
	options := fix.Options{Dir: c.fixDir()}
	run(c.env.async, c.env.ctx, func(context.Context) repaired {
		change, err := fix.Preview(p, f, options)
		return repaired{change, err}
	}, func(r repaired) {
		if r.err != nil {
			c.trouble = upperFirst(r.err.Error()) + "."
			c.changed()
			return
		}
		show(r.change)
	})
}
