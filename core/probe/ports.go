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

// choosePorts picks the other ports of the same computer to be tried, where no connection came about at all. Behind a
// proxy, what was dialled is the proxy, whose ports are none of our business. Nothing is sent there.
func choosePorts(a *evidence.Attempt, ports []int) []experiment {
	if a.Dial == nil || a.Dial.Status != evidence.Failed || a.Dial.Proxy != nil || len(a.Dial.Tries) == 0 {
		return nil
	}
	host, _, err := net.SplitHostPort(a.Dial.Tries[0].Address)
	if err != nil {
		return nil
	}
	var es []experiment
	for _, port := range ports {
		if port == a.Target.Port {
			continue
		}
		address := net.JoinHostPort(host, strconv.Itoa(port))
		es = append(es, experiment{"port-" + strconv.Itoa(port), func(ctx context.Context, _ target, p *evidence.Probe) {
			connectOnly(ctx, target{address: address}, p)
		}})
	}
	return es
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
