package tlsdial

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickAck makes the kernel acknowledge what was just read at once instead of after up to 40 ms. A server that has
// Nagle's algorithm on (mosquitto's default) waits for that acknowledgement before it sends the rest of its answer.
// The option wears off by itself (tcp(7)), so it is set again after each read.
type quickAck struct{ raw syscall.RawConn }

func newQuickAck(socket net.Conn) quickAck {
	s, ok := socket.(syscall.Conn)
	if !ok {
		return quickAck{}
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return quickAck{}
	}
	return quickAck{raw}
}

// setQuickAck is a function of its own so that nothing is allocated for each read.
func setQuickAck(fd uintptr) { unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) }

func (q quickAck) now() {
	if q.raw != nil {
		q.raw.Control(setQuickAck)
	}
}
