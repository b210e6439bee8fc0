package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"mutual/core/evidence"
)

// metName is the file of the certificates that were met.
const metName = "met.json"

// Bounds of that file: a broker is other people's program, and may send what it likes.
const (
	maxMet         = 500     // certificates; those seen last are kept
	maxMetOfOne    = 8       // of one broker at a time
	maxMetSize     = 1 << 14 // bytes of one certificate
	maxMetFileSize = 32 << 20
)

// metAgain is how long the file stays as it is when nothing but the time has changed: a session that reconnects often
// would write it each time.
const metAgain = time.Hour

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
	unlock, err := lock(s.dir)
	if err != nil {
		return fmt.Errorf("keeping the certificates that were met: %w", err)
	}
	defer unlock()
	path := filepath.Join(s.dir, metName)
	file, err := readMet(path, true)
	if err != nil {
		return fmt.Errorf("keeping the certificates that were met: %w", err)
	}
	if !file.add(a) {
		return nil
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the certificates that were met: %w", err)
	}
	return writeFile(path, append(data, '\n'))
}

// add says whether anything is worth writing. When something is, all certificates of the attempt get its time, so that
// those of a broker's newest chain have one and the same.
func (f *metFile) add(a *evidence.Attempt) (changed bool) {
	address := net.JoinHostPort(a.Target.Host, strconv.Itoa(a.Target.Port))
	at := a.Started.UTC()
	var places []int
	for i, c := range a.TLS.Sent[:min(len(a.TLS.Sent), maxMetOfOne)] {
		if len(c.DER) == 0 || len(c.DER) > maxMetSize {
			continue
		}
		n := slices.IndexFunc(f.Certificates, func(m Met) bool { return m.Address == address && bytes.Equal(m.DER, c.DER) })
		if n < 0 {
			n, changed = len(f.Certificates), true
			f.Certificates = append(f.Certificates, Met{DER: c.DER, Address: address, Position: i, First: at})
		}
		changed = changed || at.Sub(f.Certificates[n].Last) >= metAgain
		places = append(places, n)
	}
	for _, m := range f.Certificates { // another chain has been there since the last time that this one was written down
		if len(places) > 0 && m.Address == address && m.Last.After(f.Certificates[places[0]].Last) {
			changed = true
		}
	}
	if !changed {
		return false
	}
	for _, n := range places {
		f.Certificates[n].Last = at
	}
	slices.SortStableFunc(f.Certificates, func(a, b Met) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Position, b.Position))
	})
	f.Certificates = f.Certificates[:min(len(f.Certificates), maxMet)]
	return true
}

// Met returns the certificates that were met, the one seen last first.
func (s *Store) Met() ([]Met, error) {
	file, err := readMet(filepath.Join(s.dir, metName), false)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates that were met: %w", err)
	}
	return file.Certificates, nil
}

// readMet reads the file. One that cannot be read is set aside where it is to be written anew; one of a newer format is
// left alone.
func readMet(path string, aside bool) (metFile, error) {
	empty := metFile{Version: formatVersion}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	var file metFile
	if info.Size() <= maxMetFileSize {
		data, err := os.ReadFile(path)
		if err != nil {
			return empty, err
		}
		if json.Unmarshal(data, &file) != nil {
			file.Version = 0
		}
	}
	switch {
	case file.Version > formatVersion:
		return empty, errNewer
	case file.Version < 1 && aside:
		_, err := setAside(path)
		return empty, err
	case file.Version < 1:
		return empty, fmt.Errorf("%s is damaged", path)
	}
	return file, nil
}
