//go:build !windows

package store

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

func replaceFile(path string, data []byte) error {
	// In the same folder: another might lie on a file system with space where this one has none, and rename only at
	// the end to say so.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(privateMode))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
