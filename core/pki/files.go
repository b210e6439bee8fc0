package pki

// OutputFile is a file to be written. One with a private key in it is written with mode 0600, others with 0644.
type OutputFile struct {
	Path    string
	Data    []byte
	Private bool
}

// WriteFiles writes all or none. Without overwrite an existing file is an *ExistsError that lists all that are in the
// way. Folders that are missing are made.
func WriteFiles(files []OutputFile, overwrite bool) error {
	var pending []*pendingFile
	for _, f := range files {
		p := &pendingFile{path: f.Path, data: f.Data, mode: 0o644}
		if f.Private {
			p.mode = 0o600
		}
		pending = append(pending, p)
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
