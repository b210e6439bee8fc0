package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mutual/core/evidence"
)

// metFolder holds the certificates that were met, one file for each broker: a start reads that of its own broker only.
const metFolder = "met"

// Bounds of that folder: a broker is other people's program, and may send what it likes.
const (
	maxMetFiles    = 250     // brokers; those seen last are kept
	maxMet         = 32      // certificates of one broker; those seen last are kept
	maxMetAtOnce   = 8       // certificates of one attempt
	maxMetSize     = 1 << 14 // bytes of one certificate
	maxMetFileSize = 2 << 20
)

// metAgain is how long the file stays as it is when nothing but the time has changed: a session that reconnects often
// would write it each time.
const metAgain = time.Hour

// errDamaged marks a file of a broker's certificates that cannot be read: it is set aside when the broker is met again.
var errDamaged = errors.New("the file is damaged")

// Met is a certificate that a broker sent, and when.
type Met struct {
	DER      []byte    `json:"der"`
	Address  string    `json:"address"`  // host:port, as it was asked for
	Position int       `json:"position"` // in the broker's Certificate message, from 0
	First    time.Time `json:"first_seen"`
	Last     time.Time `json:"last_seen"`
}

type metFile struct {
	Version      int   `json:"version"`
	Certificates []Met `json:"certificates"`
}

// Meet keeps the certificates that the broker sent in an attempt. It writes nothing when it has them all, seen within
// the hour.
func (s *Store) Meet(a *evidence.Attempt) error {
	if a == nil || a.TLS == nil || len(a.TLS.Sent) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.meet(a); err != nil {
		return fmt.Errorf("keeping the certificates that were met: %w", err)
	}
	return nil
}

func (s *Store) meet(a *evidence.Attempt) error {
	unlock, err := lock(s.dir)
	if err != nil {
		return err
	}
	defer unlock()
	address := net.JoinHostPort(a.Target.Host, strconv.Itoa(a.Target.Port))
	path := s.metPath(address)
	file, err := readMet(path)
	switch {
	case errors.Is(err, errDamaged):
		if _, err := setAside(path); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	if !file.add(address, a) {
		return nil
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := writeFile(path, append(data, '\n')); err != nil {
		return err
	}
	return s.forgetOldest()
}

// metPath is the file of one broker. Its name is a digest, since an address may hold what a file's name may not.
func (s *Store) metPath(address string) string {
	return filepath.Join(s.dir, metFolder, fmt.Sprintf("%.8x.json", sha256.Sum256([]byte(address))))
}

// forgetOldest removes the files of the brokers that were met longest ago, where there are too many.
func (s *Store) forgetOldest() error {
	files, err := s.metFiles()
	if err != nil || len(files) <= maxMetFiles {
		return err
	}
	written := func(path string) time.Time {
		info, err := os.Stat(path)
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortFunc(files, func(a, b string) int { return written(a).Compare(written(b)) })
	for _, path := range files[:len(files)-maxMetFiles] {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// metFiles are the paths of the files of all brokers.
func (s *Store) metFiles() ([]string, error) {
	folder := filepath.Join(s.dir, metFolder)
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	return paths, nil
}

// add says whether anything is worth writing. When something is, all certificates of the attempt get its time, so that
// those of a broker's newest chain have one and the same.
func (f *metFile) add(address string, a *evidence.Attempt) (changed bool) {
	at := a.Started.UTC()
	var places []int
	for i, c := range a.TLS.Sent[:min(len(a.TLS.Sent), maxMetAtOnce)] {
		if len(c.DER) == 0 || len(c.DER) > maxMetSize {
			continue
		}
		n := slices.IndexFunc(f.Certificates, func(m Met) bool { return bytes.Equal(m.DER, c.DER) })
		if n < 0 {
			n, changed = len(f.Certificates), true
			f.Certificates = append(f.Certificates, Met{DER: c.DER, Address: address, Position: i, First: at})
		}
		changed = changed || at.Sub(f.Certificates[n].Last) >= metAgain
		places = append(places, n)
	}
	for _, m := range f.Certificates { // another chain has been there since the last time that this one was written down
		if len(places) > 0 && m.Last.After(f.Certificates[places[0]].Last) {
			changed = true
		}
	}
	if !changed {
		return false
	}
	for _, n := range places {
		f.Certificates[n].Last = at
	}
	sortMet(f.Certificates)
	f.Certificates = f.Certificates[:min(len(f.Certificates), maxMet)]
	return true
}

// sortMet puts the certificate that was seen last first.
func sortMet(all []Met) {
	slices.SortStableFunc(all, func(a, b Met) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Position, b.Position))
	})
}

// Met returns the certificates that were met, the one seen last first. The error tells which files could not be read;
// what stands in the others is returned beside it.
func (s *Store) Met() ([]Met, error) {
	files, err := s.metFiles()
	if err != nil {
		return nil, fmt.Errorf("reading the certificates that were met: %w", err)
	}
	var all []Met
	var unread []error
	for _, path := range files {
		file, err := readMet(path)
		if err != nil {
			unread = append(unread, fmt.Errorf("reading the certificates that were met: %s: %w", path, err))
		}
		all = append(all, file.Certificates...)
	}
	sortMet(all)
	return all, errors.Join(unread...)
}

// readMet reads the file of one broker; one that is not there is empty. The error is ErrNewer or errDamaged, or the file
// system's.
func readMet(path string) (metFile, error) {
	empty := metFile{Version: formatVersion}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	if info.Size() > maxMetFileSize {
		return empty, errDamaged
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return empty, err
	}
	var file metFile
	switch {
	case json.Unmarshal(data, &file) != nil || file.Version < 1:
		return empty, errDamaged
	case file.Version > formatVersion:
		return empty, ErrNewer
	}
	return file, nil
}
