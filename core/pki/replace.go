package pki

import "io/fs"

// NewFile is a file to be written. Mode is 0600 for whatever holds a private key.
type NewFile struct {
	Path string
	Data []byte
	Mode fs.FileMode
}

// WriteFiles writes files, all or none, each under a temporary name first. Without overwrite an existing file is an
// *ExistsError that lists all that are in the way. Folders that are missing are made.
func WriteFiles(files []NewFile, overwrite bool) error {
	pending := make([]*pendingFile, len(files))
	for i, f := range files {
		pending[i] = &pendingFile{path: f.Path, data: f.Data, mode: f.Mode}
	}
	if err := checkDistinct(pending); err != nil {
		return err
	}
	if !overwrite {
		if err := checkFree(pending); err != nil {
			return err
		}
	}
	return writeAll(pending, overwrite)
}
