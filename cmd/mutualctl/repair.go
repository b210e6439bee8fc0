package main

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"mutual/core/diagnose"
	"mutual/core/fix"
)

// repair carries out the fix that was named and tries again. What was changed goes to standard error.
func (t *terminal) repair(ctx context.Context, w *wanted, a attempt, f diagnoseFlags) (attempt, error) {
	chosen, err := chooseFix(a.result.Findings, f.fix)
	if err != nil {
		return a, err
	}
	if chosen.Action.Passphrase {
		secret, ok := t.secret(ctx, "Passphrase of "+w.profile.ClientCertificate.KeyFile)
		if err := interruption(ctx); err != nil {
			return a, err
		}
		if !ok {
			return a, usage("--passphrase-file FILE", "%s: the passphrase is needed, and there is nobody to ask", chosen.ID)
		}
		w.passphrase = secret
	}
	change, err := fix.Apply(ctx, w.profile, chosen, fix.Options{Out: f.out, Dir: "."})
	if err != nil {
		if err := interruption(ctx); err != nil {
			return a, err
		}
		return a, usage("", "%s: %s", chosen.ID, reason(err))
	}
	t.note("%s", chosen.Title)
	showChange(t.note, change)
	w.profile = change.After
	if err := w.save(change); err != nil {
		if _, undo := change.Undo(); undo != nil {
			t.note("Taking the repair back: %s", undo)
		}
		return a, usage("", "saving the profile %s: %s", change.Before.Name, err)
	}
	t.note("Trying again.")
	return t.try(ctx, w)
}

// save carries the repair into the saved profile, if there is one, and nothing else: the flags that changed the profile
// for this run were not meant to stay.
func (w *wanted) save(c fix.Change) error {
	if w.store == nil || w.profile.Practice {
		return nil
	}
	saved, ok := w.store.Named(w.profile.ID)
	if !ok {
		return errors.New("it is not there any more")
	}
	carry(&saved.Server, c.Before.Server, c.After.Server)
	carry(&saved.TLS, c.Before.TLS, c.After.TLS)
	carry(&saved.Trust, c.Before.Trust, c.After.Trust)
	carry(&saved.ClientCertificate, c.Before.ClientCertificate, c.After.ClientCertificate)
	carry(&saved.MQTT, c.Before.MQTT, c.After.MQTT)
	_, err := w.store.Save(saved)
	return err
}

// carry copies a part of a profile that the repair changed.
func carry[T any](to *T, before, after T) {
	if !reflect.DeepEqual(before, after) {
		*to = after
	}
}

// showChange lists the new files, and every changed setting before and after.
func showChange(line func(format string, args ...any), c fix.Change) {
	for _, file := range c.Written {
		line("  new file: %s", filepath.Clean(file))
	}
	for _, l := range c.Lines() {
		line("  %s", l.Setting)
		line("    before: %s", l.Before)
		line("    after:  %s", l.After)
	}
}

// chooseFix finds the first automatic fix of that id.
func chooseFix(findings []diagnose.Finding, id string) (diagnose.Fix, error) {
	var offered []string
	var toRead *diagnose.Fix
	for _, f := range findings {
		for _, x := range f.Fixes {
			switch {
			case x.ID == id && x.Automatic:
				return x, nil
			case x.ID == id && toRead == nil:
				toRead = &x
			case x.Automatic && !slices.Contains(offered, x.ID):
				offered = append(offered, x.ID)
			}
		}
	}
	hint := "no repair can be made by itself here"
	if len(offered) > 0 {
		hint = "--fix " + strings.Join(offered, ", --fix ")
	}
	if toRead != nil {
		return *toRead, usage(toRead.Action.Text, "%s (%s) is for you to do", toRead.Title, id)
	}
	return diagnose.Fix{}, usage(hint, "no finding offers the repair %q", id)
}
