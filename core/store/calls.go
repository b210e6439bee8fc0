package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// callsName is the file of CallLog.
const callsName = "calls.json"

// maxCallKinds and maxCalls bound the file: what is forgotten is counted by the service all the same.
const (
	maxCallKinds = 200
	maxCalls     = 1000 // of one kind
)

// CallLog remembers when a service that takes so many calls an hour was called, so that its limits are kept over
// restarts and by several programs at once.
type CallLog struct{ store *Store }

// Calls returns the log of this folder.
func (s *Store) Calls() *CallLog { return &CallLog{s} }

// callsFile is the file's format: times by kind of call.
type callsFile struct {
	Version int                    `json:"version"`
	Calls   map[string][]time.Time `json:"calls"`
}

// Take notes a call of this kind at that time if fewer than limit were noted in the window before it; else it returns
// when the next may be made. An error means that it was not noted.
func (l *CallLog) Take(kind string, limit int, window time.Duration, at time.Time) (free time.Time, err error) {
	s := l.store
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := lock(s.dir)
	if err != nil {
		return time.Time{}, fmt.Errorf("noting a call: %w", err)
	}
	defer unlock()
	path := filepath.Join(s.dir, callsName)
	file, err := readCalls(path)
	if err != nil {
		return time.Time{}, fmt.Errorf("noting a call: %w", err)
	}
	recent := since(file.Calls[kind], at.Add(-window))
	if len(recent) >= limit {
		return recent[len(recent)-limit].Add(window), nil
	}
	file.prune(at.Add(-max(window, 24*time.Hour)))
	file.Calls[kind] = append(recent[max(0, len(recent)-maxCalls):], at.UTC())
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return time.Time{}, fmt.Errorf("noting a call: %w", err)
	}
	return time.Time{}, writeFile(path, append(data, '\n'))
}

func since(all []time.Time, start time.Time) []time.Time {
	var out []time.Time
	for _, t := range all {
		if t.After(start) {
			out = append(out, t)
		}
	}
	return out
}

// prune forgets what is older than start.
func (f *callsFile) prune(start time.Time) {
	for kind, times := range f.Calls {
		if f.Calls[kind] = since(times, start); len(f.Calls[kind]) == 0 || len(f.Calls) > maxCallKinds {
			delete(f.Calls, kind)
		}
	}
}

// readCalls reads the log. One that cannot be read is set aside; one of a newer format is left alone.
func readCalls(path string) (callsFile, error) {
	empty := callsFile{Version: formatVersion, Calls: map[string][]time.Time{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	var file callsFile
	if err := json.Unmarshal(data, &file); err != nil || file.Version < 1 {
		_, err := setAside(path)
		return empty, err
	}
	if file.Version > formatVersion {
		return empty, ErrNewer
	}
	if file.Calls == nil {
		file.Calls = empty.Calls
	}
	return file, nil
}
