package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCalls(t *testing.T) {
	dir := t.TempDir()
	open := func() *CallLog {
		s, _, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s.Calls()
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	take := func(kind string, at time.Time) time.Time {
		free, err := open().Take(kind, 2, time.Hour, at)
		if err != nil {
			t.Fatal(err)
		}
		return free
	}
	for n, c := range []struct {
		kind string
		at   time.Time
		want time.Time // when it is free; zero: it was taken
	}{
		{"a", at, time.Time{}},
		{"a", at.Add(10 * time.Minute), time.Time{}},
		{"a", at.Add(20 * time.Minute), at.Add(time.Hour)},
		{"b", at.Add(20 * time.Minute), time.Time{}},
		{"a", at.Add(time.Hour), time.Time{}},
		{"a", at.Add(time.Hour), at.Add(70 * time.Minute)},
	} {
		if got := take(c.kind, c.at); !got.Equal(c.want) {
			t.Errorf("call %d: free at %s, want %s", n, got, c.want)
		}
	}
	take("b", at.Add(48*time.Hour))
	data, err := os.ReadFile(filepath.Join(dir, callsName))
	if err != nil || strings.Contains(string(data), `"a"`) {
		t.Errorf("what is two days old is still there: %s, %v", data, err)
	}

	path := filepath.Join(dir, callsName)
	if err := os.WriteFile(path, []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open().Take("a", 2, time.Hour, at); err == nil {
		t.Error("a newer format was overwritten")
	}
	if err := os.WriteFile(path, []byte(`{"vers`), 0o600); err != nil {
		t.Fatal(err)
	}
	if free := take("a", at); !free.IsZero() {
		t.Error("a damaged file counts")
	}
	if aside, _ := filepath.Glob(path + ".unreadable-*"); len(aside) != 1 {
		t.Errorf("set aside: %q", aside)
	}
}
