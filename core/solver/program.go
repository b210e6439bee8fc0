package solver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"mutual/core/remote"
)

// program has records created and removed by a program of the user's, which is run with "present" or "cleanup", the
// record's name with the closing dot, and its value: the arguments of lego's exec provider.
type program struct{ Path string }

// programTime bounds one run.
const programTime = 2 * time.Minute

// programWords is how much of what the program prints is kept, from the end, in bytes.
const programWords = 500

// Name and Type are those of Solver.
func (*program) Name() string { return "exec" }
func (*program) Type() string { return DNS01 }

func (p *program) Present(ctx context.Context, c Challenge) error { return p.run(ctx, "present", c) }
func (p *program) CleanUp(ctx context.Context, c Challenge) error { return p.run(ctx, "cleanup", c) }

func (p *program) run(ctx context.Context, what string, c Challenge) error {
	limited, cancel := context.WithTimeout(ctx, programTime)
	defer cancel()
	record := c.Record()
	cmd := exec.CommandContext(limited, p.Path, what, record.Name, record.Value)
	cmd.WaitDelay = 2 * time.Second // what it has started may hold its output open
	var words tail
	cmd.Stdout, cmd.Stderr = &words, &words
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &remote.ServiceError{Service: p.Path, Said: "nothing for " + programTime.String(), Advice: "It was ended: see what it waits for."}
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	}
	var status *exec.ExitError
	if !errors.As(err, &status) {
		return fmt.Errorf("running %s: %w; see that it is there, and may be run", p.Path, errors.Unwrap(err))
	}
	said := words.String()
	if said == "" {
		said = "nothing"
	}
	return &remote.ServiceError{Service: p.Path, Said: said + " (" + status.String() + ")", Advice: fmt.Sprintf("It was run with %q; mend what it minds, and try again.", what)}
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - programWords; over > 0 {
		t.kept = append([]byte(nil), t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	return strings.Join(strings.Fields(string(bytes.ToValidUTF8(t.kept, nil))), " ")
}
