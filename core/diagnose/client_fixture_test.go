package diagnose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mutual/core/profile"
)

const day = 24 * time.Hour

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// identity is a certificate with its key.
type identity struct {
	*x509.Certificate
	key crypto.Signer
}

var serial = big.NewInt(1 << 32)

// newClient makes a certificate on P-256: valid from 100 days ago for 300 more, or what change makes of it. by nil: by
// itself. It is not to be called by several goroutines at once.
func newClient(name string, by *identity, change func(*x509.Certificate)) *identity {
	serial = new(big.Int).Add(serial, big.NewInt(1))
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"Hazel"}, CommonName: name},
		NotBefore: time.Now().Add(-100 * day), NotAfter: time.Now().Add(300 * day),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	if change != nil {
		change(t)
	}
	made := &identity{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	if by == nil {
		by = &identity{t, made.key}
	}
	der := must(x509.CreateCertificate(rand.Reader, t, by.Certificate, made.key.Public(), by.key))
	made.Certificate = must(x509.ParseCertificate(der))
	return made
}

// authority is a change: no end-entity certificate but one that issues.
func authority(t *x509.Certificate) {
	t.IsCA, t.KeyUsage, t.ExtKeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
}

func until(d time.Duration) func(*x509.Certificate) {
	return func(t *x509.Certificate) { t.NotAfter = time.Now().Add(d) }
}

func pemOf(chain ...*identity) (out []byte) {
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// clientPKI is one company's authority with a broker's certificate, and clients of every kind.
type clientPKI struct {
	dir          string
	root, server *identity
}

// clientKind is one of the client certificates that the brokers are shown: a name, which is that of its files too.
type clientKind struct {
	name      string
	authority bool // the profile's CA files hold the missing intermediate too
}

// Twelve ways to be a client, and some more.
var clientKinds = []clientKind{
	{name: "good"}, {name: "none"}, {name: "wrong CA"}, {name: "self-signed"}, {name: "expired"}, {name: "not yet valid"},
	{name: "EKU serverAuth only"}, {name: "intermediate missing"}, {name: "intermediate sent"}, {name: "key mismatch"},
	{name: "revoked"}, {name: "CA as client"},

	{name: "intermediate missing, at hand", authority: true}, {name: "intermediate missing, no sign of it"}, {name: "wrong CA of the same name"},
	{name: "wrong CA, intermediate sent"}, {name: "intermediate expired"}, {name: "intermediate not a CA"}, {name: "CA first"}, {name: "expires soon"},
	{name: "expired, wrong CA"}, {name: "CA that may sign, as client"}, {name: "EKU any"}, {name: "key usage"}, {name: "RSA 1024"},
}

func newClientPKI(t *testing.T) clientPKI {
	p := clientPKI{dir: t.TempDir()}
	p.root = newClient("Hazel Root", nil, authority)
	p.server = newClient("localhost", p.root, func(x *x509.Certificate) {
		x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		x.DNSNames, x.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	})
	issuing := newClient("Hazel Issuing CA", p.root, authority)
	plain := newClient("Hazel Devices", p.root, authority)
	stale := newClient("Hazel Old Issuing CA", p.root, func(x *x509.Certificate) { authority(x); until(-10 * day)(x) })
	leaf := newClient("Hazel Gateway", p.root, nil)
	stranger := newClient("Birch Root", nil, authority)
	strangers := newClient("Birch Issuing CA", stranger, authority)
	namesake := newClient("Hazel Root", nil, authority)
	expired := until(-10 * day)
	revoked := newClient("revoked", p.root, nil)
	good := newClient("good", p.root, nil)

	p.write(t, "ca.pem", pemOf(p.root))
	p.write(t, "intermediate.pem", pemOf(issuing))
	p.write(t, "server.crt", pemOf(p.server))
	p.write(t, "server.key", p.server.keyPEM())
	p.write(t, "crl.pem", p.crl(revoked, time.Now().Add(30*day)))
	p.write(t, "old-crl.pem", p.crl(revoked, time.Now().Add(-day)))

	p.client(t, "good", good)
	p.client(t, "wrong CA", newClient("client", stranger, nil))
	p.client(t, "self-signed", newClient("client", nil, nil))
	p.client(t, "expired", newClient("client", p.root, expired))
	p.client(t, "not yet valid", newClient("client", p.root, func(x *x509.Certificate) { x.NotBefore = time.Now().Add(2 * day) }))
	p.client(t, "EKU serverAuth only", newClient("client", p.root, func(x *x509.Certificate) { x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
	below := newClient("client", issuing, nil)
	p.client(t, "intermediate missing", below)
	p.client(t, "intermediate missing, at hand", below)
	p.client(t, "intermediate missing, no sign of it", newClient("client", plain, nil))
	p.client(t, "intermediate sent", below, issuing)
	p.client(t, "key mismatch", good)
	p.write(t, "key mismatch.key", revoked.keyPEM())
	p.client(t, "revoked", revoked)
	p.client(t, "CA as client", p.root)
	p.client(t, "wrong CA of the same name", newClient("client", namesake, nil))
	p.client(t, "wrong CA, intermediate sent", newClient("client", strangers, nil), strangers)
	p.client(t, "intermediate expired", newClient("client", stale, nil), stale)
	p.client(t, "intermediate not a CA", newClient("client", leaf, nil), leaf)
	p.client(t, "CA first", good)
	p.write(t, "CA first.crt", pemOf(p.root, good))
	p.client(t, "expires soon", newClient("client", p.root, until(20*day)))
	p.client(t, "CA that may sign, as client", newClient("client", p.root, func(x *x509.Certificate) {
		authority(x)
		x.KeyUsage |= x509.KeyUsageDigitalSignature
	}))
	p.client(t, "EKU any", newClient("client", p.root, func(x *x509.Certificate) { x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }))
	p.client(t, "key usage", newClient("client", p.root, func(x *x509.Certificate) { x.KeyUsage = x509.KeyUsageKeyEncipherment }))
	p.client(t, "RSA 1024", withKey(good, p.root, must(rsa.GenerateKey(rand.Reader, 1024))))
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	p.client(t, "Ed25519", withKey(good, p.root, edwards))
	p.client(t, "expired, wrong CA", newClient("client", stranger, expired))
	return p
}

func (i *identity) keyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(i.key))})
}

// withKey is a certificate like c for another key.
func withKey(c, by *identity, key crypto.Signer) *identity {
	der := must(x509.CreateCertificate(rand.Reader, c.Certificate, by.Certificate, key.Public(), by.key))
	return &identity{must(x509.ParseCertificate(der)), key}
}

// client writes a client's certificate file and key file.
func (p clientPKI) client(t *testing.T, name string, chain ...*identity) {
	p.write(t, name+".crt", pemOf(chain...))
	p.write(t, name+".key", chain[0].keyPEM())
}

// crl is the root's revocation list, until next.
func (p clientPKI) crl(revoked *identity, next time.Time) []byte {
	der := must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: time.Now().Add(-40 * day), NextUpdate: next,
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: revoked.SerialNumber, RevocationTime: time.Now().Add(-50 * day)}},
	}, p.root.Certificate, p.root.key))
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

func (p clientPKI) path(name string) string { return filepath.Join(p.dir, name) }

func (p clientPKI) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(p.path(name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// profile is that of a client of this kind at a port of this machine.
func (p clientPKI) profile(kind clientKind, port int) profile.Profile {
	made := profile.New("test")
	made.Server.Host, made.Server.Port = "127.0.0.1", port
	made.Trust.Files = []string{p.path("ca.pem")}
	if kind.authority {
		made.Trust.Files = append(made.Trust.Files, p.path("intermediate.pem"))
	}
	if kind.name != "none" {
		made.ClientCertificate = profile.ClientCertificate{CertificateFile: p.path(kind.name + ".crt"), KeyFile: p.path(kind.name + ".key")}
	}
	return made
}

// config is that of a broker in Go.
func (p clientPKI) config(version uint16) *tls.Config {
	clients := x509.NewCertPool()
	clients.AddCert(p.root.Certificate)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{p.server.Raw}, PrivateKey: p.server.key}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: version, MaxVersion: version,
	}
}
