package acme

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDamaged: a certificate whose renewal.json cannot be read is damaged; what is no certificate's folder is not.
func TestDamaged(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	f.kept(t, "sound.example.org", "manual", nil)
	for _, name := range []string{"*.damaged.example.org", "newer.example.org"} {
		f.kept(t, name, "manual", nil)
	}
	for name, text := range map[string]string{"*.damaged.example.org": "{", "newer.example.org": `{"schema": 9}`} {
		if err := os.WriteFile(filepath.Join(f.Dir(name), renewalFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	live := filepath.Join(f.Path, "live")
	if err := os.WriteFile(filepath.Join(live, ".DS_Store"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(live, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := f.Damaged(); !slices.Equal(got, []string{"*.damaged.example.org", "newer.example.org"}) {
		t.Errorf("damaged are %q", got)
	}
}
