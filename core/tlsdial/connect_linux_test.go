package tlsdial

import (
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"mutual/core/evidence"
)

// blackhole is a port that swallows what is sent to it, as a firewall does: its queue of connections is full.
func blackhole(t *testing.T, address netip.Addr, port int) int {
	t.Helper()
	fd := must(syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0))
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: address.As4(), Port: port}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name := must(syscall.Getsockname(fd)).(*syscall.SockaddrInet4)
	at := netip.AddrPortFrom(address, uint16(name.Port)).String()
	for range 5 {
		c, err := net.DialTimeout("tcp", at, 100*time.Millisecond)
		if err != nil {
			return name.Port // full
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("the queue of connections cannot be filled here")
	return 0
}

func TestBlackhole(t *testing.T) {
	dead := netip.MustParseAddr("127.0.0.2")
	t.Run("the other address answers", func(t *testing.T) {
		alive := netip.MustParseAddrPort(server(t, func(net.Conn) {}))
		port := blackhole(t, dead, int(alive.Port()))
		a := &evidence.Attempt{Target: evidence.Target{Host: "test", Port: port}}
		c, err := connect(t.Context(), []netip.Addr{dead, alive.Addr()}, port, a, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		d := a.Dial
		if d.Address != alive.String() || len(d.Tries) != 2 || d.Tries[0].Failure != evidence.Cancelled || d.Tries[1].Failure != "" || d.Duration < attemptDelay || d.Duration > 3*time.Second {
			t.Errorf("recorded %+v", d)
		}
	})
	t.Run("nothing answers", func(t *testing.T) {
		port := blackhole(t, dead, 0)
		a := &evidence.Attempt{Target: evidence.Target{Host: "test", Port: port}}
		if _, err := connect(t.Context(), []netip.Addr{dead}, port, a, 200*time.Millisecond); err == nil || a.Dial.Tries[0].Failure != evidence.Timeout || a.Dial.Status != evidence.Failed {
			t.Errorf("%v, %+v", err, a.Dial)
		}
	})
}
