package exchange

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"mutual/core/pki"
	"mutual/core/profile"
)

// Number tells connections of the same name apart, and from those whose names are taken: "Plant 7" becomes "Plant 7 (2)". Names
// that differ only in their letters' case are the same. taken may be nil: none is.
func Number(list []Connection, taken func(name string) bool) {
	n := newNames(taken)
	for i := range list {
		list[i].Profile.Name = n.free(list[i].Profile.Name)
	}
}

// names gives out names, each once whatever the case of its letters.
type names struct {
	taken func(name string) bool // by what was there before; nil: none is
	given map[string]bool
	next  map[string]int // the number that is tried next, by name: a file can hold very many of one name
}

func newNames(taken func(name string) bool) *names {
	return &names{taken: taken, given: map[string]bool{}, next: map[string]int{}}
}

// free is name, or that with the first number from 2 on with which it is not taken.
func (n *names) free(name string) string {
	key := strings.ToLower(name)
	numbered, k := name, max(2, n.next[key])
	for ; n.given[strings.ToLower(numbered)] || n.taken != nil && n.taken(numbered); k++ {
		numbered = fmt.Sprintf("%s (%d)", name, k)
	}
	n.given[strings.ToLower(numbered)], n.next[key] = true, k
	return numbered
}

// Unpack makes of what is inside the connections files below dir, and lets the profiles name them; they are still to be
// written. Each connection has a folder of its own, called after it. there says whether a path exists already, so that
// its name is not taken; nil: no folder is avoided.
func Unpack(list []Connection, dir string, there func(path string) bool) [][]pki.OutputFile {
	unpacked := make([][]pki.OutputFile, len(list))
	folders := newNames(func(name string) bool { return there != nil && there(filepath.Join(dir, name)) })
	for n := range list {
		c := &list[n]
		if len(c.Files) == 0 {
			continue
		}
		folder := folders.free(folderName(c.Profile.Name))
		for _, f := range c.Files {
			path := filepath.Join(dir, folder, f.fileName())
			unpacked[n] = append(unpacked[n], pki.OutputFile{Path: path, Data: f.Data, Private: f.Part == Key})
			c.Use(f.Part, path)
		}
	}
	return unpacked
}

// folderName is a connection's name without what some system does not take in a file's.
func folderName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '-'
		}
		return r
	}, name)
	if clean = strings.Trim(clean, ". "); clean == "" {
		return "connection"
	}
	return clean
}

// fileName is what a certificate or key is called: what the other computer called it may be anything.
func (f File) fileName() string {
	switch f.Part {
	case CA:
		return "ca.crt"
	case Key:
		return "client.key"
	}
	return "client.crt"
}

// FileName is what an exported file of a connection of this name is called, unless somebody wishes otherwise.
func FileName(name string) string { return folderName(name) + ".json" }

// Absent are the files that p names and that are not there, which can be any for a connection from another computer.
func Absent(p profile.Profile, there func(path string) bool) (paths []string) {
	for _, path := range slices.Concat(p.Trust.Files, []string{p.ClientCertificate.CertificateFile, p.ClientCertificate.KeyFile}) {
		if path != "" && !slices.Contains(paths, path) && !there(path) {
			paths = append(paths, path)
		}
	}
	return paths
}
