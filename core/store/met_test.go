package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mutual/core/evidence"
)

// sent is an attempt in which a broker sent these certificates.
func sent(host string, at time.Time, ders ...string) *evidence.Attempt {
	a := &evidence.Attempt{Started: at, Target: evidence.Target{Host: host, Port: 8883}, TLS: &evidence.TLS{}}
	for i, der := range ders {
		a.TLS.Sent = append(a.TLS.Sent, evidence.Certificate{Source: evidence.Sent, Position: i, DER: []byte(der)})
	}
	return a
}

func TestMeet(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	contents := func() (all string) {
		files, err := s.metFiles()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			data, _ := os.ReadFile(path)
			all += string(data)
		}
		return all
	}
	written := func(a *evidence.Attempt) bool {
		t.Helper()
		before := contents()
		if err := s.Meet(a); err != nil {
			t.Fatal(err)
		}
		return contents() != before
	}
	for n, c := range []struct {
		a    *evidence.Attempt
		want bool
	}{
		{nil, false},
		{&evidence.Attempt{}, false},
		{sent("a", at, "leaf", "ca"), true},
		{sent("a", at.Add(time.Minute), "leaf", "ca"), false},
		{sent("b", at.Add(time.Minute), "leaf"), true},
		{sent("a", at.Add(2*time.Hour), "leaf", "ca"), true},
		{sent("a", at.Add(130*time.Minute), "new leaf", "ca"), true},
		{sent("a", at.Add(131*time.Minute), "leaf", "ca"), true}, // back again: that is the newest chain now
	} {
		if got := written(c.a); got != c.want {
			t.Errorf("meeting %d: written %t, want %t", n, got, c.want)
		}
	}
	met, err := s.Met()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, m := range met {
		got += fmt.Sprintf("%s %s %d %s;", m.DER, m.Address, m.Position, m.Last.Sub(at))
	}
	if want := "leaf a:8883 0 2h11m0s;ca a:8883 1 2h11m0s;new leaf a:8883 0 2h10m0s;leaf b:8883 0 1m0s;"; got != want {
		t.Errorf("met %s\nwant %s", got, want)
	}
	info, err := os.Stat(s.metPath("a:8883"))
	if err != nil || info.Mode().Perm() != privateMode {
		t.Errorf("%v, %v", info, err)
	}
}

// What brokers send is bounded, and a file that was damaged is set aside.
func TestMetIsBounded(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprint("certificate ", i))
	}
	if err := s.Meet(sent("flood", at, append([]string{string(make([]byte, maxMetSize+1))}, many...)...)); err != nil {
		t.Fatal(err)
	}
	if met, _ := s.Met(); len(met) != maxMetAtOnce-1 {
		t.Errorf("%d certificates of one broker are kept", len(met))
	}
	f := metFile{}
	for i := range maxMet {
		f.add("host:8883", sent("host", at.Add(time.Duration(i)*time.Second), fmt.Sprint("x", i), "y"))
	}
	if len(f.Certificates) != maxMet || string(f.Certificates[0].DER) != fmt.Sprint("x", maxMet-1) {
		t.Errorf("%d kept, %s first", len(f.Certificates), f.Certificates[0].DER)
	}
	path := s.metPath("a:8883")
	for text, newer := range map[string]bool{"{": false, `{"version": 99}`: true} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if met, err := s.Met(); err == nil || len(met) != maxMetAtOnce-1 {
			t.Errorf("%s is read, or with it what is whole is not (%d)", text, len(met))
		}
		if err := s.Meet(sent("a", at, "x")); (err != nil) != newer {
			t.Errorf("%s: %v", text, err)
		}
	}
	if aside, _ := filepath.Glob(path + ".unreadable-*"); len(aside) != 1 {
		t.Errorf("set aside: %q", aside)
	}
}

// The brokers that were met longest ago are forgotten.
func TestMetForgets(t *testing.T) {
	s, _, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := s.Meet(sent("first", at, "x")); err != nil {
		t.Fatal(err)
	}
	for i := range maxMetFiles - 1 {
		path := s.metPath(fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(`{"version": 1}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.metPath("7"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := s.Meet(sent("last", at, "x")); err != nil {
		t.Fatal(err)
	}
	if files, err := s.metFiles(); err != nil || len(files) != maxMetFiles {
		t.Errorf("%d files are kept (%v)", len(files), err)
	}
	if _, err := os.Stat(s.metPath("7")); !os.IsNotExist(err) {
		t.Errorf("the oldest is kept: %v", err)
	}
}
