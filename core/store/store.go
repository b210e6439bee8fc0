// Package store keeps profiles and secrets on disk. Every file is written to a temporary name, synced and renamed; one
// that cannot be read is set aside with a message and never overwritten; a newer format is refused, not mangled.
package store

import (
	"context"
	"errors"

	"mutual/core/profile"
)

// Store is one folder: profiles/ID.json, one profile a file.
type Store struct{}

// Notice is something the user should know about what was found on opening: one sentence, and the file it is about.
type Notice struct{ Text, Path string }

// DefaultDir is the user's folder for Mutual, by the operating system's custom. MUTUAL_HOME overrides it.
func DefaultDir() (string, error) { panic("skeleton") }

// Open reads the folder, made if absent. The practice profile is added when the folder is new.
func Open(dir string) (*Store, []Notice, error) { panic("skeleton") }

// Profiles returns all, by name.
func (s *Store) Profiles() []profile.Profile { panic("skeleton") }

// Named returns the profile of that name or ID.
func (s *Store) Named(name string) (profile.Profile, bool) { panic("skeleton") }

// Save writes p (a new ID when it has none) and returns it as stored.
func (s *Store) Save(p profile.Profile) (profile.Profile, error) { panic("skeleton") }

// Remove deletes a profile and its secrets; the file is kept in the folder's trash until the next Open, for undo.
func (s *Store) Remove(id string) error { panic("skeleton") }

// Restore brings a removed profile back.
func (s *Store) Restore(id string) (profile.Profile, error) { panic("skeleton") }

// SecretName says which secret of a profile.
type SecretName string

const (
	Password   SecretName = "password"
	Passphrase SecretName = "passphrase"
)

// ErrNoSecret: none is stored. ErrLocked: there is one, but its passphrase was not given.
var (
	ErrNoSecret = errors.New("no secret is stored")
	ErrLocked   = errors.New("the secrets file is locked")
)

// Ask asks for the passphrase of the secrets file; create: it is a new one. ok is false when there is nobody to ask.
type Ask func(ctx context.Context, create, again bool) (passphrase string, ok bool)

// Secrets keeps passwords and passphrases in the operating system's keyring, else in an age file beside the profiles.
type Secrets struct{}

// Secrets opens nothing and asks nothing until the first secret is wanted. Calls to the keyring are bounded to 3 s.
func (s *Store) Secrets(ask Ask) *Secrets { panic("skeleton") }

func (s *Secrets) Get(ctx context.Context, id string, n SecretName) (string, error) {
	panic("skeleton")
}

// Set stores value; an empty one deletes.
func (s *Secrets) Set(ctx context.Context, id string, n SecretName, value string) error {
	panic("skeleton")
}
