package ui

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"mutual/core/pki"
	"mutual/ui/widgets"
)

// workshop shows what is in any number of files, what belongs together, and writes it in other forms.
type workshop struct {
	w    *Window
	conn *connection // nil: none is shown

	paths       []string          // in the order in which they came
	texts       map[string][]byte // what was pasted, by the name that stands among the paths
	pasted      int               // how many texts were pasted ever
	passphrases []string          // typed on this page, the last one first; they are kept nowhere else
	wrong       string            // the file that the passphrase typed last did not open
	inv         *pki.Inventory    // nil: nothing was read
	rows        []certRow
	chosen      string // the row's id
	reading     context.CancelFunc

	list     *widgets.List
	detail   *workshopDetail
	empty    *fyne.Container
	full     *fyne.Container
	busy     *fyne.Container
	progress *widget.ProgressBarInfinite
	everything, remove,
	clear *widget.Button
	count *widgets.Text
	box   *fyne.Container
	quiet bool // a selection made by the program
}

// maxFiles bounds what one folder adds: more is a mistake.
const maxFiles = 1000

func newWorkshop(w *Window) *workshop {
	s := &workshop{w: w, texts: map[string][]byte{}}
	s.buildUI()
	return s
}

func (s *workshop) content() fyne.CanvasObject { return s.box }

func (s *workshop) show(c *connection) {
	s.conn = c
	s.detail.showUse()
}

// add reads further files; of a folder, those in it.
func (s *workshop) add(paths []string) {
	s.wrong = ""
	s.read(paths, "")
}

// paste reads the clipboard's text as if it were a file.
func (s *workshop) paste() {
	text := s.w.app.Clipboard().Content()
	if text == "" {
		s.w.tell(widgets.Neutral, "There is no text in the clipboard. Copy a certificate or a key first, with its BEGIN and END lines.")
		return
	}
	paths := pastedPaths(text, runtime.GOOS == "windows")
	if len(paths) == 0 {
		s.pasteText(text)
		return
	}
	run(s.w.env.async, s.w.env.ctx, func(context.Context) bool { return allThere(paths) }, func(there bool) {
		if there {
			s.add(paths)
		} else {
			s.pasteText(text)
		}
	})
}

func (s *workshop) pasteText(text string) {
	s.pasted++
	name := fmt.Sprintf("Pasted text %d", s.pasted)
	s.texts[name] = []byte(text)
	s.add([]string{name})
}

// read reads all files again with those that are added, off the window's goroutine. The row with the id choose is shown
// then; empty: the first of what is new.
func (s *workshop) read(added []string, choose string) {
	if s.reading != nil {
		s.reading()
	}
	ctx, cancel := context.WithCancel(s.w.env.ctx)
	s.reading = cancel
	known, passphrases, now := slices.Clone(s.paths), slices.Clone(s.passphrases), s.w.env.now()
	texts := make(map[string][]byte, len(s.texts))
	for name, text := range s.texts {
		texts[name] = text
	}
	s.paths = append(s.paths, added...) // so that one that is added meanwhile does not lose them
	s.working(true)
	run(s.w.env.async, ctx, func(ctx context.Context) readFiles {
		var r readFiles
		r.paths, r.first, r.cut = merge(known, added, texts)
		r.inv = pki.ReadInventory(ctx, r.paths, pki.InventoryOptions{Passphrases: passphrases, Texts: texts})
		r.rows = rowsOf(r.inv, now)
		return r
	}, func(r readFiles) {
		cancelled := ctx.Err() != nil
		cancel()
		if cancelled {
			return
		}
		s.reading = nil
		s.working(false)
		s.onRead(r, choose)
	})
}

// readFiles is what reading came to.
type readFiles struct {
	paths []string
	first string // the first that is new; empty: none
	cut   bool
	inv   *pki.Inventory
	rows  []certRow
}

// merge is known with those of added that are not in it, files in the place of folders.
func merge(known, added []string, texts map[string][]byte) (paths []string, first string, cut bool) {
	there := map[string]bool{}
	for _, p := range known {
		there[p] = true
	}
	paths = known
	for _, p := range added {
		files := []string{p}
		if _, pasted := texts[p]; !pasted {
			var more bool
			if files, more = filesIn(p); more {
				cut = true
			}
		}
		for _, f := range files {
			if !there[f] {
				there[f] = true
				paths = append(paths, f)
			}
			if first == "" {
				first = f
			}
		}
	}
	return paths, first, cut
}

// filesIn is path, or where it is a folder the files directly in it.
func filesIn(path string) (files []string, more bool) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, false
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return []string{path}, false // reading it says why not
	}
	for _, e := range entries {
		if e.Type() != fs.ModeSymlink && !e.Type().IsRegular() {
			continue
		}
		if len(files) == maxFiles {
			return files, true
		}
		files = append(files, filepath.Join(path, e.Name()))
	}
	return files, false
}

func (s *workshop) onRead(r readFiles, choose string) {
	s.paths, s.inv, s.rows = r.paths, r.inv, r.rows
	if r.cut {
		s.w.tell(widgets.Warn, fmt.Sprintf("Of a folder, the first %d files are shown.", maxFiles))
	}
	s.list.Refresh()
	s.showState()
	if choose == "" {
		choose = s.firstOf(r.first)
	}
	s.choose(choose)
}

// firstOf is the first row of a file; without one, the row that is chosen.
func (s *workshop) firstOf(path string) string {
	for _, r := range s.rows {
		if path != "" && !r.group && r.path == path {
			return r.id
		}
	}
	return s.chosen
}

// choose shows the row with that id, else the first.
func (s *workshop) choose(id string) {
	at := slices.IndexFunc(s.rows, func(r certRow) bool { return !r.group && r.id == id })
	if at < 0 {
		at = slices.IndexFunc(s.rows, func(r certRow) bool { return !r.group })
	}
	s.quiet = true
	if at < 0 {
		s.list.UnselectAll()
		s.chosen = ""
	} else {
		s.chosen = s.rows[at].id
		s.list.Select(at)
	}
	s.quiet = false
	s.detail.show()
}

// row is the one that is chosen; nil: none.
func (s *workshop) row() *certRow {
	for i := range s.rows {
		if !s.rows[i].group && s.rows[i].id == s.chosen {
			return &s.rows[i]
		}
	}
	return nil
}

// step chooses the next thing in that direction.
func (s *workshop) step(way int) {
	at := slices.IndexFunc(s.rows, func(r certRow) bool { return !r.group && r.id == s.chosen })
	for at += way; at >= 0 && at < len(s.rows); at += way {
		if !s.rows[at].group {
			s.choose(s.rows[at].id)
			return
		}
	}
}

func (s *workshop) onSelected(n int) {
	if s.quiet || n >= len(s.rows) {
		return
	}
	if s.rows[n].group {
		s.choose(s.chosen)
		return
	}
	if s.chosen != s.rows[n].id {
		s.chosen = s.rows[n].id
		s.detail.show()
	}
}

// unlock tries a passphrase on everything that is locked.
func (s *workshop) unlock(file, passphrase string) {
	s.passphrases = slices.Insert(slices.DeleteFunc(s.passphrases, func(p string) bool { return p == passphrase }), 0, passphrase)
	s.passphrases = s.passphrases[:min(len(s.passphrases), maxPassphrases)]
	s.wrong = file // unless it opens it
	s.read(nil, s.chosen)
}

// maxPassphrases is how many are tried on one file; each costs up to a second.
const maxPassphrases = 8

// onRemove takes the file of the chosen thing off the list.
func (s *workshop) onRemove() {
	r := s.row()
	if r == nil {
		return
	}
	next := ""
	for i, x := range s.rows {
		if x.id == r.id {
			for _, y := range s.rows[i:] {
				if !y.group && y.path != r.path {
					next = y.id
					break
				}
			}
		}
	}
	s.paths = slices.DeleteFunc(s.paths, func(p string) bool { return p == r.path })
	delete(s.texts, r.path)
	if len(s.paths) == 0 {
		s.onClear()
		return
	}
	s.read(nil, next)
}

// onClear takes everything off the list, and forgets the passphrases.
func (s *workshop) onClear() {
	s.onCancel()
	s.paths, s.texts, s.passphrases, s.wrong, s.chosen = nil, map[string][]byte{}, nil, "", ""
	s.inv, s.rows = nil, nil
	s.list.UnselectAll()
	s.list.Refresh()
	s.detail.show()
	s.showState()
}

// onCancel ends the reading; what was there before stays.
func (s *workshop) onCancel() {
	if s.reading == nil {
		return
	}
	s.reading()
	s.reading = nil
	s.paths = nil
	if s.inv != nil {
		for _, f := range s.inv.Files {
			s.paths = append(s.paths, f.Path)
		}
	}
	s.working(false)
}
