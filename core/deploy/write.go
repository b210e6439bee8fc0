package deploy

import (
	"fmt"
	"path/filepath"

	"mutual/core/pki"
)

// Write writes every field that has a file's name into dir, secret ones with mode 0600, all or nothing, and returns the
// paths. Without overwrite an existing file is a *pki.ExistsError that lists all that are in the way.
func (h Handover) Write(dir string, overwrite bool) ([]string, error) {
	var files []pki.OutputFile
	var paths []string
	for _, f := range h.Fields {
		if f.File == "" || f.Value == "" {
			continue
		}
		path := filepath.Join(dir, f.File)
		paths = append(paths, path)
		files = append(files, pki.OutputFile{Path: path, Data: []byte(f.Value), Private: f.Secret})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("writing files for %s: there is nothing to hand over", h.Title)
	}
	return paths, pki.WriteFiles(files, overwrite)
}
