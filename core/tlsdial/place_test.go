package tlsdial

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnePlace looks through the whole program: crypto/tls's verification is switched off in one file, and there the
// program's own is always set.
func TestOnePlace(t *testing.T) {
	const switchedOff, place = "InsecureSkipVerify:", "core/tlsdial/handshake.go"
	top := filepath.Join("..", "..")
	found := 0
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(text), "\n") {
			code, _, _ := strings.Cut(line, "//")
			if !strings.Contains(code, "InsecureSkipVerify") {
				continue
			}
			found++
			name, err := filepath.Rel(top, path)
			if err != nil {
				return err
			}
			if filepath.ToSlash(name) != place || !strings.Contains(code, switchedOff) {
				t.Errorf("%s: %s", name, strings.TrimSpace(line))
			}
			if !strings.Contains(string(text), "VerifyConnection:     s.verify") {
				t.Errorf("%s sets no verification of its own", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found != 1 {
		t.Errorf("found in %d places", found)
	}
}
