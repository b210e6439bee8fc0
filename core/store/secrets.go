package store

import (
	"context"
	"errors"
	"fmt"

	"mutual/core/profile"
)

// SecretName says which secret of a profile.
type SecretName string

const (
	Password   SecretName = "password"
	Passphrase SecretName = "passphrase"
	// ProxyPassword goes with the user name in the proxy's URL, to the proxy only.
	ProxyPassword SecretName = "proxy-password"
	// PlatformKey is no profile's: the API key and secret of a broker's own interface, under an ID of that interface.
	PlatformKey SecretName = "platform-key"
)

// secretNames are all that a profile can have.
var secretNames = []SecretName{Password, Passphrase, ProxyPassword}

// ErrNoSecret: none is stored. ErrLocked: there is one, but its passphrase was not given. ErrNoPlace: there is no
// keyring, and no passphrase was given to make a secrets file with. ErrKeyringSilent: the keyring was asked and gave
// no answer in time, so that it is not known whether there is one.
var (
	ErrNoSecret      = errors.New("no secret is stored")
	ErrLocked        = errors.New("the secrets file is locked")
	ErrNoPlace       = errors.New("there is no keyring to keep secrets in, and no passphrase for a secrets file was given")
	ErrKeyringSilent = errors.New("the keyring gave no answer")
)

// Ask asks for the passphrase of the secrets file; create: it is a new one. ok is false when there is nobody to ask.
type Ask func(ctx context.Context, create, again bool) (passphrase string, ok bool)

// Secrets keeps passwords and passphrases in the operating system's keyring, else in age files beside the profiles:
// secrets.age holds a key, encrypted with the user's passphrase, and secrets/ID.NAME.age a secret each, encrypted with
// that key. So one can be deleted, and be known to be absent, without the passphrase, and `age -d -i secrets.age FILE`
// reads one without this program.
type Secrets struct {
	store *Store
	ask   Ask
}

// Secrets opens nothing and asks nothing until the first secret is wanted. Calls to the keyring are bounded to 3 s.
// ask may be nil: nobody to ask. Once unlocked, the secrets file stays so in this process.
func (s *Store) Secrets(ask Ask) *Secrets { return &Secrets{store: s, ask: ask} }

// Get returns a secret, or ErrNoSecret, ErrLocked or ErrKeyringSilent. It asks for the passphrase only when the secret
// is known to lie in a file.
func (s *Secrets) Get(ctx context.Context, id string, n SecretName) (string, error) {
	if err := checkSecret(id, n); err != nil {
		return "", err
	}
	// The file goes first: what lies in a file was set while there was no keyring, and is the newer.
	value, err := s.store.files.get(ctx, id, n, s.ask)
	if errors.Is(err, ErrNoSecret) {
		value, err = s.store.keyring.get(ctx, id, n)
	}
	if err != nil {
		return "", fmt.Errorf("reading the %s: %w", n, err)
	}
	return value, nil
}

// Set stores value; an empty one deletes. It asks for a passphrase only when there is no keyring.
func (s *Secrets) Set(ctx context.Context, id string, n SecretName, value string) error {
	if err := checkSecret(id, n); err != nil {
		return err
	}
	if value == "" {
		return s.store.deleteSecret(ctx, id, n)
	}
	err := s.store.keyring.set(ctx, id, n, value)
	switch {
	case err == nil:
		err = s.store.files.delete(id, n)
	case ctx.Err() == nil:
		err = s.store.files.set(ctx, id, n, value, s.ask)
	}
	if err != nil {
		return fmt.Errorf("storing the %s: %w", n, err)
	}
	return nil
}

func checkSecret(id string, n SecretName) error {
	if !profile.ValidID(id) || !profile.ValidID(string(n)) {
		return fmt.Errorf("looking for secret %q of profile %q: these are not names of one", n, id)
	}
	return nil
}

// forget deletes all secrets of a profile.
func (s *Store) forget(id string) error {
	ctx := context.Background() // the keyring's own bound is enough
	var errs []error
	for _, n := range secretNames {
		errs = append(errs, s.deleteSecret(ctx, id, n))
	}
	return errors.Join(errs...)
}

func (s *Store) deleteSecret(ctx context.Context, id string, n SecretName) error {
	err := errors.Join(s.files.delete(id, n), s.keyring.delete(ctx, id, n))
	if err != nil {
		return fmt.Errorf("deleting the %s: %w", n, err)
	}
	return nil
}
