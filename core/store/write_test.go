//go:build linux

package store

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"mutual/core/profile"
)

// asNobody runs f on a thread whose file accesses are those of a user without rights: root could write anywhere.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and not unlocked: the thread ends with the goroutine
		const nobody = 65534
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
			t.Errorf("setfsuid: %v", errno)
			return
		}
		f()
	}()
	<-done
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p, err := s.Save(profile.New("Mine"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "profiles", "bad.json"), "bad")
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	// Everyone may read, nobody may write.
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			t.Cleanup(func() { os.Chmod(path, 0o700) })
			return os.Chmod(path, 0o555)
		}
		return os.Chmod(path, 0o444)
	})
	before := entries(t, dir)
	asNobody(t, func() {
		p.Name = "Changed"
		_, err := s.Save(p)
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), dir) {
			t.Errorf("saving: got %v, want a permission error with the path", err)
		}
		if err := s.Remove(p.ID); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("removing: got %v", err)
		}
		if got, _ := s.Named("Mine"); got.ID != p.ID {
			t.Error("what could not be saved is shown as saved")
		}
		again, notices, err := Open(dir)
		if err != nil {
			t.Error(err)
			return
		}
		if len(names(again)) != 2 || len(notices) != 2 || !strings.Contains(notices[0].Text, "cannot be written") {
			t.Errorf("opened again: %v, %+v", names(again), notices)
		}
		if _, _, err := Open(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a new folder: got %v", err)
		}
	})
	after := entries(t, dir)
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
}

// TestFullDisk saves in a child process that may write no file beyond 100 bytes, which the kernel refuses in the middle
// of a write as a full disk would.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("TEST_FULL_DISK"); dir != "" {
		saveOnFullDisk(dir)
	}
	dir := t.TempDir()
	s := mustOpen(t, dir)
	p := profile.New("Mine")
	p.ID = "mine"
	if _, err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	before := entries(t, dir)
	child := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
	child.Env = append(os.Environ(), "TEST_FULL_DISK="+dir)
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 42 {
		t.Fatalf("%v: %s", err, out)
	}
	path := filepath.Join(dir, "profiles", "mine.json")
	if text := string(out); !strings.Contains(text, path) || !strings.Contains(text, syscall.EFBIG.Error()) {
		t.Errorf("the message %q names no path or no cause", text)
	}
	after := entries(t, dir)
	if len(after) != len(before) || after[path] != before[path] {
		t.Errorf("before %v\nafter %v", before, after)
	}
}

// saveOnFullDisk exits with 42 when saving was refused, as it must be.
func saveOnFullDisk(dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 100, Max: 100}
	s, _, err := Open(dir)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	}
	if err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(1)
	}
	p, _ := s.Named("Mine")
	p.Name = "Changed"
	if _, err := s.Save(p); err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(42)
	}
	os.Exit(0)
}

func TestSymbolicLinkStaysOne(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "mine.json")
	s := mustOpen(t, dir)
	p := profile.New("Mine")
	p.ID = "mine"
	if _, err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "profiles", "mine.json")
	if err := os.Rename(path, elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	p.Name = "Changed"
	if _, err := s.Save(p); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info.Mode(), err)
	}
	if !strings.Contains(read(t, elsewhere), "Changed") {
		t.Error("the file that it points to was not written")
	}
}

// A key of the secrets that could not be written must not be used: what it encrypts could never be read again. The
// disk is full in a process of its own.
func TestSecretsAfterAFullDisk(t *testing.T) {
	if dir := os.Getenv("TEST_FULL_DISK_SECRETS"); dir != "" {
		keepSecretAfterFullDisk(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestSecretsAfterAFullDisk$")
	child.Env = append(os.Environ(), "TEST_FULL_DISK_SECRETS="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	again := openQuick(t, dir).Secrets((&person{passphrases: []string{"correct horse"}}).ask)
	wantSecret(t, again, "a", Password, "hunter-2")
}

// keepSecretAfterFullDisk keeps a secret while no file of this process can grow, and then once more.
func keepSecretAfterFullDisk(t *testing.T, dir string) {
	secrets := openQuick(t, dir).Secrets((&person{passphrases: []string{"correct horse", "correct horse"}}).ask)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 10, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	full := secrets.Set(t.Context(), "a", Password, "hunter-2")
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if full == nil {
		t.Fatal("a secret was kept on a full disk")
	}
	mustSet(t, secrets, "a", Password, "hunter-2")
}
