package diagnose

import (
	"fmt"
	"strings"

	"mutual/core/evidence"
	"mutual/core/profile"
)

// networkRules are about reaching the server at all.
var networkRules = []Rule{
	{ID: "address-invalid", Spec: "RFC 3986 §3.2, RFC 1035 §2.3.1", Check: addressInvalid, Hides: []string{"dns-not-found", "dns-failed"}},
	{ID: "dns-not-found", Spec: "RFC 1035 §4.1.1", Check: dnsNotFound},
	{ID: "dns-failed", Spec: "RFC 1035 §4.1.1", Check: dnsFailed},
	{ID: "tcp-refused", Spec: "RFC 9293 §3.10.7.1", Check: dialed(evidence.Refused, tcpRefused)},
	{ID: "tcp-timeout", Spec: "RFC 9293 §3.10.8", Check: dialed(evidence.Timeout, tcpTimeout)},
	{ID: "tcp-unreachable", Spec: "RFC 1122 §3.2.2.1", Check: dialed(evidence.Unreachable, tcpUnreachable)},
}

// addressParts are the settings that hold the parts of an address.
var addressParts = map[string]string{"scheme": "transport", "user": "username", "host": "host", "port": "port", "path": "path"}

func addressInvalid(c *Case) []Finding {
	a := c.Target.Invalid
	if a == nil {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    a.Text,
		Detail:   "An address is a host name or an IP address, with a port where it is not the usual one: broker.example, mqtts://broker.example:8883, wss://broker.example/mqtt.",
		Subject:  Subject{Kind: "setting", Setting: addressParts[a.Part]},
		Evidence: []Fact{{"part", a.Part}},
	}
	if a.Input != "" {
		where := fmt.Sprintf("It begins at character %d of %q.", a.Position+1, a.Input)
		if a.Position >= len([]rune(a.Input)) {
			where = fmt.Sprintf("It is missing at the end of %q.", a.Input)
		}
		f.Detail = sentences(where, f.Detail)
		f.Evidence = append(f.Evidence, Fact{"address", a.Input})
	}
	return []Finding{f}
}

func dnsNotFound(c *Case) []Finding {
	if c.Resolve == nil || c.Resolve.Status != evidence.Failed || !c.Resolve.NotFound {
		return nil
	}
	f := Finding{
		Severity: Error,
		Title:    fmt.Sprintf("The name %q does not exist in the DNS.", c.Target.Host),
		Detail:   "The name server answered that there is no such name. Look for a typing mistake, or a name that only exists inside a company network or VPN.",
		Subject:  Subject{Kind: "setting", Setting: "host"},
		Evidence: []Fact{{"host", c.Target.Host}},
	}
	if name := profile.ASCIIHost(c.Target.Host); name != c.Target.Host {
		f.Evidence = append(f.Evidence, Fact{"name asked for", name})
	}
	if !strings.Contains(c.Target.Host, ".") {
		f.Detail += " It has no domain: the full name may be longer, such as " + c.Target.Host + ".example.com."
	}
	return []Finding{f}
}

func dnsFailed(c *Case) []Finding {
	if c.Resolve == nil || c.Resolve.Status != evidence.Failed || c.Resolve.NotFound {
		return nil
	}
	why := "could not answer"
	if c.Resolve.Timeout {
		why = "did not answer in time"
	}
	return []Finding{{
		Severity: Error,
		Title:    fmt.Sprintf("The name server %s when asked for %q.", why, c.Target.Host),
		Detail:   "That is not the same as a name that does not exist. Check this computer's network or VPN, and try again.",
		Subject:  Subject{Kind: "network"},
		Evidence: []Fact{{"host", c.Target.Host}, {"detail", c.Resolve.Error}},
	}}
}

// dialed makes a check of a sentence for when no address answered and want is how the first address did not.
func dialed(want evidence.Failure, word func(c *Case, addresses string) Finding) func(*Case) []Finding {
	return func(c *Case) []Finding {
		if c.Dial == nil || c.Dial.Status != evidence.Failed {
			return nil
		}
		if commonFailure(c.Dial.Tries) != want {
			return nil
		}
		var addresses []string
		for _, t := range c.Dial.Tries {
			addresses = append(addresses, t.Address)
		}
		f := word(c, list(addresses))
		f.Severity = Error
		for _, t := range c.Dial.Tries {
			f.Evidence = append(f.Evidence, Fact{"tried " + t.Address, t.Error})
		}
		return []Finding{f}
	}
}

// commonFailure is the most telling of the tries': a refusal proves that the host is there, a time-out proves less, and
// an address family without a route proves least.
func commonFailure(tries []evidence.DialAttempt) evidence.Failure {
	for _, want := range []evidence.Failure{evidence.Refused, evidence.Timeout, evidence.Unreachable} {
		for _, t := range tries {
			if t.Failure == want {
				return want
			}
		}
	}
	return evidence.Other
}

// openPorts are the other usual ports on which something listens, as far as they were looked at.
func (c *Case) openPorts() (ports []string) {
	for _, p := range c.Probes {
		if port, ok := strings.CutPrefix(p.Name, "port-"); ok && p.Status == evidence.OK {
			ports = append(ports, port)
		}
	}
	return ports
}

// withPorts adds what is known about other ports to a finding about one that does not answer.
func (c *Case) withPorts(f Finding) Finding {
	ports := c.openPorts()
	if len(ports) == 0 {
		return f
	}
	f.Detail = sentences(f.Detail, fmt.Sprintf("Something does listen on port %s of it.", list(ports)))
	f.Evidence = append(f.Evidence, Fact{"ports that answer", strings.Join(ports, ", ")})
	usual := map[string]string{"mqtts": "8883", "mqtt": "1883"}[c.Target.Transport]
	for _, port := range ports {
		if port == usual {
			f.Fixes = append(f.Fixes, Fix{
				ID: "use-port", Title: "Use port " + port, Risk: NoRisk, Automatic: true,
				Action: Action{Set: []Assignment{{FieldPort, port}}},
			})
		}
	}
	return f
}

func tcpRefused(c *Case, addresses string) Finding {
	return c.withPorts(Finding{
		Title:   fmt.Sprintf("Nothing listens on port %d of %s.", c.Target.Port, c.Target.Host),
		Detail:  fmt.Sprintf("The computer answered (%s) and refused the connection: the broker is not running, or uses another port. MQTT over TLS is usually on 8883, plain MQTT on 1883.", addresses),
		Subject: Subject{Kind: "setting", Setting: "port"},
	})
}

func tcpTimeout(c *Case, addresses string) Finding {
	return c.withPorts(Finding{
		Title:   fmt.Sprintf("Port %d of %s does not answer.", c.Target.Port, c.Target.Host),
		Detail:  fmt.Sprintf("No answer of any kind came from %s. Usually a firewall drops the packets, a VPN is off, or the address is wrong.", addresses),
		Subject: Subject{Kind: "network"},
	})
}

func tcpUnreachable(c *Case, addresses string) Finding {
	return Finding{
		Title:   fmt.Sprintf("This computer has no route to %s.", c.Target.Host),
		Detail:  fmt.Sprintf("The network refuses to carry packets to %s. Check the network connection, the VPN, and whether the address belongs to another network.", addresses),
		Subject: Subject{Kind: "network"},
	}
}
