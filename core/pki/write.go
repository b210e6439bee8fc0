package pki

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of the files that the wizard writes, the same as those of the openssl commands that it stands for.
const (
	CACertificateName = "client-ca.crt"
	CAKeyName         = "client-ca.key"
)

// FilePaths are the files of one certificate in a folder. Request is empty for a CA.
type FilePaths struct{ Certificate, Key, Request string }

// Paths returns the wizard's names in dir: client-ca.*, server.*, client.*.
func Paths(dir string, k Kind) FilePaths {
	if k == CA {
		return FilePaths{Certificate: filepath.Join(dir, CACertificateName), Key: filepath.Join(dir, CAKeyName)}
	}
	base := filepath.Join(dir, string(k))
	return FilePaths{Certificate: base + ".crt", Key: base + ".key", Request: base + ".csr"}
}

// ExistsError names the files that are in the way.
type ExistsError struct{ Paths []string }

func (e *ExistsError) Error() string {
	return "writing certificate files: already there: " + strings.Join(e.Paths, ", ")
}

// Write writes i under p, keys 0600, all or nothing. Without overwrite an existing file is an *ExistsError that lists
// all that are in the way. A path that is empty is not written. Folders that are missing are made; the mode of those
// that are there is left alone.
func (i Issued) Write(p FilePaths, overwrite bool) error {
	var files []*pendingFile
	for _, f := range []pendingFile{
		{path: p.Certificate, data: i.CertificatePEM, mode: 0o644},
		{path: p.Key, data: i.KeyPEM, mode: 0o600},
		{path: p.Request, data: i.RequestPEM, mode: 0o644},
	} {
		if f.path != "" && f.data != nil {
			files = append(files, &f)
		}
	}
	if err := checkDistinct(files); err != nil {
		return err
	}
	if !overwrite {
		if err := checkFree(files); err != nil {
			return err
		}
	}
	return writeAll(files, overwrite)
}

func checkDistinct(files []*pendingFile) error {
	seen := map[string]bool{}
	for _, f := range files {
		clean := filepath.Clean(f.path)
		if seen[clean] {
			return fmt.Errorf("writing certificate files: %s is named twice", f.path)
		}
		seen[clean] = true
	}
	return nil
}

func checkFree(files []*pendingFile) error {
	var taken []string
	for _, f := range files {
		if _, err := os.Lstat(f.path); err == nil {
			taken = append(taken, f.path)
		}
	}
	if taken != nil {
		return &ExistsError{Paths: taken}
	}
	return nil
}

// pendingFile is one file on its way: written and synced under a temporary name, then put in its place, then settled.
type pendingFile struct {
	path   string
	data   []byte
	mode   fs.FileMode
	temp   string // the new file
	backup string // the old file, until all are in place
	placed bool
}

// writeAll first does everything that can run out of space or permission, and only then puts the files in place.
func writeAll(files []*pendingFile, overwrite bool) error {
	for _, f := range files {
		if err := f.prepare(); err != nil {
			for _, f := range files {
				f.settle(false)
			}
			return fmt.Errorf("writing %s: %w", f.path, err)
		}
	}
	return placeAll(files, overwrite)
}

// placeAll puts prepared files in place, all or none.
func placeAll(files []*pendingFile, overwrite bool) (err error) {
	defer func() {
		for _, f := range files {
			f.settle(err == nil)
		}
	}()
	for _, f := range files {
		if err := f.place(overwrite); err != nil {
			if !overwrite && errors.Is(err, fs.ErrExist) {
				return &ExistsError{Paths: []string{f.path}}
			}
			return fmt.Errorf("writing %s: %w", f.path, err)
		}
	}
	for _, f := range files {
		syncFolder(filepath.Dir(f.path))
	}
	return nil
}

// prepare writes the temporary file. os.CreateTemp makes it 0600; a key never has another mode.
func (f *pendingFile) prepare() error {
	folder := filepath.Dir(f.path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if info, err := os.Stat(f.path); err == nil && info.IsDir() {
		return errIsFolder
	}
	t, err := os.CreateTemp(folder, ".mutual-*")
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err // whoever reads it did not choose the file's temporary name
	}
	if err != nil {
		return err
	}
	f.temp = t.Name()
	_, err = t.Write(f.data)
	if f.mode != 0o600 {
		err = errors.Join(err, t.Chmod(f.mode))
	}
	return errors.Join(err, t.Sync(), t.Close())
}

// place gives the temporary file its name. Without overwrite that is a link, which fails if the name has been taken
// meanwhile; where the file system has no links it is a rename.
func (f *pendingFile) place(overwrite bool) error {
	if overwrite {
		if err := f.setAside(); err != nil {
			return err
		}
		err := os.Rename(f.temp, f.path)
		f.placed = err == nil
		return err
	}
	err := os.Link(f.temp, f.path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, statErr := os.Lstat(f.path); statErr == nil {
			return fs.ErrExist
		}
		err = os.Rename(f.temp, f.path)
	}
	f.placed = err == nil
	return err
}

var errIsFolder = errors.New("a folder has that name")

// setAside keeps the old file under another name. The old name stays where there are links, so that at no time is
// nothing there.
func (f *pendingFile) setAside() error {
	switch info, err := os.Lstat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errIsFolder
	}
	backup := f.temp + ".old"
	if err := os.Link(f.path, backup); err != nil {
		if err := os.Rename(f.path, backup); err != nil {
			return err
		}
	}
	f.backup = backup
	return nil
}

// settle removes what is temporary. When not all went well, the old file comes back and a new one goes.
func (f *pendingFile) settle(ok bool) {
	restored := true
	if !ok && f.backup != "" {
		restored = os.Rename(f.backup, f.path) == nil
	} else if !ok && f.placed {
		os.Remove(f.path)
	}
	if f.temp != "" {
		os.Remove(f.temp) // gone already after a rename
	}
	// Where path is still a link to the same file, the rename did nothing, and the other name is still there. An old file
	// that could not be put back is kept under that name.
	if f.backup != "" && restored {
		os.Remove(f.backup)
	}
}

// syncFolder makes new names last through a power cut. Windows and some file systems cannot do it; nothing is lost then
// but time.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
