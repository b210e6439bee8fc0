package ui

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/exchange"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
	"mutual/ui/widgets"
)

// imported is what an import came to.
type imported struct {
	profiles  []profile.Profile // in the order of what was chosen
	files     []pki.OutputFile  // that were written
	passwords map[string]string // that are to be kept, by profile ID
	err       error             // then nothing is left of it
}

// importAll writes the files of the connections below dir and saves the connections, all or none.
func importAll(s *store.Store, list []exchange.Connection, dir string) (done imported) {
	done.files = slices.Concat(exchange.Unpack(list, dir, isThere)...)
	if err := pki.WriteFiles(done.files, false); err != nil {
		return imported{err: err}
	}
	for _, c := range list {
		p, err := s.Save(c.Profile)
		if err != nil {
			_, undone := done.takeBack(s)
			return imported{err: errors.Join(err, undone)}
		}
		done.profiles = append(done.profiles, p)
	}
	return done
}

// takeBack removes the connections, and the files unless they were changed since. left are those that could not be removed,
// which keep their files.
func (done imported) takeBack(s *store.Store) (left []profile.Profile, err error) {
	var errs []error
	for _, p := range done.profiles {
		err := s.Remove(p.ID)
		errs = append(errs, err)
		if err != nil && slices.ContainsFunc(s.Profiles(), func(q profile.Profile) bool { return q.ID == p.ID }) {
			left = append(left, p)
		}
	}
	for _, f := range unnamed(done.files, left) {
		data, err := os.ReadFile(f.Path)
		if err == nil && bytes.Equal(data, f.Data) {
			errs = append(errs, os.Remove(f.Path))
			_ = os.Remove(filepath.Dir(f.Path)) // it goes with the last of its files
		}
	}
	return left, errors.Join(errs...)
}

// unnamed are the files that none of the connections names.
func unnamed(files []pki.OutputFile, by []profile.Profile) []pki.OutputFile {
	return slices.DeleteFunc(slices.Clone(files), func(f pki.OutputFile) bool {
		return slices.ContainsFunc(by, func(p profile.Profile) bool { return names(p, []string{f.Path}) })
	})
}

// onImport saves what is chosen.
func (i *importer) onImport() {
	chosen, w := i.chosen(), i.w
	dir := strings.TrimSpace(i.folder.Entry.Text)
	switch {
	case len(chosen) == 0 || i.writing || i.reading != nil:
		return
	case i.placing.Visible() && !filepath.IsAbs(dir):
		i.say("Choose the folder that the certificates and keys go to, with its whole path.")
		return
	}
	var list []exchange.Connection
	for _, x := range chosen {
		list = append(list, x.Connection)
	}
	asked := i.keeping.Visible()
	keep := asked && i.secrets.Checked
	i.setWriting(true)
	s := w.env.store
	inOrder(w.env.async, w.env.async.profiles, func() imported { return importAll(s, list, dir) }, func(done imported) {
		switch {
		case w.closed:
			return
		case done.err != nil:
			i.setWriting(false)
			i.failed(done.err)
			return
		}
		i.setWriting(false)
		prefs := w.app.Preferences()
		prefs.SetString(prefImports, filepath.Dir(i.path()))
		if asked {
			prefs.SetBool(prefSecrets, keep)
		}
		if !i.shut {
			i.close()
		}
		if keep {
			done.passwords = passwordsOf(done.profiles, list)
		}
		w.keepPasswords(done, w.onImported(done))
	})
}

func (i *importer) setWriting(on bool) {
	i.writing = on
	setVisible(i.busy, on)
	i.file.SetDisabled(on)
	i.folder.SetDisabled(on)
	i.show()
}

// failed says why nothing was imported.
func (i *importer) failed(err error) {
	var there *pki.ExistsError
	text := "Nothing was imported: " + sentenceOf(plainReason(err))
	if errors.As(err, &there) {
		text = "Nothing was imported, since " + there.Paths[0] + " is there already: choose another folder."
	}
	if i.shut {
		i.w.tell(widgets.Bad, text)
		return
	}
	i.say(text)
	i.fit()
}

// onImported shows what was imported. The function that it returns says so, and offers for a while to take it back.
func (w *Window) onImported(done imported) (offer func()) {
	before := ""
	if w.current != nil {
		before = w.current.profile.ID
	}
	var names []string
	for _, p := range done.profiles {
		w.connection(p)
		names = append(names, p.Name)
	}
	w.sidebar.search.SetText("")
	w.sidebar.refresh()
	w.selectProfile(done.profiles[0].ID)
	return func() {
		undo := widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), nil)
		bar := w.tell(widgets.Good, "Imported "+listed(names)+".", undo)
		undo.OnTapped = func() {
			w.dismiss(bar)
			w.takeBack(done, before)
		}
	}
}

// takeBack removes what was imported, once its passwords are where they are to be removed from, and shows what was shown
// before. What was changed since stays, and so do the files that a connection names which stays.
func (w *Window) takeBack(done imported, before string) {
	w.settings.leave()
	if changed := w.keepChanged(&done); len(changed) > 0 {
		w.tell(widgets.Neutral, changedSinceWords(changed))
	}
	for _, p := range done.profiles {
		w.connections[p.ID].disconnect()
	}
	s, a := w.env.store, w.env.async
	type undone struct {
		left []profile.Profile
		err  error
	}
	inOrder(a, a.secrets, func() struct{} { return struct{}{} }, func(struct{}) {
		inOrder(a, a.profiles, func() (u undone) {
			u.left, u.err = done.takeBack(s)
			return u
		}, func(u undone) { w.onTakenBack(done, u.left, before, u.err) })
	})
}

// keepChanged leaves in done what is to be removed: not the connections that were changed since, whose names it returns, nor
// those that were deleted meanwhile, nor files that others name.
func (w *Window) keepChanged(done *imported) (changed []string) {
	going := map[string]bool{}
	for _, p := range done.profiles {
		switch c := w.connections[p.ID]; {
		case c == nil: // it was deleted meanwhile
		case !reflect.DeepEqual(c.profile, p) || c.password != done.passwords[p.ID] || c.passphrase != "" || c.proxy != "":
			changed = append(changed, c.profile.Name)
		default:
			going[p.ID] = true
		}
	}
	isGoing := func(p profile.Profile) bool { return going[p.ID] }
	done.profiles = slices.DeleteFunc(slices.Clone(done.profiles), func(p profile.Profile) bool { return !isGoing(p) })
	done.files = unnamed(done.files, slices.DeleteFunc(w.storedProfiles(), isGoing))
	return changed
}

// onTakenBack shows what is there now; left are those that could not be removed.
func (w *Window) onTakenBack(done imported, left []profile.Profile, before string, err error) {
	if err != nil {
		w.tell(widgets.Bad, "Not all of the import was taken back: "+sentenceOf(plainReason(err)))
	}
	shown := w.current
	for _, p := range done.profiles {
		if slices.ContainsFunc(left, func(q profile.Profile) bool { return q.ID == p.ID }) {
			continue
		}
		delete(w.connections, p.ID)
		w.app.Preferences().RemoveValue(prefCA + p.ID)
	}
	w.sidebar.refresh()
	if shown == nil || w.connections[shown.profile.ID] != nil {
		return
	}
	if w.connections[before] == nil && len(w.sidebar.shown) > 0 {
		before = w.sidebar.shown[0].profile.ID
	}
	w.selectProfile(before)
}

// passwordsOf are the passwords of the file, by profile ID.
func passwordsOf(profiles []profile.Profile, list []exchange.Connection) map[string]string {
	all := map[string]string{}
	for n, c := range list {
		if c.Password != "" {
			all[profiles[n].ID] = c.Password
		}
	}
	return all
}

// keepPasswords keeps the passwords that are to be kept, and then calls then: somebody may have to be asked for a passphrase.
// They are used for this run of the program even where they cannot be kept.
func (w *Window) keepPasswords(done imported, then func()) {
	if len(done.passwords) == 0 {
		then()
		return
	}
	var all []passwordOf
	for _, p := range done.profiles {
		if value := done.passwords[p.ID]; value != "" {
			all = append(all, passwordOf{p, value})
			w.connections[p.ID].password = value
		}
	}
	ctx, s := w.env.ctx, w.env.secrets
	type kept struct {
		not []string
		err error
	}
	inOrder(w.env.async, w.env.async.secrets, func() (k kept) {
		k.not, k.err = setAll(ctx, s, all)
		return k
	}, func(k kept) {
		if k.err != nil {
			w.tell(widgets.Warn, notKeptWords(k.not, k.err))
		}
		then()
	})
}

// passwordOf is the password of a connection.
type passwordOf struct {
	profile profile.Profile
	value   string
}

// setAll keeps passwords. not are the names of the connections whose were not kept, and err says why, of the last.
func setAll(ctx context.Context, s *store.Secrets, all []passwordOf) (not []string, err error) {
	for _, x := range all {
		if errors.Is(err, store.ErrNoPlace) || errors.Is(err, store.ErrLocked) { // somebody was asked, and said no
			not = append(not, x.profile.Name)
			continue
		}
		if e := s.Set(ctx, x.profile.ID, store.Password, x.value); e != nil {
			not, err = append(not, x.profile.Name), e
		}
	}
	return not, err
}
