package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestVersion(t *testing.T) {
	var out, errs bytes.Buffer
	if status := run([]string{"--version"}, &out, &errs); status != 0 || !strings.HasPrefix(out.String(), "mutual "+release) {
		t.Errorf("status %d, said %q and %q", status, &out, &errs)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--nonsense"}, {"operand"}} {
		var out, errs bytes.Buffer
		if status := run(args, &out, &errs); status != exitUsage || errs.Len() == 0 {
			t.Errorf("%q: status %d, said %q", args, status, &errs)
		}
	}
}

func TestTheProgramEndsWhereFyneDoesNot(t *testing.T) {
	ended := make(chan int, 1)
	endWithin(time.Millisecond, func(status int) { ended <- status })()
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("status %d", status)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the program stays behind")
	}
}
