package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mutual/core/profile"
)

// TestMain keeps the tests out of the keyring of whoever runs them.
func TestMain(m *testing.M) {
	os.Setenv("MUTUAL_KEYRING", "off")
	os.Exit(m.Run())
}

func mustOpen(t *testing.T, dir string) *Store {
	t.Helper()
	s, notices, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		t.Errorf("notice: %+v", n)
	}
	return s
}

func names(s *Store) []string {
	var names []string
	for _, p := range s.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// entries lists all files of a folder with their contents.
func entries(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[path] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("MUTUAL_HOME", "here")
	dir, err := DefaultDir()
	if err != nil || !filepath.IsAbs(dir) || filepath.Base(dir) != "here" {
		t.Errorf("got %q, %v", dir, err)
	}
	t.Setenv("MUTUAL_HOME", "")
	t.Setenv("HOME", t.TempDir())
	dir, err = DefaultDir()
	if err != nil || !filepath.IsAbs(dir) || !strings.EqualFold(filepath.Base(dir), "mutual") {
		t.Errorf("got %q, %v", dir, err)
	}
}

func TestNewFolderHasPracticeProfile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := mustOpen(t, dir)
	all := s.Profiles()
	if len(all) != 1 || !all[0].Practice {
		t.Fatalf("got %+v", all)
	}
	if err := s.Remove(all[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := names(mustOpen(t, dir)); len(got) != 0 {
		t.Errorf("the practice profile that was removed is back: %v", got)
	}
}

func TestSaveAndOpenAgain(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p := profile.New("Mine")
	p.ID = ""
	p.Server.Host = "broker.example"
	p.Trust.Files = []string{"root.pem"}
	saved, err := s.Save(p)
	if err != nil {
		t.Fatal(err)
	}
	if !profile.ValidID(saved.ID) {
		t.Errorf("ID %q", saved.ID)
	}
	saved.Trust.Files[0] = "changed by the caller"
	path := filepath.Join(dir, "profiles", saved.ID+".json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(read(t, path)), &raw); err != nil || raw["version"] != 1.0 {
		t.Errorf("version %v, %v", raw["version"], err)
	}
	for _, s := range []*Store{s, mustOpen(t, dir)} {
		got, ok := s.Named("Mine")
		if !ok {
			t.Fatal("not there")
		}
		p.ID = saved.ID
		if diff := cmp.Diff(p, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestProfilesAreSortedByName(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for _, name := range []string{"zebra", "Ant", "bee", "ant"} {
		if _, err := s.Save(profile.New(name)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Ant", "ant", "bee", "Practice broker", "zebra"}
	if got := names(s); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestNamed(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	a, _ := s.Save(profile.New("A"))
	confusing := profile.New(a.ID)
	confusing, err := s.Save(confusing)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"A": a.ID, "a": a.ID, a.ID: confusing.ID, confusing.ID: confusing.ID} {
		if got, ok := s.Named(name); !ok || got.ID != want {
			t.Errorf("%s: got %s (%s), %v", name, got.ID, got.Name, ok)
		}
	}
	if _, ok := s.Named("nobody"); ok {
		t.Error("found a profile that is not there")
	}
}

func TestFilesThatAreNotLoaded(t *testing.T) {
	tests := []struct {
		name, file, text string
		aside            bool
		notice           string
	}{
		{"newer format", "x.json", `{"version": 2, "name": "N", "transport": 7}`, false, "newer version"},
		{"setting of a newer version", "x.json", `{"version": 1, "name": "N", "will": {"topic": "t"}}`, false, `unknown field "will"`},
		{"nested setting of a newer version", "x.json", `{"version": 1, "server": {"tunnel": "p"}}`, false, `unknown field "tunnel"`},
		{"not JSON", "x.json", "hello", true, "set aside"},
		{"empty", "x.json", "", true, "set aside"},
		{"cut off", "x.json", `{"version": 1, "name": "N"`, true, "set aside"},
		{"two values", "x.json", `{"version": 1} {"version": 1}`, true, "set aside"},
		{"no version", "x.json", `{"name": "N"}`, true, "version is missing"},
		{"wrong type", "x.json", `{"version": 1, "server": {"port": "8883"}}`, true, "set aside"},
		{"too large", "x.json", `{"version": 1, "name": "` + strings.Repeat("a", maxProfileSize) + `"}`, true, "1 MiB"},
		{"odd name", "my copy.json", `{"version": 1, "name": "N"}`, false, "letters, digits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := mustOpen(t, dir).Save(profile.New("Good")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "profiles", test.file)
			write(t, path, test.text)
			s, notices, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(s); !slices.Equal(got, []string{"Good", "Practice broker"}) {
				t.Errorf("loaded %v", got)
			}
			if len(notices) != 1 || !strings.Contains(notices[0].Text, test.notice) || !strings.HasSuffix(notices[0].Text, ".") {
				t.Fatalf("notices %+v, want one with %q", notices, test.notice)
			}
			if read(t, notices[0].Path) != test.text {
				t.Error("the file was changed")
			}
			if aside := notices[0].Path != path; aside != test.aside {
				t.Errorf("set aside: %v, as %s", aside, notices[0].Path)
			}
			if _, again, _ := Open(dir); test.aside && len(again) != 0 {
				t.Errorf("told twice: %v", again)
			}
		})
	}
}

func TestNewerFileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p, err := s.Save(profile.New("Mine"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "profiles", p.ID+".json")
	const newer = `{"version": 9}`
	write(t, path, newer) // by a newer program, while this one runs
	if _, err := s.Save(p); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if err := s.Remove(p.ID); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v", err)
	}
	if read(t, path) != newer {
		t.Error("the newer file was changed")
	}
}

func TestDamagedFileIsSetAsideOnSave(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p, err := s.Save(profile.New("Mine"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "profiles", p.ID+".json")
	write(t, path, "damaged")
	if _, err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	if aside, _ := filepath.Glob(path + ".unreadable-*"); len(aside) != 1 || read(t, aside[0]) != "damaged" {
		t.Errorf("set aside: %v", aside)
	}
	if got, ok := mustOpen(t, dir).Named("Mine"); !ok || got.ID != p.ID {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestFolderThatVanishedIsMadeAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	s := mustOpen(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(profile.New("Mine")); err != nil {
		t.Fatal(err)
	}
	if got := names(mustOpen(t, dir)); !slices.Equal(got, []string{"Mine"}) {
		t.Errorf("got %v", got)
	}
}

func TestCopiedFileIsAProfileOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p, _ := s.Save(profile.New("Mine"))
	write(t, filepath.Join(dir, "profiles", "copy.json"), read(t, filepath.Join(dir, "profiles", p.ID+".json")))
	again := mustOpen(t, dir)
	if got, ok := again.Named("copy"); !ok || got.ID != "copy" || got.Name != "Mine" {
		t.Errorf("got %+v, %v", got, ok)
	}
	if got, ok := again.Named(p.ID); !ok || got.ID != p.ID {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestSaveRefusesIDsThatAreNoFileNames(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for _, id := range []string{"../x", "a/b", "a.b", "a b", strings.Repeat("a", 65)} {
		p := profile.New("Mine")
		p.ID = id
		if _, err := s.Save(p); err == nil {
			t.Errorf("%q was accepted", id)
		}
	}
}

func TestRemoveAndRestore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p, _ := s.Save(profile.New("Mine"))
	if err := s.Remove(p.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Named("Mine"); ok {
		t.Error("still there")
	}
	if err := s.Remove(p.ID); err == nil {
		t.Error("removed twice")
	}
	if _, err := os.Stat(filepath.Join(dir, "trash", p.ID+".json")); err != nil {
		t.Error(err)
	}
	mustOpen(t, dir) // another program empties the trash
	if _, err := os.Stat(filepath.Join(dir, "trash", p.ID+".json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the trash was not emptied: %v", err)
	}
	restored, err := s.Restore(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, restored); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Restore(p.ID); err == nil {
		t.Error("restored twice")
	}
	if got, ok := mustOpen(t, dir).Named("Mine"); !ok || cmp.Diff(p, got) != "" {
		t.Errorf("got %+v, %v", got, ok)
	}
}

// TestManyWritersAtOnce has programs (each with a Store of its own) and goroutines save at once: every file must be
// whole afterwards.
func TestManyWritersAtOnce(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir)
	shared := profile.New("Shared")
	var wg sync.WaitGroup
	for range 4 {
		s := mustOpen(t, dir)
		for range 2 {
			wg.Go(func() {
				for range 5 {
					if _, err := s.Save(shared); err != nil {
						t.Error(err)
					}
					if _, err := s.Save(profile.New("Own")); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if got := len(mustOpen(t, dir).Profiles()); got != 1+1+4*2*5 {
		t.Errorf("%d profiles", got)
	}
}

func TestLockedFolder(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	saved := make(chan error)
	go func() {
		_, err := s.Save(profile.New("Mine"))
		saved <- err
	}()
	select {
	case err := <-saved:
		t.Errorf("saved while another program held the lock: %v", err)
	case <-time.After(100 * time.Millisecond): // the absence of an event can only be waited for
	}
	unlock()
	if err := <-saved; err != nil {
		t.Error(err)
	}
}
