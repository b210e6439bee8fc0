package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Names of the secrets' files within the folder.
const (
	keyName    = "secrets.age"
	secretsDir = "secrets"
)

// scryptWork is the base-2 logarithm of scrypt's work factor: age's own default, about a second.
const scryptWork = 18

// passphraseTries is how often a wrong passphrase is asked for again.
const passphraseTries = 3

// secretFiles are the age files of Secrets.
type secretFiles struct {
	dir  string
	work int // see scryptWork

	turn     chan struct{}       // held by the one that unlocks, so that a person is asked once
	identity *age.X25519Identity // nil: locked
}

func newSecretFiles(dir string) *secretFiles {
	return &secretFiles{dir: dir, work: scryptWork, turn: make(chan struct{}, 1)}
}

// SetPassphraseWork changes how much work it is to try a passphrase of a secrets file that is made from now on: the base-2
// logarithm of scrypt's N, 1 to 22. It is called before the first secret is set, by tests, for which the usual second is
// too long.
func (s *Store) SetPassphraseWork(log2N int) { s.files.work = log2N }

func (f *secretFiles) keyPath() string { return filepath.Join(f.dir, keyName) }

func (f *secretFiles) path(id string, n SecretName) string {
	return filepath.Join(f.dir, secretsDir, id+"."+string(n)+".age")
}

func (f *secretFiles) get(ctx context.Context, id string, n SecretName, ask Ask) (string, error) {
	path := f.path(id, n)
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoSecret
	}
	if err != nil {
		return "", err
	}
	identity, err := f.unlock(ctx, ask, false)
	if err != nil {
		return "", err
	}
	value, err := open(sealed, identity)
	if err != nil {
		return "", fmt.Errorf("decrypting %s: %w", path, err)
	}
	return string(value), nil
}

func (f *secretFiles) set(ctx context.Context, id string, n SecretName, value string, ask Ask) error {
	identity, err := f.unlock(ctx, ask, true)
	if err != nil {
		return err
	}
	sealed, err := seal([]byte(value), identity.Recipient())
	if err != nil {
		return err
	}
	unlockDir, err := lock(f.dir)
	if err != nil {
		return err
	}
	defer unlockDir()
	if err := os.MkdirAll(filepath.Join(f.dir, secretsDir), 0o700); err != nil {
		return err
	}
	return writeFile(f.path(id, n), sealed)
}

// delete is content when there is nothing to delete.
func (f *secretFiles) delete(id string, n SecretName) error {
	if err := os.Remove(f.path(id, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// unlock returns the key that the secrets are encrypted with, and asks for its passphrase when that was not yet given
// in this process. With create a missing key file is made.
func (f *secretFiles) unlock(ctx context.Context, ask Ask, create bool) (*age.X25519Identity, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f.identity != nil {
		return f.identity, nil
	}
	sealed, err := os.ReadFile(f.keyPath())
	var identity *age.X25519Identity
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		identity, err = f.create(ctx, ask)
	case err != nil:
		return nil, fmt.Errorf("reading the key of the secrets: %w", err)
	default:
		identity, err = f.decryptKey(ctx, sealed, ask)
	}
	if err != nil {
		return nil, err // a key that stands on no disk must not be used: what it encrypts would be lost
	}
	f.identity = identity
	return identity, nil
}

// decryptKey asks until the passphrase is right.
func (f *secretFiles) decryptKey(ctx context.Context, sealed []byte, ask Ask) (*age.X25519Identity, error) {
	for try := range passphraseTries {
		passphrase, ok := answer(ctx, ask, false, try > 0)
		if !ok {
			return nil, firstOf(ctx.Err(), ErrLocked)
		}
		identity, err := openKey(sealed, passphrase)
		var wrong *age.NoIdentityMatchError
		if errors.As(err, &wrong) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("decrypting %s: %w", f.keyPath(), err)
		}
		return identity, nil
	}
	return nil, ErrLocked
}

// create makes a key and writes it, encrypted with a new passphrase.
func (f *secretFiles) create(ctx context.Context, ask Ask) (*age.X25519Identity, error) {
	passphrase, ok := answer(ctx, ask, true, false)
	if !ok {
		return nil, firstOf(ctx.Err(), ErrNoPlace)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(f.work)
	sealed, err := seal([]byte(identity.String()+"\n"), recipient)
	if err != nil {
		return nil, err
	}
	unlockDir, err := lock(f.dir)
	if err != nil {
		return nil, err
	}
	defer unlockDir()
	if _, err := os.Lstat(f.keyPath()); err == nil { // another program was faster
		return nil, fmt.Errorf("making %s: another program has made it just now", f.keyPath())
	}
	if err := writeFile(f.keyPath(), sealed); err != nil {
		return nil, err
	}
	return identity, nil
}

// answer is what ask says; an empty passphrase is none.
func answer(ctx context.Context, ask Ask, create, again bool) (string, bool) {
	if ask == nil {
		return "", false
	}
	passphrase, ok := ask(ctx, create, again)
	return passphrase, ok && passphrase != ""
}

// firstOf is the first error that is one.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func seal(plain []byte, to age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	text := armor.NewWriter(&sealed)
	w, err := age.Encrypt(text, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close(), text.Close()); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func open(sealed []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), with)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func openKey(sealed []byte, passphrase string) (*age.X25519Identity, error) {
	scrypt, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := open(sealed, scrypt)
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Identity(string(bytes.TrimSpace(plain)))
}
