package probe

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"mutual/core/evidence"
	"mutual/core/tlsdial"
)

// usualPorts are those on which brokers listen: MQTT and MQTT over TLS as IANA assigned them, and what most brokers use
// for WebSocket.
var usualPorts = []int{1883, 8883, 443, 8083, 8084}

// RunAsked does what Run does, and besides, where no connection came about at all, tries the other usual ports of the
// same computer. That goes beyond what the user set, so it is only for when the user asks for it. Nothing is sent there.
func RunAsked(ctx context.Context, a *evidence.Attempt, progress func(name string)) {
	Run(ctx, a, progress)
	if a.Dial == nil || a.Dial.Status != evidence.Failed || a.Dial.Proxy != nil || len(a.Dial.Tries) == 0 {
		return
	}
	host, _, err := net.SplitHostPort(a.Dial.Tries[0].Address)
	if err != nil || ctx.Err() != nil {
		return
	}
	probePorts(ctx, a, host, usualPorts, progress)
}

// probePorts tries ports of host side by side and appends what it saw.
func probePorts(ctx context.Context, a *evidence.Attempt, host string, ports []int, progress func(name string)) {
	results := make([]evidence.Probe, len(ports))
	finished := make(chan struct{})
	running := 0
	for i, port := range ports {
		if port == a.Target.Port {
			continue
		}
		e := experiment{"port-" + strconv.Itoa(port), connectOnly}
		if progress != nil {
			progress(e.name)
		}
		running++
		go func() {
			results[i] = e.do(ctx, target{address: net.JoinHostPort(host, strconv.Itoa(port))})
			finished <- struct{}{}
		}()
	}
	for range running {
		<-finished
	}
	for _, p := range results {
		if p.Name != "" {
			a.Probes = append(a.Probes, p)
		}
	}
}

// connectOnly asks whether anything listens on a port.
func connectOnly(ctx context.Context, t target, p *evidence.Probe) {
	socket, err := t.dial(ctx)
	if err != nil {
		p.Status, p.Detail = evidence.Failed, fmt.Sprintf("Nothing answers on %s.", t.address)
		p.Failure, _ = tlsdial.FailureOf(err)
		return
	}
	socket.Close()
	p.Status, p.Detail = evidence.OK, fmt.Sprintf("Something listens on %s.", t.address)
}
