package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mutual/core/profile"
)

// formatVersion is the version of the profile file's format that is read and written.
const formatVersion = 1

// maxProfileSize is in bytes: far more than any profile, and little enough to read without a thought.
const maxProfileSize = 1 << 20

// profileFile is a profile as it stands in its file.
type profileFile struct {
	Version int `json:"version"`
	profile.Profile
}

// ErrNewer marks a file that this version does not wholly understand: it is not loaded and stays as it is.
var ErrNewer = errors.New("written by a newer version of Mutual")

// errMalformed marks a file that is not a profile: it is set aside.
var errMalformed = errors.New("not a profile")

// Encode is p as a file to hand on: as the folder keeps it, without the identifier, which is another one in each folder.
func Encode(p profile.Profile) ([]byte, error) {
	data, err := json.MarshalIndent(struct {
		Version int    `json:"version"`
		ID      string `json:"id,omitempty"` // in place of the profile's
		profile.Profile
	}{Version: formatVersion, Profile: p}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing profile %q: %w", p.Name, err)
	}
	return append(data, '\n'), nil
}

// Decode reads such a file, or one of a folder; the profile has no identifier. A file that a newer version has written, or
// that has settings which this version does not know, is ErrNewer.
func Decode(data []byte) (profile.Profile, error) {
	p, err := decodeProfile(data)
	p.ID = ""
	return p, err
}

func encodeProfile(p profile.Profile) ([]byte, error) {
	data, err := json.MarshalIndent(profileFile{Version: formatVersion, Profile: p}, "", "  ")
	return append(data, '\n'), err
}

// readProfile reads one file. A setting that this version does not know is refused as a newer format would be: dropping
// it on the next save would lose it.
func readProfile(path string) (profile.Profile, error) {
	data, err := readBounded(path)
	if err != nil {
		return profile.Profile{}, err
	}
	p, err := decodeProfile(data)
	if err != nil {
		return profile.Profile{}, fmt.Errorf("reading profile %s: %w", path, err)
	}
	// The file's name is the identifier, so that a copied file is a profile of its own.
	p.ID = strings.TrimSuffix(filepath.Base(path), ".json")
	return p, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxProfileSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxProfileSize {
		return nil, fmt.Errorf("reading profile %s: %w: it is larger than 1 MiB", path, errMalformed)
	}
	return data, nil
}

// decodeProfile returns ErrNewer or errMalformed, each with its particulars.
func decodeProfile(data []byte) (profile.Profile, error) {
	var head struct{ Version *int }
	if err := json.Unmarshal(data, &head); err != nil {
		return profile.Profile{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	switch {
	case head.Version == nil || *head.Version < 1:
		return profile.Profile{}, fmt.Errorf("%w: its format version is missing", errMalformed)
	case *head.Version > formatVersion:
		return profile.Profile{}, fmt.Errorf("%w: format %d, this version knows %d", ErrNewer, *head.Version, formatVersion)
	}
	var file profileFile
	if err := json.Unmarshal(data, &file); err != nil {
		return profile.Profile{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&profileFile{}); err != nil {
		return profile.Profile{}, fmt.Errorf("%w: %s", ErrNewer, strings.TrimPrefix(err.Error(), "json: "))
	}
	return file.Profile, nil
}

// load reads all profiles; writable says whether files may be moved.
func (s *Store) load(writable bool) ([]Notice, error) {
	entries, err := os.ReadDir(s.profilesDir())
	if err != nil {
		return nil, fmt.Errorf("reading the folder %s: %w", s.profilesDir(), err)
	}
	var notices []Notice
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		path := filepath.Join(s.profilesDir(), entry.Name())
		p, err := readProfile(path)
		if err == nil && profile.ValidID(p.ID) {
			s.profiles[p.ID] = p
			continue
		}
		notices = append(notices, notice(path, err, writable))
	}
	if writable {
		s.emptyTrash()
	}
	return notices, nil
}

// notice says what became of a file that was not loaded, and sets it aside where that helps.
func notice(path string, err error, writable bool) Notice {
	name := filepath.Base(path)
	switch {
	case err == nil:
		return Notice{fmt.Sprintf("The profile file %s was not loaded: its name may have only letters, digits, hyphens and underscores before .json.", name), path}
	case errors.Is(err, ErrNewer):
		return Notice{fmt.Sprintf("The profile file %s was not loaded and stays as it is: %s.", name, reason(err, ErrNewer)), path}
	case !errors.Is(err, errMalformed):
		return Notice{fmt.Sprintf("The profile file %s was not loaded: %s.", name, reason(err, nil)), path}
	}
	if !writable {
		return notSetAside(path, err)
	}
	aside, renameErr := setAside(path)
	if renameErr != nil {
		return notSetAside(path, err)
	}
	return Notice{fmt.Sprintf("The profile file %s was set aside as %s: it is %s.", name, filepath.Base(aside), reason(err, errMalformed)), aside}
}

func notSetAside(path string, err error) Notice {
	return Notice{fmt.Sprintf("The profile file %s was not loaded: it is %s.", filepath.Base(path), reason(err, errMalformed)), path}
}

// setAside gives a file a name that nothing reads, and returns it.
func setAside(path string) (aside string, err error) {
	aside = freeName(path + ".unreadable-" + time.Now().UTC().Format("20060102T150405Z"))
	return aside, os.Rename(path, aside)
}

// reason is err's text from the text of from on, and without the path.
func reason(err, from error) string {
	if from != nil {
		_, after, _ := strings.Cut(err.Error(), from.Error())
		return from.Error() + after
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// freeName returns path, or path with a number after it when that is taken.
func freeName(path string) string {
	free := path
	for i := 2; ; i++ {
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d", path, i)
	}
}

func (s *Store) emptyTrash() {
	old, _ := filepath.Glob(filepath.Join(s.dir, trashName, "*.json"))
	for _, path := range old {
		os.Remove(path) // what cannot be removed does no harm
	}
}
