package acme

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mutual/core/nameserver"
)

// UnknownError says that the folder holds no certificate of a name.
type UnknownError struct {
	Name    string
	Known   []string // the certificates that it holds, by their first name
	Under   string   // the certificate that has Name as a further name; empty: none
	Pending bool     // an order for it was begun and is not ended
}

func (e *UnknownError) Error() string {
	switch {
	case e.Under != "":
		return fmt.Sprintf("%s is a further name of the certificate for %s, which is named by its first name", e.Name, e.Under)
	case e.Pending:
		return fmt.Sprintf("the certificate for %s is ordered, and not there yet", e.Name)
	}
	return "there is no certificate for " + e.Name
}

// Find returns the name by which the folder keeps a certificate that was obtained: name as an order has it, lower case
// and without a closing dot. An *UnknownError says that there is none.
func (f Folder) Find(name string) (string, error) {
	if ordered, err := nameserver.CertificateName(name); err == nil {
		name = ordered
	}
	r, err := f.Renewal(name)
	switch {
	case err == nil && len(r.Request.Names) > 0 && r.Request.Names[0] == name:
		return name, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	all, err := f.Names()
	if err != nil {
		return "", err
	}
	unknown := &UnknownError{Name: name}
	for _, n := range all {
		r, err := f.Renewal(n)
		if err != nil {
			unknown.Pending = unknown.Pending || n == name
			continue
		}
		unknown.Known = append(unknown.Known, n)
		if slices.Contains(r.Request.Names, name) {
			unknown.Under = n
		}
	}
	return "", unknown
}

// Damaged are the names, by their folders, of the certificates of which renewal.json is there and cannot be read, or is of a
// newer format. List leaves them out: what they were obtained with is not known.
func (f Folder) Damaged() (names []string) {
	entries, _ := os.ReadDir(filepath.Join(f.Path, "live")) // who lists them says what is wrong with the folder itself
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(f.Path, "live", e.Name())); err != nil || !info.IsDir() {
			continue // such as what a file manager leaves behind
		}
		name := strings.Replace(e.Name(), "_", "*", 1)
		if _, err := f.Renewal(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			names = append(names, name)
		}
	}
	return names
}
