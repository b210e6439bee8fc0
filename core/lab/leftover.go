package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// folderPrefix begins the name of a temporary folder; the number of the process follows, and what os.MkdirTemp adds.
const folderPrefix = "mutual-lab-"

// leftoverAge is how old a folder must be to be taken for left over: a process that cannot be seen from here, as in
// another container with the same temporary folder, is rarely that old.
const leftoverAge = time.Hour

// makeFolder makes a temporary folder that tells whose it is, and removes those that killed programs have left.
func makeFolder(parent string) (string, error) {
	removeLeftovers(parent, time.Now())
	return os.MkdirTemp(parent, fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
}

// removeLeftovers removes folders of labs whose process is gone. What it cannot remove, such as another user's, stays.
func removeLeftovers(parent string, now time.Time) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), folderPrefix)
		number, _, named := strings.Cut(rest, "-")
		process, err := strconv.Atoi(number)
		if !ok || !named || err != nil || process <= 0 || !e.IsDir() { // a symbolic link is no folder here
			continue
		}
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < leftoverAge || runs(process) {
			continue
		}
		os.RemoveAll(filepath.Join(parent, e.Name()))
	}
}

// runs says whether there is such a process, or whether that cannot be told.
func runs(process int) bool {
	p, err := os.FindProcess(process)
	if err != nil {
		// On Windows no handle can be had for one that has ended, nor for one that is out of reach.
		return runtime.GOOS != "windows" || errors.Is(err, os.ErrPermission)
	}
	defer p.Release()
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}
