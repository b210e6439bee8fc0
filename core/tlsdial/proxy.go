package tlsdial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"mutual/core/evidence"
	"mutual/core/profile"
)

const (
	// keptLine bounds what is kept of a line or field that a proxy or web server wrote.
	keptLine = 256
	// maxAnswer bounds the head of a proxy's answer to CONNECT.
	maxAnswer = 16 << 10
)

// route is whom to dial: the server, or the proxy in its stead.
type route struct {
	host  string
	port  int
	proxy *profile.Proxy // nil: none
}

func (r route) address() string { return net.JoinHostPort(r.host, strconv.Itoa(r.port)) }

// routeOf is p's. With a proxy, a.Dial holds its name already, so that whatever goes wrong is seen to be about it.
func routeOf(p profile.Profile, a *evidence.Attempt) (route, error) {
	if p.Server.Proxy == "" {
		return route{host: profile.ASCIIHost(a.Target.Host), port: a.Target.Port}, nil
	}
	proxy, err := profile.ParseProxy(p.Server.Proxy)
	if err != nil { // Validate would have said so: nothing is dialled past a proxy that was asked for
		a.Dial = &evidence.Dial{Stage: evidence.Stage{Status: evidence.Failed, Error: err.Error(), Duration: 1}}
		a.Dial.Proxy = &evidence.Proxy{Stage: a.Dial.Stage, Failure: evidence.Other}
		return route{}, err
	}
	a.Dial = &evidence.Dial{Stage: evidence.Stage{Status: evidence.Skipped}}
	a.Dial.Proxy = &evidence.Proxy{Stage: evidence.Stage{Status: evidence.Skipped}, Scheme: proxy.Scheme, Address: proxy.Address()}
	return route{proxy.Host, proxy.Port, &proxy}, nil
}

// pass has the proxy at the other end of socket connect it with the server, and fills a.Dial.Proxy. Afterwards the bytes
// of socket are the server's. The proxy's password goes to nobody else.
func pass(ctx context.Context, socket net.Conn, proxy profile.Proxy, password string, a *evidence.Attempt, timeout time.Duration) error {
	start := time.Now()
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { socket.SetDeadline(time.Unix(1, 0)) })
	d := &passage{socket: socket, proxy: proxy, password: password, target: a.Target, record: a.Dial.Proxy}
	err := d.negotiate()
	if !stop() && err == nil {
		err = ctx.Err() // the deadline came with the last byte, and may still be about to be set
	}
	r := a.Dial.Proxy
	r.Duration = since(start)
	a.Dial.Duration += r.Duration
	if err == nil {
		r.Status = evidence.OK
		return nil
	}
	if outer.Err() != nil {
		err = errors.Join(outer.Err(), err)
	}
	if r.Failure == evidence.NoFailure {
		r.Failure = failureOf(err)
	}
	r.Status, r.Error = evidence.Failed, err.Error()
	a.Dial.Status, a.Dial.Error = evidence.Failed, err.Error()
	return fmt.Errorf("passing the proxy %s: %w", r.Address, err)
}

// passage is one talk with a proxy.
type passage struct {
	socket   net.Conn
	proxy    profile.Proxy
	password string
	target   evidence.Target
	record   *evidence.Proxy
}

func (d *passage) negotiate() error {
	if d.proxy.Scheme == profile.SOCKS5Proxy {
		return d.socks5()
	}
	return d.httpConnect()
}

// fail records how the talk ended, where the proxy itself decided it.
func (d *passage) fail(f evidence.Failure, format string, args ...any) error {
	d.record.Failure = f
	return fmt.Errorf(format, args...)
}

// stranger records the answer of something that does not speak the proxy's protocol.
func (d *passage) stranger(first []byte) error {
	d.socket.SetReadDeadline(time.Now().Add(moreBytesWait))
	for len(first) < firstBytes {
		buffer := make([]byte, firstBytes-len(first))
		n, err := d.socket.Read(buffer)
		first = append(first, buffer[:n]...)
		if err != nil {
			break
		}
	}
	d.record.FirstBytes = first[:min(len(first), firstBytes)]
	return d.fail(evidence.NotProxy, "reading the answer: it is not one of %s", d.proxy.Scheme)
}

// cut bounds foreign text, and makes it text.
func cut(s string) string { return validText(s[:min(len(s), keptLine)]) }
