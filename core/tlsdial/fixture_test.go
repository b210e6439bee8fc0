package tlsdial

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// authority issues certificates for the tests; what is not said is sound.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(name string) authority {
	key := newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return authority{must(x509.ParseCertificate(der)), key}
}

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// issue makes a server's certificate for localhost and 127.0.0.1, or what change makes of it.
func (a authority) issue(key crypto.Signer, change func(*x509.Certificate)) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(template)
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: must(x509.ParseCertificate(der))}
}

// trusting loads a profile for address that trusts a, with client, if not nil, as its certificate.
func (a authority) trusting(t testing.TB, address string, client *tls.Certificate) (profile.Profile, pki.Material) {
	t.Helper()
	p := profile.New("test")
	at := netip.MustParseAddrPort(address)
	p.Server.Host, p.Server.Port = at.Addr().String(), int(at.Port())
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pemOf(a.certificate.Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Trust.Files = []string{file}
	m := pki.Load(t.Context(), p, pki.LoadOptions{Roots: &pki.Roots{}})
	if m.Files.Status != evidence.OK {
		t.Fatalf("loading the CA file: %+v", m.Files)
	}
	m.Certificate = client
	return p, m
}

// server accepts connections and hands each to serve, which need not close it.
func server(t testing.TB, serve func(net.Conn)) (address string) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().String()
}

// heard is what a server was told over TLS.
type heard struct {
	mu    sync.Mutex
	bytes []byte
	err   error // of the handshake
}

func (h *heard) get() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.bytes), h.err
}

// tlsServer shakes hands and reads all that it is told; it answers nothing.
func tlsServer(t testing.TB, config *tls.Config) (address string, h *heard) {
	t.Helper()
	h = &heard{}
	address = server(t, func(c net.Conn) {
		c.SetDeadline(time.Now().Add(10 * time.Second))
		s := tls.Server(c, config)
		err := s.HandshakeContext(context.Background())
		h.mu.Lock()
		h.err = err
		h.mu.Unlock()
		if err != nil {
			return
		}
		told, _ := io.ReadAll(s)
		h.mu.Lock()
		h.bytes = append(h.bytes, told...)
		h.mu.Unlock()
	})
	return address, h
}

// dial makes an attempt and closes what comes of it.
func dial(t testing.TB, p profile.Profile, m pki.Material) (*evidence.Attempt, error) {
	t.Helper()
	a := NewAttempt(p, m)
	c, err := Dial(t.Context(), p, m, a, Options{Timeout: 5 * time.Second})
	if c != nil {
		c.Close()
	}
	if (err == nil) != (c != nil) {
		t.Errorf("Dial returned %v, %v", c, err)
	}
	return a, err
}
