package fix_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"mutual/core/diagnose"
	"mutual/core/fix"
	"mutual/core/lab"
	"mutual/core/pki"
	"mutual/core/profile"
)

// TestSettingsFixes carries out the automatic fixes that no broker of the lab brings up, because a mistake in the settings
// or a second port belongs to them: the connection stands afterwards, the finding is gone and no other worth a warning
// has come, and undo gives back the profile.
func TestSettingsFixes(t *testing.T) {
	for _, c := range []struct {
		fix, finding string
		fault        string // of the broker whose profile is spoilt; empty: a sound one
		ports        bool
		spoil        func(t *testing.T, l *lab.Lab, p *profile.Profile, o *pki.LoadOptions)
	}{
		{fix: "swap-files", finding: "file-wrong-content", spoil: func(_ *testing.T, _ *lab.Lab, p *profile.Profile, _ *pki.LoadOptions) {
			own := &p.ClientCertificate
			own.CertificateFile, own.KeyFile = own.KeyFile, own.CertificateFile
		}},
		{fix: "use-tls", finding: "server-requires-tls", fault: "websocket-rejected", spoil: func(_ *testing.T, _ *lab.Lab, p *profile.Profile, _ *pki.LoadOptions) {
			p.Server.Transport, p.Server.Path = profile.WS, "/mqtt"
		}},
		{fix: "use-public-roots", finding: "root-unknown", fault: "root-unknown", spoil: func(_ *testing.T, l *lab.Lab, _ *profile.Profile, o *pki.LoadOptions) {
			o.Roots = pki.NewRoots(nil, l.Roots().BuiltIn(), nil)
		}},
		{fix: "use-public-roots", finding: "root-sent-untrusted", fault: "root-sent-untrusted", spoil: func(_ *testing.T, l *lab.Lab, _ *profile.Profile, o *pki.LoadOptions) {
			o.Roots = pki.NewRoots(l.Roots().BuiltIn(), nil, nil)
		}},
		{fix: "use-port", finding: "tcp-refused", ports: true, spoil: func(t *testing.T, _ *lab.Lab, p *profile.Profile, _ *pki.LoadOptions) {
			host := forward(t, map[int]int{8883: p.Server.Port})
			p.Server = profile.Server{Transport: profile.MQTTS, Host: host, Port: 8999, Name: "localhost"}
		}},
		{fix: "use-tls-port", finding: "server-speaks-plain-mqtt", spoil: func(t *testing.T, _ *lab.Lab, p *profile.Profile, _ *pki.LoadOptions) {
			plain, err := lab.Start(context.Background(), lab.Options{Fault: "server-speaks-plain-mqtt"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(plain.Close)
			host := forward(t, map[int]int{1883: plain.Profile().Server.Port, 8883: p.Server.Port})
			p.Server = profile.Server{Transport: profile.MQTTS, Host: host, Port: 1883, Name: "localhost"}
		}},
	} {
		t.Run(c.fix+"/"+c.finding, func(t *testing.T) {
			l, err := lab.Start(context.Background(), lab.Options{Fault: c.fault})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			p, o := l.Profile(), pki.LoadOptions{Roots: l.Roots()}
			c.spoil(t, l, &p, &o)
			_, before := tryWith(t, p, o, c.ports)
			change, err := fix.Apply(context.Background(), p, offered(t, before, c.finding, c.fix), fix.Options{Dir: l.Dir()})
			if err != nil {
				t.Fatal(err)
			}
			a, after := tryWith(t, change.After, o, c.ports)
			worse := slices.ContainsFunc(after.Findings, func(f diagnose.Finding) bool { return f.ID == c.finding || f.Severity != diagnose.Info })
			if worse || a.MQTT == nil || a.MQTT.ReasonCode == nil || *a.MQTT.ReasonCode != 0 {
				t.Errorf("after it: %+v", after.Findings)
			}
			undone, err := change.Undo()
			if err != nil || len(profile.Changes(undone, p)) > 0 {
				t.Errorf("undone: %v, %v", profile.Changes(undone, p), err)
			}
		})
	}
}

// offered is the automatic fix of that finding.
func offered(t *testing.T, r diagnose.Result, finding, id string) diagnose.Fix {
	t.Helper()
	for _, f := range r.Findings {
		for _, x := range f.Fixes {
			if f.ID == finding && x.ID == id && x.Automatic {
				return x
			}
		}
	}
	t.Fatalf("%s does not offer %s: %+v", finding, id, r.Findings)
	return diagnose.Fix{}
}

// forward listens on those ports of a loopback address on which nobody else does, and passes what comes on to the ports
// of 127.0.0.1 that they stand for. Only Linux has the whole of 127.0.0.0/8 without being told to.
func forward(t *testing.T, ports map[int]int) (host string) {
	t.Helper()
	for i := 2; i < 200; i++ {
		host = fmt.Sprintf("127.83.%d.%d", i, i)
		var listeners []net.Listener
		for from := range ports {
			l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(from)))
			if err != nil {
				break
			}
			t.Cleanup(func() { l.Close() })
			listeners = append(listeners, l)
		}
		if len(listeners) < len(ports) {
			continue
		}
		for _, l := range listeners {
			go pass(l, ports[l.Addr().(*net.TCPAddr).Port])
		}
		return host
	}
	t.Skip("NOT TESTED: this system lends no loopback address besides 127.0.0.1 with the usual ports of MQTT")
	return ""
}

// pass carries every connection of l to that port until l is closed.
func pass(l net.Listener, to int) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", to))
		if err != nil {
			client.Close()
			continue
		}
		var once sync.Once
		end := func() { once.Do(func() { client.Close(); broker.Close() }) }
		go func() { io.Copy(broker, client); end() }()
		go func() { io.Copy(client, broker); end() }()
	}
}
