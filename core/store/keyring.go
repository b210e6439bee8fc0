package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	oskeyring "github.com/zalando/go-keyring"
)

// keyringService is the name under which the operating system lists the secrets.
const keyringService = "Mutual"

// keyringTimeout bounds each call: a keyring that waits for a person in a session that has none would wait for ever.
const keyringTimeout = 3 * time.Second

// errNoKeyring: there is none, or it does not work.
var errNoKeyring = errors.New("there is no keyring")

// keyring is the operating system's.
type keyring struct {
	present func() bool
	timeout time.Duration
	silent  atomic.Bool // it did not answer once: it is not asked again
}

func newKeyring() *keyring {
	return &keyring{present: keyringPresent, timeout: keyringTimeout}
}

// keyringPresent says whether it is any use to ask. MUTUAL_KEYRING=off keeps secrets out of the keyring. On systems
// with D-Bus there must be a session bus: without one, the library would start it.
func keyringPresent() bool {
	if os.Getenv("MUTUAL_KEYRING") == "off" {
		return false
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if runtimeDir == "" {
		runtimeDir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	_, err := os.Stat(filepath.Join(runtimeDir, "bus"))
	return err == nil
}

func (k *keyring) get(ctx context.Context, id string, n SecretName) (string, error) {
	var value string // not touched here unless call says that the function has returned
	err := k.call(ctx, func() (err error) {
		value, err = oskeyring.Get(keyringService, account(id, n))
		return err
	})
	switch {
	case err == nil:
		return value, nil
	case errors.Is(err, oskeyring.ErrNotFound), errors.Is(err, errNoKeyring):
		return "", ErrNoSecret
	}
	return "", err
}

func (k *keyring) set(ctx context.Context, id string, n SecretName, value string) error {
	return k.call(ctx, func() error { return oskeyring.Set(keyringService, account(id, n), value) })
}

// delete is content when there is nothing to delete.
func (k *keyring) delete(ctx context.Context, id string, n SecretName) error {
	err := k.call(ctx, func() error { return oskeyring.Delete(keyringService, account(id, n)) })
	if errors.Is(err, oskeyring.ErrNotFound) || errors.Is(err, errNoKeyring) {
		return nil
	}
	return err
}

func account(id string, n SecretName) string { return id + "/" + string(n) }

// call runs f, bounded. The library takes no context, so that the goroutine of a call that hangs is left behind; there
// is at most one of them, for the keyring is not asked again.
func (k *keyring) call(ctx context.Context, f func() error) error {
	if !k.present() {
		return errNoKeyring
	}
	if k.silent.Load() {
		return ErrKeyringSilent
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(k.timeout)
	defer timer.Stop()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, oskeyring.ErrNotFound) {
			return err
		}
		return fmt.Errorf("%w: %w", errNoKeyring, err)
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		k.silent.Store(true)
		return ErrKeyringSilent
	}
}
