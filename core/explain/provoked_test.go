package explain

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// authority is a root with its key, and a server certificate for localhost.
type authority struct {
	dir         string
	root        *x509.Certificate
	key         *ecdsa.PrivateKey
	ca          string // the path of the root
	certificate tls.Certificate
}

func newAuthority(t *testing.T, notAfter time.Time) authority {
	t.Helper()
	a := authority{dir: t.TempDir(), key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root " + strconv.FormatInt(time.Now().UnixNano(), 36)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := sign(t, template, template, a.key.Public(), a.key)
	a.root, _ = x509.ParseCertificate(der)
	a.ca = write(t, a.dir, "ca.pem", der)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-47 * time.Hour), NotAfter: notAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key := newKey(t)
	a.certificate = tls.Certificate{Certificate: [][]byte{sign(t, leaf, a.root, key.Public(), a.key)}, PrivateKey: key}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, template, parent *x509.Certificate, public any, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func write(t *testing.T, dir, name string, der []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve answers TLS handshakes on a loopback port, and returns it with what the server would write in its log.
func serve(t *testing.T, config *tls.Config) (port string, logged func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 16)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				s := tls.Server(c, config)
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				err := s.Handshake()
				if err == nil {
					_, err = s.Read(make([]byte, 1))
				}
				if err != nil && err != io.EOF {
					var b bytes.Buffer
					log.New(&b, "http: ", 0).Printf("TLS handshake error from %s: %v", c.RemoteAddr(), err)
					lines <- b.String()
				}
			}()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port, func() string {
		select {
		case s := <-lines:
			return s
		case <-time.After(5 * time.Second):
			return ""
		}
	}
}

// plain answers every connection with a few bytes that are not TLS.
func plain(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 512))
			_, _ = c.Write([]byte{0x20, 0x02, 0x00, 0x01, 0xe0, 0x00})
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// program is a real client, and how it is made to connect to localhost or to an address with a CA file.
type program struct {
	name string
	run  func(host, port, ca string) []string
}

var realClients = []program{
	{"openssl", func(host, port, ca string) []string {
		name := "-verify_hostname"
		if net.ParseIP(host) != nil {
			name = "-verify_ip"
		}
		return []string{"s_client", "-connect", net.JoinHostPort(host, port), "-CAfile", ca, name, host, "-verify_return_error", "-brief"}
	}},
	{"curl", func(host, port, ca string) []string {
		return []string{"-sS", "--noproxy", "*", "--http1.1", "--max-time", "5", "--cacert", ca, "https://" + net.JoinHostPort(host, port) + "/"}
	}},
	{"node", func(host, port, ca string) []string {
		return []string{"-e", `const s=require('tls').connect({host:'` + host + `',port:` + port + `,ca:require('fs').readFileSync('` + ca + `')},()=>s.write('x'));s.on('error',e=>{console.error(e);process.exit(1)});s.on('close',()=>process.exit(1));s.on('data',()=>{})`}
	}},
	{"mosquitto_pub", func(host, port, ca string) []string {
		return []string{"-h", host, "-p", port, "--cafile", ca, "-t", "x", "-m", "y", "-d"}
	}},
	{"python3", func(host, port, ca string) []string {
		return []string{"-c", `import ssl,socket
c=ssl.create_default_context(cafile='` + ca + `')
s=c.wrap_socket(socket.create_connection(('` + host + `',` + port + `),5),server_hostname='` + host + `')
s.recv(1)`}
	}},
}

// What the programs that are on this machine really print must be explained.
func TestProvokedByRealPrograms(t *testing.T) {
	t.Parallel()
	sound, other := newAuthority(t, time.Now().Add(47*time.Hour)), newAuthority(t, time.Now().Add(47*time.Hour))
	expired := newAuthority(t, time.Now().Add(-time.Hour))
	soundPort, _ := serve(t, &tls.Config{Certificates: []tls.Certificate{sound.certificate}})
	expiredPort, _ := serve(t, &tls.Config{Certificates: []tls.Certificate{expired.certificate}})
	oldPort, _ := serve(t, &tls.Config{Certificates: []tls.Certificate{sound.certificate}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10})
	wantsPort, _ := serve(t, &tls.Config{Certificates: []tls.Certificate{sound.certificate}, ClientAuth: tls.RequireAnyClientCert})
	leaf := write(t, sound.dir, "leaf.pem", sound.certificate.Certificate[0])
	closed := closedPort(t)
	for _, c := range []struct {
		fault, host, port, ca string
		want                  []string
	}{
		{"another authority", "localhost", soundPort, other.ca, []string{"root-unknown", "intermediate-missing"}},
		{"the leaf as CA", "localhost", soundPort, leaf, []string{"root-unknown", "intermediate-missing", "anchor-not-root"}},
		{"expired", "localhost", expiredPort, expired.ca, []string{"certificate-expired", "root-unknown"}},
		{"by address", "127.0.0.1", soundPort, sound.ca, []string{"ip-address-not-in-certificate", "root-unknown", "name-mismatch"}},
		{"old version", "localhost", oldPort, sound.ca, []string{"tls-version-unsupported", "root-unknown"}},
		{"wants a certificate", "localhost", wantsPort, sound.ca, []string{"client-certificate-required"}},
		{"not TLS", "localhost", plain(t), sound.ca, []string{"server-speaks-plain-mqtt", "root-unknown"}},
		{"nothing there", "127.0.0.1", closed, sound.ca, []string{"tcp-refused"}},
	} {
		for _, p := range realClients {
			t.Run(c.fault+"/"+p.name, func(t *testing.T) {
				output := provoke(t, p.name, p.run(c.host, c.port, c.ca))
				if got := first(output); !slices.Contains(c.want, got) && !accepts(p.name, c.fault) {
					t.Errorf("first is %q, want %v: %s\n%v", got, c.want, output, ids(Explain(output)))
				} else {
					t.Logf("%s: %.300s", got, output)
				}
			})
		}
	}
}

// accepts are the pairs in which the program is content, or ends without a word about the fault.
func accepts(name, fault string) bool {
	switch fault {
	case "the leaf as CA":
		return name == "curl" || name == "python3" // both take any trusted certificate as an anchor in newer versions
	case "wants a certificate":
		return name == "openssl" // its standard input ends before the alert comes
	}
	return false
}

func provoke(t *testing.T, name string, args []string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = bytes.NewReader([]byte("x\n"))
	output, _ := cmd.CombinedOutput() // it is meant to fail
	return string(output)
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// The other side of the same failures: what a Go broker writes about a client.
func TestProvokedInABroker(t *testing.T) {
	a, other := newAuthority(t, time.Now().Add(47*time.Hour)), newAuthority(t, time.Now().Add(47*time.Hour))
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	config := &tls.Config{Certificates: []tls.Certificate{a.certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	for _, c := range []struct {
		fault  string
		client *tls.Config
		want   string
	}{
		{"no certificate", &tls.Config{RootCAs: pool, ServerName: "localhost"}, "client-certificate-required"},
		{"another authority's", &tls.Config{RootCAs: pool, ServerName: "localhost", GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &other.certificate, nil
		}}, "client-certificate-unknown-ca"},
		{"the client refuses", &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost"}, "root-unknown"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			port, logged := serve(t, config)
			conn, err := tls.Dial("tcp", "127.0.0.1:"+port, c.client)
			if err == nil {
				_, err = conn.Read(make([]byte, 1))
				conn.Close()
			}
			line := logged()
			if got := first(line); got != c.want {
				t.Errorf("first is %q, want %q: %s%v (the client: %v)", got, c.want, line, ids(Explain(line)), err)
			}
		})
	}
}
