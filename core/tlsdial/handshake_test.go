package tlsdial

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"slices"
	"testing"
	"time"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func TestHandshakeRecordsEverything(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			ca := newAuthority("CA")
			certificate, client := ca.issue(newKey(), nil), ca.issue(newKey(), nil)
			pool := x509.NewCertPool()
			pool.AddCert(ca.certificate)
			address, _ := tlsServer(t, &tls.Config{
				Certificates: []tls.Certificate{certificate}, MinVersion: version, MaxVersion: version, NextProtos: []string{"mqtt"},
				ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
			})
			p, m := ca.trusting(t, address, &client)
			p.Server.Name, p.Server.ALPN = "localhost.", []string{"other", "mqtt"}
			a, err := dial(t, p, m)
			if err != nil {
				t.Fatal(err)
			}
			r := a.TLS
			if r.Status != evidence.OK || !r.Complete || !r.Verified || r.Version != version || r.CipherSuite == 0 || r.ALPN != "mqtt" ||
				r.ServerName != "localhost" || !r.CertificateRequested || !r.CertificateSent || r.Failure != "" || r.Late || r.Duration <= 0 {
				t.Errorf("recorded %+v", r)
			}
			if len(r.Sent) != 1 || !bytes.Equal(r.Sent[0].DER, certificate.Certificate[0]) || r.Sent[0].Source != evidence.Sent {
				t.Errorf("the chain sent was recorded as %v", r.Sent)
			}
			if len(r.AcceptableCAs) != 1 || !bytes.Equal(r.AcceptableCAs[0], ca.certificate.RawSubject) {
				t.Errorf("the CA list was recorded as %x", r.AcceptableCAs)
			}
			if a.Resolve.Status != evidence.OK || a.Dial.Status != evidence.OK || a.Dial.Address != address {
				t.Errorf("resolve %+v, dial %+v", a.Resolve, a.Dial)
			}
		})
	}
}

// TestRefused is the promise of the program: a bad certificate is refused, not only reported, and nothing that the user
// holds goes to such a server. With "do not verify" the very same servers are talked to, and shown as not verified.
func TestRefused(t *testing.T) {
	ca, other := newAuthority("CA"), newAuthority("CA") // the same name, another key
	cases := map[string]tls.Certificate{
		"unknown authority": other.issue(newKey(), nil),
		"expired": ca.issue(newKey(), func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
		}),
		"not yet valid": ca.issue(newKey(), func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }),
		"other name":    ca.issue(newKey(), func(c *x509.Certificate) { c.IPAddresses = nil }),
		"address as name": ca.issue(newKey(), func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"127.0.0.1"}
		}),
		"for clients only": ca.issue(newKey(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
	}
	for name, certificate := range cases {
		for versionName, version := range versions {
			t.Run(name+" "+versionName, func(t *testing.T) {
				address, h := tlsServer(t, &tls.Config{
					Certificates: []tls.Certificate{certificate}, MinVersion: version, MaxVersion: version, ClientAuth: tls.RequireAnyClientCert,
				})
				client := ca.issue(newKey(), nil)
				p, m := ca.trusting(t, address, &client)
				a := NewAttempt(p, m)
				c, err := Dial(t.Context(), p, m, a, Options{})
				if err == nil {
					c.Write([]byte("CONNECT"))
					c.Close()
					t.Fatal("the server was accepted")
				}
				r := a.TLS
				if r.Failure != evidence.Unverified || r.Verified || r.Complete || r.CertificateSent || r.Status != evidence.Failed {
					t.Errorf("recorded %+v", r)
				}
				if len(r.Sent) != 1 || !bytes.Equal(r.Sent[0].DER, certificate.Certificate[0]) {
					t.Errorf("the chain sent was recorded as %v", r.Sent)
				}
				if !r.CertificateRequested && version == tls.VersionTLS13 {
					t.Error("the CertificateRequest was not recorded")
				}

				p.Trust.DoNotVerify = true
				a = NewAttempt(p, m)
				c, err = Dial(t.Context(), p, m, a, Options{})
				if err != nil {
					t.Fatalf("with DoNotVerify: %v", err)
				}
				c.Write([]byte("CONNECT"))
				c.Close()
				if a.TLS.Verified || a.TLS.Status != evidence.OK || len(a.TLS.Sent) != 1 {
					t.Errorf("with DoNotVerify recorded %+v", a.TLS)
				}
				waitFor(t, func() bool { told, _ := h.get(); return told == "CONNECT" })
			})
		}
	}
}

func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

func TestVerifyServerNeverGuesses(t *testing.T) {
	ca := newAuthority("CA")
	leaf := ca.issue(newKey(), nil).Leaf
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	tests := []struct {
		name    string
		sent    []*x509.Certificate
		anchors *x509.CertPool
		host    string
		ok      bool
	}{
		{"sound", []*x509.Certificate{leaf}, pool, "localhost", true},
		{"trailing dot", []*x509.Certificate{leaf}, pool, "localhost.", true},
		{"address", []*x509.Certificate{leaf}, pool, "127.0.0.1", true},
		{"no name", []*x509.Certificate{leaf}, pool, "", false},
		{"only a dot", []*x509.Certificate{leaf}, pool, ".", false},
		{"no anchors at all", []*x509.Certificate{leaf}, nil, "localhost", false},
		{"no certificate", nil, pool, "localhost", false},
	}
	for _, tt := range tests {
		if _, err := verifyServer(tt.sent, tt.anchors, tt.host, time.Now()); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestServerFaults meets servers that are broken in one way each, in both versions of TLS.
func TestServerFaults(t *testing.T) {
	ca := newAuthority("CA")
	sound := ca.issue(newKey(), nil)
	negative := sound
	negative.Certificate = [][]byte{negativeSerial(sound.Certificate[0])}
	withKey := func(c tls.Certificate, key crypto.Signer) tls.Certificate {
		c.PrivateKey = key
		return c
	}
	_, ed1, _ := ed25519.GenerateKey(rand.Reader)
	_, ed2, _ := ed25519.GenerateKey(rand.Reader)
	rsa1, rsa2 := must(rsa.GenerateKey(rand.Reader, 1024)), must(rsa.GenerateKey(rand.Reader, 1024))
	tests := []struct {
		name   string
		config *tls.Config
		want   evidence.Failure
		alert  map[uint16]uint8
		sent   int
	}{
		{"negative serial", &tls.Config{Certificates: []tls.Certificate{negative}}, evidence.Unparsable, nil, 1},
		{"ECDSA proof", &tls.Config{Certificates: []tls.Certificate{withKey(sound, newKey())}}, evidence.BadProof, nil, 1},
		{"Ed25519 proof", &tls.Config{Certificates: []tls.Certificate{withKey(ca.issue(ed1, nil), ed2)}}, evidence.BadProof, nil, 1},
		{"RSA proof", &tls.Config{Certificates: []tls.Certificate{withKey(ca.issue(rsa1, nil), rsa2)}}, evidence.BadProof, nil, 1},
		{"proof after a HelloRetryRequest", &tls.Config{Certificates: []tls.Certificate{withKey(sound, newKey())}, CurvePreferences: []tls.CurveID{tls.CurveP521}}, evidence.BadProof, nil, 1},
		{"no protocol in common", &tls.Config{Certificates: []tls.Certificate{sound}, NextProtos: []string{"other"}}, evidence.AlertSent, map[uint16]uint8{0x0303: 120, 0x0304: 120}, 0},
		{"no certificate", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, net.ErrClosed }}, evidence.AlertSent, map[uint16]uint8{0x0303: 80, 0x0304: 80}, 0},
	}
	for _, tt := range tests {
		for versionName, version := range versions {
			t.Run(tt.name+" "+versionName, func(t *testing.T) {
				config := tt.config.Clone()
				config.MinVersion, config.MaxVersion = version, version
				address, _ := tlsServer(t, config)
				p, m := ca.trusting(t, address, nil)
				p.Server.ALPN = []string{"mqtt"}
				a, err := dial(t, p, m)
				if err == nil {
					t.Fatal("the server was accepted")
				}
				r := a.TLS
				if r.Failure != tt.want || len(r.Sent) != tt.sent || r.Verified || r.Complete || r.Late {
					t.Errorf("recorded %+v", r)
				}
				if want, ok := tt.alert[version]; ok && (r.Alert == nil || *r.Alert != want) {
					t.Errorf("the alert was recorded as %v, want %d", r.Alert, want)
				}
				if tt.sent == 1 && (r.Version != version || r.CipherSuite == 0) {
					t.Errorf("version %x, cipher suite %x", r.Version, r.CipherSuite)
				}
				if tt.want == evidence.Unparsable && !bytes.Equal(r.Sent[0].DER, negative.Certificate[0]) {
					t.Error("the certificate that cannot be parsed was not recorded as it came")
				}
			})
		}
	}
}

// negativeSerial changes the serial number 2 of a certificate to -2, which Go refuses to parse.
func negativeSerial(der []byte) []byte {
	der = slices.Clone(der)
	i := bytes.Index(der, []byte{2, 1, 2})
	der[i+2] = 0xFE
	return der
}

// TestClientCertificateAlerts is about servers that judge the client's certificate during the handshake, as TLS 1.2 has
// it. One of the wrong authority is offered all the same, so that the server says what is wrong with it.
func TestClientCertificateAlerts(t *testing.T) {
	ca, other := newAuthority("CA"), newAuthority("Other")
	pool := x509.NewCertPool()
	pool.AddCert(ca.certificate)
	wrong := other.issue(newKey(), nil)
	for _, tt := range []struct {
		name   string
		client *tls.Certificate
		alert  uint8
	}{{"none", nil, 40}, {"of another authority", &wrong, 48}} {
		t.Run(tt.name, func(t *testing.T) {
			address, _ := tlsServer(t, &tls.Config{
				Certificates: []tls.Certificate{ca.issue(newKey(), nil)}, MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
			})
			p, m := ca.trusting(t, address, tt.client)
			a, err := dial(t, p, m)
			r := a.TLS
			if err == nil || r.Failure != evidence.AlertSent || r.Alert == nil || *r.Alert != tt.alert || r.Late {
				t.Errorf("%v, recorded %+v", err, r)
			}
			if !r.CertificateRequested || r.CertificateSent != (tt.client != nil) {
				t.Errorf("requested %t, sent %t", r.CertificateRequested, r.CertificateSent)
			}
		})
	}
}

func TestFilesThatFailedEndTheAttempt(t *testing.T) {
	p := profile.New("test")
	p.Server.Host = "localhost"
	m := pki.Material{Files: &evidence.Files{Stage: evidence.Stage{Status: evidence.Failed}}}
	a, err := dial(t, p, m)
	if err != ErrFiles || a.Resolve != nil || a.Files != m.Files {
		t.Errorf("%v, %+v", err, a)
	}
}
