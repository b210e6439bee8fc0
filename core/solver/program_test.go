package solver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestProgramCancelled ends a program that does not end.
func TestProgramCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho begun\nsleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := (&program{Path: path}).Present(ctx, Challenge{Name: "a.example"}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	if err := (&program{Path: path + ".missing"}).Present(t.Context(), Challenge{Name: "a.example"}); err == nil || !strings.Contains(err.Error(), "see that it is there") {
		t.Errorf("no program: %v", err)
	}
}
