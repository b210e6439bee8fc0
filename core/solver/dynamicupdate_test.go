package solver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mutual/core/nameserver/nameservertest"
	"mutual/core/remote"
)

// startBIND serves example.org with a real BIND, which takes updates of TXT records at the challenge's name from the key
// "mutual" only, and knows another key that may do nothing.
func startBIND(t *testing.T) (address string) {
	t.Helper()
	named, err := exec.LookPath("named")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: bind9 (named) is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("zone", "$TTL 60\n@ IN SOA ns1 admin 1 60 60 600 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\n")
	write("named.conf", fmt.Sprintf(`options { directory %q; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; pid-file "pid"; session-keyfile "session.key"; };
controls { };
key "mutual" { algorithm hmac-sha256; secret %q; };
key "stranger" { algorithm hmac-sha256; secret %q; };
zone "example.org" { type master; file "zone"; update-policy { grant mutual name _acme-challenge.mqtt.example.org. TXT; }; };
`, dir, port, nameservertest.UpdateSecret, nameservertest.UpdateSecret))
	cmd := exec.Command(named, "-g", "-c", filepath.Join(dir, "named.conf"), "-n", "1")
	var log tail
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for range 100 {
		m := new(dns.Msg)
		m.SetQuestion("example.org.", dns.TypeSOA)
		if in, _, err := (&dns.Client{Timeout: 200 * time.Millisecond}).Exchange(m, address); err == nil && in.Authoritative {
			return address
		}
		select {
		case <-ended:
			t.Fatalf("named has ended: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("named does not answer")
	return ""
}

// TestBIND changes records of a real BIND, and hears its refusals.
func TestBIND(t *testing.T) {
	address := startBIND(t)
	solver := func(key, secret, algorithm string) Solver {
		d, err := dynamicUpdate{Server: address, KeyName: key, Secret: secret, Algorithm: algorithm}.checked()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	values := func() (list []string) {
		m := new(dns.Msg)
		m.SetQuestion("_acme-challenge.mqtt.example.org.", dns.TypeTXT)
		in, _, err := (&dns.Client{}).Exchange(m, address)
		if err != nil {
			t.Fatal(err)
		}
		for _, rr := range in.Answer {
			list = append(list, rr.(*dns.TXT).Txt[0])
		}
		return list
	}
	first := Challenge{Name: "mqtt.example.org", KeyAuthorization: "a.k"}
	second := Challenge{Name: "mqtt.example.org", KeyAuthorization: "b.k"}
	own := solver("mutual", nameservertest.UpdateSecret, "")
	for _, c := range []Challenge{first, second, first} {
		if err := own.Present(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if got := values(); len(got) != 2 {
		t.Errorf("the values are %v", got)
	}
	if err := own.CleanUp(t.Context(), first); err != nil || len(values()) != 1 || values()[0] != second.Record().Value {
		t.Errorf("left are %v, %v", values(), err)
	}
	if err := errors.Join(own.CleanUp(t.Context(), second), own.CleanUp(t.Context(), second)); err != nil || len(values()) != 0 {
		t.Errorf("left are %v, %v", values(), err)
	}
	for _, c := range []struct {
		solver Solver
		c      Challenge
		is     error
		want   string
	}{
		{solver("mutual", "bm90IHRoZSBzZWNyZXQ=", ""), first, remote.ErrWrongCredentials, "BADSIG"},
		{solver("unheard", nameservertest.UpdateSecret, ""), first, remote.ErrWrongCredentials, "BADKEY"},
		{solver("mutual", nameservertest.UpdateSecret, "hmac-sha512"), first, remote.ErrWrongCredentials, "BADKEY"},
		{solver("stranger", nameservertest.UpdateSecret, ""), first, remote.ErrNotAllowed, "REFUSED"},
		{solver("", "", ""), first, remote.ErrNotAllowed, "REFUSED"},
		{own, Challenge{Name: "other.example.org", KeyAuthorization: "a.k"}, remote.ErrNotAllowed, "update-policy"},
		{own, Challenge{Name: "mqtt.elsewhere.net", KeyAuthorization: "a.k"}, nil, "responsible for no part"},
	} {
		err := c.solver.Present(t.Context(), c.c)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// TestDynamicUpdateRefused says what to do for each way in which a name server refuses.
func TestDynamicUpdateRefused(t *testing.T) {
	w := nameservertest.NewWorld(t, "example.org")
	c := Challenge{Name: "mqtt.example.org", Token: "t", KeyAuthorization: "t.k"}
	solver := func(key string) Solver {
		d, err := dynamicUpdate{Server: w.Address, KeyName: key, Secret: nameservertest.UpdateSecret}.checked()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if err := solver("stranger").Present(t.Context(), c); !errors.Is(err, remote.ErrWrongCredentials) || !strings.Contains(err.Error(), "no TSIG key stranger") {
		t.Errorf("an unknown key: %v", err)
	}
	for code, want := range map[int]string{dns.RcodeServerFailure: "journal", dns.RcodeNotImplemented: "no dynamic updates", dns.RcodeNotAuth: "primary name server"} {
		w.Updates(func(string) int { return code }, 0)
		var said *remote.ServiceError
		if err := solver("mutual").Present(t.Context(), c); !errors.As(err, &said) || said.Said != dns.RcodeToString[code] || !strings.Contains(said.Advice, want) {
			t.Errorf("%s: %v", dns.RcodeToString[code], err)
		}
	}
	elsewhere := Challenge{Name: "mqtt.elsewhere.net", KeyAuthorization: "t.k"}
	if err := solver("mutual").Present(t.Context(), elsewhere); err == nil || !strings.Contains(err.Error(), "responsible for no part") {
		t.Errorf("a zone that is elsewhere: %v", err)
	}
	l, err := net.ListenPacket("udp", "127.0.0.1:0") // nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := &dynamicUpdate{Server: l.LocalAddr().String(), Timeout: 20 * time.Millisecond}
	var network *remote.NetworkError
	if err := silent.Present(t.Context(), c); !errors.As(err, &network) || network.Host != silent.Server {
		t.Errorf("a server that is silent: %v", err)
	}
	// Whoever ends the wait for it does not wait for its time-out.
	ctx, cancel := context.WithCancel(t.Context())
	silent.Timeout = time.Hour
	ended := make(chan error, 1)
	go func() { ended <- silent.Present(ctx, c) }()
	if _, _, err := l.ReadFrom(make([]byte, 1500)); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the wait cannot be ended")
	}
}
