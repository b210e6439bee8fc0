package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// deafAnswer is how long a port may take to answer before it counts as one that never does.
const deafAnswer = 100 * time.Millisecond

// deafPorts says whether this system has deafPort.
const deafPorts = true

// deafPort listens with an accept queue of no length and fills it: Linux then drops every further SYN, as a firewall
// would.
func deafPort(ctx context.Context) (port int, held []io.Closer, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("opening a socket: %w", err)
	}
	socket := os.NewFile(uintptr(fd), "deaf")
	open := []io.Closer{socket}
	defer func() {
		if err != nil {
			for _, c := range open {
				c.Close()
			}
		}
	}()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, nil, fmt.Errorf("binding a socket: %w", err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		return 0, nil, fmt.Errorf("listening: %w", err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, nil, fmt.Errorf("asking for the port: %w", err)
	}
	port = name.(*syscall.SockaddrInet4).Port
	dialer := net.Dialer{Timeout: deafAnswer}
	const tries = 16 // the queue holds one or two
	quiet := false
	for range tries {
		conn, err := dialer.DialContext(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() && ctx.Err() == nil {
			if quiet {
				return port, open, nil
			}
			quiet = true // once may be this computer's own slowness
			continue
		}
		if err != nil {
			return 0, nil, fmt.Errorf("filling the accept queue: %w", err)
		}
		open = append(open, conn)
	}
	return 0, nil, errors.New("filling the accept queue: it has no end")
}
