// Package probe makes the few bounded experiments after a failure that tell one cause from another. No probe carries a
// user name, a password, a payload or the profile's client identifier.
package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/tlsdial"
)

const (
	// eachWait bounds one experiment, allWait all of them.
	eachWait = 3 * time.Second
	allWait  = 10 * time.Second
)

// experiment is one of them. run fills p; it ends with ctx.
type experiment struct {
	name string
	run  func(ctx context.Context, t target, p *evidence.Probe)
}

// target is whom to ask.
type target struct {
	address string // the one that answered before, or host and port
	name    string // for the hello
	alpn    []string
}

func (t target) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", t.address)
}

// Run makes the experiments that the failure in a calls for, side by side, each bounded to 3 s and all to 10 s, and
// appends what they saw to a.Probes. It does nothing when a holds no failure that a probe could explain.
// progress, if not nil, is called for each experiment as it starts, with its name alone, and once more with what it came
// to as it ends; never by two goroutines at a time.
func Run(ctx context.Context, a *evidence.Attempt, progress func(evidence.Probe)) {
	RunAsked(ctx, a, Asked{}, progress)
}

// Asked names the experiments that go beyond what the user set up, and so are only for when the user asks for them. The
// zero value asks for none.
type Asked struct {
	// Ports looks, where no connection came about at all, which other usual ports of the same computer answer.
	Ports bool
	// Intermediates fetches the certificates that the server leaves out, from where those that it sends say that their
	// issuer's can be had (RFC 5280 §4.2.2.1).
	Intermediates bool
	// Revocation fetches the CRLs and asks the OCSP responders that the certificates of the server's path name.
	Revocation bool
	// Proxy is the URL of the profile's proxy, by way of which whatever is fetched is fetched, and its password, which
	// goes to nobody else. Empty: that of Made, or none.
	Proxy, ProxyPassword string
	// Made is how the connection of the attempt was made. With it, the other version of MQTT is tried after a CONNECT that
	// came to nothing, which is no more than the user asked for; nil: it is not.
	Made *Made
	// Roots are where fetched certificates may lead; nil: those of Made, or of this machine.
	Roots *pki.Roots
}

// RunAsked does what Run does, and besides, side by side with that, what was asked for. Nothing is sent but what a
// certificate itself names; no probe carries credentials, except the proxy's own to the proxy.
func RunAsked(ctx context.Context, a *evidence.Attempt, asked Asked, progress func(evidence.Probe)) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, allWait)
	defer cancel()
	es := choose(a)
	if asked.Ports {
		es = append(es, choosePorts(a, usualPorts)...)
	}
	if asked.Made != nil {
		es = append(es, chooseVersion(a, *asked.Made)...)
	}
	if !asked.Intermediates && !asked.Revocation {
		perform(ctx, a, es, progress)
		adopt(a, asked.Roots)
		return
	}
	i := newInquiry(a, asked)
	// What is fetched first may name what is to be fetched next: an issuer's issuer, the CRL of an issuer.
	for range maxRounds {
		es = append(es, i.choose()...)
		if len(es) == 0 || ctx.Err() != nil {
			return
		}
		perform(ctx, a, es, progress)
		adopt(a, asked.Roots)
		i.take()
		es = nil
	}
}

// perform makes experiments side by side, and appends what they saw to a.Probes.
func perform(ctx context.Context, a *evidence.Attempt, es []experiment, progress func(evidence.Probe)) {
	t := target{name: a.Target.Name, alpn: a.Target.ALPN}
	if a.Dial != nil {
		t.address = a.Dial.Address
	}
	results := make([]evidence.Probe, len(es))
	finished := make(chan int)
	for i, e := range es {
		if progress != nil {
			progress(evidence.Probe{Name: e.name})
		}
		go func() {
			results[i] = e.do(ctx, t)
			finished <- i
		}()
	}
	for range es {
		if i := <-finished; progress != nil {
			progress(results[i])
		}
	}
	a.Probes = append(a.Probes, results...)
}

func (e experiment) do(ctx context.Context, t target) evidence.Probe {
	ctx, cancel := context.WithTimeout(ctx, eachWait)
	defer cancel()
	start := time.Now()
	p := evidence.Probe{Name: e.name}
	e.run(ctx, t, &p)
	p.Duration = max(time.Since(start), 1)
	return p
}

// TLS alerts (RFC 8446 §6, RFC 5246 §7.2) with which servers refuse the versions that are offered. OpenSSL and Go say
// protocol_version; others handshake_failure, illegal_parameter, insufficient_security or inappropriate_fallback.
var versionAlerts = map[uint8]bool{40: true, 47: true, 70: true, 71: true, 86: true}

// keyAlerts are those with which servers refuse a hello that offers nothing that fits their key: handshake_failure, and
// illegal_parameter and insufficient_security from stacks of their own mind.
var keyAlerts = map[uint8]bool{40: true, 47: true, 71: true}

// choose picks the experiments that a's failure calls for.
func choose(a *evidence.Attempt) []experiment {
	if a.Dial == nil || a.Dial.Status != evidence.OK || a.Dial.Proxy != nil {
		return nil // behind a proxy, what was dialled is the proxy, which is asked nothing more
	}
	switch {
	case a.Target.Transport == "ws" && a.WebSocket != nil && a.WebSocket.HTTPStatus != 0 && a.WebSocket.HTTPStatus != 400:
		// A web server without TLS. Only 400 may be the plain answer of one with TLS.
	case a.Target.Transport == "mqtt", a.Target.Transport == "ws":
		if a.MQTT != nil && a.MQTT.Status == evidence.Failed && a.MQTT.ReasonCode == nil && a.MQTT.Failure != evidence.Cancelled {
			return []experiment{{"server-hello", serverHello}}
		}
	case a.TLS != nil && a.TLS.Status == evidence.Failed && !a.TLS.Complete && len(a.TLS.Sent) == 0:
		return chooseForTLS(a.TLS)
	}
	return nil
}

// chooseForTLS is for a handshake that ended before the server's certificate.
func chooseForTLS(t *evidence.TLS) []experiment {
	var es []experiment
	silent := t.Alert == nil && t.Version == 0 && t.Failure != evidence.Cancelled
	if silent {
		es = append(es, experiment{"plain-connect", plainConnect})
	}
	ended := silent && (t.Failure == evidence.Closed || t.Failure == evidence.Reset) // some servers refuse without a word
	if ended || t.Failure == evidence.VersionGap || t.Alert != nil && versionAlerts[*t.Alert] {
		for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			es = append(es, experiment{"version-" + evidence.VersionName(v), offer(v)})
		}
	}
	if silent && (ended || t.Failure == evidence.Timeout) {
		es = append(es, experiment{"small-hello", smallHello})
	}
	switch {
	case t.Alert == nil:
	case keyAlerts[*t.Alert]:
		es = append(es, experiment{"any-key-1.2", anyKey(tls.VersionTLS12)}, experiment{"any-key-1.3", anyKey(tls.VersionTLS13)})
	case *t.Alert == alertUnrecognizedName && t.ServerName != "":
		es = append(es, experiment{"no-server-name", noServerName})
	case *t.Alert == alertNoApplicationProtocol:
		for _, protocol := range []string{"", "mqtt", "x-amzn-mqtt-ca"} {
			es = append(es, experiment{"alpn:" + protocol, withALPN(protocol)})
		}
	}
	return es
}

// serverHello asks whether a port that does not speak MQTT speaks TLS.
func serverHello(ctx context.Context, t target, p *evidence.Probe) {
	h, ok := hello(ctx, t, p, tls.VersionTLS10, tls.VersionTLS13)
	if !ok {
		return
	}
	switch {
	case h.Version != 0:
		p.Status, p.Detail = evidence.OK, fmt.Sprintf("A ClientHello was answered with a ServerHello of TLS %s.", evidence.VersionName(h.Version))
	case h.Alert != nil:
		p.Status, p.Detail = evidence.OK, fmt.Sprintf("A ClientHello was answered with the TLS alert %s (%d).", evidence.AlertName(*h.Alert), *h.Alert)
	default:
		p.Detail = "A ClientHello was not answered in TLS."
	}
}

// offer asks whether the server takes one version of TLS.
func offer(version uint16) func(context.Context, target, *evidence.Probe) {
	name := evidence.VersionName(version)
	return func(ctx context.Context, t target, p *evidence.Probe) {
		h, ok := hello(ctx, t, p, version, version)
		if !ok {
			return
		}
		switch {
		case h.Version == version:
			p.Status, p.Detail = evidence.OK, fmt.Sprintf("The broker accepts TLS %s.", name)
		case h.Version != 0:
			p.Failure = evidence.VersionGap
			p.Detail = fmt.Sprintf("The broker answered the offer of TLS %s with TLS %s.", name, evidence.VersionName(h.Version))
		case h.Alert != nil:
			p.Detail = fmt.Sprintf("The broker refuses TLS %s with the alert %s (%d).", name, evidence.AlertName(*h.Alert), *h.Alert)
		default:
			p.Detail = fmt.Sprintf("The broker did not answer the offer of TLS %s.", name)
		}
	}
}

// hello dials, says hello and fills p with what came back, as Failed.
func hello(ctx context.Context, t target, p *evidence.Probe, oldest, newest uint16) (tlsdial.HelloAnswer, bool) {
	p.Status = evidence.Failed
	socket, err := t.dial(ctx)
	if err != nil {
		fail(p, err)
		return tlsdial.HelloAnswer{}, false
	}
	defer socket.Close()
	h := tlsdial.Hello(ctx, socket, t.name, t.alpn, oldest, newest)
	p.Failure, p.Version, p.Alert, p.Bytes = h.Failure, h.Version, h.Alert, h.FirstBytes
	p.CipherSuite = h.CipherSuite
	return h, true
}
