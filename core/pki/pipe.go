package pki

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// pipeWait bounds how long the other end of a pipe may take.
const pipeWait = 10 * time.Second

// readPipe reads a named pipe, which is what a shell makes of <(command) and what standard input may be: not more than
// MaxFileSize and one byte, and not for longer than pipeWait. A pipe is read once: what was in it is gone.
func readPipe(path string) ([]byte, error) {
	pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // else opening would wait for a writer
	if err != nil {
		return nil, err
	}
	defer pipe.Close()
	if err := pipe.SetReadDeadline(time.Now().Add(pipeWait)); err != nil {
		return nil, fmt.Errorf("reading the pipe %s: %w", path, err)
	}
	return io.ReadAll(io.LimitReader(pipe, MaxFileSize+1))
}
