package tlsdial

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// Numbers of SOCKS version 5 (RFC 1928 §3 to §6) and of its user names (RFC 1929 §2).
const (
	socksVersion     = 5
	socksNoMethod    = 0
	socksUserName    = 2
	socksNoneFits    = 0xFF
	socksConnect     = 1
	socksIPv4        = 1
	socksDomain      = 3
	socksIPv6        = 4
	userNameVersion  = 1
	maxSOCKSPassword = 255
)

// socks5 asks a SOCKS proxy for a connection. The server's name goes to it as it is: the proxy resolves it.
func (d *passage) socks5() error {
	method, err := d.socksMethod()
	if err != nil {
		return err
	}
	switch {
	case method == socksNoMethod:
	case method == socksUserName && d.proxy.UserName != "":
		if err := d.socksLogin(); err != nil {
			return err
		}
	default:
		d.record.NotAdmitted = true
		return d.fail(evidence.NoPassage, "choosing how to log in: the proxy wants method 0x%02X", method)
	}
	request := append([]byte{socksVersion, socksConnect, 0}, socksAddress(profile.ASCIIHost(d.target.Host))...)
	request = binary.BigEndian.AppendUint16(request, uint16(d.target.Port))
	if _, err := d.socket.Write(request); err != nil {
		return fmt.Errorf("asking for a connection: %w", err)
	}
	return d.socksReply()
}

// socksMethod offers the methods, and returns the one that the proxy chose.
func (d *passage) socksMethod() (byte, error) {
	offer := []byte{socksVersion, 1, socksNoMethod}
	if d.proxy.UserName != "" {
		offer = []byte{socksVersion, 2, socksNoMethod, socksUserName}
	}
	if _, err := d.socket.Write(offer); err != nil {
		return 0, fmt.Errorf("greeting the proxy: %w", err)
	}
	answer, err := d.read(2)
	if err != nil {
		return 0, err
	}
	if answer[0] != socksVersion {
		return 0, d.stranger(answer)
	}
	d.record.Method = &answer[1]
	return answer[1], nil
}

// socksLogin sends user name and password (RFC 1929 §2).
func (d *passage) socksLogin() error {
	if len(d.password) > maxSOCKSPassword {
		return d.fail(evidence.NoPassage, "logging in: the password is longer than SOCKS can carry")
	}
	d.record.Named = true
	login := append([]byte{userNameVersion, byte(len(d.proxy.UserName))}, d.proxy.UserName...)
	login = append(append(login, byte(len(d.password))), d.password...)
	if _, err := d.socket.Write(login); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	answer, err := d.read(2)
	if err != nil {
		return err
	}
	if answer[1] != 0 {
		d.record.NotAdmitted = true
		return d.fail(evidence.NoPassage, "logging in: the proxy refused the user name or the password")
	}
	return nil
}

// socksAddress is host as RFC 1928 §5 writes it. A zone means nothing to another computer and is left out.
func socksAddress(host string) []byte {
	a, err := netip.ParseAddr(host)
	switch {
	case err != nil: // a name of at most 254 bytes (profile.Validate)
		return append([]byte{socksDomain, byte(len(host))}, host...)
	case a.Is4():
		return append([]byte{socksIPv4}, a.AsSlice()...)
	}
	return append([]byte{socksIPv6}, a.WithZone("").AsSlice()...)
}

// socksReply reads the reply with the address in it, which says nothing that matters here.
func (d *passage) socksReply() error {
	head, err := d.read(4)
	if err != nil {
		return err
	}
	if head[0] != socksVersion {
		return d.stranger(head)
	}
	d.record.Reply = &head[1]
	if head[1] != 0 { // what follows is not waited for: some proxies leave it out
		return d.fail(evidence.NoPassage, "asking for a connection: the proxy replied %d", head[1])
	}
	rest := 2 // the port
	switch head[3] {
	case socksIPv4:
		rest += 4
	case socksIPv6:
		rest += 16
	case socksDomain:
		length, err := d.read(1)
		if err != nil {
			return err
		}
		rest += int(length[0])
	default:
		return d.stranger(head)
	}
	_, err = d.read(rest)
	return err
}

func (d *passage) read(n int) ([]byte, error) {
	b := make([]byte, n)
	if got, err := io.ReadFull(d.socket, b); err != nil {
		if got > 0 && d.record.Method == nil {
			d.record.FirstBytes = b[:got]
		}
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return b, nil
}
