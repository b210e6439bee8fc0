package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, o Options) *Lab {
	t.Helper()
	l, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// config is what a plain Go client would make of the profile's files.
func config(t *testing.T, l *Lab) *tls.Config {
	t.Helper()
	p := l.Profile()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(readFile(t, p.Trust.Files[0])) {
		t.Fatalf("no certificate in %s", p.Trust.Files[0])
	}
	c := &tls.Config{RootCAs: pool, ServerName: p.Server.ReferenceName()}
	if p.ClientCertificate.Named() {
		pair, err := tls.LoadX509KeyPair(p.ClientCertificate.CertificateFile, p.ClientCertificate.KeyFile)
		if err != nil {
			t.Fatal(err)
		}
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return c
}

func address(l *Lab) string {
	s := l.Profile().Server
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// connect says what a plain Go client meets: the handshake and, because a TLS 1.3 server judges after it, CONNACK.
func connect(t *testing.T, l *Lab) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := tls.Dial("tcp", address(l), config(t, l))
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	conn.Write([]byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 0}) // CONNECT, Clean Start
	answer := make([]byte, 4)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return tls.ConnectionState{}, err
	}
	if answer[0] != 0x20 {
		t.Errorf("the answer % x is no CONNACK", answer)
	}
	if answer[3] != 0 {
		return conn.ConnectionState(), refusedError(answer[3])
	}
	return conn.ConnectionState(), nil
}

type refusedError byte

func (e refusedError) Error() string { return "refused with reason code " + strconv.Itoa(int(e)) }

func TestSoundLabPassesMessages(t *testing.T) {
	l := start(t, Options{})
	conn, err := tls.Dial("tcp", address(l), config(t, l))
	if err != nil {
		t.Fatal(err)
	}
	received := make(chan *paho.Publish, 1)
	client := paho.NewClient(paho.ClientConfig{
		Conn: packets.NewThreadSafeConn(conn), // its first PINGREQ would go out in the middle of another packet
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			received <- p.Packet
			return true, nil
		}},
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := client.Connect(ctx, &paho.Connect{ClientID: "test", KeepAlive: 30, CleanStart: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "a/#", QoS: 2}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Publish(ctx, &paho.Publish{Topic: "a/b", QoS: 2, Payload: []byte("hello")}); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-received:
		if m.Topic != "a/b" || string(m.Payload) != "hello" {
			t.Errorf("got %v", m)
		}
	case <-ctx.Done():
		t.Error("nothing received")
	}
	client.Disconnect(&paho.Disconnect{})
	<-client.Done()
}

func TestSoundLab(t *testing.T) {
	l := start(t, Options{})
	state, err := connect(t, l)
	if err != nil {
		t.Fatal(err)
	}
	if len(state.PeerCertificates) != 2 || len(state.VerifiedChains[0]) != 3 {
		t.Errorf("%d certificates sent, path of %d", len(state.PeerCertificates), len(state.VerifiedChains[0]))
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := state.PeerCertificates[0].VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	root := state.VerifiedChains[0][2]
	if !slices.ContainsFunc(l.Roots().BuiltIn(), func(r rootLike) bool { return r.Certificate().Equal(root) }) {
		t.Error("the lab's root is not among the built-in ones")
	}
	t.Run("without a client certificate", func(t *testing.T) {
		c := config(t, l)
		c.GetClientCertificate = nil
		c.MaxVersion = tls.VersionTLS12 // so that the handshake itself tells
		conn, err := tls.Dial("tcp", address(l), c)
		if err == nil {
			conn.Close()
			t.Error("the server let in a client without a certificate")
		}
	})
	t.Run("files", func(t *testing.T) {
		for _, name := range []string{"ca.pem", "fullchain.pem", "chain.pem", "server.key", "client.crt", "client.key", "client-ca.pem"} {
			path := filepath.Join(l.Dir(), name)
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
			if block, _ := pem.Decode(readFile(t, path)); block == nil {
				t.Errorf("%s is not PEM", name)
			}
		}
		if _, err := tls.LoadX509KeyPair(filepath.Join(l.Dir(), "fullchain.pem"), filepath.Join(l.Dir(), "server.key")); err != nil {
			t.Error(err)
		}
	})
	dir := l.Dir()
	l.Close()
	l.Close() // twice does no harm
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

// TestOpenSSLAcceptsTheFiles has the openssl program judge both chains.
func TestOpenSSLAcceptsTheFiles(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: openssl is not installed; make setup installs it")
	}
	l := start(t, Options{})
	for _, args := range [][]string{
		{"verify", "-x509_strict", "-auth_level", "2", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile", "ca.pem", "-untrusted", "chain.pem", "fullchain.pem"},
		{"verify", "-x509_strict", "-auth_level", "2", "-purpose", "sslclient", "-CAfile", "client-ca.pem", "client.crt"},
	} {
		command := exec.Command(openssl, args...)
		command.Dir = l.Dir()
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", args, out)
		}
	}
}

func TestEveryRunIsFresh(t *testing.T) {
	a, b := start(t, Options{}), start(t, Options{})
	first, err := connect(t, a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := connect(t, b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range first.VerifiedChains[0] {
		x, y := first.VerifiedChains[0][i], second.VerifiedChains[0][i]
		if bytes.Equal(x.RawSubjectPublicKeyInfo, y.RawSubjectPublicKeyInfo) || x.SerialNumber.Cmp(y.SerialNumber) == 0 {
			t.Errorf("certificate %d has the same key or serial number in two runs", i)
		}
		if i > 0 && x.Subject.String() == y.Subject.String() {
			t.Errorf("certificate %d has the name %s in two runs", i, x.Subject)
		}
	}
}

func TestFolderOfTheUser(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 { // the second lab replaces the files of the first
		l := start(t, Options{Dir: dir})
		if l.Dir() != dir {
			t.Errorf("the folder is %s", l.Dir())
		}
		if _, err := connect(t, l); err != nil {
			t.Error(err)
		}
		l.Close()
	}
	if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err != nil {
		t.Errorf("Close removed the user's folder: %v", err)
	}
}

func TestUnknownFaults(t *testing.T) {
	for _, o := range []Options{{Fault: "no-such"}, {Variant: "root"}, {Fault: "name-mismatch", Variant: "root"}} {
		if l, err := Start(t.Context(), o); err == nil {
			l.Close()
			t.Errorf("%+v was accepted", o)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Start(t.Context(), Options{Dir: blocked}); err == nil {
		l.Close()
		t.Error("a file was taken for a folder")
	}
}

// TestCloseWithClientsInEveryState closes while clients are connected, in the handshake, and silent.
func TestCloseWithClientsInEveryState(t *testing.T) {
	l := start(t, Options{})
	silent, err := net.Dial("tcp", address(l))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	noConnect, err := tls.Dial("tcp", address(l), config(t, l))
	if err != nil {
		t.Fatal(err)
	}
	defer noConnect.Close()
	connected, err := tls.Dial("tcp", address(l), config(t, l))
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	connected.Write([]byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 0})
	if _, err := connected.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	l.Close()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("closing took %s", took)
	}
	connected.SetDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 64)
	if n, err := connected.Read(answer); err != nil || n < 3 || answer[0] != 0xE0 || answer[2] != 0x8B {
		t.Errorf("a connected client was not told: % x, %v", answer[:n], err)
	}
	if conn, err := net.Dial("tcp", address(l)); err == nil {
		conn.Close()
		t.Error("the port still answers")
	}
}
