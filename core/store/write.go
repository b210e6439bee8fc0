package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFile replaces path with data, mode 0600, all or nothing: when it fails the old file is intact. A symbolic link
// stays one: the file that it points to is replaced.
func writeFile(path string, data []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := replaceFile(path, data); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// privateMode keeps profiles from others: they hold user names and paths, and the secret files more.
const privateMode os.FileMode = 0o600
