package report

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"mutual/core/chain"
	"mutual/core/evidence"
)

// plant is an attempt in a company's network, full of names.
func plant(t testing.TB, host string) *evidence.Attempt {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self, _ := url.Parse("urn://device.acme-corp.internal/7")
	make := func(c *x509.Certificate) []byte {
		c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(7), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	leaf := make(&x509.Certificate{
		Subject: pkix.Name{CommonName: "edge.plant7.acme-corp.internal", Organization: []string{"Acme Corp"}}, SubjectKeyId: []byte("0123456789abcdef0123"),
		DNSNames: []string{"*.plant7.acme-corp.internal", "mail.acme-corp.internal"}, IPAddresses: []net.IP{net.ParseIP("10.20.30.40"), net.ParseIP("fd12:3456::7")},
		EmailAddresses: []string{"ops@acme-corp.internal"}, URIs: []*url.URL{self},
		IssuingCertificateURL: []string{"http://pki.acme-corp.internal/ca.crt"}, CRLDistributionPoints: []string{"http://crl.acme-corp.internal:8080/x.crl"},
	})
	client := make(&x509.Certificate{Subject: pkix.Name{CommonName: "Alice Example"}})
	return &evidence.Attempt{
		Started: time.Now(),
		Target:  evidence.Target{Transport: "mqtts", Host: host, Port: 8883, Name: "edge.plant7.acme-corp.internal"},
		Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.OK}, Files: []evidence.File{
			{Role: evidence.RoleCA, Path: "/home/alice/certs/plant7.acme-corp.internal-ca.pem"}, {Role: evidence.RoleKey, Path: `C:\Users\Alice\mutual\client.key`},
			{Role: evidence.RoleCertificate, Path: "certs/client.crt", Blocks: []evidence.Block{{Kind: "certificate", Certificate: client}}}}},
		Resolve: &evidence.Resolve{Stage: evidence.Stage{Status: evidence.OK, Error: "lookup x.acme-corp.internal on 10.0.0.2:53: no such host"}, Addresses: []string{"10.20.30.40", "fe80::1%eth0"}},
		Dial: &evidence.Dial{Stage: evidence.Stage{Status: evidence.OK}, Address: "[fe80::1%eth0]:8883",
			Tries: []evidence.DialAttempt{{Address: "10.20.30.40:8883", Error: "read tcp 172.16.5.4:51000->10.20.30.40:8883: connection reset"}}},
		TLS:    &evidence.TLS{Stage: evidence.Stage{Status: evidence.OK}, ServerName: host, Sent: []evidence.Certificate{{Source: evidence.Sent, DER: leaf}}},
		MQTT:   &evidence.MQTT{ClientID: "alice-laptop", AssignedClientID: "srv/4711", ServerReference: "next.acme-corp.internal:8883 10.9.8.7", ReasonString: "call bob@acme-corp.internal, Alice Example"},
		Probes: []evidence.Probe{{Name: "plain-connect", Bytes: []byte("220 smtp.acme-corp.internal ESMTP\r\n")}},
	}
}

// leaks are what must be nowhere in a masked report of plant.
var leaks = []string{"acme-corp.internal", "plant7", "10.20.30.40", "fd12:3456", "fe80::1", "10.0.0.2", "172.16.5.4", "10.9.8.7", "alice", "Alice", "ops@", "bob@", "srv/4711",
	"/home/", `C:\`, "certs/", "30:31:32:33", hex.EncodeToString([]byte("smtp.acme")), "73 6d 74 70"}

func TestNoNameLeaves(t *testing.T) {
	for _, host := range []string{"edge.plant7.acme-corp.internal", "gw7", "10.20.30.40", "fd12:3456::7", "Edge.Plant7.ACME-corp.internal."} {
		a := plant(t, host)
		r := New(a, nil, "mutualctl")
		for _, write := range []func(Report, Options) ([]byte, error){Report.HTML, Report.Markdown, Report.JSON} {
			out, err := write(r, Options{Mask: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, leak := range append([]string{strings.ToLower(host)}, leaks...) {
				if i := strings.Index(strings.ToLower(string(out)), strings.ToLower(leak)); i >= 0 {
					t.Errorf("host %s: %q in …%s…", host, leak, out[max(0, i-80):min(len(out), i+60)])
				}
			}
		}
		clear, err := r.Markdown(Options{})
		if err != nil || !strings.Contains(string(clear), host) {
			t.Errorf("without masking, %s is not in the report: %v", host, err)
		}
	}
}

func TestMaskText(t *testing.T) {
	m := newMask(plant(t, "gw7"))
	sum := func(der []byte) string {
		c := chain.Parse(evidence.Certificate{DER: der})
		return fmt.Sprintf("%x", c.SHA256)
	}
	name := func(s string) string { return m.names[s] }
	for _, c := range []struct{ text, want string }{
		{"gw7:8883", name("gw7") + ":8883"},
		{"The broker gw7.", "The broker " + name("gw7") + "."},
		{"(GW7)", "(" + name("gw7") + ")"},
		{"gw70 and agw7", "gw70 and agw7"},
		{"gw7-ca.pem", name("gw7") + "-ca.pem"},
		{"mqtts://gw7:8883/x", "mqtts://" + name("gw7") + ":8883/x"},
		{"*.plant7.acme-corp.internal", "*." + name("plant7.acme-corp.internal")},
		{"10.20.30.40", m.ips[ip("10.20.30.40")]},
		{"[fd12:3456::7]:8883", "[" + m.ips[ip("fd12:3456::7")] + "]:8883"},
		{"FD12:3456:0::7", m.ips[ip("fd12:3456::7")]},
		{"::ffff:10.20.30.40", m.ips[ip("10.20.30.40")]},
		{"at 13:05:17 on 2026-11-22", "at 13:05:17 on 2026-11-22"},
		{"version 1.3, 3.0.15", "version 1.3, 3.0.15"},
		{"extension 2.5.29.37", "extension 2.5.29.37"},
		{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.1"},
		{"x509: certificate signed by unknown authority", "x509: certificate signed by unknown authority"},
		{"open /home/alice/certs/plant7.acme-corp.internal-ca.pem: no", "open " + name("plant7.acme-corp.internal") + "-ca.pem: no"},
		{"Node.js and ca.pem and example.com", "Node.js and ca.pem and example.com"},
		{"emailAddress=#0c0f6f70734061636d65", "emailAddress=#…"},
		{sum([]byte("x")), "(masked)"},
		{"48 54 54 50 2f 31 2e 31", "48 54 54 50 …"},
	} {
		if got := m.text(c.text); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
	if !strings.HasSuffix(name("edge.plant7.acme-corp.internal"), "."+name("plant7.acme-corp.internal")) {
		t.Errorf("%q is not below %q, though a wildcard reaches it", name("edge.plant7.acme-corp.internal"), name("plant7.acme-corp.internal"))
	}
}

// A host may be called as this program's own words are: sentences stay sentences, and the name goes all the same.
func TestMaskWordsOfOurOwn(t *testing.T) {
	a := &evidence.Attempt{Target: evidence.Target{Transport: "mqtt", Host: "broker", Port: 1883, Name: "broker"}}
	m := newMask(a)
	for _, c := range []struct{ text, want string }{
		{"The broker's certificate is for x, not for broker.", "The broker's certificate is for x, not for host-1.example."},
		{`The name "broker" does not exist.`, `The name "host-1.example" does not exist.`},
		{"mqtt://broker:1883", "mqtt://host-1.example:1883"},
		{"lookup broker: no such host", "lookup host-1.example: no such host"},
		{"sent by the broker, no. 1", "sent by the broker, no. 1"},
	} {
		if got := m.text(c.text); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}

// Stand-ins are taken from the names of examples, which real things may have too.
func TestStandInsAreNobodysName(t *testing.T) {
	a := &evidence.Attempt{Target: evidence.Target{Host: "host-1.example", Name: "host-2.example"},
		Resolve: &evidence.Resolve{Addresses: []string{"192.0.2.2", "192.0.2.1", "2001:db8::1"}}}
	m := newMask(a)
	for _, s := range []string{"host-1.example", "host-2.example", "192.0.2.1", "192.0.2.2", "2001:db8::1"} {
		if got := m.text(s); got == s || m.original[got] {
			t.Errorf("%s becomes %s", s, got)
		}
	}
	for i := range 1000 {
		a.Resolve.Addresses = append(a.Resolve.Addresses, fmt.Sprintf("10.1.%d.%d", i/256, i%256))
	}
	if m = newMask(a); m.text("10.1.0.5") == m.text("10.1.0.6") || m.text("10.1.3.200") != "0.0.0.0" {
		t.Errorf("got %s, %s", m.text("10.1.0.5"), m.text("10.1.3.200"))
	}
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }
