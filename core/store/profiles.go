package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mutual/core/profile"
)

// Profiles returns all, by name.
func (s *Store) Profiles() []profile.Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]profile.Profile, 0, len(s.profiles))
	for _, p := range s.profiles {
		all = append(all, p.Clone())
	}
	slices.SortFunc(all, func(a, b profile.Profile) int {
		return cmp.Or(
			cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Named returns the profile of that name or ID; an exact name goes before an ID, and that before a name that differs
// in case only.
func (s *Store) Named(name string) (profile.Profile, bool) {
	all := s.Profiles()
	for _, same := range []func(profile.Profile) bool{
		func(p profile.Profile) bool { return p.Name == name },
		func(p profile.Profile) bool { return p.ID == name },
		func(p profile.Profile) bool { return strings.EqualFold(p.Name, name) },
	} {
		if i := slices.IndexFunc(all, same); i >= 0 {
			return all[i], true
		}
	}
	return profile.Profile{}, false
}

// Save writes p (a new ID when it has none) and returns it as stored. A file of that ID in a newer format is an error and
// stays as it is; so does the old file when anything goes wrong.
func (s *Store) Save(p profile.Profile) (profile.Profile, error) {
	p = p.Clone()
	if p.ID == "" {
		p.ID = profile.NewID()
	}
	if !profile.ValidID(p.ID) {
		return profile.Profile{}, fmt.Errorf("saving profile %q: its identifier %q cannot name a file", p.Name, p.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := lock(s.dir)
	if err != nil {
		return profile.Profile{}, fmt.Errorf("saving profile %q: %w", p.Name, err)
	}
	defer unlock()
	if err := s.makeRoom(p.ID); err != nil {
		return profile.Profile{}, fmt.Errorf("saving profile %q: %w", p.Name, err)
	}
	if err := s.write(p); err != nil {
		return profile.Profile{}, err
	}
	s.profiles[p.ID] = p
	return p.Clone(), nil
}

// makeRoom lets a profile's file be replaced or moved: what this version does not wholly understand is an error, and what
// is no profile (any more) is set aside.
func (s *Store) makeRoom(id string) error {
	path := s.profilePath(id)
	_, err := readProfile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errMalformed):
		_, err = setAside(path)
	}
	return err
}

func (s *Store) write(p profile.Profile) error {
	data, err := encodeProfile(p)
	if err != nil {
		return fmt.Errorf("saving profile %q: %w", p.Name, err)
	}
	if err := s.writeIn(profilesName, p.ID+".json", data); err != nil {
		return fmt.Errorf("saving profile %q: %w", p.Name, err)
	}
	return nil
}

// writeIn writes a file in a folder of the store, which is made if absent.
func (s *Store) writeIn(folder, name string, data []byte) error {
	dir := filepath.Join(s.dir, folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder %s: %w", dir, err)
	}
	return writeFile(filepath.Join(dir, name), data)
}

// Remove deletes a profile and its secrets; the file is kept in the folder's trash until the next Open, for undo.
// An error about the secrets comes after the profile is gone.
func (s *Store) Remove(id string) error {
	if err := s.discard(id); err != nil {
		return err
	}
	return s.forget(id)
}

// discard moves a profile's file to the trash.
func (s *Store) discard(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.profiles[id]
	if !ok {
		return fmt.Errorf("removing profile %q: there is none of that identifier", id)
	}
	unlock, err := lock(s.dir)
	if err != nil {
		return fmt.Errorf("removing profile %q: %w", p.Name, err)
	}
	defer unlock()
	if err := s.makeRoom(id); err != nil {
		return fmt.Errorf("removing profile %q: %w", p.Name, err)
	}
	if err := os.MkdirAll(filepath.Dir(s.trashPath(id)), 0o700); err != nil {
		return fmt.Errorf("removing profile %q: %w", p.Name, err)
	}
	// Another program may have removed it already.
	if err := os.Rename(s.profilePath(id), s.trashPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing profile %q: %w", p.Name, err)
	}
	delete(s.profiles, id)
	s.removed[id] = p
	return nil
}

// Restore brings a profile back that this Store removed. Its secrets are gone for good.
func (s *Store) Restore(id string) (profile.Profile, error) {
	s.mu.Lock()
	p, ok := s.removed[id]
	s.mu.Unlock()
	if !ok {
		return profile.Profile{}, fmt.Errorf("restoring profile %q: it was not removed", id)
	}
	// Not from the trash: another program that opens the folder empties it.
	p, err := s.Save(p)
	if err != nil {
		return profile.Profile{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.removed, id)
	os.Remove(s.trashPath(id)) // else the next Open does
	return p, nil
}
