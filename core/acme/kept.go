package acme

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kept is a certificate of the folder, or an order under way, as its files say.
type Kept struct {
	Name     string    // its first name
	Request  Request   // how it was obtained, or is being
	Renewal  Renewal   // zero where it is only being ordered
	NotAfter time.Time // zero: there is no certificate that can be read
	Due      Due       // when to renew it, as the authority has said, else a third of the lifetime before the end
	Pending  time.Time // when the order was begun that is under way; zero: none is
}

// Obtained says whether there is a certificate that can be read.
func (k Kept) Obtained() bool { return !k.NotAfter.IsZero() }

// Shelf lists the certificates of a folder again and again: it reads only the files that have changed since.
type Shelf struct {
	Folder Folder

	mu   sync.Mutex
	read map[string]shelved // by the name of the folder
}

// shelved is what was read of one certificate, and its files of then; nil: it was not there.
type shelved struct {
	files [3]os.FileInfo
	kept  Kept
	ok    bool // there is something to list
}

// List lists what is there, sorted by name.
func (s *Shelf) List() ([]Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := os.ReadDir(filepath.Join(s.Folder.Path, "live"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing certificates: %w", err)
	}
	before := s.read
	s.read = map[string]shelved{}
	var list []Kept
	for _, e := range entries {
		now := shelved{files: s.stat(e.Name())}
		if old, ok := before[e.Name()]; ok && old.same(now) {
			now = old
		} else {
			now.kept, now.ok = s.Folder.look(strings.Replace(e.Name(), "_", "*", 1))
		}
		if s.read[e.Name()] = now; now.ok {
			list = append(list, now.kept)
		}
	}
	slices.SortFunc(list, func(a, b Kept) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// stat looks at the files that are read, without reading them.
func (s *Shelf) stat(dir string) (files [3]os.FileInfo) {
	for i, name := range []string{renewalFile, orderFile, "fullchain.pem"} {
		files[i], _ = os.Stat(filepath.Join(s.Folder.Path, "live", dir, name))
	}
	return files
}

// same says whether the files are those of then. One that is written anew is another file: it is renamed into its place.
func (a shelved) same(b shelved) bool {
	for i, x := range a.files {
		y := b.files[i]
		if (x == nil) != (y == nil) || x != nil && !(os.SameFile(x, y) && x.ModTime().Equal(y.ModTime()) && x.Size() == y.Size()) {
			return false
		}
	}
	return true
}

// look reads what there is of one certificate; false where it is neither obtained nor ordered.
func (f Folder) look(name string) (k Kept, ok bool) {
	if r, err := f.Renewal(name); err == nil {
		k.Renewal, k.Request = r, r.Request
	}
	if request, begun, ok := f.Pending(name); ok {
		k.Pending = begun
		if len(k.Request.Names) == 0 {
			k.Request = request
		}
	}
	if len(k.Request.Names) == 0 {
		return k, false
	}
	k.Name = k.Request.Names[0]
	if chain, err := f.ReadChain(name); err == nil {
		k.NotAfter, k.Due = chain[0].NotAfter, dueOffline(chain[0])
		if !k.Renewal.Due.At.IsZero() {
			k.Due = k.Renewal.Due
		}
	}
	return k, true
}
