//go:build !windows

package lab

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

// writeFile replaces path, mode 0600: keys are among the files.
func writeFile(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o600, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
}
