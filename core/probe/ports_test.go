package probe

import (
	"net"
	"strconv"
	"testing"

	"mutual/core/evidence"
)

func TestUsualPorts(t *testing.T) {
	open := must(net.Listen("tcp", "127.0.0.1:0"))
	defer open.Close()
	shut := must(net.Listen("tcp", "127.0.0.1:0"))
	shut.Close()
	tries := []evidence.DialAttempt{{Address: "127.0.0.1:1", Failure: evidence.Refused}}
	a := &evidence.Attempt{Target: evidence.Target{Transport: "mqtts", Port: 1},
		Dial: &evidence.Dial{Stage: evidence.Stage{Status: evidence.Failed}, Tries: tries}}
	ports := []int{open.Addr().(*net.TCPAddr).Port, shut.Addr().(*net.TCPAddr).Port, 1}
	var started []string
	perform(t.Context(), a, choosePorts(a, ports), func(p evidence.Probe) { started = append(started, p.Name) })
	if len(a.Probes) != 2 || len(started) != 4 { // each begins and ends
		t.Fatalf("%+v, %v", a.Probes, started)
	}
	if p := a.Probes[0]; p.Name != "port-"+strconv.Itoa(ports[0]) || p.Status != evidence.OK {
		t.Errorf("%+v", p)
	}
	if p := a.Probes[1]; p.Status != evidence.Failed || p.Failure != evidence.Refused {
		t.Errorf("%+v", p)
	}
}

// Other ports are looked at only when nothing was reached, and never by way of a proxy.
func TestPortsAreLeftAlone(t *testing.T) {
	tries := []evidence.DialAttempt{{Address: "127.0.0.1:1", Failure: evidence.Refused}}
	for name, dial := range map[string]*evidence.Dial{
		"not reached":         nil,
		"a connection":        {Stage: evidence.Stage{Status: evidence.OK}, Address: "127.0.0.1:1", Tries: tries},
		"a proxy":             {Stage: evidence.Stage{Status: evidence.Failed}, Tries: tries, Proxy: &evidence.Proxy{}},
		"not even an address": {Stage: evidence.Stage{Status: evidence.Failed}},
	} {
		a := &evidence.Attempt{Target: evidence.Target{Transport: "mqtts"}, Dial: dial}
		if RunAsked(t.Context(), a, Asked{Ports: true}, nil); len(a.Probes) > 0 {
			t.Errorf("%s: %+v", name, a.Probes)
		}
	}
}
