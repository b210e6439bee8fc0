package store

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	oskeyring "github.com/zalando/go-keyring"

	"mutual/core/profile"
)

// person answers as the tests want, and counts what it was asked.
type person struct {
	passphrases   []string // one an answer; none left: gives up
	created, told int      // questions, for a new passphrase and for the old
	again         int
}

func (p *person) ask(_ context.Context, create, again bool) (string, bool) {
	if create {
		p.created++
	} else {
		p.told++
	}
	if again {
		p.again++
	}
	if len(p.passphrases) == 0 {
		return "", false
	}
	next := p.passphrases[0]
	p.passphrases = p.passphrases[1:]
	return next, true
}

// openQuick opens a store whose secrets file costs no second to unlock.
func openQuick(t *testing.T, dir string) *Store {
	s := mustOpen(t, dir)
	s.files.work = 4
	return s
}

// withKeyring lets s use a keyring in memory that answers with err, if not nil.
func withKeyring(t *testing.T, s *Store, err error) {
	t.Helper()
	if err != nil {
		oskeyring.MockInitWithError(err)
	} else {
		oskeyring.MockInit()
	}
	s.keyring.present = func() bool { return true }
}

func mustSet(t *testing.T, s *Secrets, id string, n SecretName, value string) {
	t.Helper()
	if err := s.Set(t.Context(), id, n, value); err != nil {
		t.Fatal(err)
	}
}

func wantSecret(t *testing.T, s *Secrets, id string, n SecretName, want string) {
	t.Helper()
	if got, err := s.Get(t.Context(), id, n); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func wantNone(t *testing.T, s *Secrets, id string, n SecretName) {
	t.Helper()
	if got, err := s.Get(t.Context(), id, n); !errors.Is(err, ErrNoSecret) {
		t.Errorf("got %q, %v; want ErrNoSecret", got, err)
	}
}

func TestSecretsInTheKeyring(t *testing.T) {
	dir := t.TempDir()
	s := openQuick(t, dir)
	withKeyring(t, s, nil)
	secrets := s.Secrets(nil)
	wantNone(t, secrets, "a", Password)
	mustSet(t, secrets, "a", Password, "p1")
	mustSet(t, secrets, "a", Passphrase, "p2")
	mustSet(t, secrets, "b", Password, "p3")
	wantSecret(t, secrets, "a", Password, "p1")
	wantSecret(t, secrets, "a", Passphrase, "p2")
	wantSecret(t, secrets, "b", Password, "p3")
	mustSet(t, secrets, "a", Password, "")
	wantNone(t, secrets, "a", Password)
	mustSet(t, secrets, "a", Password, "") // nothing to delete: content
	if _, err := os.Stat(filepath.Join(dir, keyName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a secrets file was made though there is a keyring: %v", err)
	}
}

func TestSecretsInAFile(t *testing.T) {
	dir := t.TempDir()
	s := openQuick(t, dir)
	someone := &person{passphrases: []string{"correct horse"}}
	secrets := s.Secrets(someone.ask)
	wantNone(t, secrets, "a", Password)
	if someone.created+someone.told != 0 {
		t.Error("asked for a passphrase though no secret is stored")
	}
	mustSet(t, secrets, "a", Password, "hunter-2")
	mustSet(t, secrets, "a", Passphrase, "other")
	wantSecret(t, secrets, "a", Password, "hunter-2")
	wantSecret(t, s.Secrets(nil), "a", Passphrase, "other") // unlocked for the process
	if someone.created != 1 || someone.told != 0 {
		t.Errorf("asked %d times for a new and %d times for the old passphrase", someone.created, someone.told)
	}
	for path, text := range entries(t, dir) {
		if strings.Contains(text, "hunter-2") {
			t.Errorf("%s holds the password", path)
		}
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	t.Run("next run", func(t *testing.T) {
		someone := &person{passphrases: []string{"wrong", "correct horse"}}
		secrets := openQuick(t, dir).Secrets(someone.ask)
		wantNone(t, secrets, "b", Password)
		if someone.told != 0 {
			t.Error("asked though that profile has no secret")
		}
		wantSecret(t, secrets, "a", Password, "hunter-2")
		wantSecret(t, secrets, "a", Passphrase, "other")
		if someone.told != 2 || someone.again != 1 {
			t.Errorf("asked %d times, %d of them again", someone.told, someone.again)
		}
	})
	t.Run("deleting asks nobody", func(t *testing.T) {
		secrets := openQuick(t, dir).Secrets(nil)
		mustSet(t, secrets, "a", Passphrase, "")
		wantNone(t, secrets, "a", Passphrase)
	})
}

func TestSecretsWithNobodyToAsk(t *testing.T) {
	dir := t.TempDir()
	for name, ask := range map[string]Ask{"no Ask": nil, "no answer": (&person{}).ask, "empty answer": (&person{passphrases: []string{""}}).ask} {
		t.Run(name, func(t *testing.T) {
			err := openQuick(t, dir).Secrets(ask).Set(t.Context(), "a", Password, "p")
			if !errors.Is(err, ErrNoPlace) {
				t.Errorf("storing: got %v", err)
			}
		})
	}
	mustSet(t, openQuick(t, dir).Secrets((&person{passphrases: []string{"x"}}).ask), "a", Password, "p")
	for name, ask := range map[string]Ask{
		"no Ask": nil, "no answer": (&person{}).ask, "always wrong": (&person{passphrases: []string{"1", "2", "3", "x"}}).ask,
	} {
		t.Run("existing, "+name, func(t *testing.T) {
			secrets := openQuick(t, dir).Secrets(ask)
			if _, err := secrets.Get(t.Context(), "a", Password); !errors.Is(err, ErrLocked) {
				t.Errorf("reading: got %v", err)
			}
		})
		t.Run("existing, storing, "+name, func(t *testing.T) {
			if err := openQuick(t, dir).Secrets(nil).Set(t.Context(), "a", Password, "q"); !errors.Is(err, ErrLocked) {
				t.Errorf("storing: got %v", err)
			}
		})
	}
}

func TestKeyringThatFails(t *testing.T) {
	s := openQuick(t, t.TempDir())
	withKeyring(t, s, errors.New("org.freedesktop.secrets was not provided"))
	someone := &person{passphrases: []string{"x"}}
	secrets := s.Secrets(someone.ask)
	wantNone(t, secrets, "a", Password)
	mustSet(t, secrets, "a", Password, "p")
	wantSecret(t, secrets, "a", Password, "p")
	if someone.created != 1 {
		t.Errorf("asked %d times", someone.created)
	}
}

func TestKeyringThatNeverAnswers(t *testing.T) {
	dir := t.TempDir()
	s := openQuick(t, dir)
	withKeyring(t, s, nil)
	s.keyring.timeout = 20 * time.Millisecond
	release := make(chan struct{})
	defer close(release)
	err := s.keyring.call(t.Context(), func() error { <-release; return nil })
	if !errors.Is(err, ErrKeyringSilent) {
		t.Fatalf("got %v", err)
	}
	secrets := s.Secrets((&person{passphrases: []string{"x"}}).ask)
	if _, err := secrets.Get(t.Context(), "a", Password); !errors.Is(err, ErrKeyringSilent) {
		t.Errorf("a silent keyring does not say that there is no secret: got %v", err)
	}
	mustSet(t, secrets, "a", Password, "p")
	wantSecret(t, secrets, "a", Password, "p")
	if _, err := openQuick(t, dir).Secrets(nil).Get(t.Context(), "a", Password); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledKeyringCall(t *testing.T) {
	s := openQuick(t, t.TempDir())
	withKeyring(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	defer close(release)
	if err := s.keyring.call(ctx, func() error { <-release; return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s.keyring.silent.Load() {
		t.Error("a cancelled call counts as an answer that did not come")
	}
}

func TestKeyringAfterFile(t *testing.T) {
	s := openQuick(t, t.TempDir())
	secrets := s.Secrets((&person{passphrases: []string{"x"}}).ask)
	mustSet(t, secrets, "a", Password, "in the file")
	withKeyring(t, s, nil)
	wantSecret(t, secrets, "a", Password, "in the file")
	mustSet(t, secrets, "a", Password, "in the keyring")
	wantSecret(t, secrets, "a", Password, "in the keyring")
	if _, err := os.Stat(s.files.path("a", Password)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one is still in its file: %v", err)
	}
}

func TestRemoveDeletesSecrets(t *testing.T) {
	for _, where := range []string{"keyring", "file"} {
		t.Run(where, func(t *testing.T) {
			dir := t.TempDir()
			s := openQuick(t, dir)
			if where == "keyring" {
				withKeyring(t, s, nil)
			}
			secrets := s.Secrets((&person{passphrases: []string{"x"}}).ask)
			p, err := s.Save(profile.New("Mine"))
			if err != nil {
				t.Fatal(err)
			}
			mustSet(t, secrets, p.ID, Password, "p")
			mustSet(t, secrets, p.ID, Passphrase, "p")
			mustSet(t, secrets, "other", Password, "stays")
			if err := s.Remove(p.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Restore(p.ID); err != nil {
				t.Fatal(err)
			}
			wantNone(t, secrets, p.ID, Password)
			wantNone(t, secrets, p.ID, Passphrase)
			wantSecret(t, secrets, "other", Password, "stays")
		})
	}
}

func TestDamagedSecretFiles(t *testing.T) {
	dir := t.TempDir()
	s := openQuick(t, dir)
	mustSet(t, s.Secrets((&person{passphrases: []string{"x"}}).ask), "a", Password, "p")
	key := read(t, s.files.keyPath())
	write(t, s.files.keyPath(), "damaged")
	someone := &person{passphrases: []string{"x", "x"}}
	secrets := openQuick(t, dir).Secrets(someone.ask)
	if _, err := secrets.Get(t.Context(), "a", Password); err == nil || !strings.Contains(err.Error(), s.files.keyPath()) {
		t.Errorf("got %v, want an error with the path", err)
	}
	if err := secrets.Set(t.Context(), "a", Password, "q"); err == nil {
		t.Error("a damaged key was replaced")
	}
	if read(t, s.files.keyPath()) != "damaged" {
		t.Error("a damaged key was overwritten")
	}
	write(t, s.files.keyPath(), key)
	write(t, s.files.path("a", Password), "damaged")
	if _, err := s.Secrets(nil).Get(t.Context(), "a", Password); err == nil || !strings.Contains(err.Error(), s.files.path("a", Password)) {
		t.Errorf("got %v, want an error with the path", err)
	}
}

func TestOneQuestionForMany(t *testing.T) {
	dir := t.TempDir()
	mustSet(t, openQuick(t, dir).Secrets((&person{passphrases: []string{"x"}}).ask), "a", Password, "p")
	someone := &person{passphrases: []string{"x", "x", "x", "x"}}
	secrets := openQuick(t, dir).Secrets(someone.ask)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { wantSecret(t, secrets, "a", Password, "p") })
	}
	wg.Wait()
	if someone.told != 1 {
		t.Errorf("asked %d times", someone.told)
	}
}

func TestWaitingForTheAnswerCanBeCancelled(t *testing.T) {
	dir := t.TempDir()
	mustSet(t, openQuick(t, dir).Secrets((&person{passphrases: []string{"x"}}).ask), "a", Password, "p")
	asked, release, first := make(chan struct{}), make(chan struct{}), make(chan error)
	secrets := openQuick(t, dir).Secrets(func(context.Context, bool, bool) (string, bool) {
		close(asked)
		<-release
		return "x", true
	})
	go func() {
		_, err := secrets.Get(context.Background(), "a", Password)
		first <- err
	}()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := secrets.Get(ctx, "a", Password); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestSecretNamesThatAreNoFileNames(t *testing.T) {
	secrets := openQuick(t, t.TempDir()).Secrets((&person{passphrases: []string{"x"}}).ask)
	if err := secrets.Set(t.Context(), "../a", Password, "p"); err == nil {
		t.Error("accepted")
	}
	if _, err := secrets.Get(t.Context(), "a", "../b"); err == nil || errors.Is(err, ErrNoSecret) {
		t.Errorf("got %v", err)
	}
}

// TestNoSessionBusIsNoKeyring runs in a child process, where a keyring asked for in vain would start a D-Bus daemon.
func TestNoSessionBusIsNoKeyring(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the keyring of this system needs no D-Bus")
	}
	if os.Getenv("TEST_NO_BUS") != "" {
		if keyringPresent() {
			os.Exit(1)
		}
		os.Exit(0)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestNoSessionBusIsNoKeyring$")
	child.Env = []string{"TEST_NO_BUS=1", "XDG_RUNTIME_DIR=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
