package ui

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
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
	profiles []profile.Profile // in the order of what was chosen
	files    []pki.OutputFile  // that were written
	err      error             // then nothing is left of it
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
			return imported{err: errors.Join(err, done.takeBack(s))}
		}
		done.profiles = append(done.profiles, p)
	}
	return done
}

// takeBack removes the connections, and the files unless they were changed since.
func (done imported) takeBack(s *store.Store) error {
	var errs []error
	for _, p := range done.profiles {
		errs = append(errs, s.Remove(p.ID))
	}
	for _, f := range done.files {
		data, err := os.ReadFile(f.Path)
		if err == nil && sha256.Sum256(data) == sha256.Sum256(f.Data) {
			errs = append(errs, os.Remove(f.Path))
			_ = os.Remove(filepath.Dir(f.Path)) // it goes with the last of its files
		}
	}
	return errors.Join(errs...)
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
		if i.keeping.Visible() {
			prefs.SetBool(prefSecrets, i.secrets.Checked)
		}
		if !i.shut {
			i.close()
		}
		offer := w.onImported(done)
		if i.keeping.Visible() && i.secrets.Checked {
			w.keepPasswords(done, list, offer)
		} else {
			offer()
		}
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

// takeBack removes what was imported, once its passwords are where they are to be removed from, and shows what was shown before.
func (w *Window) takeBack(done imported, before string) {
	w.settings.leave()
	gone := func(p profile.Profile) bool { return w.connections[p.ID] == nil } // it was deleted meanwhile
	done.profiles = slices.DeleteFunc(slices.Clone(done.profiles), gone)
	for _, p := range done.profiles {
		w.connections[p.ID].disconnect()
	}
	s, a := w.env.store, w.env.async
	inOrder(a, a.secrets, func() struct{} { return struct{}{} }, func(struct{}) {
		inOrder(a, a.profiles, func() error { return done.takeBack(s) }, func(err error) { w.onTakenBack(done, before, err) })
	})
}

func (w *Window) onTakenBack(done imported, before string, err error) {
	if err != nil {
		w.tell(widgets.Bad, "Not all of the import was taken back: "+sentenceOf(plainReason(err)))
	}
	shown := w.current
	for _, p := range done.profiles {
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

// keepPasswords keeps the passwords of the file, and then calls then: somebody may have to be asked for a passphrase. They are
// used for this run of the program even where they cannot be kept.
func (w *Window) keepPasswords(done imported, list []exchange.Connection, then func()) {
	type secret struct{ id, name, value string }
	var all []secret
	for n, c := range list {
		if c.Password != "" {
			p := done.profiles[n]
			all = append(all, secret{p.ID, p.Name, c.Password})
			w.connections[p.ID].password = c.Password
		}
	}
	ctx, s := w.env.ctx, w.env.secrets
	type kept struct {
		not []string
		err error
	}
	inOrder(w.env.async, w.env.async.secrets, func() (k kept) {
		for n, x := range all {
			err := s.Set(ctx, x.id, store.Password, x.value)
			if err == nil {
				continue
			}
			k.err = err
			k.not = append(k.not, x.name)
			if errors.Is(err, store.ErrNoPlace) || errors.Is(err, store.ErrLocked) { // somebody was asked, and said no
				for _, rest := range all[n+1:] {
					k.not = append(k.not, rest.name)
				}
				return k
			}
		}
		return k
	}, func(k kept) {
		if k.err != nil {
			w.tell(widgets.Warn, notKeptWords(k.not, k.err))
		}
		then()
	})
}
