package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"mutual/core/pki"
)

// schema is the version of every JSON object that is printed.
const schema = 1

// terminal is where the program reads and writes.
type terminal struct {
	in       *os.File
	out, err io.Writer
	lines    bool // each JSON object stands on a line of its own
}

// object prints v as the one JSON object of a command.
func (t *terminal) object(v any) {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	if !t.lines {
		e.SetIndent("", "  ")
	}
	// What is printed are plain structs; the only way to fail is standard output itself, where nothing can be said.
	_ = e.Encode(v)
}

// note says on standard error what is going on.
func (t *terminal) note(format string, args ...any) { fmt.Fprintf(t.err, format+"\n", args...) }

// interactive says whether there is somebody to ask.
func (t *terminal) interactive() bool { return t.in != nil && term.IsTerminal(int(t.in.Fd())) }

// colours says whether w is a terminal that may be coloured (no-color.org).
func colours(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// width is how many columns a line of w may have: those of the terminal, within what reads well.
func width(w io.Writer) int {
	const usual, most = 100, 120
	f, ok := w.(*os.File)
	if !ok {
		return usual
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 40 {
		return usual
	}
	return min(columns, most)
}

// secret asks for something that is not shown while it is typed. ok is false when there is nobody to ask, when the
// terminal goes away, and when ctx ends first.
func (t *terminal) secret(ctx context.Context, question string) (answer string, ok bool) {
	if !t.interactive() {
		return "", false
	}
	fd := int(t.in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", false
	}
	fmt.Fprintf(t.err, "%s: ", question)
	type reply struct {
		text []byte
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		replies <- reply{text, err}
	}()
	select {
	case r := <-replies:
		fmt.Fprintln(t.err)
		return string(r.text), r.err == nil
	case <-ctx.Done(): // the program ends next, and the reader with it; the terminal must be left as it was found
		_ = term.Restore(fd, before)
		fmt.Fprintln(t.err)
		return "", false
	}
}

// line asks for a line of text. asked is false when there is nobody to ask.
func (t *terminal) line(ctx context.Context, question string) (answer string, asked bool) {
	if !t.interactive() {
		return "", false
	}
	fmt.Fprintf(t.err, "%s ", question)
	replies := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(t.in).ReadString('\n')
		replies <- strings.TrimSpace(text)
	}()
	select {
	case text := <-replies:
		return text, true
	case <-ctx.Done(): // the program ends next, and the reader with it
		fmt.Fprintln(t.err)
		return "", true
	}
}

// passphrase is the pki.Prompt of this terminal.
func (t *terminal) passphrase(ctx context.Context, q pki.PassphraseRequest) (string, bool) {
	if q.Again && t.interactive() {
		t.note("That passphrase does not open %s.", q.File)
	}
	return t.secret(ctx, "Passphrase of "+q.File)
}

// secretFile reads a password or passphrase: the first line of a file, without its end; "-" is standard input.
func (t *terminal) secretFile(ctx context.Context, flag, path string) (string, error) {
	data, err := t.readFile(ctx, path, maxSecret)
	if err := interruption(ctx); err != nil {
		return "", err
	}
	if err != nil {
		return "", usage("", "reading %s: %s", flag, reason(err))
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

// maxSecret is far beyond what MQTT (65,535 bytes) or anybody's keyboard allows.
const maxSecret = 1 << 17

// readFile reads a file, or for "-" standard input, which may be long in coming: it is waited for until ctx ends.
func (t *terminal) readFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	if path != "-" {
		return readLimited(path, limit)
	}
	type reply struct {
		data []byte
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(t.in, limit+1))
		replies <- reply{data, err}
	}()
	select {
	case r := <-replies:
		if r.err == nil && int64(len(r.data)) > limit {
			r.err = fmt.Errorf("standard input is larger than %d bytes", limit)
		}
		return r.data, r.err
	case <-ctx.Done(): // the program ends next, and the reader with it
		return nil, context.Cause(ctx)
	}
}

// readLimited reads a file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, err
}

// reason is what the operating system says about a file, with the file's name and without the name of a system call.
func reason(err error) string {
	for _, prefix := range []string{"open ", "stat ", "read "} {
		if rest, ok := strings.CutPrefix(err.Error(), prefix); ok {
			return rest
		}
	}
	return err.Error()
}
