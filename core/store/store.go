// Package store keeps profiles and secrets on disk. Every file is written to a temporary name, synced and renamed; one
// that cannot be read is set aside with a message and never overwritten; a newer format is refused, not mangled.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"mutual/core/profile"
)

// Names within the folder.
const (
	profilesName = "profiles"
	trashName    = "trash"
	lockName     = "lock"
)

// lockWait bounds the wait for another program that is writing: no write takes longer than a moment.
const lockWait = 5 * time.Second

// Store is one folder: profiles/ID.json, one profile a file. It may be used from several goroutines, and several
// programs may have the same folder open; the last to save a profile wins.
type Store struct {
	dir string

	mu       sync.Mutex
	profiles map[string]profile.Profile // by ID
	removed  map[string]profile.Profile // by ID, for Restore

	keyring *keyring
	files   *secretFiles
}

// Notice is something the user should know about what was found on opening: one sentence, and the file it is about.
type Notice struct{ Text, Path string }

// DefaultDir is the user's folder for Mutual, by the operating system's custom. MUTUAL_HOME overrides it.
func DefaultDir() (string, error) {
	if dir := os.Getenv("MUTUAL_HOME"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's settings folder: %w", err)
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return filepath.Join(dir, "Mutual"), nil
	}
	return filepath.Join(dir, "mutual"), nil
}

// Open reads the folder, made if absent. The practice profile is added when the folder is new. A folder that can be
// read but not written is opened with a notice.
func Open(dir string) (*Store, []Notice, error) {
	s := &Store{
		dir:      dir,
		profiles: map[string]profile.Profile{},
		removed:  map[string]profile.Profile{},
		keyring:  newKeyring(),
		files:    newSecretFiles(dir),
	}
	fresh := false
	if _, err := os.Stat(s.profilesDir()); errors.Is(err, fs.ErrNotExist) {
		fresh = true
	}
	var notices []Notice
	unlock, err := lock(dir)
	switch {
	case err == nil:
		defer unlock()
	case !fresh && notWritable(err):
		notices = append(notices, Notice{fmt.Sprintf("The folder %s cannot be written, so changes will not be kept.", dir), dir})
	default:
		return nil, nil, err
	}
	if fresh {
		if err := s.begin(); err != nil {
			return nil, nil, err
		}
	}
	more, err := s.load(err == nil)
	return s, append(notices, more...), err
}

// begin fills a new folder, unless another program has done so since.
func (s *Store) begin() error {
	switch err := os.Mkdir(s.profilesDir(), 0o700); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return fmt.Errorf("making the folder %s: %w", s.profilesDir(), err)
	}
	return s.write(profile.Practice())
}

func (s *Store) profilesDir() string          { return filepath.Join(s.dir, profilesName) }
func (s *Store) profilePath(id string) string { return filepath.Join(s.dir, profilesName, id+".json") }
func (s *Store) trashPath(id string) string   { return filepath.Join(s.dir, trashName, id+".json") }

// lock keeps other programs from writing in dir, made if absent, until the function that it returns is called.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder %s: %w", dir, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	// Opened for writing, though a lock needs only reading: so a read-only folder is noticed here.
	l := flock.New(filepath.Join(dir, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(privateMode))
	_, err = l.TryLockContext(ctx, 20*time.Millisecond)
	switch {
	case errors.Is(err, errors.ErrUnsupported): // a file system without locks; each write is whole all the same
		return func() {}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("waiting %s for another program that writes in %s: %w", lockWait, dir, err)
	case err != nil:
		return nil, fmt.Errorf("locking the folder %s: %w", dir, err)
	}
	return func() { l.Close() }, nil
}

func notWritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
