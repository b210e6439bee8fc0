package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestLeftovers: only the old folder of a process that is gone is removed.
func TestLeftovers(t *testing.T) {
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	parent, now := t.TempDir(), time.Now()
	for name, c := range map[string]struct {
		age  time.Duration
		stay bool
	}{
		fmt.Sprintf("mutual-lab-%d-1", gone.Process.Pid): {2 * time.Hour, false},
		fmt.Sprintf("mutual-lab-%d-2", gone.Process.Pid): {time.Minute, true},
		fmt.Sprintf("mutual-lab-%d-3", os.Getpid()):      {2 * time.Hour, true},
		"mutual-lab-12345678":                            {2 * time.Hour, true}, // whose, it does not say
		"mutual-lab--1-2":                                {2 * time.Hour, true},
		"other":                                          {2 * time.Hour, true},
	} {
		path := filepath.Join(parent, name)
		if err := os.MkdirAll(filepath.Join(path, "ca"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-c.age), now.Add(-c.age)); err != nil {
			t.Fatal(err)
		}
		removeLeftovers(parent, now)
		if _, err := os.Stat(path); os.IsNotExist(err) == c.stay {
			t.Errorf("%s, %s old: %v", name, c.age, err)
		}
	}
	target := filepath.Join(parent, "other")
	link := filepath.Join(parent, fmt.Sprintf("mutual-lab-%d-4", gone.Process.Pid))
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	removeLeftovers(parent, now.Add(2*time.Hour))
	if _, err := os.Stat(target); err != nil {
		t.Errorf("what a link leads to: %v", err)
	}
	made, err := makeFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	removeLeftovers(parent, now.Add(24*time.Hour))
	if _, err := os.Stat(made); err != nil {
		t.Errorf("its own folder: %v", err)
	}
}
