//go:build !linux

package tlsdial

import "net"

// quickAck does nothing where the system has no TCP_QUICKACK.
type quickAck struct{}

func newQuickAck(net.Conn) quickAck { return quickAck{} }

func (quickAck) now() {}
